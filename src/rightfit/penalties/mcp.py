"""The minimax concave penalty: strong near zero, none for large coefficients (Zhang 2010)."""

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
class Mcp(Penalty):
    """sum_j m(t_j; l_j) + strength (1 - l1_ratio)/2 factors_j b_j^2, with l_j = strength * l1_ratio * factors_j,

        m(t; l) = l t - t^2 / (2 gamma)   for t <= gamma l,      gamma l^2 / 2 beyond,

    where t_j is |b_j|, or the sum over the outputs of |b_jc| (a column is then large or small as a whole). The slope
    falls from l at zero to 0 at gamma l, so that large coefficients are not shrunk (Zhang 2010, Annals of Statistics
    38, eq. 2.1; with the squared part as in Breheny and Huang 2011). ``gamma`` above 1; a large one gives the lasso.
    Factors and bounds are those of the elastic net. The penalty is concave: a fit is stationary, and other optima may
    exist.
    """

    gamma: float = 3.0
    l1_ratio: float = 1.0
    factors: np.ndarray | None = None
    lower: np.ndarray | None = None
    upper: np.ndarray | None = None
    name: ClassVar[str] = "mcp"
    convex: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not 1 < self.gamma < np.inf:
            raise OptionError(f"gamma must be finite and above 1 (3 is usual), {self.gamma} was given")
        if not 0 < self.l1_ratio <= 1:
            raise OptionError(f"l1_ratio must lie above 0 and at most 1 for mcp, {self.l1_ratio} was given")
        check_columns(self.factors, self.lower, self.upper)

    def _columns(self, p: int) -> Columns:
        return read_columns(p, self.factors, self.lower, self.upper)

    def tangent(self, coef: np.ndarray, strength: float) -> Tangent:
        of = self._columns(len(coef))
        slope = np.maximum(strength * self.l1_ratio * of.factors - of.sizes(coef) / self.gamma, 0.0)
        return Tangent(of.exclude(slope), strength * (1 - self.l1_ratio) * of.factors, of.lower, of.upper)

    def value(self, coef: np.ndarray, strength: float) -> float:
        of = self._columns(len(coef))
        flat = coef.reshape(len(coef), -1)
        if flat[of.excluded].any():
            return float("inf")
        level = strength * self.l1_ratio * of.factors
        t = np.minimum(of.sizes(coef), self.gamma * level)
        ridge = strength * (1 - self.l1_ratio) / 2 * of.factors @ (flat**2).sum(axis=1)
        return float((level * t - t**2 / (2 * self.gamma)).sum() + ridge)

    def steepest(self, gradient: np.ndarray, strengthless: np.ndarray) -> float:
        of = self._columns(len(gradient))
        return of.steepest(gradient, of.factors * self.l1_ratio, strengthless)

    def sentence(self) -> str:
        ridge = "" if self.l1_ratio == 1 else f", l1_ratio {self.l1_ratio:g}"
        return f"minimax concave penalty (MCP, gamma {self.gamma:g}{ridge})"

    @classmethod
    def specimens(cls, p: int) -> Iterator[Penalty]:
        yield cls()
        yield cls(1.8)
        factors = np.ones(p)
        factors[: min(p, 3)] = [0.0, 2.0, np.inf][: min(p, 3)]
        yield cls(3.0, 0.8, factors=factors)
        yield cls(4.0, lower=np.zeros(p))
