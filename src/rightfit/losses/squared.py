"""Squared error for amounts of any sign."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from rightfit.contracts import Loss, Predicts
from rightfit.losses._target import check_target


@final
@dataclass(frozen=True)
class Squared(Loss):
    """value = (y - eta)^2 / 2; the mean of y is eta."""

    name: ClassVar[str] = "squared"
    measure: ClassVar[str] = "squared error / 2"
    steady: ClassVar[bool] = True
    predicts: ClassVar[Predicts] = "number"
    dispersion: ClassVar[float] = 1.0
    quadratic: ClassVar[bool] = True
    always_optimal: ClassVar[bool] = True

    def check(self, y: np.ndarray) -> np.ndarray:
        return check_target(y, lower=-1e150, upper=1e150, wants="numbers between -1e150 and 1e150")

    def value(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        return 0.5 * (y - eta) ** 2

    def slope(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        return eta - y

    def curvature(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        return np.ones_like(eta)

    def young(self, y: np.ndarray, eta: np.ndarray, scale: np.ndarray) -> np.ndarray:
        return 0.5 * ((1 - scale) * (eta - y)) ** 2

    def null(self, y: np.ndarray, weight: np.ndarray, offset: np.ndarray) -> np.ndarray:
        return np.array([np.dot(weight, y - offset)])

    def response(self, eta: np.ndarray) -> np.ndarray:
        return eta

    @classmethod
    def specimens(cls) -> Iterator[tuple[Loss, np.ndarray]]:
        yield cls(), np.array([-3.0, 0.0, 0.5, 12.0, 1.0, 2.5])
