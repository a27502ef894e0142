"""Concave penalties: the objective falls from tangent to tangent, and the end is stationary by a check of its own."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from rightfit import catalog
from rightfit.contracts import Penalty, Problem
from rightfit.data.design import make_design
from rightfit.learners.linear import Linear
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.penalties.mcp import Mcp
from rightfit.penalties.scad import Scad
from rightfit.records import Resamples, Status
from rightfit.solvers import choose, tangent
from rightfit.solvers.newton import NewtonWalk
from rightfit.solvers.quadratic import Box
from rightfit.solvers.setting import prepare
from tests.laws.test_paths import folds, problem, same_paths
from tests.laws.test_weights import target

RAW = {"standardize": False, "intercept": True}
CONCAVE = [Mcp(), Mcp(1.5), Scad(), Scad(2.3), Mcp(2.0, 0.7)]


def correlated(loss: str, n: int = 100, p: int = 12, seed: int = 0) -> Problem:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) + 0.7 * rng.normal(size=(n, 1))
    made = catalog.find("losses", loss)()
    return Problem(make_design(X), target(made, X[:, 0] - X[:, 1] + 0.5 * X[:, 2], rng), made, np.zeros(n))


@pytest.mark.parametrize("penalty", CONCAVE, ids=lambda p: p.sentence())
@pytest.mark.parametrize("loss", ["squared by moments", "squared", "logistic", "multinomial"])
def test_the_objective_never_rises(loss: str, penalty: Penalty, monkeypatch: pytest.MonkeyPatch) -> None:
    task, moments = correlated(loss.partition(" ")[0]), "moments" in loss
    if not moments:
        monkeypatch.setattr(choose, "LARGEST_GRAM", 0)
    seen: list[tuple[float, np.ndarray]] = []
    lane = tangent._ByMoments if moments else tangent._ByNewton
    plain = lane.solve

    def watched(self: tangent._Lane, strength: float, box: Box, pending: np.ndarray) -> object:
        out = plain(self, strength, box, pending)
        standard = self.coef() * self.setting.divisor.T[:, :, None]
        seen.append((strength, self.loss() + self.setting.cost(standard, strength)))
        return out

    monkeypatch.setattr(lane, "solve", watched)
    Linear(penalty, count=8, ratio=0.01).fit_paths(task, Resamples.full(np.ones(100)))
    again = [(a, b) for (s, a), (t, b) in pairwise(seen) if s == t]
    assert len(again) > 8
    for before, after in again:
        assert (after <= before + 1e-6 * np.abs(before)).all()  # to the gap of the tangent problems


@pytest.mark.parametrize("penalty", CONCAVE, ids=lambda p: p.sentence())
@pytest.mark.parametrize("loss", ["squared", "logistic", "poisson"])
def test_every_step_is_stationary(loss: str, penalty: Penalty) -> None:
    """The gradient of the loss plus the penalty's slope at the coefficient is zero; at zero it is within the slope."""
    task = correlated(loss)
    path = Linear(penalty, count=6, ratio=0.02, tolerance=1e-13, standardize=False).fit_paths(
        task, Resamples.full(np.ones(100))
    )[0]
    trace = path.trace()
    X = task.design.collect(np.arange(12), np.zeros(12)) + task.design.shift(np.arange(12))
    for k, strength in enumerate(trace.strengths):
        b = trace.coef(k)[:, 0]
        slope = task.loss.slope(task.y, X @ b + trace.intercept[k]) / 100
        gradient = X.T @ slope
        steps = 1e-7 * np.eye(12)
        up = np.array([penalty.value(b + h, strength) - penalty.value(b, strength) for h in steps]) / 1e-7
        down = np.array([penalty.value(b - h, strength) - penalty.value(b, strength) for h in steps]) / 1e-7
        assert (gradient + up >= -2e-5).all()
        assert (-gradient + down >= -2e-5).all()
        assert abs(slope.sum()) <= 1e-6
    assert set(trace.status) == {Status.STATIONARY}


def test_a_flat_penalty_does_not_shrink_and_a_huge_gamma_is_the_lasso() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(200, 5))
    y = X @ [3.0, -2.0, 0, 0, 0] + 0.1 * rng.normal(size=200)
    task = Problem(make_design(X), y, catalog.find("losses", "squared")(), np.zeros(200))
    strength = np.array([0.3])

    def fit(penalty: Penalty) -> np.ndarray:
        learner = Linear(penalty, strengths=strength, tolerance=1e-14)
        return learner.fit_paths(task, Resamples.full(np.ones(200)))[0].trace().coef(0)[:, 0]

    centred = X[:, :2] - X[:, :2].mean(axis=0)
    plain = np.linalg.lstsq(centred, y - y.mean(), rcond=None)[0]
    for penalty in (Mcp(), Scad()):
        np.testing.assert_allclose(fit(penalty), [*plain, 0, 0, 0], rtol=0, atol=1e-9)
    np.testing.assert_allclose(fit(Mcp(1e9)), fit(ElasticNet()), rtol=0, atol=1e-6)
    np.testing.assert_allclose(fit(Scad(1e9)), fit(ElasticNet()), rtol=0, atol=1e-6)


@pytest.mark.parametrize("penalty", CONCAVE[:1] + CONCAVE[2:3], ids=lambda p: p.sentence())
@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_all_folds_in_one_call_equal_each_fold_alone(loss: str, penalty: Penalty) -> None:
    task = correlated(loss)
    learner = Linear(penalty, strengths=np.geomspace(0.3, 0.03, 4), tolerance=1e-14)
    together = learner.fit_paths(task, folds(100))
    for k, path in enumerate(together[:3]):
        own = folds(100).multiplicity[k] * 1.0
        same_paths([path], learner.fit_paths(task, Resamples.full(own)))


def test_a_strength_of_zero_is_least_squares() -> None:
    task = problem(catalog.find("losses", "squared")())
    paths = [
        Linear(penalty, strengths=np.array([0.1, 0.0])).fit_paths(task, Resamples.full(np.ones(80)))[0].trace()
        for penalty in (Mcp(), ElasticNet())
    ]
    np.testing.assert_array_equal(paths[0].coef(1), paths[1].coef(1))


def test_too_few_tangents_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tangent, "MOST_TANGENTS", 1)
    trace = Linear(Mcp(1.2), count=10).fit_paths(correlated("squared"), Resamples.full(np.ones(100)))[0].trace()
    assert Status.STOPPED in set(trace.status)


def test_one_tangent_for_all_or_one_for_each() -> None:
    """A box at a point of each task is each task's own; tasks at zero share theirs."""
    task = correlated("squared")
    setting = prepare(task, folds(100), Mcp(), standardize=True, intercept=True)
    points = np.random.default_rng(0).normal(size=(setting.tasks, 12, 1))
    each = setting.box(points, 0.7)
    for t in range(setting.tasks):
        np.testing.assert_array_equal(setting.only(t).box(points[t], 0.7).l1[0], each.l1[t])
    zero = setting.box(np.zeros((12, 1)), 0.7)
    np.testing.assert_array_equal(setting.box(np.zeros((setting.tasks, 12, 1)), 0.7).l1, zero.l1)
    np.testing.assert_allclose(zero.l1, 0.7 * setting.scale.T)


def test_an_unpenalized_column_with_one_bound_is_brought_to_its_optimum() -> None:
    """A tangent that has become flat, next to a bound: the gap must see that the column is not settled."""
    setting = prepare(correlated("squared"), Resamples.full(np.ones(100)), Mcp(lower=np.zeros(12)), **RAW)
    walk = NewtonWalk(setting, 1e-12, 1)
    boxes = setting.boxes(np.zeros((12, 1)), 0.3)
    walk.solve(0.3, boxes)
    assert walk.pull[0, 0, 0] == pytest.approx(0.3)
    flat = replace(boxes, tangent=replace(boxes.tangent, l1=np.where(np.arange(12) == 0, 0.0, boxes.tangent.l1)))
    gap, status = walk.solve(0.3, flat)
    assert abs(walk.pull[0, 0, 0]) <= 1e-6
    assert status == [Status.CONVERGED]
    assert gap[0] <= 1e-12 * setting.null_loss[0]
