"""Where Newton's quadratics would go, from second moments or from the columns where those would be too large; and what
they learn from going there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rightfit.solvers.quadratic import Box

if TYPE_CHECKING:
    from rightfit.solvers.newton import NewtonWalk

SMALL = 200
"""Numbers in a working set that every task models whole."""
NEAR = 0.93
"""Share of its l1 at which a column that is pulled may move, since it may be pulled out of zero by the next step."""


def propose(walk: NewtonWalk, pending: np.ndarray, stale: np.ndarray, *, first: bool) -> tuple[np.ndarray, np.ndarray]:
    """(T', q, C) and (T', C): the steps to the minimizers of the tasks' models."""
    C = walk.setting.outputs
    step = np.zeros((len(pending), len(walk.columns), C))
    shift = np.zeros((len(pending), C))
    own = own_columns(walk, pending)
    large = np.array([walk.by_columns.suits(columns) for columns in own])
    if large.any():
        some = np.flatnonzero(large)
        step[some, :, 0], shift[some, 0] = walk.by_columns.minimize(walk, pending[some], [own[i] for i in some])
    small = np.flatnonzero(~large)
    wanted = {int(pending[i]): own[i] for i in small}
    boxes = walk.box(pending)
    walk.sources.choose(wanted, stale | walk.strayed, walk.strength, walk.eta)
    for i in small:
        t, columns = int(pending[i]), own[i]
        walk.models[t] = model = walk.sources.model(t, columns)
        place = walk.place[columns]
        here = walk.coef[t][place]
        pull, total = walk.pull[t][columns], walk.total[t]
        if first:
            pull, total = walk.drift.foresee(t, model, columns, pull, total)
        gradient = model.gradient(columns, pull, total)
        new = model.minimize(
            columns, here, gradient, _box(boxes.of(int(i)), place, walk.setting.frozen[t]), walk.inner[t]
        )
        step[i, place] = new - here
        shift[i] = model.intercept_step(columns, new - here, total)
    return step, shift


def learn(
    walk: NewtonWalk, pending: np.ndarray, step: np.ndarray, shift: np.ndarray, pull: np.ndarray, total: np.ndarray
) -> None:
    """Models of one's own that hold every column learn from steps (T', q, C) and (T', C), before which the pulls were
    ``pull`` (T', q, C) and ``total`` (T', C)."""
    columns = walk.columns
    for i, task in enumerate(pending):
        t = int(task)
        model = walk.models[t]
        if model is not None and model.task == t and len(model.columns) == walk.setting.design.p:
            change = pull[i] - walk.pull[t][columns]
            model.revise(columns, step[i], shift[i], change, total[i] - walk.total[t])


def _box(box: Box, place: np.ndarray, frozen: np.ndarray) -> Box:
    """One task's, of some places in the working set, (q, C); nothing on ``frozen`` outputs (C,)."""
    parts = (part[place, None] for part in (box.l1, box.l2, box.lower, box.upper))
    if len(frozen) == 1 and not frozen.any():
        return Box(*parts)
    out = Box(*(np.repeat(part, len(frozen), axis=1) for part in parts))
    out.l1[:, frozen] = np.inf
    return out


def own_columns(walk: NewtonWalk, tasks: np.ndarray) -> list[np.ndarray]:
    """The columns of each task's model: the working set, or where that is large, what is active or nearly
    pulled out of zero in this task; the others wait at zero."""
    columns = walk.columns
    if len(columns) * walk.setting.outputs <= SMALL:
        return [columns] * len(tasks)
    l1 = walk.box(tasks).l1
    loud = (np.abs(walk.pull[tasks[:, None], columns]) > NEAR * l1[:, :, None]).any(axis=2) | (l1 == 0)
    return [columns[own] for own in loud | walk.coef[tasks].any(axis=2)]
