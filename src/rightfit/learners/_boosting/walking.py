"""All resamples of one setting, grown in blocks until their curves have settled."""

from __future__ import annotations

import time
from math import ceil
from typing import Any

import numpy as np

from rightfit.errors import OutOfTime
from rightfit.learners._boosting.ground import Ground
from rightfit.learners._boosting.growing import Grower, grow_all
from rightfit.learners._boosting.memory import KEPT
from rightfit.learners._settling import HeldOut
from rightfit.solvers.watch import left, tell

BLOCK = 1.25
"""A block ends at this multiple of the rounds so far."""
SEEN = 0.1
"""Steps this far apart decide where growing ends; the evidence then has all."""
FILLED = 2.0
"""Sum of learning rates before which leaves have not had the time to be filled."""
CAREFUL = 0.9
"""Share of the rounds that seem affordable."""
SCORING = 0.3
"""Time that growing leaves for scoring, for each second that it took."""
REMEMBERED = 0.1
"""The same where growers remember what they said, so that losses alone are left."""


def steps_between(first: int, last: int, spacing: float) -> list[int]:
    """Rounds after ``first`` up to ``last`` that are steps of a path; ``last`` is one."""
    steps = []
    at = first
    while at < last:
        at = min(last, max(at + 1, ceil(at * (1 + spacing))))
        steps.append(at)
    return steps


def next_block(rounds: int, learning_rate: float) -> int:
    """Where the block after so many rounds ends: the first when the learning rates add up to 1."""
    return max(ceil(1 / learning_rate), ceil(BLOCK * rounds), rounds + 1)


def grow_paths(
    ground: Ground,
    parameters: dict[str, Any],
    *,
    rounds: int | None,
    most: int,
    spacing: float,
    learning_rate: float,
    factor: float,
    full: bool,
    threads: int,
) -> tuple[list[Grower], list[int]]:
    """A grower for each resample, the full fit first where there is one, and the steps in rounds of the folds, from 0
    on. The full fit has ``factor`` times as many rounds at each. Growers remember what they say of the rows that they
    judge and, for the full fit or what stands for it, of their own, as far as there is room for it."""
    resamples, numbers = ground.resamples, range(0 if full else 1, len(ground.resamples))
    teaching = resamples.multiplicity[:1] if full else resamples.multiplicity
    cells = int(np.count_nonzero(teaching) + np.count_nonzero(resamples.scored)) * ground.problem.loss.outputs
    remembers = cells * (1 + len(steps_between(0, rounds or most, spacing))) <= KEPT
    growers = [make_grower(ground, k, parameters, remembers=remembers, own=k == 0 or not full) for k in numbers]
    walked, start = [0], time.perf_counter()
    held_out = HeldOut(resamples)
    folds = [grower for grower in growers if grower.k]
    if rounds is None:
        held_out.add(0, [(grower.plot.judged, grower.grow([0], _unheard, [0])[0]) for grower in folds])
    while walked[-1] < (rounds or most):
        end = min(rounds or most, next_block(walked[-1], learning_rate))
        if left() < np.inf:
            scoring = REMEMBERED if all(grower.memory is not None for grower in growers) else SCORING
            end = min(end, affordable(walked[-1], time.perf_counter() - start, left(), scoring))
            if end <= walked[-1]:
                break
        steps = steps_between(walked[-1], end, spacing)
        judged = set() if rounds else {*steps_between(walked[-1], end, SEEN)} & {*steps} | {end}
        plans = [[[round(s * factor) for s in steps] if grower.k == 0 else steps] for grower in growers]
        try:
            grown = grow_all([[grower] for grower in growers], plans, [judged], threads)
        except OutOfTime:
            if len(walked) == 1:
                raise
            break  # further rounds that some have are no step
        walked += steps
        if rounds is None:
            lost = [each[0] for each in grown[len(growers) - len(folds) :]]
            for j, step in enumerate(sorted(judged)):
                held_out.add(step, [(g.plot.judged, each[j]) for g, each in zip(folds, lost, strict=True)])
            if held_out.settled(FILLED / learning_rate):
                break
    for grower in growers:
        if grower.memory is not None:
            grower.memory.forget_after(len(walked))
    return growers, walked


def affordable(rounds: int, taken: float, seconds: float, scoring: float) -> int:
    """Where growing must end to be scored in time, if so many rounds took so long; one round, to learn its price."""
    return 1 if rounds == 0 else int(CAREFUL * (seconds * rounds / taken + rounds) / (1 + scoring))


def make_grower(
    ground: Ground, k: int, parameters: dict[str, Any], *, remembers: bool = False, own: bool = False
) -> Grower:
    """`Grower`, whoever waits told when it is ready."""
    grower = Grower(ground, k, parameters, remembers=remembers, own=own)
    tell(0.0)
    return grower


def _unheard(_: float) -> None:
    pass
