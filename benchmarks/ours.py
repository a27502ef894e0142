"""rightfit as a contestant: its learner, with no estimator around it."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.contestant import Found, enter, need, timed
from benchmarks.workloads import CHECKED, FOLDS, Workload
from rightfit import catalog
from rightfit.contracts import Learner, Loss, Path, Penalty, Problem
from rightfit.data.design import make_design
from rightfit.records import Resamples, Trace
from rightfit.solvers.ridge import decompose


def make_loss(work: Workload) -> Loss:
    """The loss of a workload."""
    kind: Any = catalog.find("losses", work.family)
    loss: Loss = kind(classes=work.classes) if work.classes else kind()
    return loss


def make_problem(work: Workload) -> Problem:
    """The workload as arrays of the learner; nothing is copied."""
    loss, n = make_loss(work), len(work.y)
    return Problem(make_design(work.X), loss.check(work.y), loss, np.zeros(n))


def make_penalty(work: Workload) -> Penalty:
    """Elastic net, or the same by groups."""
    if not work.group:
        plain: Any = catalog.find("penalties", "elastic_net")
        penalty: Penalty = plain(work.l1_ratio)
        return penalty
    need("group" in catalog.names("penalties"), "this version has no penalty on groups")
    grouped: Any = catalog.find("penalties", "group")
    penalty = grouped(np.arange(work.X.shape[1]) // work.group, work.l1_ratio)
    return penalty


def _learner(work: Workload, tolerance: float, *, intercept: bool) -> Learner:
    linear: Any = catalog.find("learners", "linear")
    learner: Learner = linear(
        penalty=make_penalty(work),
        strengths=work.strengths,
        standardize=False,
        intercept=intercept,
        tolerance=tolerance,
    )
    return learner


def _checked(trace: Trace) -> tuple[np.ndarray, np.ndarray]:
    return np.stack([trace.coef(k) for k in CHECKED]), trace.intercept[CHECKED]


@enter("rightfit", "path", 1e-6)
def path(work: Workload, tolerance: float) -> Found:
    """One path on all rows."""
    need(work.l1_ratio > 0, "a ridge is walked by leave-one-out here")
    learner = _learner(work, tolerance, intercept=work.intercept)
    seconds, paths = timed(
        lambda: learner.fit_paths(make_problem(work), Resamples.full(np.ones(len(work.y))))  # the design is made inside
    )
    trace = paths[0].trace()
    return Found(seconds, *_checked(trace), note=f"largest gap reported {np.nanmax(trace.gap):.1e}")


@enter("rightfit", "cv", 1e-6)
def cross_validate(work: Workload, tolerance: float) -> Found:
    """All folds and the full path in one call, and the loss on every row left out at every strength."""
    need(work.l1_ratio > 0, "a ridge is walked by leave-one-out here")
    held = work.fold == np.arange(FOLDS)[:, None]
    multiplicity = np.vstack([np.ones((1, len(work.y)), np.uint8), (~held).astype(np.uint8)])
    resamples = Resamples(np.ones(len(work.y)), multiplicity, np.vstack([np.zeros_like(held[:1]), held]))
    learner = _learner(work, tolerance, intercept=True)

    def choose() -> float:
        problem = make_problem(work)
        paths = learner.fit_paths(problem, resamples)
        lost = sum(_lose(problem, path, np.flatnonzero(row)) for path, row in zip(paths[1:], held, strict=True))
        return float(work.strengths[int(np.argmin(lost))])

    seconds, chosen = timed(choose)
    return Found(seconds, chosen=chosen)


def _lose(problem: Problem, path: Path, rows: np.ndarray) -> np.ndarray:
    """(K,) sums of the loss."""
    eta = path.predict(problem.design.take(rows))
    y = problem.y[rows]
    return np.array([problem.loss.value(y, e if problem.loss.outputs > 1 else e[:, 0]).sum() for e in eta])


@enter("rightfit", "loo", 0.0)
def leave_one_out(work: Workload, tolerance: float) -> Found:
    """Exact leave-one-out of all strengths from one decomposition."""
    need(work.l1_ratio == 0, "exact leave-one-out is ridge's")
    y, n = work.y[:, None], len(work.y)

    def choose() -> tuple[float, np.ndarray, np.ndarray]:
        design = make_design(work.X)
        found = decompose(design, y, np.ones(n), intercept=True)
        residual = found.leave_one_out(design, y, work.strengths)
        best = int(np.argmin((residual[:, :, 0] ** 2).mean(axis=0)))
        return (float(work.strengths[best]), *found.coef(work.strengths[best : best + 1]))

    seconds, (chosen, coef, intercept) = timed(choose)
    return Found(seconds, coef, intercept, chosen)
