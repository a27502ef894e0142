"""Times against other libraries; no part of the package."""
