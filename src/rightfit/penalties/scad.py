"""Smoothly clipped absolute deviation: the lasso near zero, no shrinkage of large coefficients (Fan and Li 2001)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from rightfit.contracts import Penalty, Tangent
from rightfit.errors import OptionError
from rightfit.penalties._columns import Columns, check_columns, read_columns


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
        if not 2 < self.a < np.inf:
            raise OptionError(f"a must be finite and above 2 (3.7 is usual), {self.a} was given")
        if not 0 < self.l1_ratio <= 1:
            raise OptionError(f"l1_ratio must lie above 0 and at most 1 for scad, {self.l1_ratio} was given")
        check_columns(self.factors, self.lower, self.upper)

    def _columns(self, p: int) -> Columns:
        return read_columns(p, self.factors, self.lower, self.upper)

    def tangent(self, coef: np.ndarray, strength: float) -> Tangent:
        of = self._columns(len(coef))
        level = strength * self.l1_ratio * of.factors
        slope = np.clip((self.a * level - of.sizes(coef)) / (self.a - 1), 0.0, level)
        return Tangent(of.exclude(slope), strength * (1 - self.l1_ratio) * of.factors, of.lower, of.upper)

    def value(self, coef: np.ndarray, strength: float) -> float:
        of = self._columns(len(coef))
        flat = coef.reshape(len(coef), -1)
        if flat[of.excluded].any():
            return float("inf")
        level = strength * self.l1_ratio * of.factors
        t = np.minimum(of.sizes(coef), self.a * level)
        bend = np.maximum(t - level, 0.0) ** 2 / (2 * (self.a - 1))
        ridge = strength * (1 - self.l1_ratio) / 2 * of.factors @ (flat**2).sum(axis=1)
        return float((level * t - bend).sum() + ridge)

    def steepest(self, gradient: np.ndarray, strengthless: np.ndarray) -> float:
        of = self._columns(len(gradient))
        return of.steepest(gradient, of.factors * self.l1_ratio, strengthless)

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
