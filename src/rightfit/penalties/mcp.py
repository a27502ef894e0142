"""The minimax concave penalty: strong near zero, none for large coefficients (Zhang 2010)."""

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
        check_concave(self, "gamma", least=1, usual=3)

    def keep_signs(self, signs: np.ndarray) -> Penalty:
        lower, upper = sign_bounds(self.lower, self.upper, signs)
        return replace(self, lower=lower, upper=upper)

    def tangent(self, coef: np.ndarray, strength: float) -> Tangent:
        return concave_tangent(self, coef, strength, lambda t, level: np.maximum(level - t / self.gamma, 0.0))

    def value(self, coef: np.ndarray, strength: float) -> float:
        def m(t: np.ndarray, level: np.ndarray) -> np.ndarray:
            t = np.minimum(t, self.gamma * level)
            return level * t - t**2 / (2 * self.gamma)

        return concave_value(self, coef, strength, m)

    def steepest(self, gradient: np.ndarray, strengthless: np.ndarray) -> float:
        return concave_steepest(self, gradient, strengthless)

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
