"""What every penalty without a tangent promises, alone and along a path."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit import catalog
from rightfit.contracts import Loss, Problem, ProxPenalty
from rightfit.data.design import make_design
from rightfit.learners.linear import Linear
from rightfit.records import Resamples, Status
from rightfit.solvers import choose
from tests.laws.test_paths import folds, problem, same_paths
from tests.laws.test_weights import target

KINDS = [kind for kind in catalog.everything("penalties").values() if not kind.separable]
SMALL = [case for kind in KINDS for case in kind.specimens(6)]
LONG = [case for kind in KINDS for case in kind.specimens(300)]
CASES = [case for kind in KINDS for case in kind.specimens(7)]


def named(penalty: ProxPenalty) -> str:
    return penalty.sentence()


def settled(penalty: ProxPenalty, gradient: np.ndarray) -> np.ndarray:
    """The gradient where what costs nothing is at its optimum."""
    free = penalty.free(len(gradient))
    return gradient - free @ np.linalg.lstsq(free, gradient, rcond=None)[0]


@pytest.mark.parametrize("penalty", LONG, ids=named)
def test_the_prox_of_many_columns(penalty: ProxPenalty) -> None:
    rng = np.random.default_rng(0)
    for v in (rng.normal(size=(300, 1)), rng.normal(size=(300, 1)).cumsum(axis=0), np.round(rng.normal(size=(300, 2)))):
        for strength in (0.01, 1.0, 30.0):
            b = penalty.prox(v, strength)
            assert penalty.steepest(v - b, np.zeros(300, bool)) <= strength * (1 + 1e-9)
            assert abs(((v - b) * b).sum() - penalty.value(b, strength)) <= 1e-9 * (1 + (v**2).sum())


@pytest.mark.parametrize("penalty", SMALL, ids=named)
def test_the_prox_meets_its_optimality_conditions(penalty: ProxPenalty) -> None:
    """b is the prox of v for a seminorm if and only if v - b lies in the dual ball and is aligned with b."""
    rng = np.random.default_rng(0)
    for trial in range(60):
        v = rng.normal(size=(6, 1 + trial % 2)) * 3
        v = np.round(v) if trial % 3 == 0 else v  # ties
        strength = float(rng.exponential())
        b = penalty.prox(v, strength)
        z = v - b
        assert np.abs(z - settled(penalty, z)).max() <= 1e-12
        assert penalty.steepest(z, np.zeros(6, bool)) <= strength * (1 + 1e-9) + 1e-12
        assert abs((z * b).sum() - penalty.value(b, strength)) <= 1e-10 * (1 + abs((z * b).sum()))


@pytest.mark.parametrize("penalty", SMALL, ids=named)
def test_steepest_is_the_dual_norm(penalty: ProxPenalty) -> None:
    rng = np.random.default_rng(1)
    for trial in range(30):
        g = settled(penalty, rng.normal(size=(6, 1 + trial % 2)))
        norm = penalty.steepest(g, np.zeros(6, bool))
        for b in (rng.normal(size=g.shape), np.sign(g) * (rng.random(g.shape) < 0.5), g):
            assert (g * b).sum() <= norm * penalty.value(b, 1.0) * (1 + 1e-9) + 1e-12
        near = penalty.prox(g, 0.999 * norm)  # and some b attains it
        assert np.abs(settled(penalty, near)).max() > 0
        assert (g * near).sum() >= 0.999 * norm * penalty.value(near, 1.0) * (1 - 1e-9)


@pytest.mark.parametrize("penalty", SMALL, ids=named)
def test_the_cost_is_linear_along_its_pattern(penalty: ProxPenalty) -> None:
    rng = np.random.default_rng(2)
    for trial in range(30):
        b = penalty.prox(rng.normal(size=(6, 1 + trial % 2)) * 2, 0.4)
        directions, slope = penalty.pattern(b)
        assert directions.shape == (len(slope), b.size)
        for direction, each in zip(directions.toarray(), slope, strict=True):
            for step in (1e-6, -1e-6):
                moved = penalty.value(b + step * direction.reshape(b.shape), 1.0) - penalty.value(b, 1.0)
                assert abs(moved - step * each) <= 1e-12
        assert penalty.pattern(np.zeros((6, 1)))[1].shape == (penalty.free(6).shape[1],)


@pytest.mark.parametrize("penalty", CASES, ids=named)
@pytest.mark.parametrize("loss", ["squared", "logistic", "poisson", "multinomial"])
def test_a_path_keeps_its_promises(loss: str, penalty: ProxPenalty) -> None:
    path = Linear(penalty, count=6, ratio=0.01).fit_paths(
        problem(catalog.find("losses", loss)()), Resamples.full(np.ones(80))
    )[0]
    trace = path.trace()
    assert set(trace.status) == {Status.CONVERGED}
    assert trace.gap.max() <= 1e-6
    assert (np.diff(trace.explained) >= -1e-6).all()
    assert (np.diff(trace.strengths) < 0).all()
    standard = [trace.coef(k) * trace.scale[:, None] for k in range(6)]
    assert penalty.value(standard[0], 1.0) <= 1e-6
    assert penalty.value(standard[1], 1.0) > 1e-6


@pytest.mark.parametrize("penalty", CASES, ids=named)
@pytest.mark.parametrize("intercept", [True, False])
def test_moments_give_what_rows_give(intercept: bool, penalty: ProxPenalty, monkeypatch: pytest.MonkeyPatch) -> None:
    task = problem(catalog.find("losses", "squared")())
    learner = Linear(penalty, strengths=np.geomspace(3, 0.03, 4), tolerance=1e-18, intercept=intercept)
    fast = learner.fit_paths(task, folds(80))
    monkeypatch.setattr(choose, "LARGEST_GRAM", 0)
    same_paths(fast, learner.fit_paths(task, folds(80)))


@pytest.mark.parametrize("penalty", CASES[:3], ids=named)
@pytest.mark.parametrize("loss", ["squared", "poisson"])
def test_weight_zero_is_the_row_left_out_and_weight_two_the_row_twice(loss: str, penalty: ProxPenalty) -> None:
    rng = np.random.default_rng(7)
    X = rng.normal(size=(60, 7)) * np.geomspace(0.1, 10, 7) + 2
    X[rng.random(X.shape) < 0.05] = np.nan
    made: Loss = catalog.find("losses", loss)()
    y = target(made, np.nan_to_num(X[:, 1]), rng)
    times = rng.integers(0, 3, size=60)
    repeated = np.repeat(np.arange(60), times)
    learner = Linear(penalty, strengths=np.geomspace(0.5, 0.05, 3), tolerance=1e-16)
    one, two = (
        learner.fit_paths(Problem(make_design(X[rows]), y[rows], made, np.zeros(len(rows))), Resamples.full(weight))[0]
        for rows, weight in ((np.arange(60), times * 1.0), (repeated, np.ones(len(repeated))))
    )
    same_paths([one], [two])
