"""Huber loss for amounts of any sign, some of which are far off: outliers pull with a limited force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from rightfit.contracts import Loss, Predicts
from rightfit.errors import OptionError
from rightfit.losses._centre import find_centre, robust_spread
from rightfit.losses._target import check_target

FLOOR = 0.003
"""Least curvature, as a share of the curvature of the parabola that lies above the loss."""
EFFICIENT = 1.345
"""delta in deviations of normal errors at which 95 % of the efficiency of least squares is kept (Huber 1981)."""


@final
@dataclass(frozen=True)
class Huber(Loss):
    """With r = y - eta: value = r^2 / 2 where abs(r) <= delta, delta abs(r) - delta^2 / 2 beyond (Huber 1964). The
    response is a centre of y that rows further away than delta pull only as much as a row at delta.

    The second derivative is 1 within delta and 0 beyond; the curvature is 1 and 0.003 delta / abs(r), where
    delta / abs(r) is that of the parabola which touches the loss at r and lies above it (Holland and Welsch 1977).

    Parameters
    ----------
    delta : above 0, in the unit of the target
        Told nothing, the doors of the library take 1.345 times the robust spread of the target (1.4826 times the
        median absolute deviation from the median, see `suggest`). That is the spread of the target, not of its
        errors, which are not known before a fit: tell a smaller one where the columns explain much.
    """

    delta: float = EFFICIENT
    name: ClassVar[str] = "huber"
    measure: ClassVar[str] = "Huber loss"
    predicts: ClassVar[Predicts] = "number"
    dispersion: ClassVar[float] = 1.0
    mean: ClassVar[bool] = False
    always_optimal: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not 0 < self.delta < np.inf:
            raise OptionError(f"the delta of a huber loss must be above 0 and finite, delta={self.delta} was given")

    def check(self, y: np.ndarray) -> np.ndarray:
        return check_target(y, lower=-1e150, upper=1e150, wants="numbers between -1e150 and 1e150")

    def value(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        size = np.abs(y - eta)
        inner = np.minimum(size, self.delta)
        return inner * (size - 0.5 * inner)

    def slope(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        return np.clip(eta - y, -self.delta, self.delta)

    def curvature(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        size = np.abs(y - eta)
        return np.where(size <= self.delta, 1.0, FLOOR * self.delta / np.maximum(size, self.delta))

    def second_derivative(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        return np.asarray(np.abs(y - eta) <= self.delta, dtype=float)

    def young(self, y: np.ndarray, eta: np.ndarray, scale: np.ndarray) -> np.ndarray:
        size = np.abs(y - eta)
        inner = np.minimum(size, self.delta)
        return (1 - scale) * inner * ((size - inner) + 0.5 * (1 - scale) * inner)

    def null(self, y: np.ndarray, weight: np.ndarray, offset: np.ndarray) -> np.ndarray:
        return np.array([find_centre(y - offset, weight, self.delta)])

    def response(self, eta: np.ndarray) -> np.ndarray:
        return eta

    @classmethod
    def suggest(cls, y: np.ndarray, weight: np.ndarray) -> dict[str, float]:
        return {"delta": EFFICIENT * robust_spread(y, weight)}

    @classmethod
    def specimens(cls) -> Iterator[tuple[Loss, np.ndarray]]:
        yield cls(delta=0.6), np.array([-3.0, 0.0, 0.5, 12.0, 1.0, 2.5])
