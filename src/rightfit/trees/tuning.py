"""Settings of a forest compared by out-of-bag rows: one small fit each, no folds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rightfit.contracts import Problem
from rightfit.records import Evidence, Resamples

ROWS = 5_000
"""Rows behind a comparison."""


def take_some(problem: Problem, resamples: Resamples, most: int = ROWS) -> tuple[Problem, Resamples]:
    """At most some thousand rows, spread evenly, and their full fit."""
    live = np.flatnonzero(resamples.weight > 0)
    rows = live[np.unique(np.linspace(0, len(live) - 1, min(len(live), most)).astype(int))]
    small = problem.take(rows)
    unit = resamples.unit[rows] if len(resamples.unit) else resamples.unit
    n = len(rows)
    return small, Resamples(resamples.weight[rows], np.ones((1, n), np.uint8), np.zeros((1, n), bool), unit=unit)


def lose_least(evidence: Evidence) -> float:
    """Mean loss at the best step."""
    rows = evidence.rows
    if not len(rows):
        return np.inf
    means = np.average(evidence.loss[rows].astype(np.float64), axis=0, weights=evidence.weight[rows])
    return float(np.min(means))


def climb(
    start: dict[str, float], ladders: dict[str, tuple[float, ...]], score: Callable[[dict[str, float]], float]
) -> dict[str, float]:
    """The best of one setting after the other, each tried at the best of those before it."""
    best, least = start, score(start)
    for name, values in ladders.items():
        held = best
        for value in values:
            if held.get(name) == value:
                continue
            tried = {**held, name: value}
            lost = score(tried)
            if lost < least:
                best, least = tried, lost
    return best
