"""Concave penalties: a sequence of convex problems, each with the penalty's tangent at the last one's solution.

The tangent (local linear approximation; Zou and Li 2008) touches the penalty and lies above it, so that a solution of
the tangent problem never has a larger objective: every round decreases it, the first starts from the last strength's
solution. A task is finished when the solver leaves its coefficients where they are, that is when they solve their own
tangent problem to the gap that is reported; or when a round gains less than a thousandth of ``tolerance`` times the
null loss, so that a thousand more like it would gain no more than the tolerance. Such a point is stationary. A concave
objective may have others, and no gap tells which is best.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from rightfit.records import Status
from rightfit.solvers.boxes import Boxes
from rightfit.solvers.moments import AT_ONCE, Moments
from rightfit.solvers.newton import NewtonWalk
from rightfit.solvers.quadratic import gram_paths
from rightfit.solvers.setting import Setting
from rightfit.solvers.steps import Steps

MOST_TANGENTS = 200
"""Tangents a strength; 3 to 15 are usual."""
ROUNDING = 1e-14
"""A decrease of the objective, relative to the null loss, that cannot be told from rounding."""
STILL = 1e-10
"""A change of the standardized coefficients, relative to the largest, that is none."""


def tangent_paths(
    setting: Setting, strengths: np.ndarray, *, tolerance: float, threads: int, second_moments: bool
) -> list[Steps]:
    """One path a task at these strengths; tangent problems are solved to ``tolerance`` times the null loss, from
    second moments of all columns where these fit (squared error)."""
    if not second_moments:
        return _walk(_ByNewton(setting, tolerance, threads), strengths, tolerance)
    moments = Moments(setting)
    paths: list[Steps] = []
    together = max(1, int(AT_ONCE // max(setting.design.p**2, 1)))
    for first in range(0, setting.tasks, together):
        some = slice(first, min(first + together, setting.tasks))
        gram = np.array([moments.of(t) for t in range(some.start, some.stop)])
        paths += _walk(_ByMoments(setting.some(some), gram, tolerance, threads), strengths, tolerance)
    return paths


class _Lane(ABC):
    """A solver of the tangent problems, that stands where it stopped."""

    setting: Setting

    @abstractmethod
    def solve(self, strength: float, boxes: Boxes, pending: np.ndarray) -> tuple[np.ndarray, list[Status]]:
        """Go to the optimum in this box: absolute gaps (T,), and how each task ended. Tasks that are not ``pending``
        (T,) may be left where they are."""

    @abstractmethod
    def coef(self) -> np.ndarray:
        """(T, p, C) a copy, on the original scale."""

    @abstractmethod
    def intercept(self, t: int) -> np.ndarray:
        """(C,)"""

    @abstractmethod
    def loss(self) -> np.ndarray:
        """(T,) mean losses."""


def _walk(lane: _Lane, strengths: np.ndarray, tolerance: float) -> list[Steps]:
    setting = lane.setting
    paths = [Steps(setting.design.p, setting.outputs) for _ in range(setting.tasks)]
    for strength in strengths:
        gap, status = _settle(lane, float(strength), tolerance)
        coef, explained = lane.coef(), 1 - lane.loss() / setting.null_loss
        for t, path in enumerate(paths):
            active = np.flatnonzero(coef[t].any(axis=1))
            path.add(
                strength,
                active,
                coef[t][active],
                lane.intercept(t),
                gap=gap[t] / setting.null_loss[t],
                status=status[t],
                complexity=float(np.count_nonzero(coef[t])),
                explained=explained[t],
            )
    return paths


def _settle(lane: _Lane, strength: float, tolerance: float) -> tuple[np.ndarray, list[Status]]:
    """Tangent after tangent until no task moves: absolute gaps of the last ones, and how each task ended."""
    setting = lane.setting
    least = 1e-3 * tolerance * setting.null_loss if 1e-3 * tolerance >= ROUNDING else -np.inf
    standard = lane.coef() * setting.divisor.T[:, :, None]
    value = lane.loss() + setting.cost(standard, strength)
    boxes = setting.boxes(standard, strength)
    done = np.zeros(setting.tasks, bool)
    for _ in range(MOST_TANGENTS):
        gap, status = lane.solve(strength, boxes, ~done)
        last, standard = standard, lane.coef() * setting.divisor.T[:, :, None]
        still = np.abs(standard - last).max(axis=(1, 2)) <= STILL * np.abs(standard).max(axis=(1, 2))
        before, value = value, lane.loss() + setting.cost(standard, strength)
        lost = np.array([s is Status.NO_OPTIMUM for s in status])
        done |= lost | still | (before - value <= least)
        if done.all():
            break
        boxes = boxes.renewed(setting.boxes(standard, strength), ~done)
    return gap, [_ending(own, finished=bool(end)) for own, end in zip(status, done, strict=True)]


def _ending(status: Status, *, finished: bool) -> Status:
    if status is Status.CONVERGED:
        return Status.STATIONARY if finished else Status.STOPPED
    return status


class _ByNewton(_Lane):
    """Any smooth loss."""

    def __init__(self, setting: Setting, tolerance: float, threads: int):
        self.setting = setting
        self.walk = NewtonWalk(setting, tolerance, threads)

    def solve(self, strength: float, boxes: Boxes, pending: np.ndarray) -> tuple[np.ndarray, list[Status]]:
        return self.walk.solve(strength, boxes)

    def coef(self) -> np.ndarray:
        out = np.zeros((self.setting.tasks, self.setting.design.p, self.setting.outputs))
        out[:, self.walk.columns] = self.walk.coef
        return out

    def intercept(self, t: int) -> np.ndarray:
        return self.walk.reported_intercept(t)

    def loss(self) -> np.ndarray:
        return self.walk.loss()


class _ByMoments(_Lane):
    """Squared error, from second moments (T, p, p)."""

    def __init__(self, setting: Setting, gram: np.ndarray, tolerance: float, threads: int):
        self.setting, self.gram, self.tolerance, self.threads = setting, gram, tolerance, threads
        residual = setting.weight.T * ((setting.y - setting.offset)[:, None] - setting.null_intercept[:, 0])
        self.linear = setting.design.correlate(residual, setting.fill).T
        if setting.intercept:
            self.linear -= residual.sum(axis=0)[:, None] * setting.fill.T
        self.here = np.zeros((setting.tasks, setting.design.p))
        self.gap = np.zeros(setting.tasks)
        self.finished = np.zeros(setting.tasks, bool)

    def solve(self, strength: float, boxes: Boxes, pending: np.ndarray) -> tuple[np.ndarray, list[Status]]:
        unit = self.setting.null_loss
        tasks = np.flatnonzero(pending)
        coef, gap, converged = gram_paths(
            self.gram if pending.all() else self.gram[tasks],
            self.linear[tasks],
            boxes.take(tasks, np.arange(self.setting.design.p)),
            np.ones(1),
            start=self.here[tasks],
            tolerance=self.tolerance * unit[tasks],
            constant=unit[tasks],
            threads=self.threads,
        )
        self.here[tasks], self.gap[tasks], self.finished[tasks] = coef[:, 0], gap[:, 0], converged[:, 0]
        return self.gap.copy(), [Status.CONVERGED if ok else Status.STOPPED for ok in self.finished]

    def coef(self) -> np.ndarray:
        return self.here[:, :, None].copy()

    def intercept(self, t: int) -> np.ndarray:
        setting = self.setting
        return setting.null_intercept[t] - (setting.fill[:, t] @ self.here[t] if setting.intercept else 0.0)

    def loss(self) -> np.ndarray:
        gained = np.einsum("tp,tp->t", self.here, 2 * self.linear - np.einsum("tpq,tq->tp", self.gram, self.here)) / 2
        return self.setting.null_loss - gained
