"""What every step lost on unseen rows, which one was taken, whether it is worth it, and where it errs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from rightfit.records.walks import Axis, Fitted


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
    dispersion: float = 0.0
    """e where minus twice the log likelihood is e n log(mean loss), see `rightfit.contracts.Loss.dispersion`."""
    quadratic: bool = False
    """True where the loss is half the squared error, whose variance an information criterion must estimate."""
    count: float = 0.0
    """n of an information criterion; 0: to be counted from the weights, where every row is one of the table."""
    axis: Axis = field(default_factory=Axis)
    """What the steps are called."""
    luck: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    """(S, K) mean held-out loss of each step's model as each of S seeds alone makes it, where the model is the mean of
    S draws: what differs between seeds is part of every standard error. Empty where nothing is drawn."""
    blocks: int = 0
    """Where rows were put together: the number of blocks, each of which stands for one row and one unit here."""

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
class Robustness:
    """What the chosen model is worth on unseen rows that are moved against it."""

    size: float
    """Most that a value was moved, in standard deviations of its column."""
    columns: int
    """Columns that were moved."""
    rows: int
    labels: tuple[str, ...]
    """``("as they are", "random signs", "FGSM", "PGD")``"""
    accuracy: np.ndarray
    """(L,) share of the rows that are right, and were before; empty where there are no classes."""
    accuracy_error: np.ndarray
    loss: np.ndarray
    """(L,) mean loss."""
    loss_error: np.ndarray
    measure: str
    sentence: str


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
    size: str = ""
    """How large its chosen step's model is, in words."""


@dataclass(frozen=True)
class Family:
    """One line of the leaderboard: a family of models at its best settings and its own chosen step, on the same unseen
    rows as all others, or why it is not there."""

    name: str
    """Of the learner, e.g. ``"tree"``."""
    words: str = ""
    """Learner and settings in words."""
    settings: dict[str, float] = field(default_factory=dict)
    step: str = ""
    """The chosen step in words, e.g. ``"12 leaves"``."""
    loss: float = float("nan")
    """Mean held-out loss."""
    error: float = float("nan")
    training: float = float("nan")
    """Mean loss of the full fit on its own rows."""
    difference: float = float("nan")
    """Paired difference to the smallest loss of all families."""
    difference_error: float = float("nan")
    size: str = ""
    """In words, e.g. ``"300 trees, 8,412 leaves"``."""
    complexity: float = float("nan")
    fit: Literal["", "fits", "overfits", "underfits"] = ""
    sentence: str = ""
    """The evidence behind that word, and what regularization bought."""
    proposed: int = 0
    """Settings that were proposed."""
    walked: int = 0
    """Settings that were walked on all folds; the others were dropped early or not reached."""
    chosen: bool = False
    reason: str = ""
    """Why the family has no result; empty where it has one."""
    candidates: tuple[Candidate, ...] = ()
    """What was walked within the family, with paired differences to its best."""
    seconds: float = 0.0
    """To fit: all settings, all resamples. Not stored."""
    predict_seconds: float = 0.0
    """To predict 1,000 rows. Not stored."""


@dataclass(frozen=True)
class Stack:
    """A convex mixture of the families' linear predictors."""

    names: tuple[str, ...]
    weight: np.ndarray
    """(F,) >= 0, summing to one: what would predict new rows, learned on all unseen predictions."""
    loss: float
    """Mean loss on unseen rows with weights that were learned without the rows' fold."""
    error: float
    gain: float
    """What the best family loses more, paired."""
    gain_error: float
    sentence: str
    members: tuple[Fitted, ...] = ()
    """The models, where the stack is what predicts; else none."""
