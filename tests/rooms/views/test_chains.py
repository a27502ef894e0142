"""Are chains judged as their theory says?"""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.views.chains import effective_size, judge_chains


def _autoregressive(rho: float, chains: int = 4, length: int = 4_000, seed: int = 0) -> np.ndarray:
    g = np.random.default_rng(seed)
    out = np.empty((chains, length))
    out[:, 0] = g.normal(size=chains)
    for k in range(1, length):
        out[:, k] = rho * out[:, k - 1] + np.sqrt(1 - rho**2) * g.normal(size=chains)
    return out


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9, -0.4])
def test_the_effective_size_of_an_autoregression_is_known(rho: float):
    found = np.mean([effective_size(_autoregressive(rho, seed=seed)) for seed in range(5)])
    assert found == pytest.approx(16_000 * (1 - rho) / (1 + rho), rel=0.1)


def test_chains_that_agree_have_an_r_hat_of_one():
    found = judge_chains(_autoregressive(0.3)[:, :, None])
    assert found.r_hat[0] == pytest.approx(1, abs=0.005)
    assert found.enough
    assert 3_000 < found.tail[0] < 16_000


@pytest.mark.parametrize(
    "spoil",
    [
        lambda x: x + np.array([0.0, 0.0, 0.0, 1.0])[:, None],
        lambda x: x * np.array([1.0, 1.0, 1.0, 4.0])[:, None],
        lambda x: x + np.linspace(0, 2, x.shape[1]),
    ],
    ids=["place", "spread", "drift"],
)
def test_chains_that_differ_are_told(spoil):
    found = judge_chains(spoil(_autoregressive(0.0, length=500))[:, :, None])
    assert found.r_hat[0] > 1.05
    assert not found.enough


def test_heavy_tails_do_not_blind_it():
    """A Cauchy chain that sits elsewhere: means and variances do not exist, ranks do."""
    draws = np.random.default_rng(1).standard_cauchy((4, 500, 1))
    assert judge_chains(draws).r_hat[0] < 1.02
    draws[3] += 3
    assert judge_chains(draws).r_hat[0] > 1.1


def test_what_never_moves_is_not_judged():
    draws = np.zeros((4, 100, 2))
    draws[:, :, 1] = np.random.default_rng(0).normal(size=(4, 100))
    found = judge_chains(draws)
    assert np.isnan([found.r_hat[0], found.bulk[0], found.tail[0]]).all()
    assert np.isfinite(found.worst)
    assert np.isfinite(found.least)
