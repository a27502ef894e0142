"""The promises of the house: abstract classes with few methods each.

    Design    columns of numbers, dense, sparse or missing, never copied per fold
    Loss      what a prediction costs a row
    Penalty   what coefficients cost, as a tangent elastic net in a box
    ProxPenalty   what coefficients cost together, through its proximal operator
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
from typing import ClassVar, Literal

import numpy as np
from scipy.sparse import csc_array, csr_array

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

    def __add__(self, other: Gram) -> Gram:
        return Gram(self.total + other.total, self.first + other.first, self.second + other.second)

    def __sub__(self, other: Gram) -> Gram:
        return Gram(self.total - other.total, self.first - other.first, self.second - other.second)

    def __mul__(self, factor: float) -> Gram:
        return Gram(self.total * factor, self.first * factor, self.second * factor)


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

    def grams(
        self,
        columns: np.ndarray,
        weight: np.ndarray,
        part: np.ndarray,
        count: int,
        fill: np.ndarray,
        others: np.ndarray | None = None,
    ) -> list[Gram]:
        """`gram` of each of ``count`` parts of the rows, which ``part`` (n,) numbers."""
        return [self.gram(columns, np.where(part == k, weight, 0.0), fill, others) for k in range(count)]

    @abstractmethod
    def shift(self, columns: np.ndarray) -> np.ndarray:
        """(q,) the points about which `gram` takes its moments: typical values, so that nothing cancels."""

    @abstractmethod
    def collect(self, columns: np.ndarray, fill: np.ndarray) -> np.ndarray:
        """(n, q) float64, Fortran order: a copy of some columns, filled, minus their shift."""

    def in_place(self) -> np.ndarray | None:
        """(p, n) float64 in C order: the columns themselves, where they lie in memory like that and none is missing."""
        return None

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


Predicts = Literal["number", "amount", "count", "probability", "class", "risk"]
"""What `Loss.response` is: any number, a positive amount, an expected count, the probability of an event, one
probability a class, or a risk relative to that of others."""


class Loss(ABC):
    """What a linear predictor eta costs a row with target y; a fit minimizes the weighted *mean* over rows.

    Arrays are (n,) and, for losses of several outputs, eta and its derivatives have a trailing axis C.
    """

    name: ClassVar[str]
    measure: ClassVar[str]
    """What the mean loss is, in words."""
    predicts: ClassVar[Predicts]
    """What a response is. A ``"number"`` is in the unit of the target, and so is eta."""
    mean: ClassVar[bool] = True
    """The response is the mean of the target; otherwise another centre, or a quantile."""
    quadratic: ClassVar[bool] = False
    """True where the curvature is one everywhere: a fit is then a single quadratic."""
    coupled: ClassVar[bool] = False
    """True where a row's loss depends on other rows (the risk sets of survival times): weights then belong to the loss,
    see `bind`, and every resample has a loss of its own."""
    level_free: ClassVar[bool] = False
    """True where a constant added to eta changes nothing: the intercept is then set so that the mean predictor of the
    fit's rows is 0."""
    steady: ClassVar[bool] = False
    """True where young(scale) <= (1 - scale)^2 / (2 scale) * slope' (curvature)^-1 slope for 0 < scale <= 1, which
    spares its evaluation: the conjugate's second derivative from scale * slope to slope is at most 1 / (scale *
    curvature)."""
    dispersion: ClassVar[float] = 0.0
    """e where the size of the noise is not in the loss and must be estimated: minus twice the log likelihood is then
    e n log(mean loss) up to a constant, with e = 1 for squares and deviances, 2 for absolute errors. 0 where the loss
    is minus the log likelihood itself."""
    always_optimal: ClassVar[bool] = False
    """True where a finite optimum exists for all data, with or without a penalty."""

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
        """Curvature of the quadratics that stand for the loss, >= 0: (n,) or (n, C, C). It is the second derivative,
        or more than that where a Newton step would otherwise be unsound (the loss is flat there, or a line)."""

    def second_derivative(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Second derivative in eta, >= 0: (n,) or (n, C, C); what statistics take."""
        return self.curvature(y, eta)

    def derivatives(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`slope` and `curvature` together, for losses of which they share the costly part."""
        return self.slope(y, eta), self.curvature(y, eta)

    def lever(self, y: np.ndarray, slope: np.ndarray) -> np.ndarray:
        """(n,) slope' (curvature)^-1 slope of a steady loss of several outputs, from the slope (n, C) alone."""
        raise NotImplementedError(f"{self.name} has one output")

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
        """Mean of y given eta (or what `mean` says): identity, probability, exp: shape of eta."""

    @classmethod
    def suggest(cls, y: np.ndarray, weight: np.ndarray) -> dict[str, float]:
        """Every parameter that a user may tell, with what suits a checked target where nothing is told."""
        return {}

    def bind(self, weight: np.ndarray) -> Loss:
        """The loss with these row weights (n,) inside; itself where rows are independent. The weighted total of `value`
        is then the objective, that of `slope` its gradient (each divided by the row's weight), `second_derivative` the
        diagonal of its second derivative (likewise), and the weighted total of `young` at least its excess."""
        return self

    def shared(self, y: np.ndarray, eta: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """(k, q) what couples the rows along columns X (n, q): M such that X' diag(weight * curvature) X - M'M is the
        objective's second derivative, whatever multiple of the ones is added to a column. No rows (0, q) where the rows
        are independent."""
        return np.zeros((0, columns.shape[1]))

    def judge(self, y: np.ndarray, eta: np.ndarray, teaching: np.ndarray, judging: np.ndarray) -> np.ndarray:
        """(..., n) what each judged row adds to the loss of the teaching rows, per unit of its weight; 0 for others.
        ``teaching`` and ``judging`` are (n,) weights, no row has both."""
        return np.where(judging > 0, self.value(y, eta), 0.0)

    def measures(self, y: np.ndarray, eta: np.ndarray, weight: np.ndarray, part: np.ndarray) -> dict[str, float]:
        """Metrics of its own that are no mean over rows, by name; ``part`` (n,) numbers the model that predicted a
        row, where predictions of different models cannot be compared."""
        return {}

    @classmethod
    @abstractmethod
    def specimens(cls) -> Iterator[tuple[Loss, np.ndarray]]:
        """Instances with targets that the laws try."""


@dataclass(frozen=True)
class Tangent:
    """A penalty seen from a point: sum of l1 |b| + l2/2 b^2 in the box lower <= b <= upper, (p,) each.

    ``l1`` and ``l2`` speak of coefficients of standardized columns, the box of coefficients on the original
    scale. An infinite l1 excludes a feature.

    A penalty on groups adds sum_g norm_g ||b_g||, the Euclidean norm over the columns of group g and all
    outputs; it has no box then, and one l2 for all columns of a group."""

    l1: np.ndarray
    l2: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    groups: np.ndarray | None = None
    """(p,) number of each column's group, 0 to G - 1; None where nothing is grouped."""
    norm: np.ndarray | None = None
    """(G,) finite"""


class Penalty(ABC):
    """What coefficients cost. Coefficients are (p,) or (p, C), those of standardized columns."""

    name: ClassVar[str]
    separable: ClassVar[bool] = True
    """A tangent elastic net exists; see `ProxPenalty` for what has none."""
    convex: ClassVar[bool] = True
    """The tangent at zero is the penalty everywhere; otherwise it is taken again along the way."""

    @property
    def pilot(self) -> bool:
        """The penalty wants to learn from a first fit with itself as it is, in each resample's own rows: see
        `adapt`."""
        return False

    def adapt(self, coef: np.ndarray) -> Penalty:
        """The penalty that has seen the pilot's coefficients."""
        return self

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


class ProxPenalty(ABC):
    """A convex cost of coefficients that does not separate: strength times a seminorm. Coefficients are (p, C),
    those of standardized columns."""

    name: ClassVar[str]
    separable: ClassVar[bool] = False
    convex: ClassVar[bool] = True
    pilot: ClassVar[bool] = False
    """None of these learns from a first fit."""

    @abstractmethod
    def value(self, coef: np.ndarray, strength: float) -> float:
        """The cost at this strength: strength times the cost at 1."""

    @abstractmethod
    def prox(self, coef: np.ndarray, strength: float) -> np.ndarray:
        """(p, C) argmin over b of |b - coef|^2 / 2 + value(b, strength)."""

    @abstractmethod
    def steepest(self, gradient: np.ndarray, strengthless: np.ndarray) -> float:
        """The smallest strength at which zero is optimal for a loss with this gradient (p, C): the dual norm, so
        that the gradient's inner product with b is at most this times value(b, 1). ``strengthless`` (p,) marks
        columns to pass over; what `free` spans is taken as settled."""

    def free(self, p: int) -> np.ndarray:
        """(p, k) directions that cost nothing: none, or a basis."""
        return np.zeros((p, 0))

    @abstractmethod
    def pattern(self, coef: np.ndarray) -> tuple[csr_array, np.ndarray]:
        """Where the cost is linear near these coefficients (p, C): directions (k, p C), numbered as C wants its
        arrays, and the cost's slope (k,) along each at strength 1. k are the effective degrees of freedom."""

    @abstractmethod
    def sentence(self) -> str:
        """The penalty in words."""

    @classmethod
    @abstractmethod
    def specimens(cls, p: int) -> Iterator[ProxPenalty]:
        """Instances for p features that the laws try."""


@dataclass(frozen=True)
class Problem:
    """Everything that a learner may know: columns, target, and what a prediction costs. Row weights are with
    the resamples."""

    design: Design
    y: np.ndarray
    """(n,), or (n, columns) for losses that need several, as `Loss.check` returned it."""
    loss: Loss
    offset: np.ndarray
    """(n,) added to every linear predictor; zeros where there is none."""
    groups: np.ndarray | None = None
    """(p,) columns that belong together share a number, such as those made of one column of a table; None where that
    is not known."""


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
