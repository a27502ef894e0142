"""Posteriors of penalized fits: which way is taken, and that the ways agree where they meet."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from rightfit.views.posteriors import find_exact, find_sampled, small_sizes
from tests.rooms.views.rows import fit


@pytest.mark.parametrize("factors", [None, np.array([1.0, 0.0, 1.0, np.inf, 1.0])])
def test_an_elastic_net_that_is_nearly_a_ridge_is_sampled_as_the_ridge_is_known(factors: np.ndarray | None):
    """Unknown noise, flat and excluded columns included."""
    ridge = fit(ratio=0.0, strengths=(0.3,), factors=factors, n=40)
    almost = fit(ratio=1e-6, strengths=(0.3,), factors=factors, n=40)
    exact = find_exact(ridge, 0.9).summary
    sampled = find_sampled(almost, 0.9, chains=4, draws=1_500, seed=1).summary
    live = exact.deviation > 0
    assert live.sum() == (5 if factors is None else 4)
    assert not sampled.deviation[~live].any()
    spread = exact.deviation[live]
    np.testing.assert_allclose(sampled.mean[live] / spread, exact.mean[live] / spread, atol=0.08)
    np.testing.assert_allclose(sampled.deviation[live], spread, rtol=0.05)
    np.testing.assert_allclose(sampled.lower[live] / spread, exact.lower[live] / spread, atol=0.12)
    np.testing.assert_allclose(sampled.above[live], exact.above[live], atol=0.03)
    np.testing.assert_allclose(sampled.near[live], exact.near[live], atol=0.03)


def test_draws_go_on_until_the_chains_tell_the_same(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("rightfit.views.posteriors._FIRST", 60)
    here = fit(ratio=1.0, strengths=(0.3,), n=40)
    assert find_sampled(here, 0.9, chains=4, draws=None, seed=1).summary.draws >= 240
    assert find_sampled(here, 0.9, chains=4, draws=60, seed=1).summary.draws == 60


def test_densities_have_the_moments_of_the_table():
    for known in (find_exact(fit(n=40), 0.9), find_sampled(fit(ratio=1.0, n=40), 0.9, chains=2, draws=1_000, seed=0)):
        grid, density = known.density(np.array([1, 3]))
        step = np.diff(grid[:, :2], axis=1)
        mass = density * step
        np.testing.assert_allclose(mass.sum(axis=1), 1, atol=0.01)
        mean = (mass * grid).sum(axis=1)
        spread = known.summary.deviation[[1, 3]]
        np.testing.assert_allclose(mean / spread, known.summary.mean[[1, 3]] / spread, atol=0.03)
        deviation = np.sqrt((mass * (grid - mean[:, None]) ** 2).sum(axis=1))
        np.testing.assert_allclose(deviation, spread, rtol=0.05)


def test_what_is_small_and_how_likely():
    here = fit(n=40, noise=2.0)
    known = find_exact(here, 0.9).summary
    y = here.problem.y
    np.testing.assert_allclose(small_sizes(here), 0.01 * y.std() / here.trace.scale)
    normal = stats.norm(known.mean, known.deviation)
    np.testing.assert_allclose(known.near, normal.cdf(known.small) - normal.cdf(-known.small), atol=1e-12)
    np.testing.assert_allclose(known.above, normal.sf(0))
    np.testing.assert_allclose(small_sizes(fit("logistic", strengths=(0.1,))) * fit("logistic").trace.scale, 0.01)
