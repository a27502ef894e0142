"""Smoothed pinball loss for a quantile of the target."""

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
NARROW = 0.1
"""Suggested width, in robust spreads of the target."""


@final
@dataclass(frozen=True)
class Quantile(Loss):
    """With r = y - eta: the pinball loss, level * r above and (level - 1) * r below zero, averaged over r - u with u
    uniform between -width and width (Fernandes, Guerre and Horta 2021; He, Pan, Tan and Zhou 2023):

        value = abs(r) / 2 + (level - 1/2) r                        where abs(r) >= width: the pinball loss itself
                r^2 / (4 width) + width / 4 + (level - 1/2) r       within.

    It exceeds the pinball loss by width / 4 at most and is never below it. The response is the quantile of a target to
    which an error between -width and width is added, which differs from the target's own by the order of width^2.

    The second derivative is 1 / (2 width) within the width and 0 beyond; the curvature is at least 0.003 / (2 abs(r)),
    where 1 / (2 abs(r)) is that of the parabola which touches the loss at r and lies above it (Hunter and Lange 2000).

    Parameters
    ----------
    level : above 0 and below 1
        0.5 for the median, 0.9 for what nine of ten rows stay below.
    width : above 0, in the unit of the target
        Told nothing, the doors of the library take 0.1 times the robust spread of the target (1.4826 times the
        median absolute deviation from the median, see `suggest`).
    """

    level: float = 0.5
    width: float = NARROW
    name: ClassVar[str] = "quantile"
    measure: ClassVar[str] = "smoothed pinball loss"
    predicts: ClassVar[Predicts] = "number"
    dispersion: ClassVar[float] = 2.0
    mean: ClassVar[bool] = False
    always_optimal: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise OptionError(f"the level of a quantile loss must lie between 0 and 1, level={self.level} was given")
        if not 0 < self.width < np.inf:
            raise OptionError(f"the width of a quantile loss must be above 0 and finite, width={self.width} was given")

    def check(self, y: np.ndarray) -> np.ndarray:
        return check_target(y, lower=-1e150, upper=1e150, wants="numbers between -1e150 and 1e150")

    def value(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        r = y - eta
        inner = np.clip(r, -self.width, self.width)
        # (level - 1/2) r + |r| / 2, each side by itself so that a level near 0 or 1 keeps its digits
        pinball = np.where(r > 0, self.level, self.level - 1) * r
        return pinball + (self.width - np.abs(inner)) ** 2 / (4 * self.width)

    def slope(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        return -self._pull(y - eta)

    def curvature(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        size = np.abs(y - eta)
        return 0.5 * np.where(size <= self.width, 1.0 / self.width, FLOOR / np.maximum(size, self.width))

    def second_derivative(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        return np.where(np.abs(y - eta) <= self.width, 0.5 / self.width, 0.0)

    def young(self, y: np.ndarray, eta: np.ndarray, scale: np.ndarray) -> np.ndarray:
        r = y - eta
        pull = self._pull(r)
        beyond = r - np.clip(r, -self.width, self.width)  # of the pull's sign
        return (1 - scale) * pull * (beyond + self.width * (1 - scale) * pull)

    def null(self, y: np.ndarray, weight: np.ndarray, offset: np.ndarray) -> np.ndarray:
        return np.array([find_centre(y - offset, weight, self.width, tilt=1 - 2 * self.level)])

    def response(self, eta: np.ndarray) -> np.ndarray:
        return eta

    def measures(self, y: np.ndarray, eta: np.ndarray, weight: np.ndarray, part: np.ndarray) -> dict[str, float]:
        """The share of rows at or below their prediction, which the level asks for."""
        return {"share below": float(np.average(y <= eta, weights=weight))}

    @classmethod
    def suggest(cls, y: np.ndarray, weight: np.ndarray) -> dict[str, float]:
        return {"level": 0.5, "width": NARROW * robust_spread(y, weight)}

    @classmethod
    def specimens(cls) -> Iterator[tuple[Loss, np.ndarray]]:
        yield cls(level=0.8, width=0.5), np.array([-3.0, 0.0, 0.5, 12.0, 1.0, 2.5])

    def _pull(self, r: np.ndarray) -> np.ndarray:
        """Derivative in r: between level - 1 and level."""
        return self.level - 0.5 + np.clip(r / (2 * self.width), -0.5, 0.5)
