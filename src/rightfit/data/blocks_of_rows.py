"""What all designs share: rows in blocks that stay in cache, and moments finished the same way."""

from __future__ import annotations

import numpy as np

BLOCK = 1 << 18
"""Numbers in a block of rows that should stay in a core's cache (2 MB of float64)."""
LARGEST = 1e150
"""Larger magnitudes overflow when squared."""


def row_blocks(n: int, q: int) -> list[slice]:
    """Slices that cover n rows of q numbers in blocks of about `BLOCK` numbers."""
    rows = max(16, BLOCK // max(q, 1))
    return [slice(a, min(a + rows, n)) for a in range(0, n, rows)]


def all_in_order(columns: np.ndarray, p: int) -> bool:
    """Whether ``columns`` are 0 to p - 1 as they stand, so that nothing need be picked."""
    return len(columns) == p and bool(np.array_equal(columns, np.arange(p)))


def single(values: np.ndarray) -> np.ndarray:
    """The values as float32 in C order; what lies beyond is the largest number of that type."""
    most = float(np.finfo(np.float32).max)
    return np.ascontiguousarray(np.clip(values, -most, most), dtype=np.float32)


def mean_and_deviation(
    first: np.ndarray, second: np.ndarray, seen: np.ndarray | float, shift: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray]:
    """From moments about ``shift`` over the cells that are not missing, of total weight ``seen``: the mean of
    the observed values and the deviation once the others are filled with that mean."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(seen > 0, first / seen, 0.0)
    variance = second - seen * mean**2
    variance[variance <= 1e-13 * second] = 0.0
    return shift + np.where(np.asarray(seen) > 0, mean, -np.asarray(shift)), np.sqrt(variance)
