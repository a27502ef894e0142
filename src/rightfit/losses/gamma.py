"""Gamma loss for amounts above zero whose spread grows with their size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from scipy.special import kl_div

from rightfit.contracts import Loss, Predicts
from rightfit.losses._target import check_target

FLOOR = 0.01
"""Least curvature, as a share of the curvature of the chord to the optimum of the row."""


@final
@dataclass(frozen=True)
class Gamma(Loss):
    """value = y / m - 1 - log(y / m) with m = exp(eta), half the unit deviance; the mean of y is exp(eta).

    The second derivative is y / m. It vanishes for amounts far below their prediction, where a Newton step would
    be far too long; the curvature is therefore at least a hundredth of that of the parabola which touches the loss
    at eta and has its minimum at the row's optimum, (1 - y / m) / log(m / y).
    """

    name: ClassVar[str] = "gamma"
    measure: ClassVar[str] = "gamma deviance / 2"
    predicts: ClassVar[Predicts] = "amount"
    dispersion: ClassVar[float] = 1.0

    def check(self, y: np.ndarray) -> np.ndarray:
        return check_target(y, lower=1e-150, upper=1e150, wants="amounts above 0, from 1e-150 to 1e150")

    def value(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):
            return kl_div(1.0, _ratio(y, eta))

    def slope(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):
            return -np.expm1(np.log(y) - eta)

    def curvature(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        above = eta - np.log(y)
        with np.errstate(over="ignore"):
            exact = np.exp(-above)
        far = np.maximum(above, 1e-9)
        return np.maximum(exact, FLOOR * -np.expm1(-far) / far)

    def second_derivative(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):
            return _ratio(y, eta)

    def young(self, y: np.ndarray, eta: np.ndarray, scale: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):
            ratio = _ratio(y, eta)
            return kl_div(1 - scale + scale * ratio, ratio)

    def null(self, y: np.ndarray, weight: np.ndarray, offset: np.ndarray) -> np.ndarray:
        low = offset[weight > 0].min()
        return np.array([np.log(np.dot(weight, y * np.exp(low - offset))) - low])

    def response(self, eta: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):
            return np.exp(eta)

    @classmethod
    def specimens(cls) -> Iterator[tuple[Loss, np.ndarray]]:
        yield cls(), np.array([0.1, 1.0, 3.5, 0.02, 12.0, 2.0])


def _ratio(y: np.ndarray, eta: np.ndarray) -> np.ndarray:
    """y / exp(eta)."""
    return np.exp(np.log(y) - eta)
