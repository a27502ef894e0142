"""What models fail to foresee, expected again.

A path is smooth between the strengths at which a column enters or leaves. So what a model would have got wrong on
the last ways, from strength to strength (the loss bends on the way, and the model may be older), it will get wrong on
the next: that is extrapolated from the last two ways and added to the gradient before the model is minimized, and
one step does what otherwise takes two. An expectation that fails costs nothing but the step's quality, which is
checked as ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from rightfit.solvers.model import QuadraticModel
from rightfit.solvers.setting import Setting

MOST = 1000
"""Numbers in a model beyond which what it did not foresee costs too much to compute."""
KEPT = 4
"""Ends of strengths: of two ways, and of one more to see what their extrapolation is worth."""


@dataclass(frozen=True)
class _End:
    """Where all tasks stood at the end of a strength, on the columns of the working set."""

    strength: float
    place: np.ndarray
    """(p,) of a column, the last place where it was not there"""
    coef: np.ndarray
    """(T, q + 1, C)"""
    pull: np.ndarray
    """(T, q + 1, C), not a number where the column was not there"""
    intercept: np.ndarray
    total: np.ndarray


@dataclass(frozen=True)
class _Way:
    """From the end of a strength to that of the next."""

    fall: float
    """of the strength"""
    length: float
    """as the model measures it"""
    missed: np.ndarray
    """by how much the pulls on all coefficients, and on the intercepts, fell short of what the model foresees"""


class Drift:
    """Of every task."""

    def __init__(self, setting: Setting):
        self.setting = setting
        self._ends: list[_End] = []
        self._next = np.inf

    def go(
        self,
        strength: float,
        to: float,
        columns: np.ndarray,
        coef: np.ndarray,
        pull: np.ndarray,
        intercept: np.ndarray,
        total: np.ndarray,
    ) -> None:
        """All tasks are done at a strength and go on: ``coef`` (T, q, C) and ``pull`` (T, q, C) of these columns,
        ``intercept`` and ``total`` (T, C)."""
        self._next = to
        if self.setting.loss.quadratic or not np.isfinite(strength):
            return
        place = np.full(self.setting.design.p, len(columns))
        place[columns] = np.arange(len(columns))
        one = np.zeros((len(coef), 1, coef.shape[2]))
        end = _End(
            strength,
            place,
            np.concatenate([coef, one], axis=1),
            np.concatenate([pull, one * np.nan], axis=1),
            intercept.copy(),
            total.copy(),
        )
        self._ends = [*self._ends, end][-KEPT:]

    def foresee(
        self, t: int, model: QuadraticModel, columns: np.ndarray, pull: np.ndarray, total: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The pulls (q, C) and (C,) of task t's first step, with what is to be expected."""
        ends = self._ends
        if len(ends) < KEPT or len(columns) * self.setting.outputs > MOST:
            return pull, total
        ways = [self._way(t, model, columns, a, b) for a, b in pairwise(ends)]
        ahead = ends[-1].strength - self._next
        if not (min(way.fall for way in ways) > 0 and ahead > 0 and min(way.length for way in ways) > 0):
            return pull, total
        missed = _next_missed(ways[1], ways[2], ahead)
        # what the same rule got wrong on the last way says how much of it to believe (James and Stein 1961)
        wrong = _next_missed(ways[0], ways[1], ways[2].fall) - ways[2].missed
        size = np.vdot(missed, missed)
        believed = max(1 - np.vdot(wrong, wrong) / size, 0.0) if size > 0 else 0.0
        missed = (believed * missed).reshape(-1, self.setting.outputs)
        return pull + missed[:-1], total + missed[-1]

    def _way(self, t: int, model: QuadraticModel, columns: np.ndarray, start: _End, end: _End) -> _Way:
        before, after = start.place[columns], end.place[columns]
        step, shift = end.coef[t, after] - start.coef[t, before], end.intercept[t] - start.intercept[t]
        foreseen, foreseen_total = model.along(columns, step, shift)
        length = float(np.sqrt(max(np.vdot(step, foreseen) + shift @ foreseen_total, 0.0)))
        missed = end.pull[t, after] - start.pull[t, before] + foreseen
        missed = np.vstack([np.where(np.isnan(missed), 0.0, missed), end.total[t] - start.total[t] + foreseen_total])
        return _Way(start.strength - end.strength, length, missed.ravel())


def _next_missed(old: _Way, new: _Way, fall: float) -> np.ndarray:
    """Two ways extrapolated to the next, on which the strength falls by ``fall``: the miss a length changes evenly from
    the middle of a way to that of the next, and the length a fall by the same factor."""
    length = new.length * min(max(new.length / old.length * fall * old.fall / new.fall**2, 0.5), 2.0)
    rate, further = new.missed / new.length, (new.length + length) / (old.length + new.length)
    return length * (rate + further * (rate - old.missed / old.length))
