"""Newton's quadratics solved from their second moments: a model for every task, and the kernel's descent on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rightfit.solvers.model import QuadraticModel
from rightfit.solvers.quadratic import Box, gram_paths

if TYPE_CHECKING:
    from rightfit.solvers.newton import NewtonWalk

CHEAP = 2e6
"""Multiplications below which a model of one's own costs no more than talking about it."""
SMALL = 200
"""Numbers in a working set that every task models whole."""


def task_model(walk: NewtonWalk, t: int, *, fresh: bool) -> QuadraticModel:
    """Task t's quadratic: an exact one where that is cheap or progress was poor, else the last one, or
    the full fit's."""
    setting = walk.setting
    columns = own_columns(walk, t)
    cost = setting.design.n * len(columns) ** 2 * setting.outputs**2
    model = walk.models[t]
    shared = walk.models[0]
    if model is None and t > 0 and cost > CHEAP and not setting.frozen[t].any() and shared is not None:
        model = shared if len(columns) == len(walk.columns) else None
    exact = model is not None and model.task == t and setting.loss.quadratic
    if model is None or ((fresh or cost <= CHEAP) and not exact):
        model = QuadraticModel(setting, t, walk.eta[t])
    model.fit(columns)
    walk.models[t] = model
    return model


def own_columns(walk: NewtonWalk, t: int) -> np.ndarray:
    """The columns of task t's model: the working set, or where that is large, what is active or pulled out
    of zero in this task; the others wait at zero."""
    if len(walk.columns) * walk.setting.outputs <= SMALL:
        return walk.columns
    box = walk.box.take(np.array([t]), walk.columns)
    pulled = (np.abs(walk.pull[t][walk.columns]) > box.l1[0][:, None]).any(axis=1) | (box.l1[0] == 0)
    return walk.columns[pulled | walk.coef[t].any(axis=1)]


def intercept_step(walk: NewtonWalk, model: QuadraticModel, step: np.ndarray, total: np.ndarray) -> np.ndarray:
    """(C,) what task's intercept does with a step (q, C) of the working set."""
    place = np.full(walk.setting.design.p, -1)
    place[walk.columns] = np.arange(len(walk.columns))
    return model.intercept_step(step[place[model.columns]], total)


def minimize_by_moments(
    walk: NewtonWalk, models: list[QuadraticModel], pending: np.ndarray, totals: np.ndarray
) -> np.ndarray:
    """(T', q, C) minimizers of the models with the penalty, each on its model's columns."""
    place = np.full(walk.setting.design.p, -1)
    place[walk.columns] = np.arange(len(walk.columns))
    out = walk.coef[pending].copy()
    # matrices are laid side by side while they are small and alike
    size = max(m.matrix.size for m in models)
    alike = all(np.array_equal(m.columns, models[0].columns) for m in models)
    together = max(1, int(2e6 // max(size, 1))) if alike else 1
    for first in range(0, len(pending), together):
        some = np.arange(first, min(first + together, len(pending)))
        out[some[:, None], place[models[first].columns]] = _minimize_alike(
            walk, [models[i] for i in some], pending[some], totals[some]
        )
    return out


def _minimize_alike(
    walk: NewtonWalk, models: list[QuadraticModel], tasks: np.ndarray, totals: np.ndarray
) -> np.ndarray:
    """(T', q, C) the same for models of the same columns."""
    C, columns = walk.setting.outputs, models[0].columns
    q = len(columns)
    coef = np.zeros((len(tasks), walk.setting.design.p, C))
    coef[:, walk.columns] = walk.coef[tasks]
    here = coef[:, columns].transpose(0, 2, 1).reshape(len(tasks), C * q)
    pulls = walk.pull[tasks[:, None], columns]
    box = walk.box.take(tasks, columns)
    box = Box(*(np.tile(part, (1, C)) for part in (box.l1, box.l2, box.lower, box.upper)))
    box.l1[np.repeat(walk.setting.frozen[tasks], q, axis=1)] = np.inf
    new, _, _ = gram_paths(
        np.stack([m.matrix for m in models]) if len(models) > 1 else models[0].matrix[None],
        np.stack(
            [m.matrix @ b + m.gradient(g, total) for m, b, g, total in zip(models, here, pulls, totals, strict=True)]
        ),
        box,
        np.ones(1),
        start=here,
        tolerance=walk.inner[tasks],
        threads=walk.threads,
    )
    return np.asarray(new[:, 0].reshape(len(tasks), C, q).transpose(0, 2, 1))
