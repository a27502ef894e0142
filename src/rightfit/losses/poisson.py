"""Poisson loss for counts and rates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from scipy.special import kl_div, xlogy

from rightfit.contracts import Loss, Predicts
from rightfit.elementary import exp
from rightfit.losses._target import check_target


@final
@dataclass(frozen=True)
class Poisson(Loss):
    """value = exp(eta) - y eta - (y - y log y), half the unit deviance; the mean of y is exp(eta)."""

    name: ClassVar[str] = "poisson"
    measure: ClassVar[str] = "Poisson deviance / 2"
    steady: ClassVar[bool] = True
    predicts: ClassVar[Predicts] = "count"

    def check(self, y: np.ndarray) -> np.ndarray:
        return check_target(y, lower=0.0, upper=1e150, wants="counts, 0 or more")

    def value(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):
            return np.maximum(exp(eta) - y + (xlogy(y, y) - y * eta), 0.0)

    def slope(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):
            return exp(eta) - y

    def curvature(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):
            return exp(eta)

    def derivatives(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mean = exp(eta)
        return mean - y, mean

    def young(self, y: np.ndarray, eta: np.ndarray, scale: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):
            mean = exp(eta)
            return kl_div((1 - scale) * y + scale * mean, mean)

    def null(self, y: np.ndarray, weight: np.ndarray, offset: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore"):
            top = offset[weight > 0].max()
            return np.array([np.log(np.dot(weight, y)) - np.log(np.dot(weight, np.exp(offset - top))) - top])

    def response(self, eta: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):
            return exp(eta)

    @classmethod
    def specimens(cls) -> Iterator[tuple[Loss, np.ndarray]]:
        yield cls(), np.array([0.0, 1.0, 3.0, 0.0, 12.0, 2.0])
        yield cls(), np.array([0.0, 0.4, 2.5, 1.0, 7.25, 3.0])
