"""The adaptive lasso: a second fit that trusts what a first one found (Zou 2006)."""

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
class Adaptive(Penalty):
    """strength * sum_j factors_j (l1_ratio w_j |b_j| + (1 - l1_ratio)/2 b_j^2),    w_j = 1 / |pilot_j|^gamma.

    The pilot is a lasso (every w_j one) on the same rows, factors and bounds, at the strength with the smallest
    generalized cross-validation score; every resample has its own, from its own rows alone. With several outputs
    |pilot_j| is the mean over them. A coefficient that is zero in the pilot stays zero; unpenalized columns
    stay unpenalized (Zou 2006, JASA 101, eq. 4; the lasso as pilot: Buehlmann and van de Geer 2011, section 2.8).
    """

    gamma: float = 1.0
    l1_ratio: float = 1.0
    factors: np.ndarray | None = None
    lower: np.ndarray | None = None
    upper: np.ndarray | None = None
    weights: np.ndarray | None = None
    """(p,) w_j, once they are learned, or where they are given."""
    name: ClassVar[str] = "adaptive"

    def __post_init__(self) -> None:
        if not 0 < self.gamma < np.inf:
            raise OptionError(f"gamma must be finite and above 0 (1 is usual), {self.gamma} was given")
        if not 0 < self.l1_ratio <= 1:
            raise OptionError(f"l1_ratio must lie above 0 and at most 1 for adaptive, {self.l1_ratio} was given")
        check_columns(self.factors, self.lower, self.upper)

    @property
    def pilot(self) -> bool:
        return self.weights is None

    def adapt(self, coef: np.ndarray) -> Penalty:
        size = np.abs(coef.reshape(len(coef), -1)).mean(axis=1)
        with np.errstate(divide="ignore"):
            return replace(self, weights=size**-self.gamma)

    def keep_signs(self, signs: np.ndarray) -> Penalty:
        lower, upper = sign_bounds(self.lower, self.upper, signs)
        return replace(self, lower=lower, upper=upper)

    def _columns(self, p: int) -> Columns:
        """The factors of |b_j|; columns that the pilot left at zero are excluded."""
        of = read_columns(p, self.factors, self.lower, self.upper)
        if self.weights is None:
            return of
        barred = of.excluded | (np.isinf(self.weights) & (of.factors > 0))
        return Columns(
            np.where(barred | np.isinf(self.weights), 0.0, of.factors),
            barred,
            np.where(barred, 0.0, of.lower),
            np.where(barred, 0.0, of.upper),
        )

    def _l1(self, of: Columns) -> np.ndarray:
        weights = 1.0 if self.weights is None else np.where(np.isinf(self.weights), 0.0, self.weights)
        return np.asarray(self.l1_ratio * of.factors * weights)

    def tangent(self, coef: np.ndarray, strength: float) -> Tangent:
        of = self._columns(len(coef))
        l2 = strength * (1 - self.l1_ratio) * of.factors
        return Tangent(of.exclude(strength * self._l1(of)), l2, of.lower, of.upper)

    def value(self, coef: np.ndarray, strength: float) -> float:
        of = self._columns(len(coef))
        flat = coef.reshape(len(coef), -1)
        if flat[of.excluded].any():
            return float("inf")
        ridge = (1 - self.l1_ratio) / 2 * of.factors @ (flat**2).sum(axis=1)
        return float(strength * (self._l1(of) @ of.sizes(coef) + ridge))

    def steepest(self, gradient: np.ndarray, strengthless: np.ndarray) -> float:
        of = self._columns(len(gradient))
        return of.steepest(gradient, self._l1(of), strengthless)

    def sentence(self) -> str:
        kind = "lasso" if self.l1_ratio == 1 else f"elastic net (l1_ratio {self.l1_ratio:g})"
        return f"adaptive {kind}, weights 1 / |lasso|^{self.gamma:g}"

    @classmethod
    def specimens(cls, p: int) -> Iterator[Penalty]:
        yield cls()
        factors = np.ones(p)
        factors[: min(p, 3)] = [0.0, 2.0, np.inf][: min(p, 3)]
        yield cls(0.5, 0.8, factors=factors)
        yield cls(2.0, lower=np.zeros(p))
        yield cls(1.0, weights=np.linspace(0.5, 3, p))
