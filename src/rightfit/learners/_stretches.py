"""Penalized paths that have an end: a few strengths from strong to weak first, so that what is walked stays.

Neighbouring strengths are much alike, and what lies between costs more than it tells: of 26 classes, every eighth
strength took a quarter of the time of all, and the weakest ones as long as all others. So where there is an end every
eighth strength is walked first, the strongest few and then as many of the others as are payable at their price; and all
strengths where that has left the time. What does not end in time is left out. Without an end all are walked at once.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable

import numpy as np

from rightfit.errors import NotConvergedWarning, OutOfTime
from rightfit.solvers.steps import Steps
from rightfit.solvers.watch import left

_EVERY = 8
"""Of so many strengths one is walked first."""
_FIRST = 3
"""The strongest few."""
_FEWEST = 4
"""Paths of fewer such strengths are walked at once."""
_SLOWER = 2.0
"""A step of a weaker penalty may take so many times as long as those before."""
_FINER = 5.0
"""All strengths may take so many times as long as one in eight."""
_PARTS = ("strengths", "intercept", "indices", "values", "gap", "status", "complexity", "explained")


def walk_while_paid(solve: Callable[[np.ndarray], list[Steps]], strengths: np.ndarray) -> list[Steps]:
    """What ``solve`` says of as many strengths (K,) as there is time for, with a warning where these are not all.
    OutOfTime where not even the first of them were walked."""
    few = strengths[strengths > 0][::_EVERY]
    if math.isinf(left()) or len(few) < _FEWEST:
        return solve(strengths)
    start = time.perf_counter()
    paths = solve(few[:_FIRST])
    price = _SLOWER * (time.perf_counter() - start) / _FIRST
    payable = few[_FIRST : _FIRST + int(left() / price)]
    try:
        if len(payable):
            paths = [_join(path, part) for path, part in zip(paths, solve(payable), strict=True)]
        if _FIRST + len(payable) == len(few) and left() > _FINER * (time.perf_counter() - start):
            return solve(strengths)
    except OutOfTime:
        pass
    walked = paths[0].strengths
    sentence = (
        f"there was no time for all {len(strengths)} strengths of the path: {len(walked)} of them, down to "
        f"{walked[-1]:.3g}, were walked; give more with --time-budget"
    )
    warnings.warn(sentence, NotConvergedWarning, stacklevel=3)
    return paths


def _join(path: Steps, rest: Steps) -> Steps:
    """The path with further steps."""
    for name in _PARTS:
        getattr(path, name).extend(getattr(rest, name))
    return path
