"""The sparse group lasso: few groups, and few columns within them (Simon, Friedman, Hastie and Tibshirani 2013)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from rightfit.contracts import Penalty, Tangent
from rightfit.errors import OptionError
from rightfit.penalties._groups import Grouping


@final
@dataclass(frozen=True)
class SparseGroup(Penalty):
    """strength * sum_g factors_g ( l1_ratio ((1 - sparsity) sqrt(d_g) ||b_g|| + sparsity sum_j |b_j|)
                                    + (1 - l1_ratio)/2 ||b_g||^2 )

    ``groups`` and ``factors`` as in `rightfit.penalties.group.Group`, of which this is the case ``sparsity`` = 0; at
    1 it is the elastic net. With several outputs every output's coefficient has its own absolute value.
    """

    groups: np.ndarray | None = None
    sparsity: float = 0.5
    l1_ratio: float = 1.0
    factors: np.ndarray | None = None
    name: ClassVar[str] = "sparse_group"

    def __post_init__(self) -> None:
        if not 0 <= self.sparsity <= 1:
            raise OptionError(
                f"sparsity must lie between 0 (group lasso) and 1 (elastic net), {self.sparsity} was given"
            )
        self._grouping(0 if self.groups is None else len(np.atleast_1d(self.groups)), check=True)

    def _grouping(self, p: int, *, check: bool = False) -> Grouping:
        return Grouping.make(self.groups, self.factors, p, l1_ratio=self.l1_ratio, sparsity=self.sparsity, given=check)

    def tangent(self, coef: np.ndarray, strength: float) -> Tangent:
        return self._grouping(len(coef)).tangent(strength)

    def value(self, coef: np.ndarray, strength: float) -> float:
        return self._grouping(len(coef)).value(coef, strength)

    def steepest(self, gradient: np.ndarray, strengthless: np.ndarray) -> float:
        return self._grouping(len(gradient)).steepest(gradient, strengthless)

    def sentence(self) -> str:
        ridge = "" if self.l1_ratio == 1 else f", l1_ratio {self.l1_ratio:g}"
        return f"sparse group lasso (sparsity {self.sparsity:g}{ridge})"

    @classmethod
    def specimens(cls, p: int) -> Iterator[Penalty]:
        pairs = np.arange(p) // 2
        yield cls(pairs)
        yield cls(np.arange(p) % 2, 0.2, 0.7)
        yield cls(pairs, 1.0, 0.6)
        factors = np.ones(pairs.max(initial=0) + 1)
        factors[: min(len(factors), 3)] = [0.0, 2.0, np.inf][: min(len(factors), 3)]
        yield cls(pairs, 0.4, 0.8, factors)
