"""Resamples that differ from the full fit in the rows that they leave out, and in nothing else."""

from __future__ import annotations

import numpy as np


def left_out(weight: np.ndarray) -> list[np.ndarray] | None:
    """The rows that each task leaves out of the first, from weights (T, n) that sum to one each; None where a task's
    other weights are not the first's, scaled."""
    rows = []
    for own in weight:
        out = (own == 0) & (weight[0] > 0)
        kept = weight[0][~out]
        if not kept.sum() > 0 or not np.allclose(own[~out], kept / kept.sum(), rtol=1e-12, atol=0):
            return None
        rows.append(np.flatnonzero(out))
    return rows


def few_left_out(weight: np.ndarray) -> list[np.ndarray] | None:
    """The same; None also where the rows that are left out, each as often as it is, are more than twice those there
    are, so that passes over all rows cost no more."""
    rows = left_out(weight)
    return rows if rows is not None and sum(map(len, rows)) <= 2 * weight.shape[1] else None
