"""A tree is grown in one call that nothing can stop: where time is short, some rows tell how long all will take."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np

from rightfit.contracts import Learner, Problem
from rightfit.errors import OutOfTime
from rightfit.records import Resamples
from rightfit.solvers.watch import left

_ROWS = (1_500, 6_000)
"""Rows whose trees tell how long one of all takes."""
_LONG = 16_000
"""Shorter tables are not worth asking about."""


def keep_pace(learner: Learner, problem: Problem, resamples: Resamples, threads: int) -> None:
    """OutOfTime where fitting all resamples would take longer than is left. Trees of some rows, spread evenly, are
    fitted twice: what n rows take is a constant and a share of n log n. Without an end nothing is done."""
    n = int((resamples.multiplicity > 0).sum(axis=1).max())
    if n < _LONG or math.isinf(left()):
        return
    _time(learner, problem, resamples, 100)  # what is imported is imported now
    (few, short), (more, long) = ((rows * math.log(rows), _time(learner, problem, resamples, rows)) for rows in _ROWS)
    share = max(0.0, long - short) / (more - few)
    alone = short + share * (n * math.log(n) - few)
    needed = alone * math.ceil(len(resamples) / threads)
    if needed > left():
        raise OutOfTime(f"growing trees of {n:,} rows takes about {needed:.2g} s, more than is left")


def _time(learner: Learner, problem: Problem, resamples: Resamples, rows: int) -> float:
    """Seconds for a fit of so many rows."""
    some = np.linspace(0, len(problem.y) - 1, rows).astype(np.int64)
    few = replace(problem, design=problem.design.take(some), y=problem.y[some], offset=problem.offset[some])
    weight = np.where(resamples.weight[some].any(), resamples.weight[some], 1.0)
    start = time.perf_counter()
    learner.fit_paths(few, Resamples.full(weight))
    return time.perf_counter() - start
