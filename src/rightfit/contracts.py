"""The promises of the house: abstract classes with few methods each.

    Design    columns of numbers, dense, sparse or missing, never copied per fold
    Loss      what a prediction costs a row
    Penalty   what coefficients cost, as a tangent elastic net in a box
    Rule      evidence in, one step out, with its reason
    Learner   a problem and resamples in, one path a resample out
    Path      a way from strongly to weakly regularized

Abstract or final: every concrete class derives from exactly one of these and from nothing else. An object
that needs a case of its own gets a method here, so that nobody asks for ``isinstance`` or ``hasattr``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.sparse import csc_array

from rightfit.records import Choice, Evidence, Fitted, Resamples, Trace


@dataclass(frozen=True)
class Gram:
    """Weighted moments of q columns about a shift; they add and subtract over sets of rows."""

    total: float
    """Sum of the weights."""
    first: np.ndarray
    """(q,) sum of weight * (x - shift)"""
    second: np.ndarray
    """(q, q) sum of weight * (x - shift)(x - shift)'; (q, r) against r other columns"""

    def __sub__(self, other: Gram) -> Gram:
        return Gram(self.total - other.total, self.first - other.first, self.second - other.second)


class Design(ABC):
    """An (n, p) table of numbers seen through its columns.

    A missing value holds the *fill* of its column, which belongs to a fit, not to the data: every product
    takes ``fill`` (p,), on the original scale. Designs without missing values ignore it.
    """

    n: int
    p: int
    names: tuple[str, ...]
    complete: bool
    """No value is missing, so that fill does not matter."""

    @abstractmethod
    def dot(self, coef: np.ndarray, fill: np.ndarray) -> np.ndarray:
        """X @ coef: (n, m) for coef (p, m) and one fill (p,) for all, or (p, m) for each."""

    @abstractmethod
    def dot_columns(self, columns: np.ndarray, coef: np.ndarray, fill: np.ndarray) -> np.ndarray:
        """X[:, columns] @ coef: (n, m) for coef (len(columns), m); fill as in `dot`, all p rows."""

    @abstractmethod
    def correlate(self, dual: np.ndarray, fill: np.ndarray) -> np.ndarray:
        """X' @ dual: (p, m) for dual (n, m); fill (p,) or (p, m)."""

    @abstractmethod
    def correlate_columns(self, columns: np.ndarray, dual: np.ndarray, fill: np.ndarray) -> np.ndarray:
        """X[:, columns]' @ dual: (len(columns), m); fill as in `correlate`, all p rows."""

    @abstractmethod
    def moments(self, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weighted mean of the observed values, and standard deviation (1/n convention) after filling with
        that mean: (p, m) each for weights (n, m) whose columns sum to one. Rows of zero weight do not
        count. The deviation of a column that does not vary within rounding is exactly 0; a column without
        an observed value has mean 0."""

    @abstractmethod
    def gram(self, columns: np.ndarray, weight: np.ndarray, fill: np.ndarray, others: np.ndarray | None = None) -> Gram:
        """Moments of some columns under non-negative weights (n,), about the design's shift; second moments
        with ``others`` where given, else among themselves."""

    @abstractmethod
    def shift(self, columns: np.ndarray) -> np.ndarray:
        """(q,) the points about which `gram` takes its moments: typical values, so that nothing cancels."""

    @abstractmethod
    def collect(self, columns: np.ndarray, fill: np.ndarray) -> np.ndarray:
        """(n, q) float64, Fortran order: a copy of some columns, filled, minus their shift."""

    @abstractmethod
    def pieces(
        self, columns: np.ndarray, fill: np.ndarray, *, shifted: bool
    ) -> tuple[np.ndarray, csc_array, np.ndarray]:
        """Some columns, minus their shift where ``shifted``, as a dense (n, q1) Fortran and a sparse (n, q2)
        part, and the order (q1 + q2,) in which they hold ``columns``."""

    @abstractmethod
    def holes(self) -> csc_array:
        """(n, p) ones where a value is missing."""

    @abstractmethod
    def compact(self) -> Design:
        """The same columns in the form that is fastest to fit: itself, or a dense copy where that is small."""

    @abstractmethod
    def take(self, rows: np.ndarray) -> Design:
        """The design of these rows alone (a copy of them)."""


class Loss(ABC):
    """What a linear predictor eta costs a row with target y; a fit minimizes the weighted *mean* over rows.

    Arrays are (n,) and, for losses of several outputs, eta and its derivatives have a trailing axis C.
    """

    name: ClassVar[str]
    measure: ClassVar[str]
    """What the mean loss is, in words."""
    quadratic: ClassVar[bool] = False
    """True where the curvature is one everywhere: a fit is then a single quadratic."""

    @property
    def outputs(self) -> int:
        """C: number of linear predictors of a row."""
        return 1

    @abstractmethod
    def check(self, y: np.ndarray) -> np.ndarray:
        """The target as float64 ready for the other methods; RowError names the first impossible value."""

    @abstractmethod
    def value(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """(n,) loss per row, zero for a perfect prediction where one exists."""

    @abstractmethod
    def slope(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """First derivative in eta: (n,) or (n, C)."""

    @abstractmethod
    def curvature(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Second derivative in eta, >= 0: (n,) or (n, C, C)."""

    @abstractmethod
    def young(self, y: np.ndarray, eta: np.ndarray, scale: np.ndarray) -> np.ndarray:
        """(n,) Fenchel-Young excess value(eta) + conjugate(u) - eta u >= 0 at the dual point u = scale *
        slope(eta), 0 <= scale <= 1, without cancellation: zero where scale is 1. ``scale`` is a number or
        broadcasts against the rows. The duality gap is a weighted mean of these plus the penalty's share."""

    @abstractmethod
    def null(self, y: np.ndarray, weight: np.ndarray, offset: np.ndarray) -> np.ndarray:
        """(C,) the best constant: argmin over b of sum weight * value(y, offset + b); weight sums to one.
        May be infinite (one class only, all counts zero): the caller says so."""

    @abstractmethod
    def response(self, eta: np.ndarray) -> np.ndarray:
        """Mean of y given eta: identity, probability, exp: shape of eta."""

    @classmethod
    @abstractmethod
    def specimens(cls) -> Iterator[tuple[Loss, np.ndarray]]:
        """Instances with targets that the laws try."""


@dataclass(frozen=True)
class Tangent:
    """A penalty seen from a point: sum of l1 |b| + l2/2 b^2 in the box lower <= b <= upper, (p,) each.

    ``l1`` and ``l2`` speak of coefficients of standardized columns, the box of coefficients on the original
    scale. An infinite l1 excludes a feature."""

    l1: np.ndarray
    l2: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


class Penalty(ABC):
    """What coefficients cost. Coefficients are (p,) or (p, C), those of standardized columns."""

    name: ClassVar[str]

    @abstractmethod
    def value(self, coef: np.ndarray, strength: float) -> float:
        """The cost at this strength."""

    @abstractmethod
    def tangent(self, coef: np.ndarray, strength: float) -> Tangent:
        """An elastic net in a box that touches the penalty at ``coef`` and lies above it elsewhere."""

    @abstractmethod
    def steepest(self, gradient: np.ndarray, strengthless: np.ndarray) -> float:
        """The smallest strength at which all penalized coefficients are zero, given ``gradient`` (p, C) of
        the loss in standardized coefficients at zero; ``strengthless`` (p,) marks columns to pass over."""

    @abstractmethod
    def sentence(self) -> str:
        """The penalty in words."""

    @classmethod
    @abstractmethod
    def specimens(cls, p: int) -> Iterator[Penalty]:
        """Instances for p features that the laws try."""


@dataclass(frozen=True)
class Problem:
    """Everything that a learner may know: columns, target, and what a prediction costs. Row weights are with
    the resamples."""

    design: Design
    y: np.ndarray
    """(n,) as `Loss.check` returned it."""
    loss: Loss
    offset: np.ndarray
    """(n,) added to every linear predictor; zeros where there is none."""


class Model(ABC):
    """One step of a path."""

    @abstractmethod
    def predict(self, design: Design, offset: np.ndarray | None = None) -> np.ndarray:
        """(n, C) linear predictor."""

    @abstractmethod
    def fitted(self) -> Fitted:
        """The model as data."""


class Path(ABC):
    """A way from strongly (step 0) to weakly regularized."""

    strengths: np.ndarray
    complexity: np.ndarray
    status: np.ndarray

    @abstractmethod
    def predict(self, design: Design, offset: np.ndarray | None = None) -> np.ndarray:
        """(K, n, C) linear predictors of all steps at once."""

    @abstractmethod
    def model(self, step: int) -> Model:
        """One step."""

    @abstractmethod
    def trace(self) -> Trace:
        """The path as data."""


class Learner(ABC):
    """A family of models that can walk."""

    name: ClassVar[str]

    @abstractmethod
    def fit_paths(self, problem: Problem, resamples: Resamples) -> Sequence[Path]:
        """One path a resample, all at the same strengths; the first is the full fit."""


class Rule(ABC):
    """Evidence in, one step out."""

    name: ClassVar[str]

    @abstractmethod
    def choose(self, evidence: Evidence) -> Choice:
        """The step, with its reason in a sentence and its runner-up."""

    @classmethod
    @abstractmethod
    def specimens(cls) -> Iterator[Rule]:
        """Instances that the laws try."""
