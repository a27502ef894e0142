"""The whole record of one fit."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from rightfit.records.findings import (
    Candidate,
    Choice,
    Comparison,
    Curve,
    Diagnostics,
    Drift,
    Evidence,
    Family,
    Robustness,
    Stack,
)
from rightfit.records.pictures import Picture
from rightfit.records.tables import Feature, Note, Schema, Source, Task
from rightfit.records.views import Views
from rightfit.records.walks import Fitted, Trace


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
    """In words, e.g. ``"elastic net, l1_ratio 0.5"``; of other families the learner, e.g. ``"gradient boosting, depth
    4"``."""
    settings: dict[str, float]
    """``{"l1_ratio": 0.5, ...}`` of the chosen candidate."""
    trace: Trace
    """The full fit's path: coefficients or, where the family has none, importance."""
    evidence: Evidence
    curve: Curve
    choice: Choice
    """The step that was taken."""
    choices: tuple[Choice, ...]
    """What each classical rule would have taken; includes ``choice``."""
    candidates: tuple[Candidate, ...]
    selection: np.ndarray
    """(p,) share of the resamples in which the feature is used at the chosen step."""
    comparison: Comparison
    holdout: Comparison | None
    diagnostics: Diagnostics
    drift: Drift | None
    notes: tuple[Note, ...]
    verdict: tuple[str, ...]
    """Sentences, the most important first."""
    fitted: Fitted
    families: tuple[Family, ...] = ()
    """The leaderboard, best first; those without a result last. Empty where linear models alone were asked for."""
    stack: Stack | None = None
    """A mixture of the families, where one was found that is better by more than its noise."""
    robustness: Robustness | None = None
    """Where it was asked for, and the chosen model has slopes."""
    picture: Picture = field(default_factory=Picture)
    """What can be drawn of the chosen model beside its trace."""
    views: Views = field(default_factory=Views)
    """What `rightfit views` has computed from the rows of the fit."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall time by stage. Not stored: a stored run is the same bytes for the same seed."""
