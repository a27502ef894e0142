"""Any smooth loss with an elastic net in a box: a sequence of quadratics on a working set, for all resamples at once.

At each strength, every unfinished task repeats: model its loss by a quadratic (`QuadraticModel`), minimize
that with the penalty in the kernel, search along the way for a sufficient decrease, and ask for its duality
gap (proximal Newton; Lee, Sun and Saunders 2014). What the tasks share is done in one pass for all: products
with the columns, the working set, and a model that a resample borrows from the full fit as long as it makes
good progress with it. The working set grows by the sequential strong rule (Tibshirani et al. 2012) and by the
optimality conditions over all columns, which are checked before any step is called done (by a pass over them, or where
`Outlook` shows that they hold).
"""

from __future__ import annotations

import numpy as np

from rightfit.records import Status
from rightfit.solvers.boxes import Boxes, LastBox
from rightfit.solvers.by_columns import ByColumns
from rightfit.solvers.certificate import duality_gaps
from rightfit.solvers.drift import Drift
from rightfit.solvers.freedom import complexity
from rightfit.solvers.model import QuadraticModel, most_gain, pseudo_inverse
from rightfit.solvers.outlook import Outlook
from rightfit.solvers.proposals import SMALL, learn, propose
from rightfit.solvers.quadratic import Box
from rightfit.solvers.rows import Rows
from rightfit.solvers.screen import Screen
from rightfit.solvers.setting import Setting
from rightfit.solvers.sources import Sources
from rightfit.solvers.steps import Steps

EXACT = 0.02
"""Share of the gap that a step of a new model leaves, far enough on the way."""
MOST_STEPS = 100
"""Newton steps a strength; 3 to 6 are usual."""
DOUBT = 100.0
"""What the intercept and unpenalized columns could gain counts so many times where the second derivative may jump, so
that the promise of a parabola does not bound it."""
ROUNDING = 1e-31
"""A decrease by this share of the null loss is rounding, however small the tolerance."""
RESTLESS = 0.05
"""A predictor that still moves this much at a gap within tolerance is on its way to infinity."""


def newton_paths(setting: Setting, strengths: np.ndarray, *, tolerance: float, threads: int) -> list[Steps]:
    """One path a task at these strengths, to a gap of ``tolerance`` times the task's null loss."""
    walk = NewtonWalk(setting, tolerance, threads)
    paths = [Steps(setting.design.p, setting.outputs) for _ in range(setting.tasks)]
    for strength in strengths:
        gap, status = walk.solve(float(strength))
        explained = 1 - walk.loss() / setting.null_loss
        for t, path in enumerate(paths):
            path.add(
                strength,
                walk.columns,
                walk.coef[t],
                walk.reported_intercept(t),
                gap=gap[t] / setting.null_loss[t],
                status=status[t],
                complexity=complexity(walk, t),
                explained=explained[t],
            )
    return paths


class NewtonWalk:
    """Where all tasks stand: coefficients on the working set, intercepts, predictors and pulls."""

    def __init__(self, setting: Setting, tolerance: float, threads: int):
        self.setting, self.threads = setting, threads
        self.goal = tolerance * setting.null_loss
        # a lasso's gap is of first order in its error, a quadratic's decrease of second
        self.small = self.inner = np.maximum(1e-4 * tolerance * self.goal, ROUNDING * setting.null_loss)
        self.rows = Rows(setting.loss, setting.y, setting.weight, setting.frozen)
        tasks, n, C = setting.tasks, setting.design.n, setting.outputs
        self.columns = np.zeros(0, int)
        self.place = np.full(setting.design.p, -1, dtype=np.int64)
        """(p,) where a column is in the working set"""
        self.coef = np.zeros((tasks, 0, C))
        self.intercept = setting.null_intercept.copy()
        self.eta = np.empty((tasks, C, n))
        self.eta[:] = setting.offset + self.intercept[:, :, None]
        self.models: list[QuadraticModel | None] = [None] * tasks
        """what each task moved by last"""
        self.sources = Sources(setting, self.rows)
        self.drift = Drift(setting)
        self.by_columns = ByColumns(setting)
        self.dual = np.empty((tasks, C, n))
        self.total = np.zeros((tasks, C))
        """the dual's sum over the rows: what is left of the intercept's slope"""
        self.lever = np.full(tasks, np.nan)
        """bounds what scaling the dual costs, see `Loss.steady`; NaN where the loss is not"""
        self.pull = np.empty((tasks, setting.design.p, C))
        """X' dual, as of the last pass that included the column"""
        self.slack = np.zeros(tasks)
        self.strayed = np.zeros(tasks, bool)
        """the last step had to be cut short: its model was too far from the loss"""
        self.expected = 1
        """steps at the strength before"""
        self.whole = False
        """the last pass included all columns"""
        self.strength = np.inf
        self.screen, self.outlook = Screen(setting), Outlook(setting)
        self.boxes = setting.boxes(np.zeros((setting.design.p, C)), 1.0)
        self.everyone = np.arange(tasks)
        self._last_box = LastBox()
        self.grow(np.flatnonzero(self.boxes.unpenalized()))
        self._derive(self.everyone)
        self._full_pull(self.everyone)

    # ------------------------------------------------------------------ one strength
    def solve(self, strength: float, boxes: Boxes | None = None) -> tuple[np.ndarray, list[Status]]:
        """Bring every task to its optimum at ``strength``: absolute gaps and how each ended. An infinite
        strength fits the unpenalized columns alone; ``boxes`` replace the penalty's tangents at zero."""
        setting = self.setting
        tasks = setting.tasks
        self._set_strength(strength, boxes)
        gap, before = np.full(tasks, np.inf), np.full(tasks, np.inf)
        status = [Status.STOPPED] * tasks
        restless, still = np.zeros(tasks, int), np.zeros(tasks, int)
        risk = np.zeros(tasks, bool)
        if not setting.loss.always_optimal:
            risk = np.asarray(self.box(self.everyone).free.any(axis=1))
        moved = np.where(risk, np.inf, 0.0)
        lost = setting.frozen.all(axis=1)
        for t in np.flatnonzero(lost):
            gap[t], status[t] = np.nan, Status.NO_OPTIMUM
        pending = np.flatnonzero(~lost)
        worn = self.sources.worn(self.sources.price(len(self.columns), tasks, whole=False))
        spent = 0.0
        for count in range(MOST_STEPS):
            gap[pending] = self._gaps(pending)
            hopeful = pending[(gap[pending] <= self.goal[pending]) | (still[pending] >= 2)]
            if len(hopeful):
                if not self.whole:
                    self._full_pull(hopeful)
                grown = self.grow(self._violators())
                gap[hopeful] = self._gaps(hopeful)
                settled = (gap[hopeful] <= self.goal[hopeful]) | ((still[hopeful] >= 2) & (not grown))
                rests = ~risk[hopeful] | (moved[hopeful] <= RESTLESS) | (restless[hopeful] >= 8)
                for t in hopeful[settled & rests]:
                    near = gap[t] <= max(self.goal[t], 1e-10 * setting.null_loss[t])
                    status[t] = Status.CONVERGED if near else Status.STOPPED
                    if risk[t] and moved[t] > RESTLESS:
                        status[t], gap[t] = Status.NO_OPTIMUM, np.nan
                    pending = pending[pending != t]
            if not len(pending):
                self.sources.account(spent)
                self.expected = count
                return gap, status
            restless[pending] += gap[pending] <= self.goal[pending]
            poor = self._poor(pending, gap, before)
            before = gap.copy()
            # early quadratics need no more digits than the step that they are for
            far = np.where(np.isfinite(gap), gap, setting.null_loss)
            self.inner = np.maximum(self.small, 1e-7 * far * np.minimum(far / setting.null_loss, 1.0))
            stale = poor | risk | (worn and count == 0)
            moved[pending], idle = self._step(pending, stale, count=count, watched=risk)
            spent += len(pending) / tasks
            still[pending] = np.where(idle, still[pending] + 1, 0)
        self._full_pull(pending)
        self.grow(self._violators())
        gap[pending] = self._gaps(pending)
        return gap, status

    def _poor(self, pending: np.ndarray, gap: np.ndarray, before: np.ndarray) -> np.ndarray:
        """(T,) whose last step left so much of the gap that new second moments cost less than the steps which they
        spare, if progress went on like that."""
        poor = np.zeros(self.setting.tasks, bool)
        with np.errstate(divide="ignore", invalid="ignore"):
            left = np.log(np.minimum(self.goal[pending] / gap[pending], 1.0))
            pace = np.log(np.minimum(gap[pending] / before[pending], 1.0))
            steps = np.where(left == 0, 0.0, np.where(np.isnan(left / pace), np.inf, np.ceil(left / pace)))
            spared = steps - np.ceil(left / np.log(EXACT))
        price = self.sources.price(len(self.columns), len(pending), whole=self.whole)
        poor[pending] = (spared >= 1) & (spared.max() > price)
        return poor | (gap > before)

    def _set_strength(self, strength: float, boxes: Boxes | None) -> None:
        last, self.strength = self.strength, strength
        here = self.pull[:, self.columns]
        self.drift.go(last, strength, self.columns, self.coef, here, self.intercept, self.total)
        setting = self.setting
        if np.isinf(strength):
            self.boxes = self.boxes.unpenalized_alone()
            return
        self.boxes = boxes or setting.boxes(np.zeros((setting.design.p, setting.outputs)), strength)
        if np.isinf(last):  # there is no path yet: whoever is pulled out of zero
            share = 1.0 if setting.design.p * setting.outputs > SMALL else 0.0
        else:  # the sequential strong rule; at strength 0 every column is wanted
            share = max(2 - last / strength, 0.0) if strength > 0 else 0.0
        self._restrict(self.screen.louder(self.boxes, self.pull, share))

    def _restrict(self, wanted: np.ndarray) -> None:
        """Let columns leave the working set that are zero in every task and not ``wanted`` (p,); then grow."""
        stay = wanted[self.columns] | self.coef.any(axis=(0, 2))
        if stay.sum() < 0.7 * len(stay):
            self.place[self.columns[~stay]] = -1
            self.columns, self.coef = self.columns[stay], self.coef[:, stay]
            self.place[self.columns] = np.arange(len(self.columns))
        self.grow(np.flatnonzero(wanted))

    def grow(self, fresh: np.ndarray) -> bool:
        """Add columns to the working set, with coefficients zero: whether any was new."""
        fresh = fresh[self.place[fresh] < 0]
        if len(fresh):
            self.place[fresh] = np.arange(len(self.columns), len(self.columns) + len(fresh))
            self.columns = np.concatenate([self.columns, fresh])
            extra = np.zeros((self.setting.tasks, len(fresh), self.setting.outputs))
            self.coef = np.concatenate([self.coef, extra], axis=1)
        return len(fresh) > 0

    def box(self, tasks: np.ndarray) -> Box:
        """What the penalty asks of some tasks (T',) on the working set."""
        return self._last_box.take(self.boxes, tasks, self.columns)

    # ------------------------------------------------------------------ a Newton step
    def _step(
        self, pending: np.ndarray, stale: np.ndarray, *, count: int, watched: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Move every pending task: how far the predictors of those that are watched moved at most, and who moved by
        rounding only."""
        setting, C = self.setting, self.setting.outputs
        step, shift = propose(self, pending, stale, first=count == 0)
        shift[setting.frozen[pending]] = 0.0
        flat = step.transpose(1, 0, 2).reshape(len(self.columns), len(pending) * C)
        away = setting.design.dot_columns(self.columns, flat, setting.fills(pending)).T
        away = np.ascontiguousarray(away).reshape(len(pending), C, -1)
        away += shift[:, :, None]
        reach = np.full(len(pending), np.nan)
        for i in np.flatnonzero(watched[pending]):
            reach[i] = np.abs(away[i][:, setting.weight[pending[i]] > 0]).max()
        idle = np.zeros(len(pending), bool)
        tiny = np.abs(step).max(axis=(1, 2), initial=0.0) <= 1e-9 * np.abs(self.coef[pending]).max(
            axis=(1, 2), initial=0.0
        )
        for i in np.flatnonzero(tiny):
            idle[i] = np.abs(away[i]).max() <= 1e-14 * (1 + np.abs(self.eta[pending[i]]).max())
        # where the objective goes: downhill by `before` at the start of the step, by `after` at its end
        box = self.box(pending)
        rise = box.cost(self.coef[pending] + step) - box.cost(self.coef[pending])
        before = self._downhill(pending, step, shift)
        pull, total = self.pull[pending[:, None], self.columns], self.total[pending]
        self.coef[pending] += step
        self.intercept[pending] += shift
        for t, change in zip(pending, away, strict=True):
            self.eta[t] += change
        self._derive(pending)
        self._pull(pending, last=count + 1 == self.expected)
        after = self._downhill(pending, step, shift)
        # A convex loss falls by at least `after`, and by the mean of both if it is nearly quadratic on the way, as
        # steady losses are within a step that matters.
        with np.errstate(invalid="ignore"):
            floor = 1e-12 * (setting.null_loss[pending] + np.abs(rise))
            good = (rise - after <= (0.25 if setting.loss.steady else 0.0) * (before - after)) | (
                np.abs(before - rise) <= floor
            )
        bad = np.flatnonzero(~good | ~np.isfinite(after))
        share = np.ones(len(pending))
        if len(bad):
            again = pending[bad]
            self.coef[again] -= step[bad]
            self.intercept[again] -= shift[bad]
            self.eta[again] -= away[bad]
            share[bad], stuck = self._search(again, box.of(bad), step[bad], away[bad], rise[bad] - before[bad])
            idle[bad] |= stuck
            self.coef[again] += share[bad, None, None] * step[bad]
            self.intercept[again] += share[bad, None] * shift[bad]
            self.eta[again] += share[bad, None, None] * away[bad]
            self._derive(again)
            self._pull(again, last=False)
        self.strayed[pending] = share < 0.2
        if self.sources.whole:
            learn(self, pending, share[:, None, None] * step, share[:, None] * shift, pull, total)
        return reach, idle

    def _downhill(self, tasks: np.ndarray, step: np.ndarray, shift: np.ndarray) -> np.ndarray:
        """(T',) how fast the loss falls along a step."""
        pull = self.pull[tasks[:, None], self.columns]
        return np.asarray(np.einsum("tqc,tqc->t", pull, step) + np.einsum("tc,tc->t", self.total[tasks], shift))

    def _search(
        self, tasks: np.ndarray, box: Box, step: np.ndarray, away: np.ndarray, slope: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """(T',) the share of each step that decreases the objective sufficiently (Armijo, halving), and where none
        does."""
        coef, eta = self.coef[tasks], self.eta[tasks]
        value, cost = self.rows.value(tasks, eta), box.cost(coef)
        # below this the objective itself is rounding, and the whole step of a model that was good so far is taken
        floor = 1e-12 * (np.abs(value) + np.abs(cost) + self.setting.null_loss[tasks])
        share, stuck = np.ones(len(tasks)), np.zeros(len(tasks), bool)
        left = np.arange(len(tasks))
        for _ in range(50):
            part = share[left, None, None]
            new = self.rows.value(tasks[left], eta[left] + part * away[left])
            new += box.of(left).cost(coef[left] + part * step[left])
            limit = value[left] + cost[left] + 1e-4 * share[left] * np.minimum(slope[left], 0.0) + floor[left]
            left = left[~(new <= limit)]
            if not len(left):
                return share, stuck
            share[left] *= 0.5
        share[left], stuck[left] = 0.0, True
        return share, stuck

    # ------------------------------------------------------------------ pulls and gaps
    def _derive(self, tasks: np.ndarray) -> None:
        """What the rows pull at the present predictors."""
        slopes = self.rows.derive(tasks, self.eta, self.dual)
        self.total[tasks] = slopes.total
        self.lever[tasks] = np.nan if slopes.lever is None else slopes.lever
        self.slack[tasks] = 0.0
        if self.setting.intercept:
            if slopes.curvature is not None:
                known = slopes.curvature > 0
                with np.errstate(over="ignore", invalid="ignore"):
                    self.slack[tasks[known]] = 0.5 * slopes.total[known, 0] ** 2 / slopes.curvature[known]
                return
            for i, t in enumerate(tasks):
                total, model = slopes.total[i], self.models[t]
                if model is not None and model.inverse is not None:
                    inverse = model.inverse
                else:
                    inverse = pseudo_inverse(self.rows.curvatures(t, self.eta[t]).whole())
                self.slack[t] = 0.5 * total @ inverse @ total

    def _pull(self, tasks: np.ndarray, *, last: bool) -> None:
        """The pull on the working set, or on all columns where that is most of them, or many and these pulls are
        likely to be the ``last`` at this strength."""
        setting = self.setting
        self.whole = (8 if last else 2) * len(self.columns) > setting.design.p
        if self.whole:
            self._full_pull(tasks)
        elif len(self.columns):
            self._pull_of(tasks, self.columns)

    def _pull_of(self, tasks: np.ndarray, columns: np.ndarray) -> None:
        setting = self.setting
        pulls = setting.design.correlate_columns(columns, self._duals(tasks), setting.fills(tasks))
        self.pull[tasks[:, None], columns] = pulls.reshape(-1, len(tasks), setting.outputs).transpose(1, 0, 2)

    def _duals(self, tasks: np.ndarray) -> np.ndarray:
        """(n, T' C), a view where all tasks are meant."""
        dual = self.dual if len(tasks) == len(self.dual) else self.dual[tasks]
        return dual.reshape(-1, self.setting.design.n).T

    def _full_pull(self, tasks: np.ndarray) -> None:
        """The pull on all columns that can matter."""
        some = self.outlook.doubtful(self.boxes, self.dual, self.total)
        if some is not None:
            some = np.union1d(some, self.columns)
            self._pull_of(tasks, some)
            self.screen.look(self.pull, some)
            return
        setting = self.setting
        tasks = self.everyone if self.outlook.serves else tasks
        pulls = setting.design.correlate(self._duals(tasks), setting.fills(tasks))
        self.pull[tasks] = pulls.reshape(-1, len(tasks), setting.outputs).transpose(1, 0, 2)
        self.screen.look(self.pull)
        if self.outlook.serves:
            self.outlook.remember(self.dual, self.total, self.screen.loudest())

    def _violators(self) -> np.ndarray:
        """Columns that want to leave zero, as of the last pass over all."""
        return np.flatnonzero(self.screen.louder(self.boxes, self.pull, 1 + 1e-12))

    def _gaps(self, tasks: np.ndarray) -> np.ndarray:
        """(T',) absolute duality gaps of the problems on the working set: of the whole problems, where no column
        outside of it wants to enter."""
        pull, box = self.pull[tasks[:, None], self.columns], self.box(tasks)
        slack = self.slack[tasks].copy()
        free = box.free
        for i in np.flatnonzero(free.any(axis=1)):
            slack[i] += self._slack(int(tasks[i]), np.flatnonzero(free[i]), pull[i], box.of(int(i)))
        if not self.setting.loss.steady:
            slack *= DOUBT
        return duality_gaps(self.rows, tasks, self.eta, self.coef[tasks], pull, box, slack, self.lever[tasks])

    def _slack(self, t: int, free: np.ndarray, pull: np.ndarray, box: Box) -> float:
        """What one more Newton step on the unpenalized columns would gain, where no bound stands in their way: a finite
        one has its share in the gap. Columns and their pulls (q, C) and box (q,) are those of the working set."""
        pull = pull[free]
        unbounded = np.isinf(np.where(pull > 0, box.upper[free, None], -box.lower[free, None]))
        if not unbounded.any():
            return 0.0
        columns, model = self.columns[free], self.models[t]
        if model is not None and model.holds(columns):
            return model.gain(columns, pull, self.total[t], unbounded)
        if self.setting.outputs > 1:
            return np.inf
        return most_gain(self.dual[t][0], self.rows.curvature(t, self.eta[t])[0, 0])

    # ------------------------------------------------------------------ what is reported
    def loss(self) -> np.ndarray:
        """(T,) mean losses."""
        return self.rows.value(np.arange(self.setting.tasks), self.eta)

    def reported_intercept(self, t: int) -> np.ndarray:
        """(C,) as `Setting.reported_intercept` has it."""
        return self.setting.reported_intercept(t, self.intercept[t])
