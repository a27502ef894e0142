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
KEPT = 3


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
        ways = [self._missed(t, model, columns, a, b) for a, b in pairwise(ends)]
        steps = [a.strength - b.strength for a, b in pairwise(ends)]
        ahead = ends[-1].strength - self._next
        lengths = [way[2] for way in ways]
        if not (min(steps) > 0 and ahead > 0 and min(lengths) > 0):
            return pull, total
        ahead = lengths[1] * min(max(lengths[1] / lengths[0] * ahead * steps[0] / steps[1] ** 2, 0.5), 2.0)
        # middles of the ways
        further = (lengths[1] + ahead) / (lengths[0] + lengths[1])
        out = []
        for old, new in zip(ways[0][:2], ways[1][:2], strict=True):
            rate = new / lengths[1]
            out.append(ahead * (rate + further * (rate - old / lengths[0])))
        return pull + out[0], total + out[1]

    def _missed(
        self, t: int, model: QuadraticModel, columns: np.ndarray, start: _End, end: _End
    ) -> tuple[np.ndarray, np.ndarray, float]:
        """By how much the pulls (q, C) and (C,) at the end of a way differ from what the model would have foreseen,
        and the way's length as the model measures it."""
        before, after = start.place[columns], end.place[columns]
        step, shift = end.coef[t, after] - start.coef[t, before], end.intercept[t] - start.intercept[t]
        foreseen, foreseen_total = model.along(columns, step, shift)
        length = float(np.sqrt(max(np.vdot(step, foreseen) + shift @ foreseen_total, 0.0)))
        change = end.pull[t, after] - start.pull[t, before] + foreseen
        return np.where(np.isnan(change), 0.0, change), end.total[t] - start.total[t] + foreseen_total, length
