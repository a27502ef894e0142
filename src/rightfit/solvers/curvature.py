"""Where quadratic models get their second moments from: a task's own rows, or one pass for all tasks.

Resamples that leave out disjoint sets of rows are served together: with the full fit's row curvatures, the moments of
each left-out set are formed once, their sum is the full fit's, and a resample's are the sum less its own (as Engstrøm
and Jensen 2024, arXiv 2401.13185, do for squared error). All models then hold the same columns.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from rightfit.contracts import Gram
from rightfit.solvers.left_out import left_out
from rightfit.solvers.model import Pair, QuadraticModel, pairs, with_own
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
    """One task's, from its row curvatures (C, C, n) at predictors (C, n)."""

    def __init__(self, setting: Setting, task: int, curvature: np.ndarray, eta: np.ndarray):
        self.setting, self.eta = setting, eta
        self.pairs = pairs(curvature)
        self._model = QuadraticModel(setting, task, curvature.sum(axis=2))

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
        grams = {pair: setting.design.gram(fresh, h, fill, others) * sign for pair, sign, h in self.pairs}
        shared = None
        if setting.loss.coupled:
            shared = setting.loss.shared(setting.y, self.eta[0], setting.design.collect(fresh, fill))
        model.extend(fresh, with_own(grams, setting.outputs), shared)


class SharedCurvature(Curvature):
    """All tasks', from the full fit's row curvatures (C, C, n); ``part`` (n,) numbers the task that leaves a row out,
    0 where none does."""

    def __init__(self, setting: Setting, part: np.ndarray, curvature: np.ndarray):
        self.setting, self.part = setting, part
        self.pairs = pairs(curvature)
        tasks = range(setting.tasks)
        left = np.array([curvature[:, :, part == k].sum(axis=2) if k else np.zeros(curvature.shape[:2]) for k in tasks])
        self.factor = 1 / np.array([1 - setting.weight[0][part == k].sum() if k else 1.0 for k in tasks])
        totals = (curvature.sum(axis=2) - left) * self.factor[:, None, None]
        self.models = [QuadraticModel(setting, k, totals[k]) for k in tasks]

    def model(self, t: int) -> QuadraticModel:
        return self.models[t]

    def hold(self, columns: np.ndarray) -> None:
        fresh, *_ = (model.missing(columns) for model in self.models)  # the same for all
        if not len(fresh):
            return
        known = self.models[0].columns
        others = np.concatenate([known, fresh]) if len(known) else None
        fill = self.setting.fill[:, 0]  # nothing is missing
        grams: list[dict[Pair, Gram]] = [{} for _ in self.models]
        for pair, sign, h in self.pairs:
            parts = self.setting.design.grams(fresh, h, self.part, len(self.models), fill, others)
            whole = parts[0]
            for part in parts[1:]:
                whole = whole + part
            for k, own in enumerate(grams):
                own[pair] = (whole - parts[k] if k else whole) * float(sign * self.factor[k])
        for model, own in zip(self.models, grams, strict=True):
            model.extend(fresh, with_own(own, self.setting.outputs))


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
