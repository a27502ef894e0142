"""A learner that a reader can check by eye: ridge by Newton's method on a dense copy, one resample after the other.

It is the slow twin of the real learners in the tests of `rightfit.evidence`: small, exact, and with a lasso-free path.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rightfit.contracts import Design, Learner, Loss, Model, Path, Problem
from rightfit.data.design import make_design
from rightfit.records import Fitted, Resamples, Trace


def dense(design: Design) -> np.ndarray:
    """The design as an array, through its own products; without missing values."""
    return design.dot(np.eye(design.p), np.zeros(design.p))


def make_problem(X: np.ndarray, y: np.ndarray, loss: Loss, offset: np.ndarray | None = None) -> Problem:
    return Problem(make_design(X), loss.check(y), loss, np.zeros(len(y)) if offset is None else offset)


def fit_ridge(
    X: np.ndarray, y: np.ndarray, loss: Loss, weight: np.ndarray, offset: np.ndarray, strength: float
) -> np.ndarray:
    """(1 + p,) intercept and coefficients: argmin mean loss + strength / 2 * sum coef^2, by Newton's method."""
    A = np.column_stack([np.ones(len(X)), X])
    share = weight / weight.sum()
    ridge = strength * np.diag(np.r_[0.0, np.ones(X.shape[1])])
    b = np.zeros(A.shape[1])
    for _ in range(60):
        eta = A @ b + offset
        gradient = A.T @ (share * loss.slope(y, eta)) + ridge @ b
        hessian = A.T @ (A * (share * loss.curvature(y, eta))[:, None]) + ridge
        step = np.linalg.solve(hessian + 1e-12 * np.eye(len(b)), gradient)
        b = b - step / max(1.0, np.abs(step).max())
        if np.abs(step).max() < 1e-13:
            break
    return b


@dataclass(frozen=True)
class StandInModel(Model):
    coef: np.ndarray

    def predict(self, design: Design, offset: np.ndarray | None = None) -> np.ndarray:
        eta = self.coef[0] + dense(design) @ self.coef[1:]
        return (eta if offset is None else eta + offset)[:, None]

    def fitted(self) -> Fitted:
        return Fitted("stand_in", "squared", {"coef": self.coef})


class StandInPath(Path):
    def __init__(self, strengths: np.ndarray, coef: np.ndarray, complexity: np.ndarray) -> None:
        self.strengths, self.coef, self.complexity = strengths, coef, complexity
        self.status = np.zeros(len(strengths), np.int8)

    def predict(self, design: Design, offset: np.ndarray | None = None) -> np.ndarray:
        return np.stack([self.model(k).predict(design, offset) for k in range(len(self.strengths))])

    def model(self, step: int) -> StandInModel:
        return StandInModel(self.coef[step])

    def importance(self, step: int) -> np.ndarray:
        size = np.abs(self.coef[step, 1:])
        return size / (size.sum() or 1.0)

    def size(self, step: int) -> str:
        return f"{np.count_nonzero(self.coef[step, 1:])} features"

    def trace(self) -> Trace:
        steps, p = len(self.strengths), self.coef.shape[1] - 1
        return Trace(
            self.strengths, self.coef[:, :1],
            np.arange(0, steps * p + 1, p), np.tile(np.arange(p), steps), self.coef[:, 1:].ravel(),
            p, 1, np.zeros(steps), self.status, self.complexity, np.zeros(steps), np.zeros(p), np.ones(p),
        )  # fmt: skip


@dataclass(frozen=True)
class StandIn(Learner):
    strengths: tuple[float, ...] = (10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.0)
    name: ClassVar[str] = "stand_in"
    coefficients: ClassVar[bool] = True

    @property
    def words(self) -> str:
        return "ridge by hand"

    @property
    def settings(self) -> dict[str, float]:
        return {}

    def fit_paths(self, problem: Problem, resamples: Resamples) -> list[StandInPath]:
        X, paths = dense(problem.design), []
        strengths = np.array(self.strengths)
        for k in range(len(resamples)):
            w = resamples.weights(k)
            coef = np.array([fit_ridge(X, problem.y, problem.loss, w, problem.offset, s) for s in strengths])
            share = w / w.sum()
            centred = (X - share @ X) * np.sqrt(share)[:, None]
            values = np.linalg.svd(centred, compute_uv=False) ** 2
            df = np.array([np.sum(values[values > 1e-12] / (values[values > 1e-12] + s)) for s in strengths])
            paths.append(StandInPath(strengths, coef, df))
        return paths
