"""The group lasso: columns enter together or not at all (Yuan and Lin 2006)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from rightfit.contracts import Penalty, Tangent
from rightfit.penalties._groups import Grouping


@final
@dataclass(frozen=True)
class Group(Penalty):
    """strength * sum_g factors_g (l1_ratio sqrt(d_g) ||b_g|| + (1 - l1_ratio)/2 ||b_g||^2)

    over groups g of d_g columns, ||b_g|| the Euclidean norm of their coefficients (with several outputs: of all
    outputs' coefficients together, d_g still the number of columns).

    Columns are standardized one by one, not orthonormalized within their group as grpreg and the original paper do:
    there the penalty is on ||X_g b_g||, which does not depend on how a group's columns are coded. To get that, give
    columns that are orthonormal within each group. A column that belongs to several groups is given several times,
    once in each (Jacob, Obozinski and Vert 2009); its coefficients add up.

    Parameters
    ----------
    groups : (p,) whole numbers or words
        Columns with the same entry are one group. None: every column is a group of its own, which is the elastic
        net for one output, and for several outputs keeps or drops a column for all of them.
    l1_ratio : float
        1 for the group lasso, 0 for ridge.
    factors : (G,), optional
        One for each group, in sorted order of the entries of ``groups``: 0 leaves a group unpenalized, infinity
        excludes it.
    """

    groups: np.ndarray | None = None
    l1_ratio: float = 1.0
    factors: np.ndarray | None = None
    name: ClassVar[str] = "group"

    def __post_init__(self) -> None:
        self._grouping(0 if self.groups is None else len(np.atleast_1d(self.groups)), check=True)

    def _grouping(self, p: int, *, check: bool = False) -> Grouping:
        return Grouping.make(self.groups, self.factors, p, l1_ratio=self.l1_ratio, sparsity=0.0, given=check)

    def tangent(self, coef: np.ndarray, strength: float) -> Tangent:
        return self._grouping(len(coef)).tangent(strength)

    def value(self, coef: np.ndarray, strength: float) -> float:
        return self._grouping(len(coef)).value(coef, strength)

    def steepest(self, gradient: np.ndarray, strengthless: np.ndarray) -> float:
        return self._grouping(len(gradient)).steepest(gradient, strengthless)

    def sentence(self) -> str:
        return "group lasso" if self.l1_ratio == 1 else f"group elastic net (l1_ratio {self.l1_ratio:g})"

    @classmethod
    def specimens(cls, p: int) -> Iterator[Penalty]:
        pairs = np.arange(p) // 2
        yield cls(pairs)
        yield cls(pairs, 0.6)
        yield cls(None, 0.5)
        yield cls(np.arange(p) % 2, 0.0)
        factors = np.ones(pairs.max(initial=0) + 1)
        factors[: min(len(factors), 3)] = [0.0, 2.0, np.inf][: min(len(factors), 3)]
        yield cls(pairs, 0.7, factors)
