"""The centre of numbers under a slope that is straight within a width and constant beyond: Huber's, or a quantile's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def find_centre(z: np.ndarray, weight: np.ndarray, width: float, tilt: float = 0.0) -> float:
    """b with sum weight * clip((z - b) / width, -1, 1) = tilt, for weights that sum to one and -1 < tilt < 1; exact
    within rounding. The sum falls in b along straight lines between the points z -+ width, among which the answer's
    neighbours are found by halving. Where it rests at ``tilt``, the middle of that stretch."""
    z, weight = z[weight > 0], weight[weight > 0]
    corners = np.unique(np.concatenate([z - width, z + width]))

    def excess(b: float) -> float:
        return float(np.dot(weight, np.clip((z - b) / width, -1.0, 1.0))) - tilt

    rounding = 1e-14
    left = _last(corners, lambda b: excess(b) > rounding)
    right = _last(corners, lambda b: excess(b) >= -rounding) + 1
    if right - left > 1:  # flat at zero between two corners
        return float(0.5 * (corners[left + 1] + corners[min(right - 1, len(corners) - 1)]))
    low, high = corners[max(left, 0)], corners[min(right, len(corners) - 1)]
    above, below = excess(low), excess(high)
    return float(low + (high - low) * above / (above - below)) if above > below else float(low)


def robust_spread(y: np.ndarray, weight: np.ndarray) -> float:
    """The median absolute deviation from the median times 1.4826, which is the standard deviation of normal errors;
    where half of the rows are equal, the mean absolute deviation times 1.2533 instead; 1 where all are."""
    y, weight = y[weight > 0], weight[weight > 0]
    away = np.abs(y - _median(y, weight))
    spread = 1.4826 * _median(away, weight) or 1.2533 * float(np.average(away, weights=weight))
    return spread or 1.0


def _last(corners: np.ndarray, holds: Callable[[float], bool]) -> int:
    """Number of the last corner at which ``holds``, which holds up to there; -1 where it never does."""
    low, high = -1, len(corners)
    while high - low > 1:
        middle = (low + high) // 2
        if holds(corners[middle]):
            low = middle
        else:
            high = middle
    return low


def _median(values: np.ndarray, weight: np.ndarray) -> float:
    """Weighted median, the middle of the two where the weights fall into equal halves."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weight[order]) / weight.sum()
    first = int(np.searchsorted(below, 0.5 - 1e-12))
    second = int(np.searchsorted(below, 0.5 + 1e-12))
    return float(0.5 * (values[order[first]] + values[order[min(second, len(values) - 1)]]))
