"""What the held-out rows say: scoring of every step, curves, comparisons, drift, diagnostics and the verdict."""
