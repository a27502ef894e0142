"""Any smooth loss with norms of groups: a sequence of quadratics on a working set of groups, for all resamples at once.

The walk of `rightfit.solvers.newton`, with groups in the place of columns: at each strength, every unfinished task
models its loss by a quadratic, minimizes that with the penalty block by block in the kernel, searches along the way
for a sufficient decrease, and asks for its duality gap. Groups enter by the sequential strong rule (Tibshirani et al.
2012, section 6) and by the optimality conditions over all groups, which are checked before any step is called done.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rightfit.records import Status
from rightfit.solvers.block_quadratic import WALL
from rightfit.solvers.group_columns import GroupColumns
from rightfit.solvers.group_freedom import group_freedom
from rightfit.solvers.group_quadratics import GroupQuadratics
from rightfit.solvers.grouping import Groups, group_gaps, turned
from rightfit.solvers.rows import Rows
from rightfit.solvers.setting import Setting
from rightfit.solvers.steps import Steps

MOST_STEPS = 200
"""Newton steps a strength; 2 to 6 are usual."""
POOR = 0.3
"""A step that leaves more than this share of the gap wants a fresh model."""
ROUNDING = 1e-26
"""Steps of a block below this share of the null loss are rounding."""
RESTLESS = 0.05
"""A predictor that still moves this much at a gap within tolerance is on its way to infinity."""


def group_paths(setting: Setting, strengths: np.ndarray, *, tolerance: float, threads: int) -> list[Steps]:
    """One path a task at these strengths, to a gap of ``tolerance`` times the task's null loss."""
    walk = GroupWalk(setting, tolerance, threads)
    walk.settle()
    paths = [Steps(setting.design.p, setting.outputs) for _ in range(setting.tasks)]
    everyone = np.arange(setting.tasks)
    for strength in strengths:
        walk.go_on(float(strength))
        gap, status = walk.solve(float(strength))
        explained = 1 - walk.rows.value(everyone, turned(walk.eta)) / setting.null_loss
        for t, path in enumerate(paths):
            columns = np.flatnonzero(walk.coef[t].any(axis=1))
            path.add(
                strength,
                columns,
                walk.coef[t][columns],
                walk.reported_intercept(t),
                gap=gap[t] / setting.null_loss[t],
                status=status[t],
                complexity=walk.complexity(t),
                explained=explained[t],
            )
    return paths


class GroupWalk:
    """Where all tasks stand: coefficients, intercepts, predictors and pulls."""

    def __init__(self, setting: Setting, tolerance: float, threads: int):
        self.setting = setting
        self.goal = tolerance * setting.null_loss
        self.rows = Rows(setting.loss, setting.y, setting.weight, setting.frozen)
        tasks, n, p, C = setting.tasks, setting.design.n, setting.design.p, setting.outputs
        self.coef = np.zeros((tasks, p, C))
        self.intercept = setting.null_intercept.copy()
        self.eta = np.empty((tasks, n, C))
        self.eta[:] = setting.offset[:, None] + self.intercept[:, None, :]
        self.dual = np.empty((tasks, n, C))
        self.pull = np.zeros((tasks, p, C))
        """X' dual, as of the last pass that included the column"""
        self.slack = np.zeros(tasks)
        self.ratio = np.full(tasks, 0.1)
        """(T,) what a round's steps were when the descent stopped, in units of the gap that was left"""
        self.strayed = np.zeros(tasks, bool)
        """the last step had to be cut short: its model was too far from the loss"""
        self.strength = np.inf
        self.last: tuple[float, tuple[np.ndarray, ...]] | None = None
        """the strength before this one, with all that goes on in a line from there"""
        self.unit = Groups.of(setting, 1.0)
        """prices at strength 1"""
        self.groups = self.unit
        self.member = np.zeros((tasks, len(self.unit.norm)), bool)
        """working sets"""
        self.held = GroupColumns(setting, self.unit, threads)
        self.quadratics = GroupQuadratics(setting, self.rows, self.held, threads)
        self.whole = True
        """the last pass included all columns"""
        everyone = np.arange(tasks)
        self.grow(everyone, self.unit.free)
        self._turn(everyone)
        self._full_pull(everyone)

    def settle(self) -> None:
        """Bring what costs nothing to its optimum within rounding, so that at the first strength nothing else moves."""
        if self.unit.free.any():
            goal, self.goal = self.goal, 1e-22 * self.setting.null_loss
            self.solve(np.inf)
            self.goal = goal

    # ------------------------------------------------------------------ one strength
    def solve(self, strength: float) -> tuple[np.ndarray, list[Status]]:
        """Bring every task to its optimum at ``strength``: absolute gaps and how each ended. An infinite
        strength fits the groups that cost nothing alone."""
        setting = self.setting
        tasks = setting.tasks
        self._set_strength(strength)
        gap, before = np.full(tasks, np.inf), np.full(tasks, np.inf)
        status = [Status.STOPPED] * tasks
        restless, still = np.zeros(tasks, int), np.zeros(tasks, int)
        risk = not setting.loss.quadratic and bool(self.groups.free[self.some].any())
        moved = np.full(tasks, np.inf if risk else 0.0)
        lost = setting.frozen.all(axis=1)
        for t in np.flatnonzero(lost):
            gap[t], status[t] = np.nan, Status.NO_OPTIMUM
        pending = np.flatnonzero(~lost)
        if len(pending):
            gap[pending] = self._gaps(pending)
        for _ in range(MOST_STEPS if np.isfinite(strength) else 30):
            if not len(pending):
                return gap, status
            inner = self._digits(gap)
            poor = gap > POOR * before
            before = gap.copy()
            moved[pending], idle = self._step(pending, inner, poor | risk)
            still[pending] = np.where(idle, still[pending] + 1, 0)
            self._turn(pending)
            gap[pending] = self._gaps(pending)
            self._learn(pending, inner[pending], gap[pending])
            hopeful = pending[(gap[pending] <= (1 if self.whole else 0.5) * self.goal[pending]) | (still[pending] >= 2)]
            if not len(hopeful):
                continue
            if not self.whole:
                self._full_pull(hopeful)
                gap[hopeful] = self._gaps(hopeful)
            outside = self._violators(hopeful)
            settled = (gap[hopeful] <= self.goal[hopeful]) | ((still[hopeful] >= 2) & ~outside.any(axis=1))
            self.grow(hopeful[~settled], outside[~settled])
            restless[pending] += gap[pending] <= self.goal[pending]
            rests = (moved[hopeful] <= RESTLESS) | (restless[hopeful] >= 8)
            for t in hopeful[settled & rests]:
                near = gap[t] <= max(self.goal[t], 1e-10 * setting.null_loss[t])
                status[t] = Status.CONVERGED if near else Status.STOPPED
                if risk and moved[t] > RESTLESS:
                    status[t], gap[t] = Status.NO_OPTIMUM, np.nan
                pending = pending[pending != t]
        if len(pending):
            self._full_pull(pending)
            gap[pending] = self._gaps(pending)
        return gap, status

    def _digits(self, gap: np.ndarray) -> np.ndarray:
        """(T,) the size of a round's steps at which to stop: it and the gap that is left are of the same order. Early
        quadratics need no more digits than the step that they are for."""
        null = self.setting.null_loss
        if self.setting.loss.quadratic:
            return np.maximum(0.7 * self.ratio * self.goal, ROUNDING * null)
        far = np.where(np.isfinite(gap), gap, null)
        return np.maximum(np.maximum(1e-10 * self.goal, 1e-3 * far * np.minimum(far / null, 1e-2)), ROUNDING * null)

    def _learn(self, tasks: np.ndarray, inner: np.ndarray, gap: np.ndarray) -> None:
        """Which gaps such steps have left."""
        with np.errstate(divide="ignore", invalid="ignore"):
            found = inner / gap
        good = np.isfinite(found) & (found > 0)
        old = self.ratio[tasks[good]]
        self.ratio[tasks[good]] = np.clip(found[good], old / 10, old * 10)

    def _set_strength(self, strength: float) -> None:
        last, self.strength = self.strength, strength
        unit = self.unit
        if np.isinf(strength):
            wall = np.where(unit.free, 0.0, WALL)
            self.groups = replace(unit, norm=wall, l1=np.zeros_like(wall), l2=np.zeros_like(wall))
            return
        self.groups = replace(unit, norm=strength * unit.norm, l1=strength * unit.l1, l2=strength * unit.l2)
        # sequential strong rule: a pull grows at most as fast as its price falls
        ease = max(2 - (last / strength if strength > 0 else np.inf), 0.0)
        eased = replace(self.groups, norm=ease * self.groups.norm, l1=ease * self.groups.l1)
        everyone = np.arange(self.setting.tasks)
        if not self.whole:
            self._full_pull(everyone)
        wanted = eased.pulled(everyone, self.pull) >= eased.norm
        held = (self.groups.sums(np.abs(self.coef)) > 0) | self.groups.free
        stay = self.member & (wanted | held)
        if stay.any(axis=0).sum() < 0.7 * self.member.any(axis=0).sum():
            self.member = stay
        self.grow(everyone, wanted)

    def grow(self, tasks: np.ndarray, fresh: np.ndarray) -> None:
        """Add groups (T', G) to the working sets of some tasks."""
        self.member[tasks] |= fresh
        self.some = np.flatnonzero(self.member.any(axis=0))
        self.columns = self.unit.columns(self.some)

    def go_on(self, strength: float) -> None:
        """Start where the path would be if it went on in the logarithm of the strength as over the last step."""
        lines = [self.coef, self.eta, self.intercept]
        if self.setting.loss.quadratic:
            lines += [self.dual, self.pull]
        last, self.last = self.last, (self.strength, tuple(line.copy() for line in lines))
        if last is None or not 0 < strength < self.strength < last[0] < np.inf:
            return
        share = np.log(strength / self.strength) / np.log(self.strength / last[0])
        if share <= 2:
            for line, before in zip(lines, last[1], strict=True):
                line += share * (line - before)
            if not self.setting.loss.quadratic:
                self._turn(np.arange(self.setting.tasks))

    # ------------------------------------------------------------------ a Newton step
    def _step(self, pending: np.ndarray, inner: np.ndarray, stale: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Move every pending task; how far its predictor moved at most, and whether by rounding only."""
        step, shift, away = self.quadratics.step(self, pending, inner, stale | self.strayed)
        shift[self.setting.frozen[pending]] = 0.0
        idle = np.abs(away).max(axis=(1, 2)) <= 1e-14 * (1 + np.abs(self.eta[pending]).max(axis=(1, 2)))
        if self.setting.loss.quadratic:
            share = np.ones(len(pending))
        else:
            share, stuck = self._search(pending, step, away)
            idle |= stuck
        self.strayed[pending] = share < 0.2
        self.coef[pending[:, None], self.columns] += share[:, None, None] * step
        self.intercept[pending] += share[:, None] * shift
        self.eta[pending] += share[:, None, None] * away
        moved = np.abs(away).max(axis=2) * (self.setting.weight[pending] > 0)
        return moved.max(axis=1), idle

    def _search(self, pending: np.ndarray, step: np.ndarray, away: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(T',) the share of each step that decreases the objective sufficiently (Armijo, halving)."""
        coef, eta = self.coef[pending], self.eta[pending]
        whole = np.zeros_like(coef)
        whole[:, self.columns] = step
        value, cost = self.rows.value(pending, turned(eta)), self.groups.cost(pending, coef)
        slope = -np.einsum("tnc,tnc->t", self.dual[pending], away) + self.groups.cost(pending, coef + whole) - cost
        # below this the objective itself is rounding, and the whole step of a model that was good so far is taken
        floor = 1e-12 * (np.abs(value) + np.abs(cost) + self.setting.null_loss[pending])
        share, stuck = np.ones(len(pending)), np.zeros(len(pending), bool)
        left = np.arange(len(pending))
        for _ in range(50):
            part = share[left, None, None]
            new = self.rows.value(pending[left], turned(eta[left] + part * away[left]))
            new += self.groups.cost(pending[left], coef[left] + part * whole[left])
            limit = value[left] + cost[left] + 1e-4 * share[left] * np.minimum(slope[left], 0.0) + floor[left]
            left = left[~(new <= limit)]
            if not len(left):
                return share, stuck
            share[left] *= 0.5
        share[left], stuck[left] = 0.0, True
        return share, stuck

    # ------------------------------------------------------------------ pulls and gaps
    def _turn(self, tasks: np.ndarray) -> None:
        """Settle the intercept at the predictors' present place, then recompute the pull of rows and working set."""
        setting = self.setting
        moving = tasks
        for _ in range(5):
            self.dual[moving] = self.rows.dual(moving, turned(self.eta[moving])).swapaxes(1, 2)
            if not setting.intercept:
                break
            total = self.dual[moving].sum(axis=1)
            curvature = np.stack([self.rows.curvature(t, self.eta[t].T).sum(axis=2) for t in moving])
            step = np.einsum("tcd,td->tc", np.linalg.pinv(curvature, rcond=1e-12, hermitian=True), total)
            self.slack[moving] = 0.5 * np.einsum("tc,tc->t", total, step)
            go = (self.slack[moving] > 1e-3 * self.goal[moving]) & (np.abs(step).max(axis=1) <= 1)
            moving, step = moving[go], step[go]
            if not len(moving):
                break
            self.intercept[moving] += step
            self.eta[moving] += step[:, None, :]
        self.whole = 2 * len(self.columns) > setting.design.p or setting.loss.quadratic
        if self.whole:
            self._full_pull(tasks)
            return
        self.current = False
        if len(self.columns):
            flat = self.dual[tasks].transpose(1, 0, 2).reshape(setting.design.n, -1)
            pulls = setting.design.correlate_columns(self.columns, flat, setting.fills(tasks))
            self.pull[tasks[:, None], self.columns] = pulls.reshape(-1, len(tasks), setting.outputs).transpose(1, 0, 2)

    def _full_pull(self, tasks: np.ndarray) -> None:
        setting = self.setting
        if self.held.in_place is not None and setting.outputs == 1:
            self.pull[tasks, :, 0] = self.held.products(np.arange(setting.design.p), self.dual[tasks, :, 0])
            return
        flat = self.dual[tasks].transpose(1, 0, 2).reshape(setting.design.n, -1)
        pulls = setting.design.correlate(flat, setting.fills(tasks))
        self.pull[tasks] = pulls.reshape(setting.design.p, len(tasks), setting.outputs).transpose(1, 0, 2)

    def _violators(self, tasks: np.ndarray) -> np.ndarray:
        """(T', G) groups outside the working set that want to enter."""
        return ~self.member[tasks] & (self.groups.pulled(tasks, self.pull[tasks]) > self.groups.norm * (1 + 1e-12))

    def _gaps(self, tasks: np.ndarray) -> np.ndarray:
        """(T',) absolute duality gaps; of the problems on the working set where the pulls of others are old."""
        slack = self.slack[tasks] + np.array([self._slack(t) for t in tasks])
        pull = self.pull[tasks]
        if not self.whole:
            inside = np.zeros(self.setting.design.p, bool)
            inside[self.columns] = True
            pull = np.where(inside[None, :, None], pull, 0.0)
        return group_gaps(self.groups, self.rows, tasks, self.eta[tasks], self.coef[tasks], pull, slack)

    def _slack(self, t: int) -> float:
        """What one more Newton step on the groups that cost nothing would gain."""
        if not self.groups.free.any():
            return 0.0
        free = self.unit.columns(np.flatnonzero(self.groups.free))
        free = free[~self.setting.excluded[free, t]]
        return self.quadratics.slack(t, free, self.eta[t], self.pull[t][free], self.dual[t].sum(axis=0))

    # ------------------------------------------------------------------ what is reported
    def reported_intercept(self, t: int) -> np.ndarray:
        """(C,) as `Setting.reported_intercept` has it."""
        return self.setting.reported_intercept(t, self.intercept[t])

    def complexity(self, t: int) -> float:
        """Effective degrees of freedom of the full fit; of the others their number of active coefficients."""
        if t > 0:
            return float(np.count_nonzero(self.coef[t]))
        return group_freedom(self.setting, self.groups, t, self.coef[t], self.eta[t])
