"""Debiased intervals: least squares where nothing is cleaned away, and coverage by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.catalog import find
from rightfit.data.resample import make_folds
from rightfit.errors import FitError, OptionError
from rightfit.evidence import debiased as module
from rightfit.evidence.crossfit import crossfit
from rightfit.evidence.debiased import debias
from rightfit.learners.linear import Linear
from rightfit.losses.multinomial import Multinomial
from rightfit.losses.squared import Squared
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples
from rightfit.rules._averages import average
from tests.rooms.evidence.stand_in import make_problem

LASSO = Linear(ElasticNet(1.0), count=20, ratio=0.02, tolerance=1e-6)


def draw(loss_name: str, seed: int, n: int, p: int, signals: int = 3, size: float = 0.6):
    g = np.random.default_rng(seed)
    X = g.normal(size=(n, p)) + 0.5 * g.normal(size=(n, 1))
    true = np.where(np.arange(p) < signals, size, 0.0)
    eta = X @ true
    y = {
        "squared": lambda: eta + g.normal(size=n),
        "logistic": lambda: (g.random(n) < 1 / (1 + np.exp(-eta))).astype(float),
        "poisson": lambda: g.poisson(np.exp(0.5 + eta / 2)).astype(float),
    }[loss_name]()
    return make_problem(X, y, find("losses", loss_name)()), X, true / 2 if loss_name == "poisson" else true


def test_is_least_squares_where_columns_are_cleaned_fully(monkeypatch: pytest.MonkeyPatch):
    sm = pytest.importorskip("statsmodels.api")
    monkeypatch.setattr(module, "_CLEAN", 1e-9)
    monkeypatch.setattr(module, "_REST", 1e-12)
    monkeypatch.setattr(module, "_SWEEPS", 5_000)
    problem, X, _ = draw("squared", 0, 80, 6)
    trace = LASSO.fit_paths(problem, Resamples.full(np.ones(80)))[0].trace()
    reference = sm.OLS(problem.y, sm.add_constant(X)).fit()
    for step in (3, 19):
        found = debias(problem, np.ones(80), LASSO, trace, step)
        np.testing.assert_allclose(found.estimate, reference.params[1:], atol=1e-4)
    last = debias(problem, np.ones(80), Linear(strengths=np.array([1e-9]), tolerance=1e-12), *_plain(problem))
    np.testing.assert_allclose(last.error, reference.bse[1:], rtol=1e-3)
    np.testing.assert_allclose(last.p_value, reference.pvalues[1:], rtol=1e-2)
    np.testing.assert_allclose(last.lower, reference.conf_int()[1:, 0], atol=1e-3)


def _plain(problem):
    learner = Linear(strengths=np.array([1e-9]), tolerance=1e-12)
    return learner.fit_paths(problem, Resamples.full(np.ones(len(problem.y))))[0].trace(), 0


@pytest.mark.parametrize(
    ("loss_name", "n", "p", "times", "most"),
    # more columns than rows: sigma is a little too large and the intervals too wide, so only one side is asked for
    [
        ("squared", 100, 15, 60, 1.0),
        ("squared", 60, 80, 8, 2.0),
        ("logistic", 250, 8, 60, 1.0),
        ("poisson", 120, 8, 60, 1.0),
    ],
)
def test_coverage(loss_name: str, n: int, p: int, times: int, most: float):
    inside = []
    for seed in range(times):
        problem, _, true = draw(loss_name, seed, n, p)
        if loss_name == "squared":
            paths, evidence = crossfit(problem, make_folds(n, folds=5), LASSO)
            trace, step = paths[0].trace(), average(evidence).best
        else:  # a strength that is known to be about right saves the folds
            fixed = Linear(ElasticNet(1.0), strengths=np.array([0.02]), tolerance=1e-6)
            trace, step = fixed.fit_paths(problem, Resamples.full(np.ones(n)))[0].trace(), 0
        found = debias(problem, np.ones(n), LASSO, trace, step, level=0.9)
        inside.append(((found.lower <= true) & (true <= found.upper)).mean())
    coverage, error = np.mean(inside), np.std(inside, ddof=1) / np.sqrt(times)
    print(f"{loss_name}, n = {n}, p = {p}: coverage {coverage:.3f} ± {error:.3f} at 0.9")
    assert coverage >= 0.9 - 2 * error
    assert coverage <= 0.9 + 2 * most * error + (most > 1) * 0.06


def test_the_unit_of_columns_and_weights_does_not_matter_and_a_still_column_has_no_interval():
    problem, X, _ = draw("squared", 1, 60, 5)
    X = np.column_stack([X * [1, 10, 1e-3, 1, 1], np.ones(60)])
    weight = np.random.default_rng(0).uniform(0.5, 2, 60)
    weight[3] = 0
    scaled = make_problem(X, problem.y, Squared())
    results = []
    for factor in (1.0, 7.0):
        trace = LASSO.fit_paths(scaled, Resamples.full(weight * factor))[0].trace()
        results.append(debias(scaled, weight * factor, LASSO, trace, 12))
    np.testing.assert_allclose(results[0].lower, results[1].lower, rtol=1e-6)
    assert np.isnan(results[0].estimate[5]) and np.isfinite(results[0].estimate[:5]).all()
    plain = make_problem(X / [1, 10, 1e-3, 1, 1, 1], problem.y, Squared())
    trace = LASSO.fit_paths(plain, Resamples.full(weight))[0].trace()
    same = debias(plain, weight, LASSO, trace, 12)
    np.testing.assert_allclose(results[0].p_value[:5], same.p_value[:5], rtol=1e-3)
    assert "not corrected" in same.label


def test_refusals():
    problem, X, _ = draw("squared", 1, 12, 20)
    trace = LASSO.fit_paths(problem, Resamples.full(np.ones(12)))[0].trace()
    with pytest.raises(OptionError, match="level"):
        debias(problem, np.ones(12), LASSO, trace, 2, level=95)
    with pytest.raises(OptionError, match="step"):
        debias(problem, np.ones(12), LASSO, trace, 99)
    deep = Linear(ElasticNet(1.0), count=30, ratio=1e-5)
    with pytest.raises(FitError, match="as many columns"):
        debias(problem, np.ones(12), deep, deep.fit_paths(problem, Resamples.full(np.ones(12)))[0].trace(), 29)
    classes = make_problem(X, np.arange(12.0) % 3, Multinomial(3))
    trace = LASSO.fit_paths(classes, Resamples.full(np.ones(12)))[0].trace()
    with pytest.raises(OptionError, match="multinomial"):
        debias(classes, np.ones(12), LASSO, trace, 2)
