"""How far an answer can be from the optimum, whoever gave it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.workloads import Workload


@dataclass(frozen=True)
class Answer:
    """Coefficients at every strength that a contestant answers for."""

    strengths: np.ndarray
    """(k,) all of the workload's, or the one that a cross-validation chose."""
    coef: np.ndarray
    """(k, p)"""
    intercept: np.ndarray
    """(k,)"""


@dataclass(frozen=True)
class Bounds:
    """Lower bounds of the optima of a workload, from a tight run's objectives less its duality gaps."""

    strengths: np.ndarray
    lower: np.ndarray
    null: float
    """Mean loss of the constant model, the unit of the excess."""


def objective(work: Workload, answer: Answer) -> np.ndarray:
    """(k,) mean loss plus penalty."""
    eta = np.asarray(work.X @ answer.coef.T) + answer.intercept
    loss = np.array([work.loss.value(work.y, column).mean() for column in eta.T])
    l1, l2 = np.abs(answer.coef).sum(axis=1), (answer.coef**2).sum(axis=1) / 2
    return loss + answer.strengths * (work.l1_ratio * l1 + (1 - work.l1_ratio) * l2)


def bounds(work: Workload, tight: Answer, gap: np.ndarray) -> Bounds:
    """``gap`` (k,) is relative to the null loss, as rightfit reports it."""
    weight = np.full(len(work.y), 1 / len(work.y))
    constant = work.loss.null(work.y, weight, np.zeros(len(work.y)))[0]
    null = float(work.loss.value(work.y, np.full(len(work.y), constant)).mean())
    return Bounds(tight.strengths, objective(work, tight) - gap * null, null)


def excess(work: Workload, answer: Answer, bound: Bounds) -> float:
    """The worst certified distance from the optimum over the answer's strengths, relative to the null loss."""
    where = [int(np.argmin(np.abs(np.log(bound.strengths / s)))) for s in answer.strengths]
    return float(np.max((objective(work, answer) - bound.lower[where]) / bound.null))
