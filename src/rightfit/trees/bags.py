"""Which rows a tree of a forest has drawn, from what stands in the row alone.

Every unit (a row with its copies, or a group) is drawn a Poisson number of times with mean ``rate`` (Oza & Russell
2001; Chamandy et al. 2012), which for many rows is the bootstrap. The number is read from a hash of the unit's content,
the seed and the tree: so rows that are absent do not matter, the order of rows does not, a row of weight 2 is the row
twice, and a row that several folds learn from is in the same bags in all of them, so that their forests differ by the
fold alone.
"""

from __future__ import annotations

import numpy as np
from scipy.special import pdtr

from rightfit.trees.rows import Rows

_STEPS = np.arange(16)


def name_units(rows: Rows, unit: np.ndarray) -> np.ndarray:
    """(n,) uint64 name of each row's unit; ``unit`` (n,) numbers groups of rows, empty where there are none. Rows that
    do not count take no part."""
    key = _hash(rows)
    if not len(unit):
        return key
    live = np.flatnonzero(rows.copies > 0)
    pairs = np.unique(np.rec.fromarrays([unit[live], key[live]]))
    groups, where = np.unique(pairs["f0"], return_inverse=True)
    total = np.zeros(len(groups), np.uint64)
    np.add.at(total, where, _mix(pairs["f1"]))
    out = key.copy()
    out[live] = total[np.searchsorted(groups, unit[live])]
    return out


def draw(names: np.ndarray, seed: int, rate: float) -> np.ndarray:
    """(n,) float64 times that each row is in the bag of this seed; all of them once where the bag would be empty."""
    word = _mix(np.array([seed], np.uint64))[0]
    share = (_mix(names ^ word) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    times = np.searchsorted(pdtr(_STEPS, rate), share, side="right").astype(np.float64)
    return times if times.any() else np.ones(len(names))


def _hash(rows: Rows) -> np.ndarray:
    key = np.zeros(len(rows.X), np.uint64)
    for j in range(rows.X.shape[1]):
        key = _mix(key ^ _bits(rows.X[:, j].astype(np.float64)))
    for extra in (rows.target.y, rows.target.exposure):
        key = _mix(key ^ _bits(extra))
    return key


def _bits(values: np.ndarray) -> np.ndarray:
    """One bit pattern for each value: one for NaN, one for 0 and -0."""
    values = np.where(np.isnan(values), np.nan, values + 0.0)
    return np.ascontiguousarray(values).view(np.uint64)


def _mix(x: np.ndarray) -> np.ndarray:
    """splitmix64 (Steele, Lea & Flood 2014)"""
    with np.errstate(over="ignore"):
        x = x + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))
