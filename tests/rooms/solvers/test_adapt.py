"""The adaptive lasso's pilot: what it is, and that it sees its resample's own rows alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rightfit import catalog
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.learners.linear import Linear
from rightfit.penalties.adaptive import Adaptive
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples
from rightfit.solvers.adapt import PILOT_STEPS, adapt
from rightfit.solvers.setting import prepare
from tests.laws.test_paths import folds, same_paths
from tests.laws.test_weights import target

LEARNER = Linear(Adaptive(), strengths=np.geomspace(1.0, 1e-2, 4), tolerance=1e-13)


def task(loss: str, seed: int = 0, n: int = 80) -> Problem:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 9)) * np.geomspace(0.3, 3, 9) + 1
    made = catalog.find("losses", loss)()
    y = target(made, 3 * (X[:, 0] - 1) - (X[:, 3] - 1), rng)
    return Problem(make_design(X), y, made, np.zeros(n))


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_a_fold_is_what_it_would_be_alone(loss: str) -> None:
    problem = task(loss)
    together = LEARNER.fit_paths(problem, folds(80))
    for k, path in list(enumerate(together))[:: 1 if loss == "squared" else 3]:
        rows = np.flatnonzero(folds(80).multiplicity[k])
        alone = Problem(problem.design.take(rows), problem.y[rows], problem.loss, np.zeros(len(rows)))
        same_paths([path], LEARNER.fit_paths(alone, Resamples.full(np.ones(len(rows)))))


def test_held_out_rows_have_no_part_in_a_folds_pilot() -> None:
    problem = task("squared")
    out = folds(80).multiplicity[2] == 0
    y = np.where(out, 1e3 * np.arange(80), problem.y)
    X = problem.design.collect(np.arange(9), np.zeros(9)) + problem.design.shift(np.arange(9))
    X[out] *= 7
    other = Problem(make_design(X), y, problem.loss, problem.offset)
    one, two = (LEARNER.fit_paths(each, folds(80)) for each in (problem, other))
    same_paths([one[2]], [two[2]])
    with pytest.raises(AssertionError):
        same_paths([one[0]], [two[0]])


@pytest.mark.parametrize("loss", ["squared", "poisson"])
def test_a_weight_of_two_is_the_row_twice(loss: str) -> None:
    problem = task(loss)
    times = np.random.default_rng(3).integers(0, 3, 80)
    rows = np.repeat(np.arange(80), times)
    twice = Problem(problem.design.take(rows), problem.y[rows], problem.loss, np.zeros(len(rows)))
    same_paths(
        LEARNER.fit_paths(problem, Resamples.full(times * 1.0)),
        LEARNER.fit_paths(twice, Resamples.full(np.ones(len(rows)))),
    )


def test_the_pilot_is_the_lasso_at_its_best_gcv() -> None:
    """By hand: a lasso path, the score, the weights, and a lasso with these as factors."""
    problem, full = task("squared"), Resamples.full(np.ones(80))
    lasso = Linear(ElasticNet(), count=PILOT_STEPS, tolerance=1e-14).fit_paths(problem, full)[0].trace()
    df = lasso.nonzero()
    score = np.where(df > 0, (1 - lasso.explained) / (1 - (df + 1) / 80) ** 2, np.inf)
    pilot = lasso.coef(int(np.argmin(score)))[:, 0] * lasso.scale
    assert 2 <= np.count_nonzero(pilot) < 9
    with np.errstate(divide="ignore"):
        factors = np.abs(pilot) ** -0.5
    ours = replace(LEARNER, penalty=Adaptive(0.5)).fit_paths(problem, full)
    same_paths(ours, replace(LEARNER, penalty=ElasticNet(factors=factors)).fit_paths(problem, full))


def test_what_is_unpenalized_stays_and_what_the_pilot_leaves_out_is_out() -> None:
    factors = np.ones(9)
    factors[[1, 2]] = 0, np.inf
    problem = task("squared")
    setting = prepare(problem, folds(80), Adaptive(factors=factors), standardize=True, intercept=True)
    learned = adapt(setting, tolerance=1e-10, threads=1)
    box = learned.box(np.zeros((9, 1)), 1.0)
    assert (box.l1[:, 1] == 0).all()
    assert np.isinf(box.l1[:, 2]).all()
    assert len({penalty.sentence() for penalty in learned.penalties}) == 1
    assert len({penalty.weights.tobytes() for penalty in learned.penalties}) == learned.tasks
    out = np.isinf(np.array([penalty.weights for penalty in learned.penalties])) & (factors > 0)
    assert learned.excluded.T[out].all()


def test_no_signal_leaves_the_constant_model() -> None:
    problem = task("squared")
    still = Problem(problem.design, np.ones(80), problem.loss, np.zeros(80))
    trace = LEARNER.fit_paths(still, Resamples.full(np.ones(80)))[0].trace()
    assert not trace.values.size
    np.testing.assert_allclose(trace.intercept, 1)
