"""Tweedie loss for amounts of zero or more, many of them zero: claims, rain, purchases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import factorial
from typing import ClassVar, final

import numpy as np

from rightfit.contracts import Loss, Predicts
from rightfit.errors import OptionError
from rightfit.losses._target import check_target

MOST_STEPS = 60
"""Newton steps for a row's dual point; 3 to 6 are usual."""


@final
@dataclass(frozen=True)
class Tweedie(Loss):
    """Half the unit deviance of the power p, with a log link; the mean of y is m = exp(eta), its variance grows as m^p.

    With a = 2 - p and b = p - 1, both between 0 and 1 and together 1 (Jorgensen 1987),

        value = m^a / a + y m^-b / b - y^a / (a b).

    Powers near 1 are close to counts (Poisson, once divided by its unit), near 2 to gamma. A loss of power p has the
    unit of y to the power 2 - p.

    Parameters
    ----------
    power : p, above 1 and below 2
    """

    power: float = 1.5
    name: ClassVar[str] = "tweedie"
    measure: ClassVar[str] = "Tweedie deviance / 2"
    predicts: ClassVar[Predicts] = "amount"
    dispersion: ClassVar[float] = 1.0

    def __post_init__(self) -> None:
        if not 1 < self.power < 2:
            raise OptionError(
                f"the power of a tweedie loss must lie between 1 and 2, power={self.power} was given; "
                "1 itself is the loss poisson, 2 is gamma"
            )

    def check(self, y: np.ndarray) -> np.ndarray:
        return check_target(y, lower=0.0, upper=1e150, wants="amounts, 0 or more")

    def value(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        a, b = 2 - self.power, self.power - 1
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            above = eta - np.log(y)
            paid = y**a * (np.expm1(a * above) / a + np.expm1(-b * above) / b)
            return np.where(y > 0, paid, np.exp(a * eta) / a)

    def slope(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        up, down = self._parts(y, eta)
        return up - down

    def curvature(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        up, down = self._parts(y, eta)
        return (2 - self.power) * up + (self.power - 1) * down

    def young(self, y: np.ndarray, eta: np.ndarray, scale: np.ndarray) -> np.ndarray:
        """With d the way from eta back to the predictor whose slope is the dual point, the excess is
        m^a / a h(a d) + y m^-b / b h(-b d), h(x) = 1 - (1 + x) exp(-x) >= 0."""
        a, b = 2 - self.power, self.power - 1
        up, down = self._parts(y, eta)
        back = self._way_back(y, eta, up, down, np.broadcast_to(scale, up.shape))
        with np.errstate(over="ignore", invalid="ignore"):
            second = np.where(down > 0, down / b * _bent(-b * back), 0.0)
            return up / a * _bent(a * back) + second

    def null(self, y: np.ndarray, weight: np.ndarray, offset: np.ndarray) -> np.ndarray:
        a, b = 2 - self.power, self.power - 1
        seen = offset[weight > 0]
        low, top = seen.min(), seen.max()
        with np.errstate(divide="ignore"):
            paid = np.log(np.dot(weight, y * np.exp(b * (low - offset)))) - b * low
            even = np.log(np.dot(weight, np.exp(a * (offset - top)))) + a * top
        return np.array([paid - even])

    def response(self, eta: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):
            return np.exp(eta)

    @classmethod
    def suggest(cls, y: np.ndarray, weight: np.ndarray) -> dict[str, float]:
        return {"power": 1.5}

    @classmethod
    def specimens(cls) -> Iterator[tuple[Loss, np.ndarray]]:
        yield cls(power=1.5), np.array([0.0, 1.0, 3.5, 0.0, 12.0, 2.0])
        yield cls(power=1.9), np.array([0.0, 0.4, 2.5, 0.0, 7.25, 3.0])

    def _parts(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """m^a and y m^-b, whose difference is the slope."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.exp((2 - self.power) * eta), np.where(y > 0, y * np.exp((1 - self.power) * eta), 0.0)

    def _way_back(
        self, y: np.ndarray, eta: np.ndarray, up: np.ndarray, down: np.ndarray, scale: np.ndarray
    ) -> np.ndarray:
        """d with slope(eta - d) = scale * slope(eta), by Newton steps between 0 and where the slope is zero."""
        a, b = 2 - self.power, self.power - 1
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            end = np.where(y > 0, eta - np.log(y), -np.log(scale) / a)  # without y the answer itself
            low, high = np.minimum(end, 0.0), np.maximum(end, 0.0)
            asked = (1 - scale) * (up - down)
            back = np.where(y > 0, np.clip(asked / (a * up + b * down), low, high), end)
            for _ in range(MOST_STEPS):
                # what is left of the fall of the slope that is asked for; it decreases in d
                left = asked + up * np.expm1(-a * back) - down * np.expm1(b * back)
                low, high = np.where(left > 0, back, low), np.where(left > 0, high, back)
                new = back + left / (a * up * np.exp(-a * back) + b * down * np.exp(b * back))
                new = np.where((new >= low) & (new <= high), new, 0.5 * (low + high))
                new = np.where(y > 0, new, end)
                done = np.abs(new - back) <= 1e-15 * np.abs(new)
                back = new
                if np.all(done):
                    break
        return back


SERIES = np.array([(-1.0) ** k * (k - 1) / factorial(k) for k in range(8, 1, -1)])
"""Coefficients of x^6 ... x^0 in h(x) / x^2."""


def _bent(x: np.ndarray) -> np.ndarray:
    """h(x) = 1 - (1 + x) exp(-x), by its series near 0 where that would cancel."""
    with np.errstate(over="ignore", invalid="ignore"):
        far = -np.expm1(-x) - np.where(np.isposinf(x), 0.0, x * np.exp(-x))
    near = np.clip(x, -0.03, 0.03)
    return np.where(np.abs(x) <= 0.03, near**2 * np.polyval(SERIES, near), far)
