"""Squared error from second moments: one pass over the columns, then no more of them.

With G = X'WX and c = X'Wy of every resample (centred in the resample where there is an intercept), the whole
path is the kernel's. Where resamples leave out disjoint sets of rows, each G is the total minus what is left
out, so that all of them cost two passes together (Engstrøm and Jensen 2024, arXiv 2401.13185); a fold that
holds nearly all of a column's variation is computed directly, since the difference would cancel.
"""

from __future__ import annotations

import numpy as np

from rightfit.contracts import Gram
from rightfit.records import Status
from rightfit.solvers.freedom import degrees_of_freedom
from rightfit.solvers.left_out import few_left_out
from rightfit.solvers.quadratic import Box, gram_paths
from rightfit.solvers.setting import Setting
from rightfit.solvers.steps import Steps

AT_ONCE = 3e7
"""Numbers of second moments held at a time (240 MB)."""
ROUNDING = 1e-10
"""A gap of this share of the null loss may be rounding, however small the tolerance."""


def moment_paths(setting: Setting, strengths: np.ndarray, *, tolerance: float, threads: int) -> list[Steps]:
    """One path a task at these strengths, to a relative duality gap of ``tolerance``."""
    design, p = setting.design, setting.design.p
    residual = setting.weight.T * ((setting.y - setting.offset)[:, None] - setting.null_intercept[:, 0])
    linear = design.correlate(residual, setting.fill).T  # (T, p); residuals sum to zero where there is an intercept
    if setting.intercept:
        linear -= residual.sum(axis=0)[:, None] * setting.fill.T
    box = setting.box(np.zeros((p, 1)), 1.0)
    grams = Moments(setting)
    paths: list[Steps] = []
    together = max(1, int(AT_ONCE // max(p * p, 1)))
    for first in range(0, setting.tasks, together):
        tasks = np.arange(first, min(first + together, setting.tasks))
        gram = np.array([grams.of(int(t)) for t in tasks]).reshape(len(tasks), p, p)
        some = Box(box.l1[tasks], box.l2[tasks], box.lower[tasks], box.upper[tasks])
        coef, gap, converged = gram_paths(
            gram,
            linear[tasks],
            some,
            strengths,
            start=np.zeros((len(tasks), p)),
            tolerance=tolerance * setting.null_loss[tasks],
            constant=setting.null_loss[tasks],
            threads=threads,
        )
        # the kernel also ends where rounding lets nothing move, however far from the optimum that is
        near = converged & (gap <= max(tolerance, ROUNDING) * setting.null_loss[tasks, None])
        for i, t in enumerate(tasks.tolist()):
            paths.append(_steps(setting, t, strengths, gram[i], linear[t], some.l2[i], coef[i], gap[i], near[i]))
    return paths


def _steps(
    setting: Setting,
    t: int,
    strengths: np.ndarray,
    gram: np.ndarray,
    linear: np.ndarray,
    l2: np.ndarray,
    coef: np.ndarray,
    gap: np.ndarray,
    near: np.ndarray,
) -> Steps:
    """Task t's path from what the kernel found."""
    steps = Steps(setting.design.p, 1)
    gained = np.einsum("kp,kp->k", coef, 2 * linear - coef @ gram) / 2
    level = coef @ setting.fill[:, t] if setting.intercept else np.zeros(len(strengths))
    step, column = np.nonzero(coef)
    values, ends = coef[step, column], np.searchsorted(step, np.arange(len(strengths) + 1))
    for k, strength in enumerate(strengths):
        own = slice(ends[k], ends[k + 1])
        active = column[own]
        steps.put(
            strength,
            active,
            values[own],
            setting.null_intercept[t] - level[k],
            gap=gap[k] / setting.null_loss[t],
            status=Status.CONVERGED if near[k] else Status.STOPPED,
            complexity=_complexity(gram, active, strength * l2) if t == 0 else len(active),
            explained=gained[k] / setting.null_loss[t],
        )
    return steps


def _complexity(gram: np.ndarray, active: np.ndarray, l2: np.ndarray) -> float:
    """Effective degrees of freedom: the trace of G (G + l2)^-1 on the active columns (Zou, Hastie, Tibshirani 2007)."""
    if not len(active) or not l2[active].any():
        return float(len(active))
    block = gram[np.ix_(active, active)]
    return degrees_of_freedom(block, l2[active])


class Moments:
    """The (centred) second moments of every task, from as few passes as the resamples allow: one, where no row is left
    out twice and there is room for the moments of all parts."""

    def __init__(self, setting: Setting):
        self.setting = setting
        self.columns = np.arange(setting.design.p)
        self.whole: Gram | None = None
        self.parts: list[Gram] | None = None
        self.left_out = self._left_out()
        if self.left_out is None:
            return
        design, tasks = setting.design, setting.tasks
        once = np.bincount(np.concatenate(self.left_out), minlength=design.n).max() <= 1
        if once and tasks * design.p**2 <= AT_ONCE:
            part = np.zeros(design.n, np.int64)
            for t, rows in enumerate(self.left_out):
                part[rows] = t
            grams = design.grams(self.columns, setting.weight[:1], part, tasks, setting.fill[:, 0])
            self.parts = [Gram(float(np.sum(gram.total)), gram.first[0], gram.second[0]) for gram in grams]
            self.whole = sum(self.parts[1:], self.parts[0])
        else:
            self.whole = design.gram(self.columns, setting.weight[0], setting.fill[:, 0])

    def _left_out(self) -> list[np.ndarray] | None:
        """Rows that each task leaves out of the full fit; None where direct passes cost no more."""
        setting = self.setting
        if setting.tasks < 3 or (np.any(setting.fill != setting.fill[:, :1]) and not setting.design.complete):
            return None
        return few_left_out(setting.weight)

    def of(self, t: int) -> np.ndarray:
        """(p, p) moments of task t: about its means with an intercept, about zero without."""
        setting = self.setting
        gram = self._difference(t)
        if gram is None:
            gram = setting.design.gram(self.columns, setting.weight[t], setting.fill[:, t])
        if setting.intercept:
            return gram.second - np.outer(gram.first, gram.first / gram.total)
        shift = setting.design.shift(self.columns)
        moved = np.outer(shift, gram.first)
        return np.asarray(gram.second + moved + moved.T + gram.total * np.outer(shift, shift))

    def _difference(self, t: int) -> Gram | None:
        """The total minus what task t leaves out, where nothing cancels."""
        if self.whole is None or self.left_out is None:
            return None
        rows = self.left_out[t]
        if not len(rows):
            return self.whole
        setting = self.setting
        if self.parts is not None:
            part = self.parts[t]
        else:
            part = setting.design.take(rows).gram(self.columns, setting.weight[0][rows], setting.fill[:, t])
        if np.any(np.diag(part.second) > 0.9 * np.diag(self.whole.second)):
            return None
        rest = self.whole - part
        return Gram(1.0, rest.first / rest.total, rest.second / rest.total)
