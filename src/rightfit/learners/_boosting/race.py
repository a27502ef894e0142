"""A race of settings on their held-out curves: successive halving without a prize for luck.

All settings grow on the same folds and judge the same rows. At rungs where the *sums of learning rates* are equal, so
that a slow setting is not taken for a bad one, the best of each curve so far are compared by their paired difference to
the leader; whoever loses more by over two paired standard errors is dropped. A setting whose curve has settled waits.
The race ends when one is left or all have settled; of those that noise cannot tell apart, the smallest mean wins.

Jamieson and Talwalkar (2016) halve by rank; here noise decides how many go, so that few are dropped where the rows
cannot tell, and nearly all where they can.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from typing import Any, final

import numpy as np

from rightfit.contracts import Problem
from rightfit.learners._boosting.ground import Ground, first_folds
from rightfit.learners._boosting.growing import Grower, grow_all
from rightfit.learners._boosting.settling import HeldOut, compare_columns
from rightfit.learners._boosting.walking import steps_between
from rightfit.records import Resamples
from rightfit.solvers.watch import left

ENOUGH = 1000
"""Judged rows that a race needs; more folds race where there are fewer."""
FOLDS = 2
"""Folds that race at least."""
FIRST = 2.0
"""Sum of learning rates at the first rung."""
RUNG = 1.5
"""Each rung is this many times the one before."""
WORSE = 2.0
"""Paired standard errors by which a dropped setting loses more."""
_SPACING = 0.08
_SHARE = 0.4
"""Share of the time that is left which a race may take."""


@final
class Runner:
    """One setting on all folds of the race."""

    def __init__(self, ground: Ground, learner: Any):
        self.learner = learner
        parameters = learner.parameters(ground.columns)
        self.growers = [Grower(ground, k, parameters) for k in range(1, len(ground.resamples))]
        self.held_out = HeldOut(ground.resamples)
        self.done = ""

    @property
    def rounds(self) -> int:
        return self.growers[0].rounds

    def plan(self, moment: float) -> list[int]:
        """Steps until the learning rates add up to ``moment``."""
        if self.done:
            return []
        last = min(ceil(moment / self.learner.learning_rate), self.learner.rounds or self.learner.most)
        return steps_between(self.rounds, last, _SPACING)

    def note(self, steps: list[int], lost: list[np.ndarray]) -> None:
        for step, total in zip(steps, lost, strict=True):
            self.held_out.add(step, total)
        end = self.learner.rounds or self.learner.most
        self.done = self.held_out.settled(self.learner.learning_rate) or ("most" if self.rounds >= end else "")


def race(learners: Sequence[Any], problem: Problem, resamples: Resamples) -> list[Any]:
    """The winner, with a note that says how it was found; where nothing can be judged or there is one learner, the
    first."""
    judged = resamples.scored & (resamples.weight > 0)
    if len(learners) < 2 or not judged[1:].any():
        return list(learners[:1])
    racing = first_folds(resamples, ENOUGH, FOLDS)
    grounds: dict[int, Ground] = {}
    for learner in learners:
        grounds.setdefault(learner.bins, Ground(problem, racing, learner.bins))
    runners = [Runner(grounds[learner.bins], learner) for learner in learners]
    alive, moment = list(runners), FIRST
    end = time.perf_counter() + _SHARE * left()
    while True:
        _grow(alive, moment, max(learner.threads for learner in learners))
        alive = survivors(alive)
        if len(alive) == 1 or all(runner.done for runner in alive) or time.perf_counter() > end:
            break
        moment *= RUNG
    winner = min(alive, key=lambda runner: runner.held_out.mean[runner.held_out.best])
    units = winner.held_out.units
    assert units is not None
    out = len(runners) - len(alive)
    near = len(alive) - 1
    note = (
        f"{len(runners)} settings of boosting raced on {len(racing) - 1} folds ({len(units.rows):,} judged rows): "
        f"{out} lost more than the leader by over {WORSE:g} paired standard errors and were dropped, {near} could not "
        "be told from the winner, which has the smallest mean loss."
    )
    return [replace(winner.learner, note=note)]


def survivors(runners: list[Runner]) -> list[Runner]:
    """Those that do not lose more than the leader by over two paired standard errors, each at its best step so far."""
    leader = min(runners, key=lambda runner: runner.held_out.mean[runner.held_out.best])
    kept = []
    for runner in runners:
        difference, error = compare_columns(leader.held_out.units, runner.held_out.column, leader.held_out.column)
        if runner is leader or not difference > WORSE * error:
            kept.append(runner)
    return kept


def _grow(runners: list[Runner], moment: float, threads: int) -> None:
    """Folds side by side; on one fold the settings one after the other, since they share its rows."""
    plans = [runner.plan(moment) for runner in runners]
    folds = len(runners[0].growers)
    growers = [[runner.growers[f] for runner in runners] for f in range(folds)]
    grown = grow_all(growers, [plans] * folds, plans, threads)
    for j, (runner, steps) in enumerate(zip(runners, plans, strict=True)):
        if steps:
            runner.note(steps, [sum((grown[f][j][i] for f in range(folds)), np.zeros(1)) for i in range(len(steps))])
