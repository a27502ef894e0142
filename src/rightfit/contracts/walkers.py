"""A problem, the models that learn it, their ways, and the rule that stops them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rightfit.contracts.designs import Design
from rightfit.contracts.losses import Loss
from rightfit.records import Choice, Evidence, Fitted, Resamples, Trace


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
