"""Walking one path on all resamples, and comparing what several paths lost on the same unseen rows."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from rightfit import catalog
from rightfit.contracts import Path, Problem, Rule
from rightfit.evidence.crossfit import crossfit, score_paths
from rightfit.evidence.standing import mean_steps
from rightfit.records import Choice, Evidence, Resamples
from rightfit.search.options import INFORMATION, FitOptions
from rightfit.search.proposals import Proposal
from rightfit.search.thinning import widen
from rightfit.solvers.watch import left

_PAUSE = 0.2
"""Seconds between two words on the same walk."""
_PATIENCE = 120.0
"""Seconds of one walk after which someone who set no end is told how to."""
_ADVICE = "Ctrl-C keeps what is done, --time-budget bounds it"
_WALKING = 0.9
"""Share of a candidate's time that walking and scoring take; the rest is choosing."""
Report = Callable[[str, float, float, str], None]
"""``progress(stage, done, total, message)``"""


@dataclass(frozen=True)
class Walk:
    """One proposal: its paths on all resamples, what they lost and where the rule stops."""

    proposal: Proposal
    paths: Sequence[Path]
    """Empty once a better one of its family is known: only the best one's are kept."""
    evidence: Evidence
    choice: Choice
    complexity: float
    features: int
    """Features that the chosen step uses."""
    size: str
    """How large the chosen step's model is, in words."""
    seconds: float
    strengths: np.ndarray
    """(K,)"""
    mean: np.ndarray
    """(K,) held-out loss of every step."""
    origin: str = ""
    """Name of the walk whose fits this one goes over again; empty where it has its own."""
    share: float = 1.0
    """Share of the teaching rows that taught it, see `rightfit.search.thinning`."""

    @property
    def name(self) -> str:
        return self.proposal.name

    def slim(self) -> Walk:
        """What is left of one that is not the best: no paths, and of the evidence the chosen step alone."""
        kept = slice(self.choice.step, self.choice.step + 1)
        names = ("strengths", "complexity", "training")
        evidence = replace(
            self.evidence,
            loss=self.evidence.loss[:, kept].copy(),
            **{name: getattr(self.evidence, name)[kept] for name in names},
            metrics={},
            luck=self.evidence.luck[:, kept],
            axis=replace(self.evidence.axis, positions=self.evidence.axis.positions[kept]),
        )
        return replace(self, paths=(), evidence=evidence, choice=replace(self.choice, step=0))


def make_rule(name: str) -> Rule:
    """``information`` and its criteria are one rule; the others are files. ``within:5`` is within 5 % of the best."""
    name, colon, percent = name.partition(":")
    if name in INFORMATION:
        kind: Any = catalog.find("rules", "information")
        rule = kind(criterion=name)
    elif name == "information":
        rule = catalog.find("rules", "information")()
    else:
        own: Any = catalog.find("rules", name)
        rule = own(percent=float(percent)) if colon else own()
    assert isinstance(rule, Rule)
    return rule


def walk_one(problem: Problem, resamples: Resamples, proposal: Proposal, options: FitOptions) -> Walk:
    """Fit all resamples, score every step, choose one."""
    start, rows = time.perf_counter(), resamples.used
    if len(rows) == len(problem.y):
        paths, evidence = crossfit(problem, resamples, proposal.learner)
    else:  # rows without a task are not even read
        paths, found = crossfit(problem.take(rows), resamples.take(rows), proposal.learner)
        evidence = widen(found, rows, resamples)
    return _choose(paths, evidence, proposal, options, start)


def walk_again(problem: Problem, resamples: Resamples, walk: Walk, options: FitOptions) -> Iterator[Walk]:
    """Further ways over what a walk has fitted, each scored and chosen from like the walk itself."""
    start = time.perf_counter()
    rows = resamples.used
    some, few = (problem, resamples) if len(rows) == len(problem.y) else (problem.take(rows), resamples.take(rows))
    for learner, paths in walk.proposal.learner.revisit(some, few, walk.paths, walk.choice.step):
        evidence = score_paths(paths, some, few)
        if some is not problem:
            evidence = widen(evidence, rows, resamples)
        again = _choose(paths, evidence, walk.proposal.vary(learner), options, start)
        yield replace(again, origin=walk.name, share=walk.share)
        start = time.perf_counter()


def _choose(paths: Sequence[Path], evidence: Evidence, proposal: Proposal, options: FitOptions, start: float) -> Walk:
    choice = make_rule(options.rule).choose(evidence)
    features = int(np.count_nonzero(paths[0].importance(choice.step)))
    complexity = float(evidence.complexity[choice.step])
    size = paths[0].size(choice.step)
    mean = mean_steps(evidence)
    seconds = time.perf_counter() - start
    return Walk(proposal, paths, evidence, choice, complexity, features, size, seconds, evidence.strengths, mean)


@dataclass(frozen=True)
class Stretch:
    """Which part of the progress a family's work is."""

    progress: Report
    first: float
    last: float
    total: float

    def part(self, k: int, count: int) -> Stretch:
        width = (self.last - self.first) / max(1, count)
        return Stretch(self.progress, self.first + k * width, self.first + (k + 1) * width, self.total)

    def divide(self, shares: Sequence[float]) -> list[Stretch]:
        """Parts of these shares, one after the other."""
        ends = self.first + (self.last - self.first) * np.cumsum([0.0, *shares]) / sum(shares)
        return [replace(self, first=float(a), last=float(b)) for a, b in pairwise(ends)]

    def split(self, share: float) -> tuple[Stretch, Stretch]:
        """The first part, of this share, and the rest."""
        middle = self.first + share * (self.last - self.first)
        return replace(self, last=middle), replace(self, first=middle)

    def say(self, stage: str, place: float, message: str) -> None:
        self.progress(stage, place, self.total, message)


class Steps:
    """Tells how far one walk has come, a few times a second at most."""

    def __init__(self, part: Stretch, message: str, count: float):
        """``count`` are all steps."""
        self.part, self.message, self.count = part, message, count
        self.steps, self.told = 0.0, time.perf_counter()
        self.patient = self.told + _PATIENCE

    def __call__(self, steps: float) -> None:
        self.steps += steps
        now = time.perf_counter()
        if now - self.told >= _PAUSE:
            self.told = now
            endless = now > self.patient and math.isinf(left())
            self.part.say("walk", self.place, f"{self.message}; {_ADVICE}" if endless else self.message)

    @property
    def place(self) -> float:
        """How far it has come."""
        share = min(1.0, self.steps / self.count)  # a walk in two stages adds its steps twice
        return self.part.first + share * _WALKING * (self.part.last - self.part.first)


def mean_loss(walk: Walk) -> float:
    """Weighted mean held-out loss at the chosen step."""
    rows = walk.evidence.rows
    weight = walk.evidence.weight[rows]
    keep = weight > 0
    loss = walk.evidence.loss[rows[keep], walk.choice.step].astype(np.float64)
    return float(np.average(loss, weights=weight[keep]))


def find_winner(walks: Sequence[Walk]) -> int:
    """The one with the smallest mean held-out loss at its own choice; of equal ones the first (sparsest)."""
    losses = np.array([mean_loss(w) for w in walks])
    return int(np.argmin(np.where(np.isnan(losses), np.inf, losses)))


def selection(paths: Sequence[Path], step: int) -> np.ndarray:
    """(p,) share of the resamples, the full fit not counted, whose model at this step uses a feature."""
    used = [path.importance(step) != 0 for path in (paths[1:] if len(paths) > 1 else paths)]
    return np.asarray(np.mean(used, axis=0))
