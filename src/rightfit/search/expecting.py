"""About how long a fit without a time budget will take, so that nobody waits unknowing.

Every family says what it usually costs (`rightfit.contracts.Learner.expect`), good to a factor of about three, which
the sentence says too. How busy this machine is now, a short sort tells, which has a usual time of its own.
"""

from __future__ import annotations

import time

import numpy as np

from rightfit import catalog
from rightfit.contracts import Problem
from rightfit.records import Resamples
from rightfit.search.options import FitOptions
from rightfit.search.proposals import families_to_try, wishes

_WORTH = 60.0
"""Seconds that are worth a word."""
_SLOWEST = 20.0
"""Times as long as usual that work takes on no machine that anybody waits at."""
_SORTED, _USUAL, _TIMES = 100_000, 0.001, 20
"""Numbers whose sorting takes so many seconds on a processor that nobody shares, and how often they are sorted."""


def say_expected(problem: Problem, resamples: Resamples, options: FitOptions) -> str:
    """A sentence where the fit is expected to take more than a minute, else nothing."""
    if options.time_budget is not None:
        return ""
    families = families_to_try(options)
    work = sum(catalog.find("learners", family).expect(problem, resamples) for family in families)
    threads = wishes(families[0], options).threads
    if work / threads * _SLOWEST < _WORTH:
        return ""
    seconds = work / threads * _slowness()
    if seconds < _WORTH:
        return ""
    return (
        f"this fit may take about {_say(seconds)}, a third of that or three times as long; --time-budget 60s would "
        "bound it, and Ctrl-C keeps what is done"
    )


def _slowness() -> float:
    """How many times as long as usual something takes now."""
    numbers = np.random.default_rng(0).random(_SORTED)
    start = time.perf_counter()
    for _ in range(_TIMES):
        np.sort(numbers)
    return max(0.5, (time.perf_counter() - start) / (_TIMES * _USUAL))


def _say(seconds: float) -> str:
    minutes = seconds / 60
    if minutes < 90:
        return f"{max(1, round(minutes))} minute{'s' if round(minutes) > 1 else ''}"
    return f"{round(minutes / 60)} hours"
