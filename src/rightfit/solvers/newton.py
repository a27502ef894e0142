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
from rightfit.solvers.by_columns import minimize_by_columns
from rightfit.solvers.by_moments import intercept_step, minimize_by_moments, task_model
from rightfit.solvers.certificate import duality_gaps
from rightfit.solvers.freedom import degrees_of_freedom
from rightfit.solvers.model import QuadraticModel
from rightfit.solvers.quadratic import Box
from rightfit.solvers.rows import Rows
from rightfit.solvers.setting import Setting
from rightfit.solvers.steps import Steps

MOST_STEPS = 100
"""Newton steps a strength; 3 to 6 are usual."""
POOR = 0.3
"""A step that leaves more than this share of the gap wants a fresh model."""
MOST_MOMENTS = 1500
"""Columns of a working set whose second moments are formed; beyond, and beyond the number of rows, quadratics
are solved by their columns."""
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
        self.inner = self.small
        self.rows = Rows(setting.loss, setting.y, setting.weight, setting.frozen)
        tasks, n, C = setting.tasks, setting.design.n, setting.outputs
        self.columns = np.zeros(0, int)
        self.member = np.zeros(setting.design.p, bool)
        self.coef = np.zeros((tasks, 0, C))
        self.intercept = setting.null_intercept.copy()
        self.eta = np.empty((tasks, n, C))
        self.eta[:] = setting.offset[:, None] + self.intercept[:, None, :]
        self.models: list[QuadraticModel | None] = [None] * tasks
        self.dual = np.empty((tasks, n, C))
        self.pull = np.empty((tasks, setting.design.p, C))
        """X' dual, as of the last pass that included the column"""
        self.slack = np.zeros(tasks)
        self.strayed = np.zeros(tasks, bool)
        """the last step had to be cut short: its model was too far from the loss"""
        self.whole = False
        """the last pass included all columns"""
        self.strength = np.inf
        self.box = setting.box(np.zeros((setting.design.p, C)), 1.0)
        everyone = np.arange(tasks)
        self.grow(np.flatnonzero(((self.box.l1 == 0) & (self.box.l2 == 0)).any(axis=0)))
        self._turn(everyone)
        self._full_pull(everyone)

    # ------------------------------------------------------------------ one strength
    def solve(self, strength: float, box: Box | None = None) -> tuple[np.ndarray, list[Status]]:
        """Bring every task to its optimum at ``strength``: absolute gaps and how each ended. An infinite
        strength fits the unpenalized columns alone; ``box`` replaces the penalty's tangent at zero."""
        setting = self.setting
        tasks = setting.tasks
        self._set_strength(strength, box)
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
            gap[pending] = self._gaps(pending, None if self.whole else self.columns)
            hopeful = pending[(gap[pending] <= (1 if self.whole else 0.5) * self.goal[pending]) | (still[pending] >= 2)]
            if len(hopeful):
                if not self.whole:
                    self._full_pull(hopeful)
                    gap[hopeful] = self._gaps(hopeful, None)
                outside = self._violators(hopeful)
                settled = (gap[hopeful] <= self.goal[hopeful]) | ((still[hopeful] >= 2) & ~outside.any(axis=1))
                self.grow(np.flatnonzero(outside[~settled].any(axis=0)))
                rests = ~risk[hopeful] | (moved[hopeful] <= RESTLESS) | (restless[hopeful] >= 8)
                for t in hopeful[settled & rests]:
                    near = gap[t] <= max(self.goal[t], 1e-10 * setting.null_loss[t])
                    status[t] = Status.CONVERGED if near else Status.STOPPED
                    if risk[t] and moved[t] > RESTLESS:
                        status[t], gap[t] = Status.NO_OPTIMUM, np.nan
                    pending = pending[pending != t]
            if not len(pending):
                return gap, status
            restless[pending] += gap[pending] <= self.goal[pending]
            poor = gap > POOR * before
            before = gap.copy()
            # early quadratics need no more digits than the step that they are for
            far = np.where(np.isfinite(gap), gap, setting.null_loss)
            self.inner = np.maximum(self.small, 1e-5 * far * np.minimum(far / setting.null_loss, 1.0))
            moved[pending], idle = self._step(pending, poor | risk)
            still[pending] = np.where(idle, still[pending] + 1, 0)
            self._turn(pending)
        self._full_pull(pending)
        gap[pending] = self._gaps(pending, None)
        return gap, status

    def _set_strength(self, strength: float, box: Box | None) -> None:
        last, self.strength = self.strength, strength
        setting = self.setting
        if np.isinf(strength):
            free = (self.box.l1 == 0) & (self.box.l2 == 0)
            lower, upper = np.where(free, self.box.lower, 0.0), np.where(free, self.box.upper, 0.0)
            self.box = Box(np.where(free, 0.0, np.inf), np.zeros_like(self.box.l2), lower, upper)
            return
        self.box = box or setting.box(np.zeros((setting.design.p, setting.outputs)), strength)
        # sequential strong rule, in units of a column's own l1; without l1 every column is wanted
        with np.errstate(invalid="ignore", divide="ignore"):
            limit = self.box.l1 * np.maximum(2 - (last / strength if strength > 0 else 1.0), 0.0)
        wanted = (np.abs(self.pull).max(axis=2) >= limit) & np.isfinite(self.box.l1)
        self._restrict(wanted.any(axis=0))

    def _restrict(self, wanted: np.ndarray) -> None:
        """Let columns leave the working set that are zero in every task and not ``wanted`` (p,); then grow."""
        stay = wanted[self.columns] | self.coef.any(axis=(0, 2))
        if stay.sum() < 0.7 * len(stay):
            self.member[self.columns[~stay]] = False
            self.columns, self.coef = self.columns[stay], self.coef[:, stay]
        self.grow(np.flatnonzero(wanted))

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
        totals = self.dual[pending].sum(axis=1)
        by_columns = C == 1 and not setting.loss.coupled and (q > setting.design.n or q > MOST_MOMENTS)
        if by_columns:
            step, curvature = minimize_by_columns(self, pending)
        else:
            models = [task_model(self, t, fresh=bool(stale[t] or self.strayed[t])) for t in pending]
            step = minimize_by_moments(self, models, pending, totals) - self.coef[pending]
        flat = step.transpose(1, 0, 2).reshape(q, len(pending) * C)
        away = setting.design.dot_columns(self.columns, flat, setting.fills(pending))
        away = away.reshape(-1, len(pending), C).transpose(1, 0, 2)
        if by_columns:
            left = totals[:, 0] - np.einsum("tn,tn->t", curvature, away[:, :, 0])
            shift = (left / np.maximum(curvature.sum(axis=1), 1e-300))[:, None] * setting.intercept
        else:
            shift = np.stack([intercept_step(self, *each) for each in zip(models, step, totals, strict=True)])
        shift[setting.frozen[pending]] = 0.0
        away = away + shift[:, None, :]
        share, idle = self._search(pending, step, away)
        self.strayed[pending] = share < 0.2
        self.coef[pending] += share[:, None, None] * step
        self.intercept[pending] += share[:, None] * shift
        self.eta[pending] += share[:, None, None] * away
        moved = np.abs(away).max(axis=2) * (setting.weight[pending] > 0)
        return moved.max(axis=1), idle

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
            self.dual[moving] = self.rows.dual(moving, self.rows.slope(self.eta[moving]))
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
        self.whole = 2 * len(self.columns) > setting.design.p
        if self.whole:
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
        if columns is None:
            pull, box = self.pull[tasks], self.box.of(tasks)
            coef = np.zeros_like(pull)
            coef[:, self.columns] = self.coef[tasks]
        else:
            pull, box = self.pull[tasks[:, None], columns], self.box.take(tasks, columns)
            coef = self.coef[tasks]
        slack = self.slack[tasks] + np.array([self._slack(t) for t in tasks])
        return duality_gaps(self.rows, tasks, self.eta[tasks], coef, pull, box, slack)

    def _slack(self, t: int) -> float:
        """What one more Newton step on the unpenalized columns would gain."""
        free = self.columns[(self.box.l1[t][self.columns] == 0) & (self.box.l2[t][self.columns] == 0)]
        # only where no bound stands in the way: a finite one has its share in the gap
        to_bound = np.where(self.pull[t] > 0, self.box.upper[t][:, None], -self.box.lower[t][:, None])
        free = free[np.isinf(to_bound[free]).any(axis=1)]
        if not len(free):
            return 0.0
        model = self.models[t]
        if model is None or not np.isin(free, model.columns).all():
            return self._most_slack(t)
        unbounded = np.isinf(to_bound[model.columns]) & np.isin(model.columns, free)[:, None]
        numbers = np.flatnonzero(unbounded.T.ravel())
        pull = model.gradient(self.pull[t][model.columns], self.dual[t].sum(axis=0))[numbers]
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

    def _most_slack(self, t: int) -> float:
        """What a Newton step could gain if it could move every row by itself: a bound for any columns."""
        if self.setting.outputs > 1:
            return np.inf
        dual = self.dual[t][:, 0]
        curvature = self.setting.weight[t] * self.setting.loss.curvature(self.setting.y, self.eta[t][:, 0])
        with np.errstate(divide="ignore", invalid="ignore"):
            return 0.5 * float(np.where(dual == 0, 0.0, dual**2 / curvature).sum())

    def _cost(self, tasks: np.ndarray, coef: np.ndarray) -> np.ndarray:
        """(T',) penalty of coefficients (T', q, C) of the working set."""
        l1, l2 = self.box.l1[tasks][:, self.columns], self.box.l2[tasks][:, self.columns]
        l1 = np.where(np.isinf(l1), 0.0, l1)
        with np.errstate(over="ignore"):  # a step that is tried may be far out of any range
            return np.asarray(np.einsum("tq,tqc->t", l1, np.abs(coef)) + 0.5 * np.einsum("tq,tqc->t", l2, coef**2))

    # ------------------------------------------------------------------ what is reported
    def reported_intercept(self, t: int) -> np.ndarray:
        """(C,) with mean zero where the loss has several outputs: a common constant changes nothing."""
        out, frozen = self.intercept[t].copy(), self.setting.frozen[t]
        if self.setting.outputs > 1:
            null = self.setting.null_intercept[t]
            out[~frozen] -= out[~frozen].mean()
            out[frozen] = null[frozen] - null[~frozen].mean()
        return out

    def complexity(self, t: int) -> float:
        """Effective degrees of freedom: active coefficients, each shrunk by its l2 (Zou, Hastie, Tibshirani 2007)."""
        model = self.models[t]
        l2 = self.box.l2[t]
        plain = float(np.count_nonzero(self.coef[t]))
        if t > 0 or plain == 0 or not l2[self.columns].any() or model is None:
            return plain
        coef = np.zeros((self.setting.design.p, self.setting.outputs))
        coef[self.columns] = self.coef[t]
        flat = np.flatnonzero(coef[model.columns].T.ravel())
        if len(flat) != plain:  # a column has left the model since
            return plain
        matrix = model.matrix[np.ix_(flat, flat)]
        ridge = l2[model.columns[flat % len(model.columns)]]
        return degrees_of_freedom(matrix, ridge)
