"""Which columns a scene looks at, and which follow freely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rightfit.errors import ColumnError, OptionError
from rightfit.records import Run
from rightfit.search.columns import suggest
from rightfit.search.path import entry_order
from rightfit.views.ground import Ground
from rightfit.views.profile import independent

ROWS = 20_000
"""Most rows that a scene is computed from."""
_OTHERS = {True: 200, False: 20}
"""Most columns that follow, where the loss is quadratic and where every height is a fit."""
_ROWS_EACH = {True: 3, False: 10}
"""Least rows for each of them; of two classes, rows of the rarer one."""
_ALONE = 1e-6
"""Share of a column's variance that the others must leave to it."""
_TRIES = 12


@dataclass(frozen=True)
class Chosen:
    """Columns as a profile takes them."""

    names: tuple[str, ...]
    focus: np.ndarray
    """(n, q) standardized as in the fit, q = 2 or 3."""
    others: np.ndarray
    """(n, k) those that follow."""
    scale: np.ndarray
    """(q,)"""
    rows: np.ndarray
    """(n,) which rows of the problem these are."""
    weight: np.ndarray
    """(n,) summing to one."""
    left_out: int
    """Columns that could not follow: too many for the rows."""


def choose_columns(ground: Ground, wanted: Sequence[str], share: float = 1.0) -> Chosen:
    """The columns named ``wanted``, or the first three of the path that others do not determine, or two where there is
    no third; of all columns that the rows let follow, this share does.

    OptionError where there are fewer than two, ColumnError for a name that there is not.
    """
    run, trace = ground.run, ground.run.trace
    rows = np.flatnonzero(ground.weight > 0)
    if len(rows) > ROWS:
        rows = np.sort(np.random.default_rng([run.seed, 5]).choice(rows, ROWS, replace=False))
    weight = ground.weight[rows] / ground.weight[rows].sum()
    design = ground.problem.design.take(rows)
    size = trace.scale if run.settings.get("standardize", 1.0) else np.ones(trace.features)

    def table(columns: Sequence[int] | np.ndarray) -> np.ndarray:
        places = np.asarray(columns, np.int64)
        raw = design.collect(places, trace.fill)
        return np.asarray((raw - weight @ raw) / np.where(size[places] > 0, size[places], 1.0))

    most = int(share * _most(ground, rows))
    picks: list[int] = []
    for candidate in _candidates(run, wanted):
        together = [*picks, candidate]
        others = _others(ground, together, most)
        alone = _residual(table(together), independent(table(others), weight), weight)
        if alone[-1] > _ALONE and (alone > _ALONE).all():
            picks = together
        elif wanted:
            name = run.features[candidate].name
            raise OptionError(f"column {name!r} is told by the others, so its loss alone has no shape; choose another")
        if len(picks) == 3:
            break
    if len(picks) < 2:
        raise OptionError("fewer than two columns vary freely of the others: there is no plane to look at")
    others = _others(ground, picks, most)
    left_out = int((trace.scale > 0).sum()) - len(picks) - len(others)
    return Chosen(
        names=tuple(run.features[j].name for j in picks),
        focus=table(picks),
        others=table(others),
        scale=size[picks],
        rows=rows,
        weight=weight,
        left_out=max(0, left_out - len(ground.problem.levels)),
    )


def _candidates(run: Run, wanted: Sequence[str]) -> list[int]:
    if not wanted:
        return [feature for feature, _ in entry_order(run.trace)[:_TRIES]]
    names = [feature.name for feature in run.features]
    if len(wanted) not in (2, 3) or len(set(wanted)) < len(wanted):
        raise OptionError("columns: name two or three different columns of the model")
    for name in wanted:
        if name not in names:
            raise ColumnError(f"columns: the model has no column {name!r}; {suggest(name, names)}")
    return [names.index(name) for name in wanted]


def _most(ground: Ground, rows: np.ndarray) -> int:
    """How many columns the rows let follow."""
    quadratic = ground.problem.loss.quadratic
    count = len(rows)
    if ground.run.task.classes:
        count = int(np.unique(ground.problem.y[rows], return_counts=True)[1].min())
    return min(_OTHERS[quadratic], count // _ROWS_EACH[quadratic])


def _others(ground: Ground, picks: Sequence[int], most: int) -> np.ndarray:
    """Columns beside ``picks``, the largest of the chosen step first, at most so many; of every category the commonest
    level that is no pick stays out, which the constant stands for."""
    trace = ground.run.trace
    free = trace.scale > 0
    free[list(picks)] = False
    for levels in ground.problem.levels:
        rest = [int(j) for j in levels if j not in picks]
        if rest:
            free[max(rest, key=lambda j: (trace.fill[j], -j))] = False
    importance = np.abs(trace.coef(ground.run.choice.step)[:, 0]) * trace.scale
    order = np.argsort(-importance, kind="stable")
    return np.sort(order[free[order]][:most])


def _residual(focus: np.ndarray, basis: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(q,) share of each column's variance that neither the basis nor the columns before it tell."""
    root = np.sqrt(weight)[:, None]
    whole = (root * focus**2 * root).sum(axis=0)
    left = root * (focus - basis @ (basis.T @ (weight[:, None] * focus)))
    triangle = np.abs(np.diag(np.linalg.qr(left)[1])) ** 2
    return np.asarray(triangle / np.maximum(whole, 1e-300))
