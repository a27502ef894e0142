"""The nouns of the house: frozen records, free of behaviour beyond reading themselves.

Everything that a report shows or a prediction needs is in one of these, so that a run can be stored as
data (JSON and ``.npy``) and looked at without the rows it was made from. The order is that of a run:

    Source, Column, Schema, Task, Feature     what came in, and what was made of it
    Resamples                                 which rows teach and which rows judge
    Trace                                     the way walked, from strongly to weakly regularized
    Evidence, Curve, Choice                   what every step lost on unseen rows, and which one was taken
    Comparison, Diagnostics, Drift            is it worth it, where does it err, does time matter
    Fitted, Run                               what predicts, and the whole

``Any``-typed fields do not occur: the store (`rightfit.store`) rebuilds every record from its annotations.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

import numpy as np

Kind = Literal["number", "yes/no", "category", "date", "text", "identifier", "constant", "near-empty"]
Role = Literal["feature", "target", "weight", "offset", "group", "time", "fold", "id", "dropped"]
Severity = Literal["info", "warning"]


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

    @property
    def sentence(self) -> str:
        return {
            Status.CONVERGED: "converged: the duality gap is within tolerance",
            Status.STOPPED: "stopped at the iteration limit; the duality gap says how far from optimal",
            Status.NO_OPTIMUM: "no finite optimum exists: the coefficients grow without bound",
            Status.NOT_UNIQUE: "optimal, but not the only optimum: other coefficients predict as well",
        }[self]


@dataclass(frozen=True)
class Note:
    """One thing that the user should know, in a sentence that names it."""

    severity: Severity
    subject: str
    """The column, row, option or file that it is about; empty for the run as a whole."""
    sentence: str


@dataclass(frozen=True)
class Source:
    """The file that a run was made from."""

    name: str
    """File name without folders."""
    size: int
    """Bytes on disk."""
    sha256: str
    format: str
    """In words, e.g. ``"CSV, comma, UTF-8, gzip"``."""
    rows: int
    columns: int
    notes: tuple[Note, ...] = ()
    """What was detected rather than told: delimiter, decimal comma, encoding, quoting."""


@dataclass(frozen=True)
class Column:
    """What one column of the user's file is, as decided once from the training rows."""

    name: str
    kind: Kind
    role: Role
    reason: str
    """Why this kind and role, in a sentence."""
    dtype: Literal["integer", "float", "boolean", "text", "date"]
    """How the values are written in the file."""
    missing: int = 0
    unique: int = 0
    minimum: float | None = None
    """Training range, for numbers; days since 1970-01-01 for dates."""
    maximum: float | None = None
    mean: float | None = None
    levels: tuple[str, ...] = ()
    """Levels kept, in order; for yes/no the second one is 'yes'."""
    counts: tuple[int, ...] = ()
    """Training rows of each kept level."""
    pooled: tuple[str, ...] = ()
    """Levels too rare (or beyond the cap) to have a column of their own; coded together as ``(other)``."""
    words: tuple[str, ...] = ()
    """Vocabulary of a text column, in column order."""
    parts: tuple[str, ...] = ()
    """Parts made of a date, in column order, e.g. ``("days", "year", "month = 3", "weekday = Monday")``."""
    format: str = ""
    """How text is read as values: ``"thousands"`` for numbers like 1,234; ``"ISO"`` or a strptime format for dates."""
    treatment: str = ""
    """What was done to the column on its way into the model, in a sentence."""


@dataclass(frozen=True)
class Schema:
    """All columns of the file in file order."""

    columns: tuple[Column, ...]
    notes: tuple[Note, ...] = ()

    def column(self, name: str) -> Column:
        """The column of this name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def having(self, role: Role) -> tuple[Column, ...]:
        """All columns of one role, in file order."""
        return tuple(c for c in self.columns if c.role == role)


@dataclass(frozen=True)
class Task:
    """What is asked of the target."""

    kind: Literal["regression", "classes", "counts"]
    loss: str
    """Name of the loss in `rightfit.losses`."""
    target: str
    reason: str
    """Why this task, in a sentence."""
    classes: tuple[str, ...] = ()
    """Class labels in coding order; for two classes the second one is the event."""


@dataclass(frozen=True)
class Feature:
    """One column of the design matrix."""

    name: str
    """Unique and readable: ``age``, ``zip = 94110``, ``age is missing``, ``sold: month``, ``review: great``."""
    source: str
    """Name of the column in the user's file."""
    role: Literal["value", "level", "missing", "part", "word"]
    group: int
    """Features of one source column share a number."""
    detail: str = ""
    """The level, the part or the word; empty for a value."""


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
    """A linear path as data: one row a step, step 0 the strongest. Coefficients are on the original scale
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
    """(K,) duality gap relative to the null deviance; NaN where the step has no finite optimum."""
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
class Evidence:
    """Held-out loss per row and step, the source of every curve, choice and comparison."""

    strengths: np.ndarray
    """(K,)"""
    loss: np.ndarray
    """(n, K) float32; NaN for rows that no resample scored. With repeats, the mean over the repeats."""
    null: np.ndarray
    """(n,) loss of the constant model that was fitted on the same rows as the step's model."""
    weight: np.ndarray
    """(n,) the user's row weights."""
    unit: np.ndarray
    """(n,) int: rows with the same number are one independent unit (the row itself, or its group)."""
    fold: np.ndarray
    """(n,) int: which resample scored the row (1, 2, ...; 0 = not scored; the last one with repeats)."""
    complexity: np.ndarray
    """(K,) of the full fit."""
    measure: str
    """What the loss is, in words: ``"squared error"``, ``"log loss"``, ``"Poisson deviance / 2"``."""
    training: np.ndarray
    """(K,) mean loss of the full fit on its own rows."""
    name: str
    """How the rows were resampled, in words."""
    metrics: dict[str, np.ndarray] = field(default_factory=dict)
    """(K,) each: metrics of the held-out predictions that are no mean over rows, e.g. ``"AUC"``, ``"R2"``."""
    features: int = 0
    """p of the design; 0 where it is not known. The extended BIC needs it."""
    quadratic: bool = False
    """True where the loss is half the squared error, whose variance an information criterion must estimate."""

    @property
    def rows(self) -> np.ndarray:
        """Indices of the rows that were scored."""
        return np.flatnonzero(~np.isnan(self.null))


@dataclass(frozen=True)
class Curve:
    """Evidence summed up for the eye: one number a step."""

    strengths: np.ndarray
    mean: np.ndarray
    """(K,) weighted mean of the held-out loss."""
    error: np.ndarray
    """(K,) its standard error, over independent units."""
    difference: np.ndarray
    """(K,) mean paired difference to the best step (>= 0)."""
    difference_error: np.ndarray
    """(K,) paired standard error of that difference; 0 at the best step."""
    training: np.ndarray
    """(K,) mean loss on the rows of the fit."""
    complexity: np.ndarray
    null: float
    """Mean held-out loss of the constant model."""
    measure: str
    rows: int
    """Number of scored rows."""
    metrics: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """One step, and why."""

    rule: str
    step: int
    strength: float
    reason: str
    """In a sentence."""
    runner_up: int
    """The step that would have been next, -1 where there is none."""
    runner_up_reason: str = ""
    at_end: Literal["", "strongest", "weakest"] = ""
    """Not empty where the choice lies at an end of the grid: the optimum may lie beyond."""


@dataclass(frozen=True)
class Comparison:
    """Constant, weakest and chosen model on the same unseen rows: did regularization help, and by how much?"""

    where: str
    """``"10 folds, held-out rows"`` or ``"holdout of 20 % set aside first"``."""
    measure: str
    rows: int
    labels: tuple[str, ...]
    """e.g. ``("constant model", "unpenalized", "chosen")``."""
    loss: np.ndarray
    """(L,) mean loss of each."""
    error: np.ndarray
    """(L,) standard errors."""
    gain: np.ndarray
    """(L,) mean paired difference: loss of each minus loss of the chosen one (> 0: chosen is better)."""
    gain_error: np.ndarray
    """(L,) paired standard errors; 0 for the chosen one."""
    sentence: str
    """The answer."""


@dataclass(frozen=True)
class Diagnostics:
    """Where the chosen model errs, from held-out predictions. Arrays that do not apply are empty."""

    actual: np.ndarray
    """(s,) a sample of at most 2,000 scored rows: the target (class number for classes)."""
    predicted: np.ndarray
    """(s,) held-out prediction on the response scale (probability of the event for two classes)."""
    calibration: np.ndarray
    """(b, 5) mean predicted, mean observed, lower and upper 95 % limit of observed, rows."""
    roc: np.ndarray
    """(t, 2) false and true positive rate; for more than two classes empty."""
    precision_recall: np.ndarray
    """(t, 2) recall, precision."""
    confusion: np.ndarray
    """(C, C) weighted counts, actual by predicted (most probable class)."""
    figures: dict[str, float]
    """Metrics at the chosen step: ``R2``, ``RMSE``, ``MAE``, ``AUC``, ``accuracy``, ``Brier``, ``log loss`` ..."""


@dataclass(frozen=True)
class Drift:
    """Does the order of the rows (time or groups) matter?"""

    by: str
    """Name of the column that orders or groups the rows."""
    kind: Literal["time", "group"]
    ordered: np.ndarray
    """(K,) mean held-out loss with folds that respect the order or the groups."""
    random: np.ndarray
    """(K,) with random folds."""
    difference: float
    """At the chosen step: ordered minus random, mean."""
    difference_error: float
    sentence: str
    columns: tuple[str, ...] = ()
    """Columns that drift most, strongest first."""
    scores: tuple[float, ...] = ()
    """AUC of telling early rows from late ones by that column alone."""


@dataclass(frozen=True)
class Fitted:
    """What predicts, as data. ``learner`` names the module in `rightfit.learners` that can restore it."""

    learner: str
    loss: str
    arrays: dict[str, np.ndarray]
    facts: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """One walked path among several (e.g. lasso, elastic net, ridge), scored on the same rows."""

    name: str
    settings: dict[str, float]
    loss: float
    """Mean held-out loss at its own chosen step."""
    error: float
    difference: float
    """Paired difference to the winner (>= 0 unless a simpler one was preferred)."""
    difference_error: float
    strength: float
    complexity: float
    seconds: float
    chosen: bool


@dataclass(frozen=True)
class Run:
    """The whole record of one `rightfit fit`: enough for the report, for predictions and to do it again."""

    version: str
    command: tuple[str, ...]
    """The command line that repeats the run."""
    seed: int
    source: Source
    schema: Schema
    task: Task
    features: tuple[Feature, ...]
    penalty: str
    """In words, e.g. ``"elastic net, l1_ratio 0.5"``."""
    settings: dict[str, float]
    """``{"l1_ratio": 0.5, ...}`` of the chosen candidate."""
    trace: Trace
    """The full fit's path."""
    evidence: Evidence
    curve: Curve
    choice: Choice
    """The step that was taken."""
    choices: tuple[Choice, ...]
    """What each classical rule would have taken; includes ``choice``."""
    candidates: tuple[Candidate, ...]
    selection: np.ndarray
    """(p,) share of the resamples in which the feature is selected at the chosen step."""
    comparison: Comparison
    holdout: Comparison | None
    diagnostics: Diagnostics
    drift: Drift | None
    notes: tuple[Note, ...]
    verdict: tuple[str, ...]
    """Sentences, the most important first."""
    fitted: Fitted
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall time by stage. Not stored: a stored run is the same bytes for the same seed."""
