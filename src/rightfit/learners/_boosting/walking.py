"""All resamples of one setting, grown in blocks until their curves have settled."""

from __future__ import annotations

import time
from math import ceil
from typing import Any

import numpy as np

from rightfit.learners._boosting.ground import Ground
from rightfit.learners._boosting.growing import Grower, grow_all
from rightfit.learners._boosting.settling import HeldOut
from rightfit.solvers.watch import left

BLOCK = 1.25
"""A block ends at this multiple of the rounds so far."""
_SCORING = 1.3
"""Time that growing leaves for scoring, for each second that the rounds took."""


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
    on. The full fit has ``factor`` times as many rounds at each."""
    resamples = ground.resamples
    growers = [Grower(ground, k, parameters) for k in range(0 if full else 1, len(resamples))]
    walked, start = [0], time.perf_counter()
    held_out = HeldOut(resamples)
    if held_out.units is not None:
        held_out.add(0, sum((g.grow([0], _unheard)[0] for g in growers), np.zeros(len(ground.problem.y))))
    while walked[-1] < (rounds or most):
        end = min(rounds or most, next_block(walked[-1], learning_rate))
        steps = steps_between(walked[-1], end, spacing)
        plans = [[[round(s * factor) for s in steps]] if g.k == 0 else [steps] for g in growers]
        grown = grow_all([[g] for g in growers], plans, threads)
        walked += steps
        if held_out.units is not None:
            for j, step in enumerate(steps):
                held_out.add(step, sum((lost[0][j] for lost in grown), np.zeros(len(ground.problem.y))))
            if rounds is None and held_out.settled(learning_rate):
                break
        taken = time.perf_counter() - start
        ahead = next_block(end, learning_rate) / end - 1
        if rounds is None and left() < _SCORING * taken * (1 + ahead):
            break
    return growers, walked


def _unheard(_: float) -> None:
    pass
