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

    def of(self, t: int, place: np.ndarray) -> tuple[np.ndarray, ...]:
        """Task t, on some places."""
        return self.coef[t, place], self.pull[t, place], self.intercept[t], self.total[t]


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
        ways = self._ways(t, model, columns)
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

    def _ways(self, t: int, model: QuadraticModel, columns: np.ndarray) -> list[_Way]:
        coef, pull, intercept, total = (
            np.array(parts) for parts in zip(*(end.of(t, end.place[columns]) for end in self._ends), strict=True)
        )
        step, shift = np.diff(coef, axis=0), np.diff(intercept, axis=0)
        foreseen, foreseen_total = model.along(columns, step, shift)
        squared = np.einsum("mqc,mqc->m", step, foreseen) + np.einsum("mc,mc->m", shift, foreseen_total)
        missed = np.diff(pull, axis=0) + foreseen
        missed = np.concatenate(
            [np.where(np.isnan(missed), 0.0, missed), (np.diff(total, axis=0) + foreseen_total)[:, None]], axis=1
        )
        length = np.sqrt(np.maximum(squared, 0.0))
        return [
            _Way(start.strength - end.strength, float(length[i]), missed[i].ravel())
            for i, (start, end) in enumerate(pairwise(self._ends))
        ]


def _next_missed(old: _Way, new: _Way, fall: float) -> np.ndarray:
    """Two ways extrapolated to the next, on which the strength falls by ``fall``: the miss a length changes evenly from
    the middle of a way to that of the next, and the length a fall by the same factor."""
    length = new.length * min(max(new.length / old.length * fall * old.fall / new.fall**2, 0.5), 2.0)
    rate, further = new.missed / new.length, (new.length + length) / (old.length + new.length)
    return length * (rate + further * (rate - old.missed / old.length))
