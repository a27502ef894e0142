"""The sampler of the lasso against quadrature, against a long run of another method, and by simulation-based
calibration (Talts, Betancourt, Simpson, Vehtari and Gelman 2018): parameters drawn from the prior, data from the
parameters, and the ranks of the parameters among posterior draws, which must be uniform."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from rightfit.views import bayesian_lasso
from rightfit.views.bayesian_lasso import NoisePrior, sample_lasso, usual_draws
from rightfit.views.chains import judge_chains
from rightfit.views.inverse_gaussian import draw_reciprocal
from tests.golden.make_bayes import CASES, draw_case
from tests.rooms.views.rows import centre, draw

FROZEN = json.loads((Path(__file__).parents[2] / "golden" / "bayes" / "lasso.json").read_text())


class TestInverseGaussian:
    @pytest.mark.parametrize(("mean", "shape"), [(1.0, 1.0), (0.2, 3.0), (50.0, 0.5), (3.0, 80.0)])
    def test_reciprocals_have_the_distribution(self, mean: float, shape: float):
        size = np.full(20_000, 1.0)
        drawn = draw_reciprocal(size / mean, size * shape, np.random.default_rng(3))
        # scipy's has mean mu * scale and shape scale
        assert stats.kstest(1 / drawn, stats.invgauss(mean / shape, scale=shape).cdf).pvalue > 1e-3

    def test_an_infinite_mean_is_the_limit(self):
        """1 / t is then Levy: t is chi-square over the shape. The usual transformation fails long before that."""
        size = np.ones(20_000)
        for reciprocal in (0.0, 1e-300, 1e-30, 1e-12):
            drawn = draw_reciprocal(size * reciprocal, 2 * size, np.random.default_rng(4))
            assert stats.kstest(2 * drawn, stats.chi2(1).cdf).pvalue > 1e-3
            assert ((drawn > 0) & np.isfinite(1 / drawn)).all()

    def test_the_expectation_is_right_where_coefficients_are_large(self):
        drawn = draw_reciprocal(np.full(200_000, 1e4), np.ones(200_000), np.random.default_rng(5))
        assert drawn.mean() == pytest.approx(1e4 + 1, rel=1e-3)


@pytest.mark.parametrize("known", [True, False])
def test_one_coefficient_against_quadrature(known: bool):
    g = np.random.default_rng(8)
    X = g.normal(size=(12, 1))
    y = 0.4 * X[:, 0] + g.normal(size=12)
    rows = centre(X, y)
    z, c = rows.columns[:, 0], rows.target
    theta, u = np.linspace(-2, 2.5, 901), np.linspace(-4, 4, 401) if not known else np.log([1.3])
    T, U = np.meshgrid(theta, u)
    V = np.exp(U)
    squares = c @ c - 2 * T * (z @ c) + T**2 * (z @ z)
    cost = (11 + 1) / 2 * U + squares / (2 * V) + 2.5 * np.abs(T) / np.sqrt(V) + 1.5 * T**2 / (2 * V)
    mass = np.exp(cost.min() - cost)
    mass /= mass.sum()
    mean = (mass * T).sum()
    deviation = np.sqrt((mass * (T - mean) ** 2).sum())
    found = sample_lasso(
        rows, np.array([2.5]), np.array([1.5]), noise=1.3 if known else None, chains=2, draws=4_000, seed=1
    )
    assert found.theta.mean() == pytest.approx(mean, abs=0.05 * deviation)
    assert found.theta.std() == pytest.approx(deviation, rel=0.05)
    assert (found.theta < 0).mean() == pytest.approx((mass * (T < 0)).sum(), abs=0.02)
    assert found.variance.mean() == pytest.approx((mass * V).sum(), rel=0.04)


@pytest.mark.parametrize("name", list(CASES))
def test_against_a_long_run_of_metropolis(name: str):
    """Each moment within four standard errors of the sampler, by its own effective size, of numbers that random-walk
    Metropolis has found (tests/golden/make_bayes.py)."""
    case, frozen = CASES[name], FROZEN[name]
    Z, y = draw_case(case)
    q = Z.shape[1]
    found = sample_lasso(
        centre(Z, y), np.full(q, case["absolute"]), np.full(q, case["square"]), chains=4, draws=1_500, seed=3
    )
    mixing = judge_chains(found.theta)
    assert mixing.enough
    flat = found.theta.reshape(-1, q)
    frozen = {key: np.array(value) for key, value in frozen.items()}
    error = frozen["deviation"] / np.sqrt(mixing.bulk)
    assert (np.abs(flat.mean(axis=0) - frozen["mean"]) < 4 * error + 0.002).all()
    np.testing.assert_allclose(flat.std(axis=0), frozen["deviation"], rtol=0.08)
    near = (np.abs(flat) < 0.05).mean(axis=0)
    assert (np.abs(near - frozen["near"]) < 4 * np.sqrt(near * (1 - near) / mixing.bulk) + 0.003).all()
    assert found.variance.mean() == pytest.approx(frozen["variance"][0], rel=0.04)


def test_both_ways_to_draw_coefficients_agree(monkeypatch: pytest.MonkeyPatch):
    """Through as many equations as columns, and through as many as rows."""
    problem, X = draw(n=15, p=6)
    rows = centre(X, problem.y)
    usual = sample_lasso(rows, np.full(6, 3.0), np.full(6, 0.5), draws=1_500, seed=1)
    monkeypatch.setattr(bayesian_lasso, "_by_columns", bayesian_lasso._by_rows)
    other = sample_lasso(rows, np.full(6, 3.0), np.full(6, 0.5), draws=1_500, seed=2)
    spread = usual.theta.std(axis=(0, 1))
    np.testing.assert_allclose(usual.theta.mean(axis=(0, 1)), other.theta.mean(axis=(0, 1)), atol=0.1 * spread.max())
    np.testing.assert_allclose(spread, other.theta.std(axis=(0, 1)), rtol=0.1)
    assert usual.variance.mean() == pytest.approx(other.variance.mean(), rel=0.05)


def test_the_same_seed_gives_the_same_draws():
    problem, X = draw(n=15, p=3)
    rows = centre(X, problem.y)
    one, two, other = (sample_lasso(rows, np.ones(3), np.zeros(3), draws=20, seed=s) for s in (5, 5, 6))
    np.testing.assert_array_equal(one.theta, two.theta)
    assert not np.array_equal(one.theta, other.theta)


def test_draws_fit_the_size_of_the_problem():
    assert usual_draws(100, 10, 4) == 8_000
    assert usual_draws(5_000, 2_000, 4) == 200
    assert 500 < usual_draws(100, 2_000, 4) < 8_000


def _ranks(simulations: int, *, wrong: float = 1.0) -> np.ndarray:
    """(simulations, q + 1) ranks, 0 to 31, of coefficients and noise among 31 posterior draws. ``wrong`` is a factor on
    the prior's rate that the data do not have."""
    shape, rate, absolute, square, n = 5.0, 4.0, np.array([2.0, 2.0, 6.0]), np.array([1.0, 0.0, 0.0]), 10
    g = np.random.default_rng(2018)
    ranks = np.empty((simulations, 4), int)
    for s in range(simulations):
        X = g.normal(size=(n, 3)) + 0.7 * g.normal(size=(n, 1))
        sigma = np.sqrt(rate / g.gamma(shape))
        theta = sigma * np.array([_draw_prior(a, c, g) for a, c in zip(absolute, square, strict=True)])
        y = 100 + X @ theta + sigma * g.normal(size=n)  # the intercept is flat: any will do
        found = sample_lasso(
            centre(X, y, scale=np.ones(3)),
            wrong * absolute,
            square,
            noise_prior=NoisePrior(shape, rate),
            chains=1,
            draws=31 * 4,
            warmup=40,
            seed=s,
        )
        ranks[s, :3] = (found.theta[0, 3::4] < theta).sum(axis=0)
        ranks[s, 3] = (found.variance[0, 3::4] < sigma**2).sum()
    return ranks


def _draw_prior(absolute: float, square: float, g: np.random.Generator) -> float:
    """exp(-absolute |u| - square u^2 / 2), by rejection."""
    while True:
        u = g.laplace(scale=1 / absolute)
        if g.random() < np.exp(-square * u**2 / 2):
            return float(u)


def _uniform(ranks: np.ndarray) -> list[float]:
    """p-values of the chi-square test in 8 bins, for each quantity."""
    return [float(stats.chisquare(np.bincount(r // 4, minlength=8)).pvalue) for r in ranks.T]


def test_simulation_based_calibration():
    assert min(_uniform(_ranks(160))) > 0.005


def test_calibration_sees_a_prior_that_is_wrong():
    ranks = _ranks(64, wrong=3.0)
    assert min(_uniform(ranks)) < 1e-4
