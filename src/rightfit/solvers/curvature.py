"""Where quadratic models get their second moments from: a task's own rows, or one pass for all tasks.

Resamples that leave out disjoint sets of rows are served together: with the full fit's row curvatures, the moments of
each left-out set are formed once, their sum is the full fit's, and a resample's are the sum less its own (as Engstrøm
and Jensen 2024, arXiv 2401.13185, do for squared error). All models then hold the same columns.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from rightfit.solvers.left_out import left_out
from rightfit.solvers.model import QuadraticModel
from rightfit.solvers.row_curvatures import RowCurvatures
from rightfit.solvers.setting import Setting


class Curvature(ABC):
    """Models that hold what they are asked for."""

    @abstractmethod
    def model(self, t: int) -> QuadraticModel:
        """Task t's."""

    @abstractmethod
    def hold(self, columns: np.ndarray) -> None:
        """Have these columns in all models."""


class OwnCurvature(Curvature):
    """One task's, from its row curvatures at predictors (C, n)."""

    def __init__(self, setting: Setting, task: int, rows: RowCurvatures, eta: np.ndarray):
        self.setting, self.rows = setting, rows
        self._eta = eta[0].copy() if setting.loss.coupled else None
        self._model = QuadraticModel(setting, task, rows.whole())

    def model(self, t: int) -> QuadraticModel:
        return self._model

    def hold(self, columns: np.ndarray) -> None:
        model, setting = self._model, self.setting
        fresh = model.missing(columns)
        if not len(fresh):
            return
        if setting.loss.coupled:  # what couples the rows is known for all columns together
            fresh = np.concatenate([model.columns, fresh])
            model.forget()
        known = model.columns
        fill = setting.fill[:, model.task]
        others = np.concatenate([known, fresh]) if len(known) else None
        one_part = np.zeros(setting.design.n, np.int8)
        gram = setting.design.grams(fresh, self.rows.weights, one_part, 1, fill, others)[0]
        shared = None
        if self._eta is not None:
            shared = setting.loss.shared(setting.y, self._eta, setting.design.collect(fresh, fill))
        model.extend(fresh, self.rows.spread(gram.first), self.rows.spread(gram.second), shared)


class SharedCurvature(Curvature):
    """All tasks', from the full fit's row curvatures; ``part`` (n,) numbers the task that leaves a row out, or is 0."""

    def __init__(self, setting: Setting, part: np.ndarray, rows: RowCurvatures):
        self.setting, self.part, self.rows = setting, part, rows
        self.factor = 1 / np.array([1 - setting.weight[0][part == k].sum() if k else 1.0 for k in range(setting.tasks)])
        parts = rows.totals(part, setting.tasks)
        left = np.vstack([np.zeros_like(parts[:1]), parts[1:]])
        totals = (parts.sum(axis=0) - left) * self.factor[:, None, None]
        self.models = {k: QuadraticModel(setting, k, total) for k, total in enumerate(totals)}

    def model(self, t: int) -> QuadraticModel:
        return self.models[t]

    def hold(self, columns: np.ndarray) -> None:
        one = next(iter(self.models.values()))  # all hold the same
        if one.serves(columns):
            return
        fresh, *_ = [model.missing(columns) for model in self.models.values()]
        if not len(fresh):
            return
        known = one.columns
        others = np.concatenate([known, fresh]) if len(known) else None
        fill = self.setting.fill[:, 0]  # nothing is missing
        parts = self.setting.design.grams(fresh, self.rows.weights, self.part, len(self.factor), fill, others)
        firsts = [self.rows.spread(part.first) for part in parts]
        seconds = [self.rows.spread(part.second) for part in parts]
        first, second = sum(firsts), sum(seconds)
        for k, model in self.models.items():
            rest = (first - firsts[k], second - seconds[k]) if k else (first, second)
            model.extend(fresh, self.factor[k] * rest[0], self.factor[k] * rest[1])

    def keep(self, tasks: set[int]) -> None:
        """Forget the models of all others."""
        self.models = {k: model for k, model in self.models.items() if k in tasks}


def left_out_by(setting: Setting) -> np.ndarray | None:
    """(n,) the task that leaves a row out, 0 where none does; None where the tasks differ in more than that, or share
    rows that they leave out."""
    if setting.tasks < 3 or not setting.design.complete or setting.loss.coupled or setting.frozen.any():
        return None
    rows = left_out(setting.weight)
    if rows is None:
        return None
    part = np.zeros(setting.design.n, dtype=np.int64)
    for k, out in enumerate(rows):
        if part[out].any():
            return None
        part[out] = k
    return part
