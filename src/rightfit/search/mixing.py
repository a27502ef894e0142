"""The mixes of absolute and squared penalty that are tried: what is no path needs a search."""

from __future__ import annotations

RIDGE_LIMIT = 500
"""Ridge is tried of itself where rows or columns are at most so many: it keeps every column, so its steps cost most."""


def shares_to_try(asked: tuple[float, ...] | None, rows: int, features: int) -> tuple[float, ...]:
    """Shares of the absolute penalty (l1_ratio), sparsest first: those asked for, or lasso, elastic net and, where it
    is affordable, ridge."""
    if asked is not None:
        return tuple(sorted(set(asked), reverse=True))
    return (1.0, 0.5, 0.0) if min(rows, features) <= RIDGE_LIMIT else (1.0, 0.5)


def name_of(share: float) -> str:
    """``lasso``, ``ridge`` or ``elastic net, l1_ratio 0.5``."""
    return {1.0: "lasso", 0.0: "ridge"}.get(share, f"elastic net, l1_ratio {share:g}")
