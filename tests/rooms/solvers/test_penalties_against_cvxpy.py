"""Random problems with SLOPE, fused and adaptive penalties, and with tangents of MCP and SCAD, against cvxpy: the
objective agrees to 1e-7 of the null loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rightfit import catalog
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.learners.linear import Linear
from rightfit.penalties.adaptive import Adaptive
from rightfit.penalties.fused import Fused
from rightfit.penalties.mcp import Mcp
from rightfit.penalties.scad import Scad
from rightfit.penalties.slope import Slope
from rightfit.records import Resamples
from rightfit.solvers.newton import NewtonWalk
from rightfit.solvers.setting import prepare
from tests.laws.test_weights import target

cp = pytest.importorskip("cvxpy", reason="cvxpy is not installed")

LOSSES = ["squared", "logistic", "poisson"]


def random_problem(loss: str, rng: Any) -> tuple[Problem, Any, Any]:
    n, p = int(rng.integers(15, 60)), int(rng.integers(2, 12))
    x = rng.normal(size=(n, p)) + rng.normal(size=(n, 1)) * rng.uniform(0, 1)
    made = catalog.find("losses", loss)()
    y = target(made, x @ (rng.normal(size=p) * (rng.random(p) < 0.5)), rng)
    y[:2] = [0, 1]
    weight = rng.uniform(0.2, 2, size=n)
    return Problem(make_design(x), y, made, 0.2 * rng.normal(size=n)), x, weight / weight.sum()


def mean_loss(problem: Problem, weight: Any, eta: Any) -> Any:
    y = problem.y
    if problem.loss.name == "squared":
        return weight @ cp.square(y - eta) / 2
    if problem.loss.name == "logistic":
        return weight @ (cp.logistic(eta) - cp.multiply(y, eta))
    return weight @ (cp.exp(eta) - cp.multiply(y, eta))


def value(problem: Problem, weight: Any, x: Any, b: Any, b0: float) -> float:
    eta, y = x @ b + b0 + problem.offset, problem.y
    loss = {
        "squared": lambda: (y - eta) ** 2 / 2,
        "logistic": lambda: np.logaddexp(0, eta) - y * eta,
        "poisson": lambda: np.exp(eta) - y * eta,
    }[problem.loss.name]()
    return float(weight @ loss)


def best(problem: Problem, weight: Any, x: Any, cost: Any) -> float:
    """cvxpy's optimum; skipped where it is not sure of it."""
    b, b0 = cp.Variable(x.shape[1]), cp.Variable()
    task = cp.Problem(cp.Minimize(mean_loss(problem, weight, x @ b + b0 + problem.offset) + cost(b)))
    task.solve(solver="CLARABEL", tol_gap_abs=1e-10, tol_gap_rel=1e-10, tol_feas=1e-10)
    if task.status != "optimal":
        pytest.skip("the reference solver is not sure of its answer")
    return float(task.value)


def sorted_cost(b: Any, w: Any) -> Any:
    steps = w - np.append(w[1:], 0)
    return sum(float(s) * cp.sum_largest(cp.abs(b), k + 1) for k, s in enumerate(steps))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kind", ["slope", "fused", "variation", "adaptive"])
@pytest.mark.parametrize("loss", LOSSES)
def test_the_optimum_is_cvxpys(loss: str, kind: str, seed: int) -> None:
    rng = np.random.default_rng([seed, LOSSES.index(loss), len(kind)])
    problem, x, weight = random_problem(loss, rng)
    p, strength = x.shape[1], float(rng.uniform(0.02, 0.3))
    w = np.sort(rng.exponential(size=p))[::-1]
    order = rng.permutation(p)
    share = float(rng.uniform(0.1, 0.9)) if kind == "fused" else 1.0
    penalty, cost = {
        "slope": (Slope(weights=w), lambda b: sorted_cost(b, w)),
        "fused": (Fused(share, order), lambda b: share * cp.norm1(cp.diff(b[order])) + (1 - share) * cp.norm1(b)),
        "variation": (Fused(1.0), lambda b: cp.norm1(cp.diff(b))),
        "adaptive": (Adaptive(weights=w), lambda b: w @ cp.abs(b)),
    }[kind]
    learner = Linear(penalty, strengths=np.array([strength]), standardize=False, tolerance=1e-10)
    trace = learner.fit_paths(problem, Resamples.full(weight))[0].trace()
    coef, constant = trace.coef(0), trace.intercept[0, 0]
    ours = value(problem, weight, x, coef[:, 0], constant) + penalty.value(coef, strength)
    unit = value(problem, weight, x, np.zeros(p), problem.loss.null(problem.y, weight, problem.offset)[0])
    theirs = best(problem, weight, x, lambda b: strength * cost(b))
    assert abs(ours - theirs) <= 1e-7 * max(abs(unit), 1.0)


@pytest.mark.parametrize("penalty", [Mcp(), Scad()], ids=lambda p: p.name)
@pytest.mark.parametrize("seed", range(6))
def test_tangent_problems_are_cvxpys(seed: int, penalty: Any) -> None:
    """One round: the weighted lasso that the tangent at a random point is."""
    rng = np.random.default_rng(seed)
    problem, x, weight = random_problem(LOSSES[seed % 3], rng)
    p = x.shape[1]
    setting = prepare(problem, Resamples.full(weight), penalty, standardize=False, intercept=True)
    tangent = penalty.tangent(rng.normal(size=(p, 1)) * 0.3, 0.2)
    walk = NewtonWalk(setting, 1e-10, 1)
    walk.solve(0.2, setting.box(rng.normal(size=(p, 1)), 0.2))
    box = setting.box(np.zeros((p, 1)), 0.2)
    box.l1[:] = tangent.l1
    gap, _ = walk.solve(0.2, box)
    coef = np.zeros(p)
    coef[walk.columns] = walk.coef[0][:, 0]
    ours = value(problem, weight, x, coef, walk.intercept[0, 0]) + tangent.l1 @ np.abs(coef)
    theirs = best(problem, weight, x, lambda b: tangent.l1 @ cp.abs(b))
    assert gap[0] <= 1e-9 * setting.null_loss[0]
    assert abs(ours - theirs) <= 1e-7 * max(setting.null_loss[0], 1.0)
