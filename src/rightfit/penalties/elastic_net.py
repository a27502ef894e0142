"""The elastic net, with ridge and lasso as its ends (Zou and Hastie 2005)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from rightfit.contracts import Penalty, Tangent
from rightfit.errors import OptionError


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
        _check("factors", self.factors, lambda v: v >= 0, "0 or more (0 = unpenalized, inf = excluded)")
        _check("lower", self.lower, lambda v: v <= 0, "0 or less")
        _check("upper", self.upper, lambda v: v >= 0, "0 or more")

    def _unit(self, p: int) -> Tangent:
        """The tangent at strength 1."""
        factors = np.ones(p) if self.factors is None else np.asarray(self.factors, float)
        lower = np.full(p, -np.inf) if self.lower is None else np.asarray(self.lower, float)
        upper = np.full(p, np.inf) if self.upper is None else np.asarray(self.upper, float)
        for option, value in (("factors", factors), ("lower", lower), ("upper", upper)):
            if value.shape != (p,):
                raise OptionError(
                    f"{option} must have one value for each of the {p} columns, its shape is {value.shape}"
                )
        excluded = np.isinf(factors)
        finite = np.where(excluded, 0.0, factors)
        return Tangent(
            l1=np.where(excluded, np.inf, self.l1_ratio * finite),
            l2=(1 - self.l1_ratio) * finite,
            lower=np.where(excluded, 0.0, lower),
            upper=np.where(excluded, 0.0, upper),
        )

    def tangent(self, coef: np.ndarray, strength: float) -> Tangent:
        unit = self._unit(coef.shape[0])
        l1 = np.where(np.isinf(unit.l1), np.inf, strength * np.where(np.isinf(unit.l1), 0.0, unit.l1))
        return Tangent(l1, strength * unit.l2, unit.lower, unit.upper)

    def value(self, coef: np.ndarray, strength: float) -> float:
        unit = self._unit(coef.shape[0])
        flat = coef.reshape(len(coef), -1)
        l1 = np.where(np.isinf(unit.l1) & ~flat.any(axis=1), 0.0, unit.l1)
        return float(strength * (l1 @ np.abs(flat).sum(axis=1) + unit.l2 @ (flat**2).sum(axis=1) / 2))

    def steepest(self, gradient: np.ndarray, strengthless: np.ndarray) -> float:
        unit = self._unit(len(gradient))
        if not len(gradient):
            return 0.0
        flat = gradient.reshape(len(gradient), -1)
        # a coefficient held at or above 0 moves for a negative gradient only
        push = np.where(unit.upper > 0, (-flat).max(axis=1), 0.0), np.where(unit.lower < 0, flat.max(axis=1), 0.0)
        factors = np.where(np.isinf(unit.l1), 0.0, unit.l1 + unit.l2)
        l1 = factors * max(self.l1_ratio, 1e-3)  # glmnet's convention: ridge starts where alpha = 0.001 would
        reach = np.maximum(np.maximum(*push), 0.0)
        free = (l1 > 0) & np.isfinite(unit.l1) & ~strengthless
        return float(np.max(reach[free] / l1[free], initial=0.0))

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


def _check(option: str, value: np.ndarray | None, good: object, wants: str) -> None:
    if value is None:
        return
    array = np.asarray(value, float)
    bad = np.flatnonzero(~(good(array) & ~np.isnan(array)))  # type: ignore[operator]
    if len(bad):
        raise OptionError(f"{option} must be {wants}; it is {array[bad[0]]} for column {bad[0]}")
