"""What models fail to foresee, expected again.

The first Newton step at a strength goes about as far as the first one at the strength before, in about the same
direction. So the part of the gradient that its model then did not foresee (the loss bends on the way) will come
again, in proportion to the length of the way: it is added before the model is minimized, and one step does what
otherwise takes two. An expectation that fails costs nothing but the step's quality, which is checked as ever.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rightfit.solvers.model import QuadraticModel
from rightfit.solvers.setting import Setting

MOST = 1000
"""Numbers in a model beyond which what it did not foresee costs too much to compute."""


@dataclass(frozen=True)
class _Gradient:
    """Of some columns (q, C), and of the intercept (C,)."""

    columns: np.ndarray
    coef: np.ndarray
    intercept: np.ndarray


class Drift:
    """Of every task."""

    def __init__(self, setting: Setting):
        self.setting = setting
        self._planned: list[_Gradient | None] = [None] * setting.tasks
        """what the first step of this strength started from"""
        self._unforeseen: list[_Gradient | None] = [None] * setting.tasks
        """at the strength before"""
        self._ahead, self._share = np.inf, 0.0
        self._place = np.full(setting.design.p, -1)

    def go(self, ahead: float) -> None:
        """The strength falls by ``ahead``."""
        self._share = float(np.clip(ahead / self._ahead, 0.0, 1.0)) if 0 < self._ahead < np.inf else 0.0
        self._ahead = ahead
        self._planned = [None] * self.setting.tasks

    def foresee(
        self, t: int, columns: np.ndarray, gradient: np.ndarray, total: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The gradients (q, C) and (C,) of task t's first step, with what is to be expected."""
        if self.setting.loss.quadratic or len(columns) * self.setting.outputs > MOST:
            self._unforeseen[t] = None
            return gradient, total
        self._planned[t] = _Gradient(columns, gradient, total)
        known = self._unforeseen[t]
        if known is None or self._share == 0:
            return gradient, total
        self._place[known.columns] = np.arange(len(known.columns))
        place = self._place[columns]
        self._place[known.columns] = -1
        again = np.where((place >= 0)[:, None], known.coef[place], 0.0)
        return gradient + self._share * again, total + self._share * known.intercept

    def columns(self, t: int) -> np.ndarray | None:
        """Those of task t's first step at this strength, if there is something to learn from it."""
        planned = self._planned[t]
        return None if planned is None else planned.columns

    def learn(self, t: int, model: QuadraticModel, step: np.ndarray, coef: np.ndarray, intercept: np.ndarray) -> None:
        """Task t's first step (q, C) ended at these gradients."""
        planned = self._planned[t]
        if planned is not None:
            foreseen = planned.coef - model.times(planned.columns, step)
            self._unforeseen[t] = _Gradient(planned.columns, coef - foreseen, intercept.copy())
            self._planned[t] = None
