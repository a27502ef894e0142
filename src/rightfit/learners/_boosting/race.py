"""A race of settings on their held-out curves: successive halving without a prize for luck.

All settings grow on the same folds and judge the same rows. At rungs where the *sums of learning rates* are equal the
best of each curve so far is compared with the leader's, by their paired difference on the same rows. Curves fall at
different speeds, so being behind is not yet being worse: a setting is *behind* when the difference is more than the
last doubling of its own rounds has gained, for another doubling will then hardly close it. It stops there, and it is
*dropped* when the difference is also more than ``WORSE`` paired standard errors. Of those that may still win, the half
that would lose least if each gained once more what its last doubling has gained goes on to the next rung, and two at
least; the others *rest* where they are. The race ends when one is left or none goes on; of those that were not dropped
the smallest mean wins.

Jamieson and Talwalkar (2016) halve by rank; here noise decides who is dropped, and rank only who is worth more rounds.
In long tables a part of the rows runs the race.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from typing import Any, final

import numpy as np

from rightfit.contracts import Problem
from rightfit.learners._boosting.ground import Ground
from rightfit.learners._boosting.growing import Lost, grow_all
from rightfit.learners._boosting.walking import FILLED, SEEN, make_grower, steps_between
from rightfit.learners._settling import HeldOut, compare_columns
from rightfit.records import Resamples
from rightfit.solvers.watch import left

ENOUGH = 800
"""Judged rows that a race needs; more folds race where there are fewer."""
FOLDS = 2
"""Folds that race at least."""
WIDE = 40_000
"""Columns times folds above which fewer folds race."""
MOST = 20_000
"""Rows that teach a setting on one fold at most, divided by the outputs."""
LEAST = 5_000
"""Rows that do where there are many outputs."""
FIRST = 2.0
"""Sum of learning rates at the first rung."""
RUNG = 1.6
"""Each rung is this many times the one before."""
WORSE = 2.0
"""Paired standard errors by which a dropped setting loses more."""
RESTING = "resting"
LAST = 2
"""Settings that go on until their curves have settled."""
PRICE = 0.1
"""Share of the first rung that tells its price, where time is short."""
SHARE = 0.4
"""Share of the time that is left which a race may take."""


@final
class Runner:
    """One setting on all folds of the race."""

    def __init__(self, ground: Ground, learner: Any):
        self.learner = learner
        parameters = learner.parameters(ground.columns, learner.signs(ground.problem))
        self.growers = [make_grower(ground, k, parameters) for k in range(1, len(ground.resamples))]
        self.held_out = HeldOut(ground.resamples)
        self.done = ""

    @property
    def rounds(self) -> int:
        return self.growers[0].rounds

    @property
    def last(self) -> int:
        """The most rounds."""
        return int(self.learner.rounds or self.learner.most)

    @property
    def loss(self) -> float:
        """The smallest mean so far."""
        return self.held_out.mean[self.held_out.best]

    @property
    def gained(self) -> float:
        """What the last doubling of the rounds took off the best mean; another one will hardly take off more."""
        rounds, mean = np.array(self.held_out.rounds), np.array(self.held_out.mean)
        return float(mean[2 * rounds <= rounds[-1]].min() - mean.min())

    def plan(self, rounds: int) -> list[int]:
        """Steps until there are so many rounds."""
        return [] if self.done else steps_between(self.rounds, min(rounds, self.last), SEEN)

    def note(self, steps: list[int], lost: list[Lost]) -> None:
        """What each fold lost at these steps."""
        for j, step in enumerate(steps):
            judged = [(g.plot.judged, each[j]) for g, each in zip(self.growers, lost, strict=True)]
            self.held_out.add(step, judged)
        end = "last" if self.rounds >= self.last else ""
        self.done = self.done or self.held_out.settled(FILLED / self.learner.learning_rate) or end


def race(learners: Sequence[Any], problem: Problem, resamples: Resamples) -> list[Any]:
    """The winner, with a note that says how it was found; the first learner where it is the only one, or where nothing
    can be judged."""
    judged = resamples.scored & (resamples.weight > 0)
    if len(learners) < 2 or not judged[1:].any():
        return list(learners[:1])
    racing = take_few(resamples, problem.loss.outputs, problem.design.p, learners[0].seed)
    rows = racing.used
    if len(rows) < len(problem.y):
        problem, racing = problem.take(rows), racing.take(rows)
    grounds: dict[int, Ground] = {}
    for learner in learners:
        grounds.setdefault(learner.bins, Ground(problem, racing, learner.bins))
    runners = [Runner(grounds[learner.bins], learner) for learner in learners]
    threads = max(learner.threads for learner in learners)
    alive, moment, start = runners, FIRST, time.perf_counter()
    end = start + SHARE * left()
    if left() < np.inf:
        _grow(alive, [ceil(PRICE * moment / runner.learner.learning_rate) for runner in alive], threads)
        if time.perf_counter() + (time.perf_counter() - start) / PRICE > end:
            return [replace(learners[0], note="there was no time for a race of settings: the usual one was taken.")]
    while True:
        _grow(alive, [ceil(moment / runner.learner.learning_rate) for runner in alive], threads)
        alive = survivors(alive)
        now = time.perf_counter()
        if len(alive) == 1 or all(runner.done for runner in alive) or now + (RUNG - 1) * (now - start) > end:
            break
        moment *= RUNG
    winner = min(alive, key=lambda runner: runner.loss)
    return [replace(winner.learner, note=_tell(runners, alive, racing))]


def take_few(resamples: Resamples, outputs: int, columns: int, seed: int) -> Resamples:
    """The full fit and the first resamples that judge enough rows, fewer in wide tables; of many rows a part, the same
    share of those that teach and of those that judge."""
    ends = np.cumsum([int(scored.sum()) for scored in resamples.scored[1:]])
    enough = min(int(np.searchsorted(ends, ENOUGH)) + 1, WIDE // columns)
    count = min(len(ends), max(FOLDS, enough))
    few = resamples.first(count)
    taught = int((few.multiplicity[1] > 0).sum())
    most = max(LEAST, MOST // outputs)
    if taught <= most:
        return few
    part = np.random.default_rng([seed, 41]).random(few.multiplicity.shape[1]) < most / taught
    taken = np.where(part, few.multiplicity, 0).astype(few.multiplicity.dtype)
    return replace(few, multiplicity=taken, scored=few.scored & part)


def survivors(runners: list[Runner]) -> list[Runner]:
    """Those that have not lost; who is behind stops, and of the others the less promising half."""
    leader = min(runners, key=lambda runner: runner.loss)
    kept = []
    for runner in runners:
        if runner.done == RESTING:
            kept.append(runner)
            continue
        difference, error = compare_columns(leader.held_out.units, runner.held_out.column, leader.held_out.column)
        behind = difference > runner.gained
        runner.done = runner.done or ("behind" if behind else "")
        if runner is leader or not (behind and difference > WORSE * error):
            kept.append(runner)
    going = sorted((runner for runner in kept if not runner.done), key=lambda runner: runner.loss - runner.gained)
    for runner in going[max(LAST, ceil(len(going) / 2)) :]:
        runner.done = RESTING
    return kept


def _grow(runners: list[Runner], rounds: list[int], threads: int) -> None:
    """Folds side by side; on one fold the settings one after the other, since they share its rows."""
    plans = [runner.plan(last) for runner, last in zip(runners, rounds, strict=True)]
    folds = len(runners[0].growers)
    growers = [[runner.growers[f] for runner in runners] for f in range(folds)]
    grown = grow_all(growers, [plans] * folds, plans, threads)
    for j, (runner, steps) in enumerate(zip(runners, plans, strict=True)):
        runner.note(steps, [grown[f][j] for f in range(folds)])


def _tell(runners: list[Runner], alive: list[Runner], racing: Resamples) -> str:
    units = runners[0].held_out.units
    assert units is not None
    out, resting = len(runners) - len(alive), sum(runner.done == RESTING for runner in alive)
    near = max(0, len(alive) - 1 - resting)
    parts = [f"{out} lost more than the leader by over {WORSE:g} paired standard errors and were dropped"]
    if resting:
        parts.append(f"{resting} promised less and were not followed to the end")
    parts.append(
        f"{near} could not be told from the winner, which has the smallest mean loss" if near else "one was left"
    )
    return (
        f"{len(runners)} settings of boosting raced on {len(racing) - 1} folds ({len(units.rows):,} judged rows): "
        f"{', '.join(parts)}."
    )
