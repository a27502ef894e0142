"""Which rows teach and which judge, and the way walked from strongly to weakly regularized."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Literal

import numpy as np

from rightfit.records.tables import Note


class Status(IntEnum):
    """How the fit of one step ended."""

    CONVERGED = 0
    """The certificate (relative duality gap) is at or below the tolerance."""
    STOPPED = 1
    """The iteration limit was reached; the gap that is left is recorded."""
    NO_OPTIMUM = 2
    """No finite optimum exists, e.g. separable classes without a penalty."""
    NOT_UNIQUE = 3
    """Optimal, but other coefficients are just as good, e.g. more columns than rows without a penalty."""

    STATIONARY = 4
    """The penalty is concave: the point solves its own tangent problem, whose gap is recorded; it is no certificate
    for all other points."""
    GROWN = 5
    """Grown step by step, as trees are: no certificate exists."""

    @property
    def sentence(self) -> str:
        return {
            Status.CONVERGED: "converged: the duality gap is within tolerance",
            Status.STOPPED: "stopped at the iteration limit; the duality gap says how far from optimal",
            Status.NO_OPTIMUM: "no finite optimum exists: the coefficients grow without bound",
            Status.NOT_UNIQUE: "optimal, but not the only optimum: other coefficients predict as well",
            Status.STATIONARY: "stationary: no small change helps, but a concave penalty may have a better optimum "
            "elsewhere; the gap is that of the tangent problem",
            Status.GROWN: "grown step by step: such a fit has no certificate",
        }[self]


@dataclass(frozen=True)
class Resamples:
    """Which rows teach and which rows judge: every resample is a vector of row weights.

    Row 0 is the full fit: all multiplicities one, nothing scored. A multiplicity of 0 leaves a row out, 2
    counts it twice. The weight of row i in resample k is ``weight[i] * multiplicity[k, i]``.
    """

    weight: np.ndarray
    """(n,) the user's row weights, >= 0, not all zero."""
    multiplicity: np.ndarray
    """(m, n) times each row is used for fitting; uint8 for folds."""
    scored: np.ndarray
    """(m, n) bool: rows that are judged by this resample. Never true where the multiplicity is positive."""
    name: str = "folds"
    """In words, e.g. ``"10 folds, stratified"``."""
    notes: tuple[Note, ...] = ()
    unit: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    """(n,) rows with the same number are one independent unit (a group); empty: every row is its own."""

    def __len__(self) -> int:
        return len(self.multiplicity)

    def first(self, count: int) -> Resamples:
        """The full fit and the first ``count`` resamples."""
        few = slice(0, count + 1)
        return Resamples(
            self.weight,
            self.multiplicity[few],
            self.scored[few],
            name=f"the first {count} of {self.name}",
            unit=self.unit,
        )

    def take(self, rows: np.ndarray) -> Resamples:
        """These rows alone."""
        unit = self.unit[rows] if len(self.unit) else self.unit
        multiplicity, scored = self.multiplicity[:, rows], self.scored[:, rows]
        return replace(self, weight=self.weight[rows], multiplicity=multiplicity, scored=scored, unit=unit)

    @property
    def used(self) -> np.ndarray:
        """Rows that some resample learns from or judges."""
        return np.flatnonzero((self.multiplicity > 0).any(axis=0) | self.scored.any(axis=0))

    @property
    def taught(self) -> int:
        """Rows that teach the largest resample."""
        return int(((self.multiplicity > 0) & (self.weight > 0)).sum(axis=1).max())

    @property
    def partial(self) -> bool:
        """Whether only a part of the rows teaches the full fit: a first look, where time is short."""
        return bool(((self.multiplicity[0] == 0) & (self.weight > 0)).any())

    def weights(self, k: int) -> np.ndarray:
        """(n,) weights of resample k, not normalized."""
        return self.weight * self.multiplicity[k]

    @staticmethod
    def full(weight: np.ndarray) -> Resamples:
        """The full fit alone."""
        n = len(weight)
        return Resamples(weight, np.ones((1, n), np.uint8), np.zeros((1, n), bool), name="full fit")


@dataclass(frozen=True)
class Trace:
    """A path as data: one row a step, step 0 the strongest. Coefficients are on the original scale
    of the design's columns; those that are zero are not stored."""

    strengths: np.ndarray
    """(K,) decreasing."""
    intercept: np.ndarray
    """(K, C) with C outputs: 1, or the number of classes for multinomial."""
    indptr: np.ndarray
    """(K + 1,) compressed rows of the (K, p * C) coefficients, column index = feature * C + output."""
    indices: np.ndarray
    values: np.ndarray
    features: int
    """p"""
    outputs: int
    """C"""
    gap: np.ndarray
    """(K,) duality gap relative to the null deviance (of the tangent problem where the penalty is concave); NaN where
    the step has no finite optimum."""
    status: np.ndarray
    """(K,) int8, see `Status`."""
    complexity: np.ndarray
    """(K,) effective degrees of freedom, intercept not counted."""
    explained: np.ndarray
    """(K,) share of the null deviance explained on the rows of the fit."""
    fill: np.ndarray
    """(p,) weighted column means of the fit's own rows, on the original scale: what a missing value becomes."""
    scale: np.ndarray
    """(p,) weighted standard deviations of the fit's own rows (1/n convention)."""
    measures: Literal["coefficients", "importance"] = "coefficients"
    """``"importance"``: the family has no coefficients; instead of them stand the shares of the features in each
    step's model (one output, each step's sum to one, intercept and fill 0, scale 1)."""

    def __len__(self) -> int:
        return len(self.strengths)

    def coef(self, step: int) -> np.ndarray:
        """(p, C) dense coefficients of one step, original scale."""
        out = np.zeros(self.features * self.outputs)
        part = slice(self.indptr[step], self.indptr[step + 1])
        out[self.indices[part]] = self.values[part]
        return out.reshape(self.features, self.outputs)

    def nonzero(self) -> np.ndarray:
        """(K,) number of features with a non-zero coefficient in any output."""
        return np.array(
            [
                len(np.unique(self.indices[a:b] // self.outputs))
                for a, b in zip(self.indptr[:-1], self.indptr[1:], strict=True)
            ]
        )


@dataclass(frozen=True)
class Axis:
    """What a family walks in, for the eye and in sentences. The words are those of penalized coefficients; a tree says
    ``"{} leaves"`` and ``"the hardest pruning"``, boosting ``"{} rounds"`` and ``"the earliest stop"``."""

    name: str = "strength"
    """Title of the axis."""
    positions: np.ndarray = field(default_factory=lambda: np.empty(0))
    """(K,) what is shown for each step, such as leaves or rounds, rising or falling; empty: the strengths."""
    words: str = "strength {}"
    """How one position is called in a sentence."""
    strongest: str = "the strongest penalty"
    stronger: str = "a stronger penalty"
    weaker: str = "a weaker penalty"
    weakest: str = "the weakest penalty"
    free: str = "the unpenalized model"
    """The last step where its strength is 0."""
    one: str = ""
    """The words for a position of 1, e.g. ``"1 leaf"``; empty: like any other."""

    def say(self, step: int, strength: float) -> str:
        """One step in the middle of a sentence: ``"strength 0.0123"``, ``"1,024 rounds"``."""
        value = float(self.positions[step]) if len(self.positions) else strength
        if value == 1 and self.one:
            return self.one
        return self.words.format(f"{value:,.0f}" if abs(value) >= 1000 and len(self.positions) else f"{value:.4g}")


@dataclass(frozen=True)
class Fitted:
    """What predicts, as data. ``learner`` names the module in `rightfit.learners` that can restore it."""

    learner: str
    loss: str
    arrays: dict[str, np.ndarray]
    facts: dict[str, float] = field(default_factory=dict)
    baseline: dict[str, np.ndarray] = field(default_factory=dict)
    """What `Loss.baseline` found in the rows of the fit; empty where the loss knows no times."""
