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

from rightfit.records import Status
from rightfit.solvers.certificate import duality_gap
from rightfit.solvers.model import QuadraticModel
from rightfit.solvers.quadratic import Box, gram_paths
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
    for strength in strengths:
        gap, status = walk.solve(float(strength))
        for t, path in enumerate(paths):
            path.add(
                strength,
                walk.columns,
                walk.coef[t],
                walk.reported_intercept(t),
                gap=gap[t] / setting.null_loss[t],
                status=status[t],
                complexity=walk.complexity(t),
                explained=1 - walk.value(t, walk.eta[t]) / setting.null_loss[t],
            )
    return paths


class NewtonWalk:
    """Where all tasks stand: coefficients on the working set, intercepts, predictors and pulls."""

    def __init__(self, setting: Setting, tolerance: float, threads: int):
        self.setting, self.tolerance, self.threads = setting, tolerance, threads
        tasks, n, C = setting.tasks, setting.design.n, setting.outputs
        self.columns = np.zeros(0, int)
        self.member = np.zeros(setting.design.p, bool)
        self.coef = np.zeros((tasks, 0, C))
        self.intercept = setting.null_intercept.copy()
        self.eta = np.empty((tasks, n, C))
        self.eta[:] = setting.offset[:, None] + self.intercept[:, None, :]
        self.models: list[QuadraticModel | None] = [None] * tasks
        self.dual = np.empty((tasks, n, C))
        self.pull = np.empty((tasks, setting.design.p, C))  # X'D of the last full pass
        self.strength = np.inf
        self.box = setting.box(np.zeros((setting.design.p, C)), 1.0)
        everyone = np.arange(tasks)
        free = (self.box.l1 == 0) & (self.box.l2 == 0)
        self.grow(np.flatnonzero(free.any(axis=0)))
        self._turn(everyone)
        self.pull[everyone] = self._full_pull(everyone)

    # ------------------------------------------------------------------ one strength
    def solve(self, strength: float) -> tuple[np.ndarray, list[Status]]:
        """Bring every task to its optimum at ``strength``: absolute gaps and how each ended. An infinite
        strength fits the unpenalized columns alone."""
        setting = self.setting
        self._set_strength(strength)
        goal = self.tolerance * setting.null_loss
        gap = np.full(setting.tasks, np.inf)
        status = [Status.STOPPED] * setting.tasks
        before = np.full(setting.tasks, np.inf)
        restless = np.zeros(setting.tasks, int)
        still = np.zeros(setting.tasks, int)
        risk = (not setting.loss.quadratic) & ((self.box.l1 == 0) & (self.box.l2 == 0) & self.member).any(axis=1)
        moved = np.where(risk, np.inf, 0.0)
        pending = np.flatnonzero(~setting.frozen.all(axis=1))
        for t in np.flatnonzero(setting.frozen.all(axis=1)):
            gap[t], status[t] = np.nan, Status.NO_OPTIMUM
        for _ in range(MOST_STEPS):
            for t in pending:
                gap[t] = self._gap(t, self.columns)
            hopeful = pending[(gap[pending] <= 0.5 * goal[pending]) | (still[pending] >= 2)]
            if len(hopeful):
                self.pull[hopeful] = self._full_pull(hopeful)
                violators = np.zeros_like(self.member)
                for t in hopeful:
                    gap[t] = self._gap(t, None)
                    settled = gap[t] <= goal[t] or (still[t] >= 2 and not self._violators(t).any())
                    if settled and (moved[t] <= RESTLESS or restless[t] >= 8):
                        near = gap[t] <= max(goal[t], 1e-10 * setting.null_loss[t])
                        status[t] = Status.CONVERGED if near else Status.STOPPED
                        if moved[t] > RESTLESS:
                            status[t], gap[t] = Status.NO_OPTIMUM, np.nan
                        pending = pending[pending != t]
                    elif not settled:
                        violators |= self._violators(t)
                self.grow(np.flatnonzero(violators))
            if not len(pending):
                break
            for t in pending:
                restless[t] += gap[t] <= goal[t]
            poor = gap > POOR * before
            before = gap.copy()
            moved[pending], idle = self._step(pending, poor, risk, goal)
            still[pending] = np.where(idle, still[pending] + 1, 0)
            self._turn(pending)
        if len(pending):
            self.pull[pending] = self._full_pull(pending)
            for t in pending:
                gap[t] = self._gap(t, None)
        return gap, status

    def _set_strength(self, strength: float) -> None:
        last, self.strength = self.strength, strength
        setting = self.setting
        if np.isinf(strength):
            free = (self.box.l1 == 0) & (self.box.l2 == 0)
            self.box = Box(np.where(free, 0.0, np.inf), self.box.l2 * 0, np.where(free, self.box.lower, 0.0), np.where(free, self.box.upper, 0.0))
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
    def _step(
        self, pending: np.ndarray, poor: np.ndarray, risk: np.ndarray, goal: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Move every pending task; how far its predictor moved at most, and whether it moved by rounding only."""
        setting = self.setting
        q, C = len(self.columns), setting.outputs
        step = np.zeros((len(pending), q, C))
        shift = np.zeros((len(pending), C))
        for i, t in enumerate(pending):
            model = self._model(t, fresh=bool(poor[t] or risk[t]))
            total = self.dual[t].sum(axis=0)
            step[i] = self._minimize(model, t, total, 1e-3 * goal[t]) - self.coef[t]
            shift[i] = model.intercept_step(step[i], total)
        shift[setting.frozen[pending]] = 0.0
        flat = step.transpose(1, 0, 2).reshape(q, len(pending) * C)
        away = setting.design.dot_columns(self.columns, flat, setting.fills(pending))
        away = away.reshape(-1, len(pending), C).transpose(1, 0, 2) + shift[:, None, :]
        moved = np.zeros(len(pending))
        idle = np.zeros(len(pending), bool)
        for i, t in enumerate(pending):
            share, idle[i] = self._search(t, step[i], away[i])
            if share < 1:
                self.models[t] = None if share < 0.2 else self.models[t]
            self.coef[t] += share * step[i]
            self.intercept[t] += share * shift[i]
            self.eta[t] += share * away[i]
            moved[i] = np.abs(away[i][setting.weight[t] > 0]).max(initial=0.0)
            self._settle_intercept(t, goal[t])
        return moved, idle

    def _model(self, t: int, *, fresh: bool) -> QuadraticModel:
        setting = self.setting
        cost = setting.design.n * len(self.columns) ** 2 * setting.outputs**2
        model = self.models[t]
        changing = not setting.loss.quadratic
        own = model is not None and model.task == t
        if model is None and t > 0 and cost > CHEAP and not setting.frozen[t].any():
            model = self.models[0]
        if model is None or (fresh and (changing or not own)) or (cost <= CHEAP and (changing or not own)):
            model = QuadraticModel(setting, t, self.eta[t])
        model.grow(self.columns)
        self.models[t] = model
        return model

    def _minimize(self, model: QuadraticModel, t: int, total: np.ndarray, small: float) -> np.ndarray:
        C = self.setting.outputs
        q = len(self.columns)
        pull = self.pull_on(t, self.columns)
        here = self.coef[t].ravel()
        box = self.box.take(slice(t, t + 1), self.columns)
        box = Box(*(np.repeat(part, C, axis=1) for part in (box.l1, box.l2, box.lower, box.upper)))
        frozen = np.tile(self.setting.frozen[t], q)[None]
        box = Box(np.where(frozen, np.inf, box.l1), box.l2, box.lower, box.upper)
        linear = model.matrix @ here + model.gradient(pull, total)
        new, _, _ = gram_paths(
            model.matrix[None],
            linear[None],
            box,
            np.ones(1),
            start=here[None],
            tolerance=np.array([small]),
            threads=self.threads,
        )
        return np.asarray(new.reshape(q, C))

    def _search(self, t: int, step: np.ndarray, away: np.ndarray) -> tuple[float, bool]:
        """The share of the step that decreases the objective sufficiently (Armijo, halving)."""
        value, cost = self.value(t, self.eta[t]), self._cost(t, self.coef[t])
        slope = -float(np.vdot(self.dual[t], away)) + self._cost(t, self.coef[t] + step) - cost
        floor = 1e-15 * (abs(value) + abs(cost) + self.setting.null_loss[t])
        idle = slope > -floor
        share = 1.0
        for _ in range(50):
            new = self.value(t, self.eta[t] + share * away) + self._cost(t, self.coef[t] + share * step)
            if new <= value + cost + 1e-4 * share * min(slope, 0.0) + 4 * floor:
                return share, idle
            share *= 0.5
        return 0.0, True

    def _settle_intercept(self, t: int, goal: float) -> None:
        """Newton steps on the intercept alone, until it costs no more than a small part of the goal."""
        if not self.setting.intercept:
            return
        for _ in range(5):
            total, curvature = self._intercept_pull(t)
            step = np.linalg.pinv(curvature, rcond=1e-12, hermitian=True) @ total
            if total @ step <= 1e-3 * goal or np.abs(step).max() > 1:
                return
            self.intercept[t] += step
            self.eta[t] += step

    def _intercept_pull(self, t: int) -> tuple[np.ndarray, np.ndarray]:
        """(C,) sum of the pull over rows and (C, C) sum of the curvature."""
        setting = self.setting
        w, live = setting.weight[t], ~setting.frozen[t]
        eta = self.eta[t] if setting.outputs > 1 else self.eta[t][:, 0]
        total = -(w @ setting.loss.slope(setting.y, eta).reshape(len(w), -1)) * live
        curvature = np.tensordot(w, setting.loss.curvature(setting.y, eta), axes=1).reshape(len(live), len(live))
        return total, curvature * np.outer(live, live)

    # ------------------------------------------------------------------ pulls and gaps
    def _turn(self, tasks: np.ndarray) -> None:
        """Recompute the pull of the rows, and of the working set, at the predictors' present place."""
        setting = self.setting
        for t in tasks:
            self.dual[t] = -setting.weight[t][:, None] * self._slope(t)
            self.dual[t][:, setting.frozen[t]] = 0.0
        if 2 * len(self.columns) > setting.design.p:
            self.pull[tasks] = self._full_pull(tasks)
        else:
            self.near = self.columns
            flat = self.dual[tasks].transpose(1, 0, 2).reshape(setting.design.n, -1)
            pulls = setting.design.correlate_columns(self.columns, flat, setting.fills(tasks))
            self.pull[np.ix_(tasks, self.columns)] = pulls.reshape(-1, len(tasks), setting.outputs).transpose(1, 0, 2)

    def _full_pull(self, tasks: np.ndarray) -> np.ndarray:
        setting = self.setting
        flat = self.dual[tasks].transpose(1, 0, 2).reshape(setting.design.n, -1)
        pulls = setting.design.correlate(flat, setting.fills(tasks))
        return pulls.reshape(-1, len(tasks), setting.outputs).transpose(1, 0, 2)

    def pull_on(self, t: int, columns: np.ndarray) -> np.ndarray:
        """(q, C) pull of task t on some columns, as last computed."""
        return np.asarray(self.pull[t][columns])

    def _violators(self, t: int) -> np.ndarray:
        """(p,) columns outside the working set that want to enter."""
        push = np.where(
            (self.pull[t] > 0) & (self.box.upper[t] > 0)[:, None] | (self.pull[t] < 0) & (self.box.lower[t] < 0)[:, None],
            np.abs(self.pull[t]),
            0.0,
        ).max(axis=1, initial=0.0)
        return np.asarray(~self.member & (push > self.box.l1[t] * (1 + 1e-12)))

    def _gap(self, t: int, columns: np.ndarray | None) -> float:
        setting = self.setting
        coef = self.coef[t]
        if columns is None:
            columns = np.arange(setting.design.p)
            coef = np.zeros((setting.design.p, setting.outputs))
            coef[self.columns] = self.coef[t]
        eta = self.eta[t] if setting.outputs > 1 else self.eta[t][:, 0]
        slope = self._slope(t)
        box = self.box.take(slice(t, t + 1), columns)
        return duality_gap(
            setting.loss,
            setting.y,
            eta,
            setting.weight[t],
            slope if setting.outputs > 1 else slope[:, 0],
            coef,
            self.pull[t][columns],
            box.l1[0],
            box.l2[0],
            box.lower[0],
            box.upper[0],
            self._slack(t),
        )

    def _slack(self, t: int) -> float:
        """What one more Newton step on the intercept and the unpenalized columns would gain."""
        setting = self.setting
        slack = 0.0
        if setting.intercept:
            total, curvature = self._intercept_pull(t)
            slack += 0.5 * float(total @ np.linalg.pinv(curvature, rcond=1e-12, hermitian=True) @ total)
        box = self.box.take(slice(t, t + 1), self.columns)
        free = np.flatnonzero((box.l1[0] == 0) & (box.l2[0] == 0) & np.isinf(box.lower[0]) & np.isinf(box.upper[0]))
        model = self.models[t]
        if len(free) and model is not None and len(model.columns) == len(self.columns):
            C = setting.outputs
            numbers = (free[:, None] * C + np.arange(C)).ravel()
            pull = model.gradient(self.pull_on(t, self.columns), self.dual[t].sum(axis=0))[numbers]
            block = model.matrix[np.ix_(numbers, numbers)]
            slack += 0.5 * float(pull @ np.linalg.lstsq(block, pull, rcond=1e-12)[0])
        elif len(free):
            slack = np.inf
        return slack

    def _slope(self, t: int) -> np.ndarray:
        """(n, C)"""
        setting = self.setting
        if setting.outputs == 1:
            return setting.loss.slope(setting.y, self.eta[t][:, 0])[:, None]
        return setting.loss.slope(setting.y, self.eta[t])

    def value(self, t: int, eta: np.ndarray) -> float:
        """Mean loss of task t at predictors (n, C); infinite where the predictor overflows."""
        setting = self.setting
        with np.errstate(over="ignore", invalid="ignore"):
            loss = setting.loss.value(setting.y, eta if setting.outputs > 1 else eta[:, 0])
        rows = setting.weight[t] > 0
        out = float(setting.weight[t][rows] @ loss[rows])
        return out if np.isfinite(out) else np.inf

    def _cost(self, t: int, coef: np.ndarray) -> float:
        l1, l2 = self.box.l1[t][self.columns], self.box.l2[t][self.columns]
        return float((np.where(np.isinf(l1), 0.0, l1)[:, None] * np.abs(coef)).sum() + 0.5 * (l2[:, None] * coef**2).sum())

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
