"""Penalties that do not separate, with any smooth loss: accelerated proximal gradient steps for all tasks at once.

FISTA (Beck and Teboulle 2009, section 4, with backtracking) with the momentum taken back where it points uphill
(O'Donoghue and Candes 2015, section 3.2). A penalty that is a seminorm allows a dual point by scaling the slope of
the loss until the dual norm of its gradient is the strength; so every strength ends with a duality gap, as
`rightfit.solvers.certificate` has it for penalties that separate:

    sum_i w_i [f_i(eta_i) + f_i*(u_i) - eta_i u_i]  +  P(b) + <s gradient, b>,    s = min(1, strength / dual norm).

The intercept, and what the penalty leaves free, is brought to its optimum by Newton steps before a gap is taken; what
is left there enters as the decrease that one more would promise. Before that, a Newton step is tried along the
pattern that the gradient steps have found (clusters, runs), on which the penalty is linear: it ends what gradient
steps alone would approach for long.
"""

from __future__ import annotations

import numpy as np

from rightfit.contracts import ProxPenalty
from rightfit.errors import OptionError
from rightfit.records import Status
from rightfit.solvers.moments import AT_ONCE, Moments
from rightfit.solvers.setting import Setting
from rightfit.solvers.smooth import ByMoments, ByRows, Smooth
from rightfit.solvers.steps import Steps

MOST_STEPS = 20_000
"""Steps a strength; 10 to 300 are usual."""
BETWEEN_GAPS = 10
"""Steps between two looks at the gap."""
FINE = 1e-10
"""A gap, relative to the null loss, that rounding may keep from the goal."""
LARGEST_PATTERN = 300
"""Directions of a pattern along which a Newton step is tried."""


def proximal_paths(
    setting: Setting, strengths: np.ndarray, *, tolerance: float, threads: int, second_moments: bool
) -> list[Steps]:
    """One path a task at these strengths (above 0), to a gap of ``tolerance`` times the task's null loss, from second
    moments of all columns where these fit (squared error). All tasks are walked by one thread."""
    refuse(setting, strengths)
    if not second_moments:
        return _walk(ProximalWalk(ByRows(setting), tolerance), strengths)
    moments = Moments(setting)
    paths: list[Steps] = []
    together = max(1, int(AT_ONCE // max(setting.design.p**2, 1)))
    for first in range(0, setting.tasks, together):
        some = slice(first, min(first + together, setting.tasks))
        gram = np.array([moments.of(t) for t in range(some.start, some.stop)])
        paths += _walk(ProximalWalk(ByMoments(setting.some(some), gram), tolerance), strengths)
    return paths


def proximal_steepest(setting: Setting) -> float:
    """The smallest strength at which the first task's penalized coefficients are zero."""
    refuse(setting, np.ones(1))
    walk = ProximalWalk(ByRows(setting.only(0)), 1e-12)
    for _ in range(20):
        gradient = walk.settle(np.array([0]))
    still = setting.excluded[:, 0]
    return float(setting.penalty.steepest(gradient[0, : setting.design.p], still))


def refuse(setting: Setting, strengths: np.ndarray) -> None:
    """OptionError where this loss, or a strength of 0, is out of reach."""
    name, loss = setting.penalty.name, setting.loss
    if loss.coupled:
        raise OptionError(
            f"penalty {name} does not work with the {loss.name} loss, whose rows depend on each other: "
            "choose lasso, elastic_net, mcp, scad or adaptive"
        )
    if strengths[-1] == 0:
        raise OptionError(
            f"penalty {name} cannot be walked to strength 0: end the strengths above it, or fit strength 0 by itself "
            "with penalty elastic_net"
        )


def _walk(walk: ProximalWalk, strengths: np.ndarray) -> list[Steps]:
    smooth, setting = walk.smooth, walk.smooth.setting
    paths = [Steps(setting.design.p, setting.outputs) for _ in range(setting.tasks)]
    everyone = np.arange(setting.tasks)
    for strength in strengths:
        gap, status = walk.solve(float(strength))
        explained = 1 - smooth.value(everyone, walk.points, walk.image) / setting.null_loss
        for t, path in enumerate(paths):
            coef, intercept = smooth.reported(t, walk.points[t])
            active = np.flatnonzero(coef.any(axis=1))
            path.add(
                strength,
                active,
                coef[active],
                intercept,
                gap=gap[t] / setting.null_loss[t],
                status=status[t],
                complexity=len(walk.penalties[t].pattern(walk.points[t, : setting.design.p])[1]),
                explained=explained[t],
            )
    return paths


class ProximalWalk:
    """Where all tasks stand."""

    def __init__(self, smooth: Smooth, tolerance: float):
        self.smooth = smooth
        setting = smooth.setting
        self.penalties = [p for p in setting.penalties if isinstance(p, ProxPenalty)]
        self.goal = tolerance * setting.null_loss
        self.points = smooth.start()
        self.image = smooth.image(np.arange(setting.tasks), self.points)
        self.slack = np.zeros(setting.tasks)
        self.steep = np.full(setting.tasks, 1.0)
        """(T,) upper bounds of the curvature, as far as it was seen"""
        p, C = setting.design.p, setting.outputs
        free = self.penalties[0].free(p).T
        along = np.zeros((len(free) + smooth.extra, p + smooth.extra))
        along[: len(free), :p] = free
        if smooth.extra:
            along[-1, -1] = 1.0
        self.directions = np.einsum("kp,cd->kcpd", along, np.eye(C)).reshape(-1, p + smooth.extra, C)
        """(k, p + e, C) what costs nothing"""

    # ------------------------------------------------------------------ one strength
    def solve(self, strength: float) -> tuple[np.ndarray, list[Status]]:
        """Bring every task to its optimum: absolute gaps and how each ended."""
        setting = self.smooth.setting
        status = [Status.STOPPED] * setting.tasks
        gap = np.full(setting.tasks, np.inf)
        lost = setting.frozen.all(axis=1)
        for t in np.flatnonzero(lost):
            gap[t], status[t] = np.nan, Status.NO_OPTIMUM
        pending = np.flatnonzero(~lost)
        self.steep *= 0.8  # what was seen far away may not hold here
        last, last_image = self.points.copy(), self.image.copy()
        age = np.ones(setting.tasks)
        still, least = np.zeros(setting.tasks, int), np.full(setting.tasks, np.inf)
        for step in range(MOST_STEPS):
            if step % BETWEEN_GAPS == 0:
                before, before_image = self.points[pending], self.image[pending]
                age[self._follow(pending, strength)] = 1.0
                gap[pending] = self._gaps(pending, self.settle(pending), strength)
                last[pending] += self.points[pending] - before
                last_image[pending] += self.image[pending] - before_image
                # at this gap only rounding is left, once looks in a row have found no smaller one
                fine = gap[pending] <= np.maximum(self.goal[pending], FINE * setting.null_loss[pending])
                still[pending] = np.where(gap[pending] < 0.9 * least[pending], 0, still[pending] + 1)
                least[pending] = np.minimum(least[pending], gap[pending])
                done = (gap[pending] <= self.goal[pending]) | (fine & (still[pending] >= 4))
                for t, near in zip(pending[done], fine[done], strict=True):
                    status[t] = Status.CONVERGED if near else Status.STOPPED
                pending = pending[~done]
            if not len(pending):
                break
            # the point that momentum leads to
            older, age[pending] = age[pending], 0.5 * (1 + np.sqrt(1 + 4 * age[pending] ** 2))
            share = ((older - 1) / age[pending])[:, None, None]
            ahead = self.points[pending] + share * (self.points[pending] - last[pending])
            ahead_image = self.image[pending] + share * (self.image[pending] - last_image[pending])
            new, new_image = self._forward(pending, ahead, ahead_image, strength)
            uphill = np.einsum("tpc,tpc->t", ahead - new, new - self.points[pending]) > 0
            age[pending[uphill]] = 1.0
            last[pending], last_image[pending] = self.points[pending], self.image[pending]
            self.points[pending], self.image[pending] = new, new_image
        return gap, status

    def _forward(
        self, pending: np.ndarray, start: np.ndarray, image: np.ndarray, strength: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """A gradient step and the penalty's prox, shorter where the loss bends more than was thought."""
        gradient = self.smooth.gradient(pending, image)
        new, new_image = np.empty_like(start), np.empty_like(image)
        left = np.arange(len(pending))
        for _ in range(60):
            tasks = pending[left]
            steep = self.steep[tasks]
            found = start[left] - gradient[left] / steep[:, None, None]
            p = self.smooth.setting.design.p
            for i, t in enumerate(tasks):
                found[i, :p] = self.penalties[t].prox(found[i, :p], strength / steep[i])
            new[left], new_image[left] = found, self.smooth.image(tasks, found)
            rise = self.smooth.rise(tasks, (start[left], image[left], gradient[left]), (new[left], new_image[left]))
            allowed = 0.5 * steep * np.einsum("tpc,tpc->t", found - start[left], found - start[left])
            left = left[~(rise <= allowed * (1 + 1e-12))]
            if not len(left):
                break
            self.steep[pending[left]] *= 2.0
        return new, new_image

    # ------------------------------------------------------------------ certificates
    def settle(self, tasks: np.ndarray) -> np.ndarray:
        """A Newton step along what costs nothing, and the gradient (T', p + e, C) where it ends."""
        gradient = self.smooth.gradient(tasks, self.image[tasks])
        if not len(self.directions):
            return gradient
        for _ in range(5):
            slack, step = np.zeros(len(tasks)), np.zeros_like(gradient)
            for i, t in enumerate(tasks):
                step[i], slack[i] = self._newton(t, self.directions, gradient[i], 0.0)
            self.slack[tasks] = slack
            if not (slack > 1e-3 * self.goal[tasks]).any():
                break
            self._descend(tasks, step)
            gradient = self.smooth.gradient(tasks, self.image[tasks])
        return gradient

    def _descend(self, tasks: np.ndarray, step: np.ndarray) -> None:
        """Go along steps (T', p + e, C) that change no price: whole, or halved until the loss does not rise. Where the
        second derivative jumps, a whole one may go far beyond the optimum."""
        here = self.smooth.value(tasks, self.points[tasks], self.image[tasks])
        limit = here + 1e-14 * (np.abs(here) + self.smooth.setting.null_loss[tasks])
        left, share = np.arange(len(tasks)), 1.0
        for _ in range(40):
            some = tasks[left]
            with np.errstate(over="ignore", invalid="ignore"):
                new = self.points[some] + share * step[left]
                image = self.smooth.image(some, new)
                good = self.smooth.value(some, new, image) <= limit[left]
            self.points[some[good]], self.image[some[good]] = new[good], image[good]
            left, share = left[~good], share / 2
            if not len(left):
                break

    def _newton(
        self, t: int, directions: np.ndarray, gradient: np.ndarray, slope: np.ndarray | float
    ) -> tuple[np.ndarray, float]:
        """The step (p + e, C) along directions on which the penalty has this slope, and half its decrement."""
        pull = np.tensordot(directions, gradient, axes=2) + slope
        bend = self.smooth.bend(t, self.image[t], directions)
        move = -np.linalg.pinv(bend, rcond=1e-12, hermitian=True) @ pull
        return np.tensordot(move, directions, axes=1), -0.5 * float(pull @ move)

    def _follow(self, tasks: np.ndarray, strength: float) -> np.ndarray:
        """Try a Newton step along each task's pattern; the tasks (T',) that took it."""
        setting, p = self.smooth.setting, self.smooth.setting.design.p
        gradient = self.smooth.gradient(tasks, self.image[tasks])
        tried, step = [], np.zeros_like(gradient)
        for i, t in enumerate(tasks):
            found, slope = self.penalties[t].pattern(self.points[t, :p])
            if not 0 < len(slope) <= LARGEST_PATTERN:
                continue
            directions = np.zeros((len(slope), p + self.smooth.extra, setting.outputs))
            directions[:, :p] = found.toarray().reshape(len(slope), p, -1)
            directions = np.concatenate([directions, self.directions])
            slopes = np.concatenate([strength * slope, np.zeros(len(self.directions))])
            step[i], _ = self._newton(t, directions, gradient[i], slopes)
            tried.append(i)
        here = np.array(tried, int)
        if not len(here):
            return here
        some = tasks[here]
        cost = self.smooth.value(some, self.points[some], self.image[some]) + self._cost(
            self.points[some], some, strength
        )
        taken = []
        for share in (1.0, 0.5, 0.1):
            new = self.points[some] + share * step[here]
            image = self.smooth.image(some, new)
            less = self.smooth.value(some, new, image) + self._cost(new, some, strength) <= cost
            self.points[some[less]], self.image[some[less]] = new[less], image[less]
            taken.append(some[less])
            here, some, cost = here[~less], some[~less], cost[~less]
            if not len(some):
                break
        return np.concatenate(taken)

    def _cost(self, points: np.ndarray, tasks: np.ndarray, strength: float) -> np.ndarray:
        p = self.smooth.setting.design.p
        return np.array([self.penalties[t].value(b[:p], strength) for t, b in zip(tasks, points, strict=True)])

    def _gaps(self, tasks: np.ndarray, gradient: np.ndarray, strength: float) -> np.ndarray:
        """(T',) absolute duality gaps."""
        setting = self.smooth.setting
        p = setting.design.p
        scale, share = np.ones(len(tasks)), np.zeros(len(tasks))
        for i, t in enumerate(tasks):
            penalty, g, b = self.penalties[t], gradient[i, :p], self.points[t, :p]
            norm = penalty.steepest(g, setting.excluded[:, t])
            scale[i] = min(1.0, strength / norm) if norm > 0 else 1.0
            share[i] = max(penalty.value(b, strength) + scale[i] * float((g * b).sum()), 0.0)
        excess = self.smooth.excess(tasks, self.points[tasks], self.image[tasks], scale)
        return np.asarray(self.slack[tasks] + excess + share)
