"""rightfit: find the regularization that generalizes, prove it on rows it has not seen, and show it."""

from __future__ import annotations

__version__ = "0.1.0"
