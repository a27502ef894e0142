"""A problem, the models that learn it, their ways, and the rule that stops them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np

from rightfit.contracts.designs import Design
from rightfit.contracts.losses import Loss
from rightfit.errors import OptionError
from rightfit.records import Axis, Choice, Evidence, Fitted, Picture, Resamples, Trace

_CERTAIN = 700.0
"""Stands for an infinite constant (one class only, all counts zero): exp of it is still finite."""


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
    levels: tuple[np.ndarray, ...] = ()
    """Columns of the design (two or more, rising) that are the levels of one category, an array for each category. A
    row has a 1 in at most one of them; none where the value is missing, shares of them where it is unknown."""
    monotone: tuple[int, ...] = ()
    """(p,) which way the linear predictor may go where a column grows: 1 up, -1 down, 0 either way; () for no such
    demand. A family that cannot obey says so with an OptionError."""

    image: tuple[int, ...] = ()
    """(height, width) or (height, width, channels) where the columns are the pixels of images, row by row, channels
    side by side."""

    text: tuple[int, ...] = ()
    """Columns that are words of texts, with the weight of a word in a row or 0."""

    def __post_init__(self) -> None:
        if self.monotone and len(self.monotone) != self.design.p:
            raise OptionError(f"monotone has {len(self.monotone)} signs for {self.design.p} columns")
        if not all(sign in (-1, 0, 1) for sign in self.monotone):
            raise OptionError("monotone must hold -1, 0 or 1 for each column")
        if any(self.monotone) and self.loss.outputs > 1:
            raise OptionError("monotone: more than two classes have no order in which a prediction could rise or fall")

    @property
    def columns(self) -> int:
        """Columns of the table behind the design's, as far as that is known."""
        return self.design.p if self.groups is None else len(np.unique(self.groups))

    def constant(self, weight: np.ndarray) -> np.ndarray:
        """(C,) the best constant of rows with these weights (n,), not normalized; finite: +-700 stands for infinity."""
        rows = np.flatnonzero(weight > 0)
        share = weight[rows] / weight[rows].sum()
        constant = self.loss.null(self.y[rows], share, self.offset[rows])
        # Only infinities are replaced: a squared error's constant is a mean, and may be any size.
        return np.asarray(np.nan_to_num(constant, nan=np.nan, posinf=_CERTAIN, neginf=-_CERTAIN))

    def take(self, rows: np.ndarray) -> Problem:
        """These rows alone."""
        return replace(self, design=self.design.take(rows), y=self.y[rows], offset=self.offset[rows])

    def lose(self, rows: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """(r,) losses of some rows at linear predictors (r, C)."""
        return self.loss.value(self.y[rows], eta if self.loss.outputs > 1 else eta[:, 0])


@dataclass(frozen=True)
class Wishes:
    """What a user asks of every family."""

    seed: int = 0
    threads: int = 1
    """Results do not depend on it."""
    settings: Mapping[str, tuple[float | str, ...]] = field(default_factory=dict)
    """Values to try of a setting by its name, e.g. ``{"max_depth": (3, 6)}``; for all others the family's own."""

    @property
    def numbers(self) -> dict[str, tuple[float, ...]]:
        """The settings of a family that has words for none; OptionError names one that is no number."""
        found: dict[str, tuple[float, ...]] = {}
        for name, values in self.settings.items():
            told = [value for value in values if isinstance(value, str)]
            if told:
                raise OptionError(f"{name} must be a number, {told[0]!r} was given")
            found[name] = tuple(float(value) for value in values)
        return found


@dataclass(frozen=True)
class Attack:
    """How rows are moved against a model that is known."""

    kind: str
    """``"random"`` (by random signs), ``"FGSM"`` or ``"PGD"``."""
    size: float
    """Most that a value may move, in deviations of its column."""
    columns: np.ndarray
    """(p,) bool: those that may move."""
    steps: int = 20
    """Of PGD."""
    seed: int = 0


class Model(ABC):
    """One step of a path."""

    @abstractmethod
    def predict(self, design: Design, offset: np.ndarray | None = None) -> np.ndarray:
        """(n, C) linear predictor."""

    @abstractmethod
    def fitted(self) -> Fitted:
        """The model as data; ``restore(fitted)`` in the learner's module is the inverse, to the last bit."""

    def attacked(self, problem: Problem, rows: np.ndarray, attack: Attack) -> np.ndarray:
        """(r, C) linear predictors of rows that were moved so as to lose more; OptionError where the family has no
        slopes."""
        raise OptionError("an attack follows the slopes of a model, which networks have; choose --learners network")

    @property
    def draws(self) -> Sequence[Model]:
        """The models of single seeds whose mean this one is; empty where there is one model."""
        return ()


class Path(ABC):
    """A way from strongly (step 0) to weakly regularized."""

    strengths: np.ndarray
    """(K,) strictly decreasing, >= 0; the first may be infinite."""
    complexity: np.ndarray
    """(K,) effective degrees of freedom, or leaves; 0 where the step is the constant model."""
    status: np.ndarray
    """(K,) int8, see `rightfit.records.Status`."""

    @abstractmethod
    def predict(self, design: Design, offset: np.ndarray | None = None) -> np.ndarray:
        """(K, n, C) linear predictors of all steps at once."""

    def remembered(self, problem: Problem, rows: np.ndarray) -> np.ndarray | None:
        """(K, r, C) what `predict` would say of rows of the problem that was fitted, where fitting has said it already
        and kept it; None where it has not."""
        return None

    @abstractmethod
    def model(self, step: int) -> Model:
        """One step."""

    @abstractmethod
    def importance(self, step: int) -> np.ndarray:
        """(p,) share of each feature in one step's model: >= 0, summing to one; exactly 0 where it is not used."""

    @abstractmethod
    def size(self, step: int) -> str:
        """How large one step's model is, in words: ``"12 leaves"``, ``"120 rounds, 1,840 leaves"``."""

    @property
    def gap(self) -> np.ndarray:
        """(K,) duality gap relative to the null deviance; NaN where there is no certificate."""
        return np.full(len(self.strengths), np.nan)

    @property
    def luck(self) -> np.ndarray:
        """(S, K) mean held-out loss of each of the S seeds whose models are averaged, over all resamples; empty where
        there is one model."""
        return np.empty((0, len(self.strengths)))

    @property
    def axis(self) -> Axis:
        """What is walked in, for pictures and sentences."""
        return Axis()

    def trace(self) -> Trace:
        """The path as coefficients; OptionError where the family has none."""
        raise OptionError("this needs coefficients, which only linear models have; choose --learners linear")

    def picture(self, step: int) -> Picture:
        """What can be drawn of one step beside its coefficients."""
        return Picture()


class Learner(ABC):
    """A family of models that can walk."""

    name: ClassVar[str]
    rank: ClassVar[int] = 0
    """How hard its models are to read: 0 a formula, 1 one tree, 2 many trees."""
    coefficients: ClassVar[bool] = False
    """Its paths have a `Path.trace`."""

    @abstractmethod
    def fit_paths(self, problem: Problem, resamples: Resamples) -> Sequence[Path]:
        """One path a resample, all at the same strengths; the first is the full fit."""

    @property
    @abstractmethod
    def words(self) -> str:
        """The learner and its settings in words: ``"gradient boosting, depth 4, learning rate 0.1"``."""

    @property
    @abstractmethod
    def settings(self) -> dict[str, float]:
        """What is no strength, in numbers."""

    @classmethod
    def propose(cls, problem: Problem, resamples: Resamples, wishes: Wishes) -> Sequence[Learner]:
        """The settings to try for this problem, the most promising first. OptionError says in one sentence why the
        family cannot learn it, or which setting it does not know."""
        return [cls()]

    @classmethod
    def expect(cls, problem: Problem, resamples: Resamples) -> float:
        """About how many seconds of one processor that nobody shares the family takes where there is no end, good to a
        factor of three; 0 where that is not known."""
        return 0.0

    @classmethod
    def steps(cls, resamples: Resamples, strengths: int) -> float:
        """Steps that a walk and its scoring tell of (`rightfit.solvers.watch.tell`), and all that `propose` tries;
        linear paths have so many ``strengths``."""
        return 2.0 * len(resamples) * (strengths + 1)

    def afford(self, problem: Problem, resamples: Resamples) -> Learner:
        """The learner itself, or one as large as the time that is left pays for; asked just before a walk that has an
        end."""
        return self

    def revisit(
        self, problem: Problem, resamples: Resamples, paths: Sequence[Path], step: int
    ) -> Iterator[tuple[Learner, Sequence[Path]]]:
        """Further ways over what was fitted for ``paths``, of which one was chosen at ``step``: the same trees shrunken
        otherwise, or fewer of them. Each comes with the learner that would walk it by itself."""
        return iter(())

    def recall(self, settings: Mapping[str, float]) -> Learner:
        """The learner with the settings of one that `revisit` gave, of those that are real numbers of its own."""
        own = {name: value for name, value in settings.items() if isinstance(getattr(self, name, None), float)}
        return replace(self, **own)  # type: ignore[type-var]

    @classmethod
    def specimens(cls) -> Iterator[Learner]:
        """Small instances that the laws try."""
        yield cls()

    @classmethod
    def lacks(cls) -> str:
        """What must be installed before the family can be tried, in one line; empty where nothing is missing."""
        return ""


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
