"""The elastic net, with ridge and lasso as its ends (Zou and Hastie 2005)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, final

import numpy as np

from rightfit.contracts import Penalty, Tangent
from rightfit.errors import OptionError
from rightfit.penalties._columns import Columns, check_columns, read_columns, sign_bounds


@final
@dataclass(frozen=True)
class ElasticNet(Penalty):
    """strength * sum_j factors_j (l1_ratio |b_j| + (1 - l1_ratio)/2 b_j^2), with lower_j <= b_j <= upper_j.

    A factor of 0 leaves a column unpenalized, infinity excludes it; factors are taken as they are (glmnet
    rescales them to the sum p). The box is on the original scale of the columns and contains 0.
    """

    l1_ratio: float = 1.0
    factors: np.ndarray | None = None
    lower: np.ndarray | None = None
    upper: np.ndarray | None = None
    name: ClassVar[str] = "elastic_net"

    def __post_init__(self) -> None:
        if not 0 <= self.l1_ratio <= 1:
            raise OptionError(f"l1_ratio must lie between 0 (ridge) and 1 (lasso), {self.l1_ratio} was given")
        check_columns(self.factors, self.lower, self.upper)

    def keep_signs(self, signs: np.ndarray) -> Penalty:
        lower, upper = sign_bounds(self.lower, self.upper, signs)
        return replace(self, lower=lower, upper=upper)

    def _columns(self, p: int) -> Columns:
        return read_columns(p, self.factors, self.lower, self.upper)

    def tangent(self, coef: np.ndarray, strength: float) -> Tangent:
        of = self._columns(len(coef))
        l1, l2 = strength * (self.l1_ratio * of.factors), strength * ((1 - self.l1_ratio) * of.factors)
        return Tangent(of.exclude(l1), l2, of.lower, of.upper)

    def value(self, coef: np.ndarray, strength: float) -> float:
        of = self._columns(len(coef))
        flat = coef.reshape(len(coef), -1)
        if flat[of.excluded].any():
            return float("inf")
        share = self.l1_ratio * of.sizes(coef) + (1 - self.l1_ratio) / 2 * (flat**2).sum(axis=1)
        return float(strength * (of.factors @ share))

    def steepest(self, gradient: np.ndarray, strengthless: np.ndarray) -> float:
        of = self._columns(len(gradient))
        # glmnet's convention: ridge starts where l1_ratio = 0.001 would
        return of.steepest(gradient, of.factors * (self.l1_ratio or 1e-3), strengthless)

    def sentence(self) -> str:
        ends = {0.0: "ridge (L2)", 1.0: "lasso (L1)"}
        return ends.get(self.l1_ratio, f"elastic net (l1_ratio {self.l1_ratio:g})")

    @classmethod
    def specimens(cls, p: int) -> Iterator[Penalty]:
        yield cls(1.0)
        yield cls(0.5)
        yield cls(0.0)
        factors = np.ones(p)
        factors[: min(p, 3)] = [0.0, 2.0, np.inf][: min(p, 3)]
        yield cls(0.7, factors=factors)
        yield cls(0.9, lower=np.zeros(p))
        yield cls(0.8, lower=np.full(p, -0.1), upper=np.full(p, 0.2))
