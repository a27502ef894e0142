"""ROC and precision-recall: what every threshold of a two-class score would give. y (n,) in {0, 1}, weights (n,) > 0.

Curves are thinned to at most 300 points: points on a straight line between their neighbours go first, without loss; of
what is left, points at even distances along the curve stay, both ends always.
"""

from __future__ import annotations

import numpy as np

_POINTS = 300


def trace_roc(y: np.ndarray, score: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(t, 2) false and true positive rate from (0, 0) to (1, 1); both classes must occur."""
    hits, alarms = _count_above(y, score, weight)
    return _thin(np.column_stack([np.r_[0, alarms] / alarms[-1], np.r_[0, hits] / hits[-1]]))


def trace_precision_recall(y: np.ndarray, score: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(t, 2) recall and precision from the highest threshold down; starts at (0, 1) by convention."""
    hits, alarms = _count_above(y, score, weight)
    return _thin(np.column_stack([np.r_[0, hits / hits[-1]], np.r_[1, hits / (hits + alarms)]]))


def average_precision(y: np.ndarray, score: np.ndarray, weight: np.ndarray) -> float:
    """Sum over thresholds of (rise of recall) * precision: the step-wise area under the precision-recall curve."""
    hits, alarms = _count_above(y, score, weight)
    return float(np.diff(np.r_[0, hits]) / hits[-1] @ (hits / (hits + alarms)))


def _count_above(y: np.ndarray, score: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted events and others at or above each different score, from the highest down."""
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    last = np.flatnonzero(np.r_[ranked[1:] != ranked[:-1], True])
    return np.cumsum((weight * y)[order])[last], np.cumsum((weight * (1 - y))[order])[last]


def _thin(curve: np.ndarray) -> np.ndarray:
    before, after = np.diff(curve[:-1], axis=0), np.diff(curve[1:], axis=0)
    turn = np.abs(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]) > 1e-15
    curve = curve[np.r_[True, turn, True]]
    if len(curve) <= _POINTS:
        return curve
    along = np.r_[0, np.cumsum(np.abs(np.diff(curve, axis=0)).sum(axis=1))]
    kept = np.searchsorted(along, np.linspace(0, along[-1], _POINTS))
    return np.asarray(curve[np.unique(np.r_[0, np.minimum(kept, len(curve) - 1), len(curve) - 1])[-_POINTS:]])
