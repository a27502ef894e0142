"""Smoothly clipped absolute deviation: the lasso near zero, no shrinkage of large coefficients (Fan and Li 2001)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, final

import numpy as np

from rightfit.contracts import Penalty, Tangent
from rightfit.penalties._columns import sign_bounds
from rightfit.penalties._concave import check_concave, concave_steepest, concave_tangent, concave_value


@final
@dataclass(frozen=True)
class Scad(Penalty):
    """sum_j s(t_j; l_j) + strength (1 - l1_ratio)/2 factors_j b_j^2, with l_j = strength * l1_ratio * factors_j,

        s(t; l) = l t                                           for t <= l,
                  (2 a l t - t^2 - l^2) / (2 (a - 1))           for l < t <= a l,
                  l^2 (a + 1) / 2                               beyond,

    where t_j is |b_j|, or the sum over the outputs of |b_jc| (a column is then large or small as a whole). The slope is
    l up to l and falls to 0 at a l (Fan and Li 2001, JASA 96, eq. 2.7). ``a`` above 2; a large one gives the lasso.
    Factors and bounds are those of the elastic net. The penalty is concave: a fit is stationary, and other optima may
    exist.
    """

    a: float = 3.7
    l1_ratio: float = 1.0
    factors: np.ndarray | None = None
    lower: np.ndarray | None = None
    upper: np.ndarray | None = None
    name: ClassVar[str] = "scad"
    convex: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_concave(self, "a", least=2, usual=3.7)

    def keep_signs(self, signs: np.ndarray) -> Penalty:
        lower, upper = sign_bounds(self.lower, self.upper, signs)
        return replace(self, lower=lower, upper=upper)

    def tangent(self, coef: np.ndarray, strength: float) -> Tangent:
        def slope(t: np.ndarray, level: np.ndarray) -> np.ndarray:
            return np.clip((self.a * level - t) / (self.a - 1), 0.0, level)

        return concave_tangent(self, coef, strength, slope)

    def value(self, coef: np.ndarray, strength: float) -> float:
        def m(t: np.ndarray, level: np.ndarray) -> np.ndarray:
            t = np.minimum(t, self.a * level)
            return level * t - np.maximum(t - level, 0.0) ** 2 / (2 * (self.a - 1))

        return concave_value(self, coef, strength, m)

    def steepest(self, gradient: np.ndarray, strengthless: np.ndarray) -> float:
        return concave_steepest(self, gradient, strengthless)

    def sentence(self) -> str:
        ridge = "" if self.l1_ratio == 1 else f", l1_ratio {self.l1_ratio:g}"
        return f"smoothly clipped absolute deviation (SCAD, a {self.a:g}{ridge})"

    @classmethod
    def specimens(cls, p: int) -> Iterator[Penalty]:
        yield cls()
        yield cls(2.5)
        factors = np.ones(p)
        factors[: min(p, 3)] = [0.0, 2.0, np.inf][: min(p, 3)]
        yield cls(3.7, 0.8, factors=factors)
        yield cls(5.0, upper=np.zeros(p))
