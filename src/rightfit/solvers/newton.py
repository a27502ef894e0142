"""Any smooth loss with an elastic net in a box: a sequence of quadratics on a working set, for all resamples at once.

At each strength, every unfinished task repeats: model its loss by a quadratic (`QuadraticModel`), minimize
that with the penalty in the kernel, search along the way for a sufficient decrease, and ask for its duality
gap (proximal Newton; Lee, Sun and Saunders 2014). What the tasks share is done in one pass for all: products
with the columns, the working set, and a model that a resample borrows from the full fit as long as it makes
good progress with it. The working set grows by the sequential strong rule (Tibshirani et al. 2012) and by the
optimality conditions over all columns, which are checked before any step is called done.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from rightfit.records import Status
from rightfit.solvers.certificate import duality_gaps
from rightfit.solvers.model import QuadraticModel
from rightfit.solvers.quadratic import Box, gram_paths
from rightfit.solvers.rows import Rows
from rightfit.solvers.setting import Setting
from rightfit.solvers.steps import Steps

MOST_STEPS = 100
"""Newton steps a strength; 3 to 6 are usual."""
CHEAP = 2e6
"""Multiplications below which a model of one's own costs no more than talking about it."""
POOR = 0.3
"""A step that leaves more than this share of the gap wants a fresh model."""
RESTLESS = 0.05
"""A predictor that still moves this much at a gap within tolerance is on its way to infinity."""


def newton_paths(setting: Setting, strengths: np.ndarray, *, tolerance: float, threads: int) -> list[Steps]:
    """One path a task at these strengths, to a gap of ``tolerance`` times the task's null loss."""
    walk = NewtonWalk(setting, tolerance, threads)
    paths = [Steps(setting.design.p, setting.outputs) for _ in range(setting.tasks)]
    everyone = np.arange(setting.tasks)
    for strength in strengths:
        gap, status = walk.solve(float(strength))
        explained = 1 - walk.rows.value(everyone, walk.eta) / setting.null_loss
        for t, path in enumerate(paths):
            path.add(
                strength,
                walk.columns,
                walk.coef[t],
                walk.reported_intercept(t),
                gap=gap[t] / setting.null_loss[t],
                status=status[t],
                complexity=walk.complexity(t),
                explained=explained[t],
            )
    return paths


class NewtonWalk:
    """Where all tasks stand: coefficients on the working set, intercepts, predictors and pulls."""

    def __init__(self, setting: Setting, tolerance: float, threads: int):
        self.setting, self.threads = setting, threads
        self.goal = tolerance * setting.null_loss
        # a lasso's gap is of first order in its error, a quadratic's decrease of second
        self.small = 1e-4 * tolerance * self.goal
        self.rows = Rows(setting.loss, setting.y, setting.weight, setting.frozen)
        tasks, n, C = setting.tasks, setting.design.n, setting.outputs
        self.columns = np.zeros(0, int)
        self.member = np.zeros(setting.design.p, bool)
        self.coef = np.zeros((tasks, 0, C))
        self.intercept = setting.null_intercept.copy()
        self.eta = np.empty((tasks, n, C))
        self.eta[:] = setting.offset[:, None] + self.intercept[:, None, :]
        self.models: list[QuadraticModel | None] = [None] * tasks
        self.slope = np.empty((tasks, n, C))
        self.dual = np.empty((tasks, n, C))
        self.pull = np.empty((tasks, setting.design.p, C))
        """X' dual, as of the last pass that included the column"""
        self.slack = np.zeros(tasks)
        self.strayed = np.zeros(tasks, bool)
        """the last step had to be cut short: its model was too far from the loss"""
        self.strength = np.inf
        self.box = setting.box(np.zeros((setting.design.p, C)), 1.0)
        everyone = np.arange(tasks)
        self.grow(np.flatnonzero(((self.box.l1 == 0) & (self.box.l2 == 0)).any(axis=0)))
        self._turn(everyone)
        self._full_pull(everyone)

    # ------------------------------------------------------------------ one strength
    def solve(self, strength: float) -> tuple[np.ndarray, list[Status]]:
        """Bring every task to its optimum at ``strength``: absolute gaps and how each ended. An infinite
        strength fits the unpenalized columns alone."""
        setting = self.setting
        tasks = setting.tasks
        self._set_strength(strength)
        gap, before = np.full(tasks, np.inf), np.full(tasks, np.inf)
        status = [Status.STOPPED] * tasks
        restless, still = np.zeros(tasks, int), np.zeros(tasks, int)
        risk = (not setting.loss.quadratic) & ((self.box.l1 == 0) & (self.box.l2 == 0) & self.member).any(axis=1)
        moved = np.where(risk, np.inf, 0.0)
        lost = setting.frozen.all(axis=1)
        for t in np.flatnonzero(lost):
            gap[t], status[t] = np.nan, Status.NO_OPTIMUM
        pending = np.flatnonzero(~lost)
        for _ in range(MOST_STEPS):
            gap[pending] = self._gaps(pending, self.columns)
            hopeful = pending[(gap[pending] <= 0.5 * self.goal[pending]) | (still[pending] >= 2)]
            if len(hopeful):
                self._full_pull(hopeful)
                gap[hopeful] = self._gaps(hopeful, None)
                outside = self._violators(hopeful)
                settled = (gap[hopeful] <= self.goal[hopeful]) | ((still[hopeful] >= 2) & ~outside.any(axis=1))
                self.grow(np.flatnonzero(outside[~settled].any(axis=0)))
                for t in hopeful[settled & ((moved[hopeful] <= RESTLESS) | (restless[hopeful] >= 8))]:
                    near = gap[t] <= max(self.goal[t], 1e-10 * setting.null_loss[t])
                    status[t] = Status.CONVERGED if near else Status.STOPPED
                    if moved[t] > RESTLESS:
                        status[t], gap[t] = Status.NO_OPTIMUM, np.nan
                    pending = pending[pending != t]
            if not len(pending):
                return gap, status
            restless[pending] += gap[pending] <= self.goal[pending]
            poor = gap > POOR * before
            before = gap.copy()
            moved[pending], idle = self._step(pending, poor | risk)
            still[pending] = np.where(idle, still[pending] + 1, 0)
            self._turn(pending)
        self._full_pull(pending)
        gap[pending] = self._gaps(pending, None)
        return gap, status

    def _set_strength(self, strength: float) -> None:
        last, self.strength = self.strength, strength
        setting = self.setting
        if np.isinf(strength):
            free = (self.box.l1 == 0) & (self.box.l2 == 0)
            lower, upper = np.where(free, self.box.lower, 0.0), np.where(free, self.box.upper, 0.0)
            self.box = Box(np.where(free, 0.0, np.inf), np.zeros_like(self.box.l2), lower, upper)
            return
        self.box = setting.box(np.zeros((setting.design.p, setting.outputs)), strength)
        # sequential strong rule, in units of a column's own l1; without l1 every column is wanted
        with np.errstate(invalid="ignore", divide="ignore"):
            limit = self.box.l1 * np.maximum(2 - (last / strength if strength > 0 else 1.0), 0.0)
        wanted = (np.abs(self.pull).max(axis=2) >= limit) & np.isfinite(self.box.l1)
        self.grow(np.flatnonzero(wanted.any(axis=0)))

    def grow(self, fresh: np.ndarray) -> None:
        """Add columns to the working set, with coefficients zero."""
        fresh = fresh[~self.member[fresh]]
        if len(fresh):
            self.member[fresh] = True
            self.columns = np.concatenate([self.columns, fresh])
            extra = np.zeros((self.setting.tasks, len(fresh), self.setting.outputs))
            self.coef = np.concatenate([self.coef, extra], axis=1)

    # ------------------------------------------------------------------ a Newton step
    def _step(self, pending: np.ndarray, stale: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Move every pending task; how far its predictor moved at most, and whether by rounding only."""
        setting = self.setting
        q, C = len(self.columns), setting.outputs
        models = [self._model(t, fresh=bool(stale[t] or self.strayed[t])) for t in pending]
        totals = self.dual[pending].sum(axis=1)
        step = self._minimize(models, pending, totals) - self.coef[pending]
        shift = np.stack([model.intercept_step(d, total) for model, d, total in zip(models, step, totals, strict=True)])
        shift[setting.frozen[pending]] = 0.0
        flat = step.transpose(1, 0, 2).reshape(q, len(pending) * C)
        away = setting.design.dot_columns(self.columns, flat, setting.fills(pending))
        away = away.reshape(-1, len(pending), C).transpose(1, 0, 2) + shift[:, None, :]
        share, idle = self._search(pending, step, away)
        self.strayed[pending] = share < 0.2
        self.coef[pending] += share[:, None, None] * step
        self.intercept[pending] += share[:, None] * shift
        self.eta[pending] += share[:, None, None] * away
        moved = np.abs(away).max(axis=2) * (setting.weight[pending] > 0)
        return moved.max(axis=1), idle

    def _model(self, t: int, *, fresh: bool) -> QuadraticModel:
        """Task t's quadratic: an exact one where that is cheap or progress was poor, else the last one, or
        the full fit's."""
        setting = self.setting
        cost = setting.design.n * len(self.columns) ** 2 * setting.outputs**2
        model = self.models[t]
        if model is None and t > 0 and cost > CHEAP and not setting.frozen[t].any():
            model = self.models[0]
        exact = model is not None and model.task == t and setting.loss.quadratic
        if model is None or ((fresh or cost <= CHEAP) and not exact):
            model = QuadraticModel(setting, t, self.eta[t])
        model.grow(self.columns)
        self.models[t] = model
        return model

    def _minimize(self, models: list[QuadraticModel], pending: np.ndarray, totals: np.ndarray) -> np.ndarray:
        """(T', q, C) minimizers of the models with the penalty."""
        C, q = self.setting.outputs, len(self.columns)
        here = self.coef[pending].reshape(len(pending), q * C)
        pulls = self.pull[pending[:, None], self.columns]
        box = self.box.take(pending, self.columns)
        box = Box(*(np.repeat(part, C, axis=1) for part in (box.l1, box.l2, box.lower, box.upper)))
        box.l1[np.tile(self.setting.frozen[pending], (1, q))] = np.inf
        linear = np.stack(
            [m.matrix @ b + m.gradient(g, total) for m, b, g, total in zip(models, here, pulls, totals, strict=True)]
        )
        out = np.empty_like(here)
        together = max(1, int(2e6 // max(q * C, 1) ** 2))  # matrices copied side by side, while they are small
        for first in range(0, len(pending), together):
            some = slice(first, first + together)
            new, _, _ = gram_paths(
                np.stack([m.matrix for m in models[some]]) if together > 1 else models[first].matrix[None],
                linear[some],
                Box(box.l1[some], box.l2[some], box.lower[some], box.upper[some]),
                np.ones(1),
                start=here[some],
                tolerance=self.small[pending[some]],
                threads=self.threads,
            )
            out[some] = new[:, 0]
        return out.reshape(len(pending), q, C)

    def _search(self, pending: np.ndarray, step: np.ndarray, away: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(T',) the share of each step that decreases the objective sufficiently (Armijo, halving)."""
        coef, eta = self.coef[pending], self.eta[pending]
        value, cost = self.rows.value(pending, eta), self._cost(pending, coef)
        slope = -np.einsum("tnc,tnc->t", self.dual[pending], away) + self._cost(pending, coef + step) - cost
        # below this the objective itself is rounding, and the whole step of a model that was good so far is taken
        floor = 1e-12 * (np.abs(value) + np.abs(cost) + self.setting.null_loss[pending])
        idle = np.abs(away).max(axis=(1, 2)) <= 1e-14 * (1 + np.abs(eta).max(axis=(1, 2)))
        share = np.ones(len(pending))
        left = np.arange(len(pending))
        for _ in range(50):
            part = share[left, None, None]
            new = self.rows.value(pending[left], eta[left] + part * away[left])
            new += self._cost(pending[left], coef[left] + part * step[left])
            limit = value[left] + cost[left] + 1e-4 * share[left] * np.minimum(slope[left], 0.0) + floor[left]
            left = left[~(new <= limit)]
            if not len(left):
                return share, idle
            share[left] *= 0.5
        share[left], idle[left] = 0.0, True
        return share, idle

    # ------------------------------------------------------------------ pulls and gaps
    def _turn(self, tasks: np.ndarray) -> None:
        """Settle the intercept at the predictors' present place, then recompute the pull of rows and working set."""
        setting = self.setting
        moving = tasks
        for _ in range(5):
            self.slope[moving] = self.rows.slope(self.eta[moving])
            self.dual[moving] = self.rows.dual(moving, self.slope[moving])
            if not setting.intercept:
                break
            total = self.dual[moving].sum(axis=1)
            curvature = self.rows.curvature(moving, self.eta[moving])
            step = np.einsum("tcd,td->tc", np.linalg.pinv(curvature, rcond=1e-12, hermitian=True), total)
            self.slack[moving] = 0.5 * np.einsum("tc,tc->t", total, step)
            go = (self.slack[moving] > 1e-3 * self.goal[moving]) & (np.abs(step).max(axis=1) <= 1)
            moving, step = moving[go], step[go]
            if not len(moving):
                break
            self.intercept[moving] += step
            self.eta[moving] += step[:, None, :]
        if 2 * len(self.columns) > setting.design.p:
            self._full_pull(tasks)
        elif len(self.columns):
            flat = self.dual[tasks].transpose(1, 0, 2).reshape(setting.design.n, -1)
            pulls = setting.design.correlate_columns(self.columns, flat, setting.fills(tasks))
            self.pull[tasks[:, None], self.columns] = pulls.reshape(-1, len(tasks), setting.outputs).transpose(1, 0, 2)

    def _full_pull(self, tasks: np.ndarray) -> None:
        setting = self.setting
        flat = self.dual[tasks].transpose(1, 0, 2).reshape(setting.design.n, -1)
        pulls = setting.design.correlate(flat, setting.fills(tasks))
        shape = (setting.design.p, len(tasks), setting.outputs)
        self.pull[tasks] = pulls.reshape(shape).transpose(1, 0, 2)

    def _violators(self, tasks: np.ndarray) -> np.ndarray:
        """(T', p) columns outside the working set that want to enter."""
        pull, upper, lower = self.pull[tasks], self.box.upper[tasks][:, :, None], self.box.lower[tasks][:, :, None]
        push = np.where(((pull > 0) & (upper > 0)) | ((pull < 0) & (lower < 0)), np.abs(pull), 0.0).max(axis=2)
        return np.asarray(~self.member & (push > self.box.l1[tasks] * (1 + 1e-12)))

    def _gaps(self, tasks: np.ndarray, columns: np.ndarray | None) -> np.ndarray:
        """(T',) absolute duality gaps of the problems on some columns, or on all."""
        coef, pull, box = self.coef[tasks], self.pull[tasks], self.box.of(tasks)
        if columns is None:
            coef = np.zeros_like(pull)
            coef[:, self.columns] = self.coef[tasks]
        else:
            pull, box = pull[:, columns], self.box.take(tasks, columns)
        slack = self.slack[tasks] + np.array([self._slack(t) for t in tasks])
        return duality_gaps(self.rows, tasks, self.eta[tasks], self.slope[tasks], coef, pull, box, slack)

    def _slack(self, t: int) -> float:
        """What one more Newton step on the unpenalized columns would gain."""
        free = self.columns[(self.box.l1[t][self.columns] == 0) & (self.box.l2[t][self.columns] == 0)]
        free = free[np.isinf(self.box.lower[t][free]) & np.isinf(self.box.upper[t][free])]
        if not len(free):
            return 0.0
        model = self.models[t]
        if model is None or len(model.columns) != len(self.columns):
            return np.inf
        C = self.setting.outputs
        numbers = (np.flatnonzero(np.isin(self.columns, free))[:, None] * C + np.arange(C)).ravel()
        pull = model.gradient(self.pull[t][self.columns], self.dual[t].sum(axis=0))[numbers]
        block = model.matrix[np.ix_(numbers, numbers)]
        # columns may depend on each other: a touch of ridge stands for the pseudo-inverse
        size = np.sqrt(np.diag(block)) + 1e-300
        scaled = block / np.outer(size, size)
        for ridge in (1e-11, 1e-8, 1e-5):
            try:
                factor = cho_factor(scaled + ridge * np.eye(len(numbers)))
            except LinAlgError:
                continue
            return 0.5 * float(pull / size @ cho_solve(factor, pull / size))
        return np.inf

    def _cost(self, tasks: np.ndarray, coef: np.ndarray) -> np.ndarray:
        """(T',) penalty of coefficients (T', q, C) of the working set."""
        l1, l2 = self.box.l1[tasks][:, self.columns], self.box.l2[tasks][:, self.columns]
        l1 = np.where(np.isinf(l1), 0.0, l1)
        return np.asarray(np.einsum("tq,tqc->t", l1, np.abs(coef)) + 0.5 * np.einsum("tq,tqc->t", l2, coef**2))

    # ------------------------------------------------------------------ what is reported
    def reported_intercept(self, t: int) -> np.ndarray:
        """(C,) with mean zero where the loss has several outputs: a common constant changes nothing."""
        b = self.intercept[t]
        return b if self.setting.outputs == 1 else b - b[~self.setting.frozen[t]].mean()

    def complexity(self, t: int) -> float:
        """Effective degrees of freedom: active coefficients, each shrunk by its l2 (Zou, Hastie, Tibshirani 2007)."""
        active = np.flatnonzero(self.coef[t].any(axis=1))
        l2 = self.box.l2[t][self.columns[active]]
        model = self.models[t]
        if not len(active) or not l2.any() or t > 0 or model is None or len(model.columns) <= active.max():
            return float(np.count_nonzero(self.coef[t]))
        C = self.setting.outputs
        flat = (active[:, None] * C + np.arange(C)).ravel()
        flat = flat[self.coef[t].ravel()[flat] != 0]
        matrix = model.matrix[np.ix_(flat, flat)]
        return float(np.trace(np.linalg.solve(matrix + np.diag(self.box.l2[t][self.columns[flat // C]]), matrix)))
