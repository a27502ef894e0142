"""Leave-one-out from one path against refitting without every row, on real and on drawn data."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.catalog import find
from rightfit.contracts import Problem
from rightfit.data.bootstrap import make_halves
from rightfit.data.resample import make_folds
from rightfit.errors import OptionError
from rightfit.evidence.approximate_leave_one_out import approximate_leave_one_out, predict_left_out
from rightfit.evidence.crossfit import crossfit, predict_held_out
from rightfit.evidence.curve import summarize
from rightfit.learners.linear import Linear
from rightfit.losses.multinomial import Multinomial
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Evidence
from rightfit.rules.best import Best
from tests.rooms.evidence.stand_in import make_problem
from tests.shared import shared_data


def draw(loss_name: str, n: int, p: int, seed: int = 0) -> Problem:
    g = np.random.default_rng(seed)
    X = g.normal(size=(n, p)) + g.normal(size=(n, 1)) * 0.5
    X *= np.exp(g.normal(size=p))
    eta = (X / X.std(axis=0)) @ np.r_[1, -1, 0.5, 0.5, -0.5, np.zeros(p - 5)] * 0.7
    y = {
        "squared": lambda: eta + g.normal(size=n),
        "logistic": lambda: (g.random(n) < 1 / (1 + np.exp(-eta))).astype(float),
        "poisson": lambda: g.poisson(np.exp(eta / 2)).astype(float),
    }[loss_name]()
    return make_problem(X, y, find("losses", loss_name)())


def read(
    name: str, target: str, *, rows: int | None = None, every: int = 1, log: bool = False, event: str = ""
) -> Problem:
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(shared_data(name)).dropna()
    frame = frame.sample(rows, random_state=0) if rows else frame
    y = (frame[target] == event).to_numpy(float) if event else frame[target].to_numpy(float)
    X = frame.drop(columns=target).select_dtypes("number")
    X = X.loc[:, X.std() > 0].to_numpy(float)[:, ::every]
    return make_problem(X, np.log(y) if log else y, find("losses", "logistic" if event else "squared")())


def refit(
    problem: Problem, weight: np.ndarray, learner: Linear, strengths: np.ndarray
) -> tuple[list, Evidence, object]:
    every = make_folds(len(weight), folds=int((weight > 0).sum()), weight=weight)
    exact = Linear(
        learner.penalty,
        strengths=strengths,
        standardize=learner.standardize,
        intercept=learner.intercept,
        tolerance=1e-10,
    )
    return *crossfit(problem, every, exact), every


@pytest.mark.parametrize("standardize", [True, False])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("p", [7, 60])
def test_exact_for_ridge_with_squared_loss(standardize: bool, intercept: bool, p: int):
    problem = draw("squared", 40, p)
    X = problem.design.dot(np.eye(p), np.zeros(p))
    X[:, 5] = np.arange(40) == 3  # without row 3 it does not vary
    problem = make_problem(X, problem.y, problem.loss, np.linspace(-1, 1, 40))
    weight = np.random.default_rng(1).uniform(0.5, 2, 40)
    weight[7] = 0
    learner = Linear(ElasticNet(0.0), count=5, ratio=1e-3, standardize=standardize, intercept=intercept)
    trace = learner.fit_paths(problem, make_halves(40, count=1, weight=weight))[0].trace()
    left = predict_left_out(problem, weight, learner, trace=trace)
    paths, _, every = refit(problem, weight, learner, trace.strengths)
    scored = weight > 0
    for k in range(5):
        true = predict_held_out(paths, problem, every, k)[:, 0]
        # the refits' own accuracy: a relative gap of 1e-10
        np.testing.assert_allclose(left[scored, k], true[scored], atol=1e-8 if p < 40 else 2e-5, rtol=1e-8)


def test_exact_for_ridge_against_its_normal_equations():
    problem, n, p = draw("squared", 30, 45), 30, 45
    X, weight = problem.design.dot(np.eye(p), np.zeros(p)), np.random.default_rng(2).uniform(0.5, 2, n)
    learner = Linear(ElasticNet(0.0), strengths=np.array([1.0, 0.1, 0.01]))
    left = predict_left_out(problem, weight, learner)
    for k, strength in enumerate([1.0, 0.1, 0.01]):
        for i in range(0, n, 7):
            keep = np.arange(n) != i
            u = weight[keep] / weight[keep].sum()
            mean, y_mean = u @ X[keep], u @ problem.y[keep]
            Z = X[keep] - mean
            ridge = strength * (u @ Z**2)
            b = np.linalg.solve(Z.T @ (Z * u[:, None]) + np.diag(ridge), Z.T @ (u * (problem.y[keep] - y_mean)))
            assert left[i, k] == pytest.approx(y_mean + (X[i] - mean) @ b, rel=1e-8, abs=1e-8)


# The last number is the error that is tolerated. Fingerprints that hardly any molecule has are the hard case: where a
# molecule is left out, its own columns leave the lasso and others enter, which one Newton step does not see.
SETS = {
    "prostate, squared, lasso": (lambda: read("prostate", "lpsa"), 1.0, 0.01),
    "hitters, squared of log salary, elastic net": (lambda: read("hitters", "Salary", log=True), 0.5, 0.01),
    "permeability, squared of log, lasso": (
        lambda: read("permeability_qsar", "permeability", every=5, log=True),
        1.0,
        0.15,
    ),
    "credit, logistic, elastic net": (lambda: read("credit_data", "Status", rows=100, event="bad"), 0.5, 0.02),
    "drawn, logistic, lasso": (lambda: draw("logistic", 100, 20), 1.0, 0.03),
    "drawn, logistic, ridge": (lambda: draw("logistic", 60, 30), 0.0, 0.002),
    "drawn, Poisson, lasso": (lambda: draw("poisson", 100, 20), 1.0, 0.03),
    "drawn, more columns than rows, squared, lasso": (lambda: draw("squared", 80, 120), 1.0, 0.03),
}


@pytest.mark.parametrize("name", SETS)
def test_near_true_leave_one_out(name: str, record_property):
    make, l1_ratio, least = SETS[name]
    problem = make()
    weight = np.ones(len(problem.y))
    learner = Linear(ElasticNet(l1_ratio), count=6, ratio=0.05 if l1_ratio else 1e-3, tolerance=1e-8)
    near = approximate_leave_one_out(problem, weight, learner)
    _, true, _ = refit(problem, weight, learner, near.strengths)
    ours, theirs = summarize(near), summarize(true)
    step = Best().choose(true).step
    up_to = slice(0, step + 1)
    error = np.abs(ours.mean / theirs.mean - 1)[up_to].max()
    record_property("largest relative error up to the best step", float(error))
    print(f"{name}: {error:.1e} of the mean loss up to the best step, n = {problem.design.n}, p = {problem.design.p}")
    assert error < least
    assert abs(Best().choose(near).step - step) <= 1
    np.testing.assert_allclose(near.null, true.null, rtol=1e-8)
    assert near.metrics.keys() == true.metrics.keys()


def test_a_row_of_weight_zero_is_not_scored_and_steps_with_as_many_columns_as_rows_stay_finite():
    problem = draw("squared", 12, 20)
    weight = np.ones(12)
    weight[4] = 0
    learner = Linear(ElasticNet(1.0), count=30, ratio=1e-4)
    near = approximate_leave_one_out(problem, weight, learner)
    assert np.isnan(near.loss[4]).all() and np.isnan(near.null[4])
    assert learner.fit_paths(problem, make_halves(12, count=1, weight=weight))[0].trace().nonzero()[-1] == 10
    assert np.isfinite(np.delete(near.loss, 4, axis=0)).all()


def test_without_a_penalty_a_row_that_stands_alone_costs_infinity():
    problem = make_problem(
        np.c_[np.arange(6) == 2, np.arange(6)].astype(float), np.arange(6.0) ** 2, find("losses", "squared")()
    )
    learner = Linear(
        ElasticNet(0.0, factors=np.zeros(2)), strengths=np.array([1.0]), intercept=False, standardize=False
    )
    assert np.flatnonzero(np.isinf(approximate_leave_one_out(problem, np.ones(6), learner).loss[:, 0])).tolist() == [2]


def test_bounds_and_factors_are_known_and_other_things_refused_by_name():
    problem = draw("squared", 60, 8)
    penalty = ElasticNet(1.0, factors=np.r_[0.0, 2.0, np.inf, np.ones(5)], lower=np.zeros(8))
    learner = Linear(penalty, count=6, ratio=0.05)
    near = approximate_leave_one_out(problem, np.ones(60), learner)
    _, true, _ = refit(problem, np.ones(60), learner, near.strengths)
    assert np.abs(summarize(near).mean / summarize(true).mean - 1).max() < 0.02
    classes = make_problem(problem.design.dot(np.eye(8), np.zeros(8)), np.arange(60.0) % 3, Multinomial(3))
    with pytest.raises(OptionError, match="multinomial"):
        approximate_leave_one_out(classes, np.ones(60), Linear(count=4))
