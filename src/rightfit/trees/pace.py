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

_ROWS = 2_000
_LONG = 8
"""Fewer than so many times `_ROWS` are not worth asking about."""


def keep_pace(learner: Learner, problem: Problem, resamples: Resamples, threads: int) -> None:
    """OutOfTime where fitting all resamples would take longer than is left. What n rows take is that of some of them,
    spread evenly, times n log n; without an end nothing is done."""
    n = len(problem.y)
    if n < _LONG * _ROWS or math.isinf(left()):
        return
    some = np.linspace(0, n - 1, _ROWS).astype(np.int64)
    few = replace(problem, design=problem.design.take(some), y=problem.y[some], offset=problem.offset[some])
    weight = np.where(resamples.weight[some].any(), resamples.weight[some], 1.0)
    start = time.perf_counter()
    learner.fit_paths(few, Resamples.full(weight))
    alone = (time.perf_counter() - start) * n * math.log(n) / (_ROWS * math.log(_ROWS))
    needed = alone * math.ceil(len(resamples) / threads)
    if needed > left():
        raise OutOfTime(f"growing trees of {n:,} rows takes about {needed:.2g} s, more than is left")
