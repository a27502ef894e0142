"""What a contestant is: a function that times its own library's call, nothing else, and hands back what it found."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.workloads import Workload

CLOCK = "RIGHTFIT_BENCH_PROCESSOR"
"""Where the environment has this, the processor's time is taken, which other work on the machine disturbs less."""


class NotOffered(Exception):
    """The library has no such model."""


@dataclass(frozen=True)
class Found:
    """What one run gave."""

    seconds: float
    coef: np.ndarray | None = None
    """(m, p, C) at the checked steps of a path, (1, p, 1) of a ridge chosen by leave-one-out."""
    intercept: np.ndarray | None = None
    """(m, C)"""
    chosen: float | None = None
    """Strength that a cross-validation chose."""
    note: str = ""
    peak: int | None = None
    """Bytes above the data at most, where the library ran in a process of its own."""


Run = Callable[[Workload, float], Found]


@dataclass(frozen=True)
class Contestant:
    """One library at one task."""

    run: Run
    tolerances: tuple[float, ...]
    """From its default to the tightest, in its own terms."""


BOOK: dict[tuple[str, str], Contestant] = {}
"""(library, task) -> contestant; task is path, cv or loo."""


def enter(library: str, task: str, *tolerances: float) -> Callable[[Run], Run]:
    """Put a function into the book."""

    def keep(run: Run) -> Run:
        BOOK[library, task] = Contestant(run, tolerances)
        return run

    return keep


def timed(function: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[float, Any]:
    """Seconds of a call, and what it returned: of the processor's clock where `CLOCK` says so."""
    clock = time.process_time if os.environ.get(CLOCK) else time.perf_counter
    start = clock()
    result = function(*arguments, **options)
    return clock() - start, result


def need(offered: bool, why: str) -> None:
    """NotOffered with the reason where ``offered`` is false."""
    if not offered:
        raise NotOffered(why)


def flat(coef: Any, intercept: Any) -> tuple[np.ndarray, np.ndarray]:
    """(m, p) and (m,) of a single output as (m, p, 1) and (m, 1)."""
    coef = np.asarray(coef, float)
    return coef[:, :, None], np.broadcast_to(np.asarray(intercept, float), len(coef))[:, None].copy()
