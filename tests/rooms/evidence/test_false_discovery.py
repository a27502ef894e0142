"""Marginal false discovery rates: the identity with selection, and the rates by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.catalog import find
from rightfit.errors import FitError, OptionError
from rightfit.evidence.false_discovery import find_false_discoveries, find_local_rates
from rightfit.learners.linear import Linear
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples
from tests.rooms.evidence.stand_in import make_problem

LASSO = Linear(ElasticNet(1.0), count=10, ratio=0.15, tolerance=1e-7)


def draw(loss_name: str, seed: int, n: int = 200, p: int = 80):
    g = np.random.default_rng(seed)
    X = g.normal(size=(n, p))
    eta = X[:, :5].sum(axis=1) * 0.5
    X = X * np.exp(g.normal(size=p)) + g.normal(size=p)
    y = {
        "squared": lambda: eta + g.normal(size=n),
        "logistic": lambda: (g.random(n) < 1 / (1 + np.exp(-eta))).astype(float),
        "poisson": lambda: g.poisson(np.exp(eta / 2)).astype(float),
    }[loss_name]()
    return make_problem(X, y, find("losses", loss_name)())


def look(problem, step: int, learner: Linear = LASSO, weight=None):
    weight = np.ones(len(problem.y)) if weight is None else weight
    trace = learner.fit_paths(problem, Resamples.full(weight))[0].trace()
    return find_false_discoveries(problem, weight, learner, trace, step), trace


@pytest.mark.parametrize("standardize", [True, False])
def test_the_lasso_selects_what_is_beyond_its_threshold(standardize: bool):
    problem = draw("squared", 0)
    learner = Linear(ElasticNet(1.0), count=10, ratio=0.2, tolerance=1e-10, standardize=standardize)
    found, trace = look(problem, 6, learner)
    residual = problem.y - trace.intercept[6, 0] - problem.design.dot(trace.coef(6), trace.fill)[:, 0]
    sigma = np.sqrt(residual @ residual / (200 - 1 - trace.complexity[6]))
    limit = trace.strengths[6] * np.sqrt(200) / sigma / (1.0 if standardize else trace.scale)
    np.testing.assert_array_equal(found.selected, np.abs(found.statistic) > limit * (1 + 1e-6))


@pytest.mark.parametrize("loss_name", ["squared", "logistic", "poisson"])
def test_statistics_of_columns_without_influence_are_standard_normal_and_rates_hold(loss_name: str):
    spread, expected, false, likely = [], [], [], []
    for seed in range(12):
        found, _ = look(draw(loss_name, seed), 5)
        spread.append(np.mean(found.statistic[5:] ** 2))
        expected.append(found.expected)
        false.append(found.selected[5:].sum())
        likely.append(found.local[:5].mean() - found.local[5:].mean())
    noise = np.std(false, ddof=1) / np.sqrt(12)
    print(f"{loss_name}: {np.mean(expected):.2f} expected, {np.mean(false):.2f} ± {noise:.2f} false")
    assert 0.75 < np.mean(spread) < 1.2
    assert np.mean(expected) >= np.mean(false) - 2 * noise, "the estimate is not too small"
    assert np.mean(likely) < -0.4


def test_local_rates_fall_with_the_statistic():
    z = np.r_[np.random.default_rng(0).normal(size=300), 4.5, 6.0]
    rate = find_local_rates(z)
    order = np.argsort(np.abs(z))
    assert (np.diff(rate[order]) <= 0).all() and rate[-1] < 1e-4 and np.mean(rate[:300]) > 0.8


def test_refusals_and_columns_that_are_not_penalized():
    problem = draw("squared", 1, p=10)
    with pytest.raises(OptionError, match="ridge"):
        look(problem, 2, Linear(ElasticNet(0.0), count=5))
    with pytest.raises(OptionError, match="step"):
        look(problem, 10)
    wide = draw("squared", 1, n=15, p=40)
    with pytest.raises(FitError, match="as many columns"):
        look(wide, 29, Linear(ElasticNet(1.0), count=30, ratio=1e-5))
    found, _ = look(problem, 5, Linear(ElasticNet(1.0, factors=np.r_[0.0, np.inf, np.ones(8)]), count=10, ratio=0.2))
    assert np.isnan(found.local[0]) and np.isnan(found.statistic[1]) and np.isfinite(found.local[2:]).all()
