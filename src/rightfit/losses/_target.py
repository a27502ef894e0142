"""What every loss asks of its target, and the best constant where it has no closed form."""

from __future__ import annotations

import numpy as np

from rightfit.contracts import Loss
from rightfit.errors import DataError, RowError


def check_target(y: np.ndarray, *, lower: float, upper: float, wants: str) -> np.ndarray:
    """``y`` as a contiguous (n,) float64 array of finite values in [lower, upper]; RowError names the first
    one that is not."""
    array = np.asarray(y)
    if array.ndim != 1:
        raise DataError(f"the target must have one dimension, it has shape {array.shape}")
    try:
        array = np.ascontiguousarray(array, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"the target must hold numbers: {error}") from None
    good = (array >= lower) & (array <= upper)
    if not good.all():
        row = int(np.flatnonzero(~good)[0])
        raise RowError(f"target in row {row} is {array[row]}: expected {wants}")
    return array


def best_constant(loss: Loss, y: np.ndarray, weight: np.ndarray, offset: np.ndarray, start: float) -> np.ndarray:
    """(1,) argmin over b of sum weight * value(y, offset + b), by Newton steps kept in a shrinking bracket;
    ``start`` is the answer for offset zero and may be infinite (then it is the answer)."""
    if not np.isfinite(start) or not np.any(offset):
        return np.array([start])
    low, high = start - offset.max() - 1, start - offset.min() + 1  # the slope's sign differs at these ends
    b = float(np.clip(start - np.dot(weight, offset), low, high))
    for _ in range(200):
        eta = offset + b
        slope = float(np.dot(weight, loss.slope(y, eta)))
        low, high = (b, high) if slope < 0 else (low, b)
        curvature = float(np.dot(weight, loss.curvature(y, eta)))
        step = b - slope / curvature if curvature > 0 else np.nan
        new = step if low < step < high else 0.5 * (low + high)
        if abs(new - b) <= 1e-15 * (1 + abs(b)):
            break
        b = new
    return np.array([b])
