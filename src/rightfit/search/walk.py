"""Walking one path on all resamples, and comparing what several paths lost on the same unseen rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rightfit import catalog
from rightfit.contracts import Path, Problem, Rule
from rightfit.evidence.crossfit import crossfit
from rightfit.records import Choice, Evidence, Resamples
from rightfit.search.mixing import Mix, candidates, mix, name_of
from rightfit.search.options import INFORMATION, FitOptions
from rightfit.solvers.watch import listen

_PAUSE = 0.2
"""Seconds between two words on the same walk."""
_WALKING = 0.9
"""Share of a candidate's time that walking and scoring take; the rest is choosing."""
Report = Callable[[str, float, float, str], None]
"""``progress(stage, done, total, message)``"""


@dataclass(frozen=True)
class Walk:
    """One candidate: its mix of penalties, its paths on all resamples, what they lost and where the rule stops."""

    mix: Mix
    paths: Sequence[Path]
    """Empty once a better candidate is known: only the winner's are kept."""
    evidence: Evidence
    choice: Choice
    complexity: float
    features: int
    """Features with a non-zero coefficient at the chosen step."""
    seconds: float

    @property
    def name(self) -> str:
        return name_of(self.mix.share)


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


def walk_one(problem: Problem, resamples: Resamples, share: float | str, options: FitOptions) -> Walk:
    """Fit all resamples with one share or family, score every step, choose one."""
    start = time.perf_counter()
    made = mix(problem, resamples, share, options)
    paths, evidence = crossfit(problem, resamples, made.learner)
    choice = make_rule(options.rule).choose(evidence)
    features = int(paths[0].trace().nonzero()[choice.step])
    complexity = float(evidence.complexity[choice.step])
    return Walk(made, paths, evidence, choice, complexity, features, time.perf_counter() - start)


def walk_all(
    problem: Problem,
    resamples: Resamples,
    options: FitOptions,
    progress: Report,
    *,
    done: float,
    end: float,
    total: float,
) -> tuple[list[Walk], bool]:
    """All candidates, and whether Ctrl-C stopped the search early; with no candidate done it is raised again.

    Only the paths of the best candidate so far are kept.
    """
    shares = candidates(options, int((resamples.weight > 0).sum()), problem.design.p)
    walks: list[Walk] = []
    for i, share in enumerate(shares):
        progress("walk", done + i * (end - done) / len(shares), total, f"walking the path of the {name_of(share)}")
        count = 2 * len(resamples) * (options.strengths + 1)  # steps to walk, and as many to score
        first, last = (done + k * (end - done) / len(shares) for k in (i, i + 1))
        try:
            with listen(_Steps(progress, name_of(share), count, first, last, total)):
                walk = walk_one(problem, resamples, share, options)
        except KeyboardInterrupt:
            if not walks:
                raise
            progress("interrupted", end, total, "stopped by Ctrl-C: finishing with the paths that are done")
            return walks, True
        walks.append(walk)
        progress("walked", last, total, f"walked the path of the {name_of(share)}")
        best = find_winner(walks)
        walks = [w if j == best or not w.paths else _without_paths(w) for j, w in enumerate(walks)]
    return walks, False


class _Steps:
    """Tells how far one walk has come, a few times a second at most."""

    def __init__(self, progress: Report, name: str, count: int, first: float, last: float, total: float):
        self.progress, self.message = progress, f"walking the path of the {name}"
        self.count, self.first, self.last, self.total = count, first, last, total
        self.steps, self.told = 0.0, time.perf_counter()

    def __call__(self, steps: float) -> None:
        self.steps += steps
        now = time.perf_counter()
        if now - self.told >= _PAUSE:
            self.told = now
            share = min(1.0, self.steps / self.count)  # a walk in two stages adds its steps twice
            place = self.first + share * _WALKING * (self.last - self.first)
            self.progress("walk", place, self.total, self.message)


def _without_paths(walk: Walk) -> Walk:
    return Walk(walk.mix, (), walk.evidence, walk.choice, walk.complexity, walk.features, walk.seconds)


def mean_loss(walk: Walk) -> float:
    """Weighted mean held-out loss at the chosen step."""
    rows = walk.evidence.rows
    weight = walk.evidence.weight[rows]
    keep = weight > 0
    loss = walk.evidence.loss[rows[keep], walk.choice.step].astype(np.float64)
    return float(np.average(loss, weights=weight[keep]))


def find_winner(walks: Sequence[Walk]) -> int:
    """The candidate with the smallest mean held-out loss at its own choice; of equal ones the first (sparsest)."""
    losses = np.array([mean_loss(w) for w in walks])
    return int(np.argmin(np.where(np.isnan(losses), np.inf, losses)))


def selection(paths: Sequence[Path], step: int) -> np.ndarray:
    """(p,) share of the resamples, the full fit not counted, in which a feature has a non-zero coefficient."""
    traces = [path.trace() for path in (paths[1:] if len(paths) > 1 else paths)]
    return np.asarray(np.mean([(t.coef(step) != 0).any(axis=1) for t in traces], axis=0))
