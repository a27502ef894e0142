"""Gamma, Tweedie, Huber and quantile losses beside scikit-learn's and statsmodels' fits of the same small problems."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

Array = Any


def small_problem(family: str, seed: int = 0, n: int = 120, p: int = 6) -> tuple[Array, Array, Array, Array]:
    """Columns of unlike scales, a target, weights and an offset."""
    rng = np.random.default_rng(seed)
    x = (rng.standard_normal((n, p)) + 0.5 * rng.standard_normal((n, 1))) * np.geomspace(0.3, 3, p) + 0.2
    offset = 0.3 * rng.standard_normal(n)
    eta = 0.3 + (x - 0.2) @ rng.standard_normal(p) * 0.3 + offset
    mean = np.exp(np.clip(eta, -3, 3))
    y = {
        "gamma": mean * rng.gamma(2.0, 0.5, n),
        "tweedie": mean * rng.gamma(1.0, 1.0, n) * (rng.random(n) < 0.6),
        "location": eta + rng.standard_t(2, n),
    }[family]
    return x, y, rng.exponential(size=n) + 0.1, offset


def ours(family: str, x: Array, y: Array, strength: float, **options: Any) -> tuple[Array, Array]:
    from tests.golden.walk import walk

    trace = walk(family, x, y, strengths=np.array([strength]), tolerance=1e-13, **options).trace()
    return trace.intercept[0], trace.coef(0)[:, 0]


def close(mine: tuple[Array, Array], intercept: Any, coef: Any, accuracy: float = 1e-6) -> None:
    np.testing.assert_allclose(mine[1], coef, rtol=0, atol=accuracy)
    np.testing.assert_allclose(mine[0], intercept, rtol=0, atol=accuracy)


@pytest.mark.parametrize("intercept", [True, False])
def test_gamma_ridge_is_scikit_learns(intercept: bool) -> None:
    from sklearn.linear_model import GammaRegressor

    x, y, weight, _ = small_problem("gamma", 1)
    peer = GammaRegressor(alpha=0.05, fit_intercept=intercept, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    peer.fit(x, y, sample_weight=weight)
    mine = ours("gamma", x, y, 0.05, l1_ratio=0.0, weight=weight, standardize=False, intercept=intercept)
    close(mine, peer.intercept_, peer.coef_)


@pytest.mark.parametrize("power", [1.2, 1.5, 1.9])
def test_tweedie_ridge_is_scikit_learns(power: float) -> None:
    from sklearn.linear_model import TweedieRegressor

    x, y, weight, _ = small_problem("tweedie", 2)
    peer = TweedieRegressor(power=power, alpha=0.05, link="log", solver="newton-cholesky", tol=1e-12, max_iter=1000)
    peer.fit(x, y, sample_weight=weight)
    mine = ours("tweedie", x, y, 0.05, settings=(power,), l1_ratio=0.0, weight=weight, standardize=False)
    close(mine, peer.intercept_, peer.coef_)


@pytest.mark.parametrize("power", [1.3, 1.7, 2.0])
def test_unpenalized_is_statsmodels(power: float) -> None:
    sm = pytest.importorskip("statsmodels.api", reason="statsmodels is not installed")
    family = "gamma" if power == 2 else "tweedie"
    x, y, weight, offset = small_problem(family, 3)
    log = sm.families.links.Log()
    kind = sm.families.Gamma(log) if power == 2 else sm.families.Tweedie(log, var_power=power)
    peer = sm.GLM(y, sm.add_constant(x), family=kind, freq_weights=weight, offset=offset)
    fit = peer.fit(tol=1e-15, tol_criterion="params", maxiter=500)
    mine = ours(family, x, y, 0.0, settings=() if power == 2 else (power,), weight=weight, offset=offset)
    close(mine, fit.params[0], fit.params[1:])


def test_huber_is_scikit_learns_at_its_scale() -> None:
    """HuberRegressor minimizes sum (s + s h(r / s)) + alpha |b|^2 over b and s, h(z) = z^2 within epsilon, 2 epsilon
    |z| - epsilon^2 beyond. At its s that is 2 n / s times the mean Huber loss with delta = epsilon s."""
    from sklearn.linear_model import HuberRegressor

    x, y, weight, _ = small_problem("location", 4)
    peer = HuberRegressor(epsilon=1.35, alpha=3.0, tol=1e-13, max_iter=10_000).fit(x, y, sample_weight=weight)
    mine = ours(
        "huber",
        x,
        y,
        3.0 * peer.scale_ / weight.sum(),
        settings=(1.35 * peer.scale_,),
        l1_ratio=0.0,
        weight=weight,
        standardize=False,
    )
    close(mine, peer.intercept_, peer.coef_, 2e-5)


def test_a_huber_loss_that_reaches_every_row_is_half_the_squared_error() -> None:
    x, y, weight, offset = small_problem("location", 5)
    options = {"weight": weight, "offset": offset, "l1_ratio": 0.7}
    mine, squared = ours("huber", x, y, 0.1, settings=(1e4,), **options), ours("gaussian", x, y, 0.1, **options)
    close(mine, *squared, 1e-9)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.8])
@pytest.mark.parametrize("width", [0.3, 0.03])
def test_quantile_is_within_a_quarter_of_its_width_of_the_linear_program(level: float, width: float) -> None:
    """Our pinball loss <= our smoothed loss <= that of the program's fit <= its pinball loss + width / 4."""
    from sklearn.linear_model import QuantileRegressor

    x, y, weight, _ = small_problem("location", 6)
    peer = QuantileRegressor(quantile=level, alpha=0.02, solver="highs").fit(x, y, sample_weight=weight)
    intercept, coef = ours("quantile", x, y, 0.02, settings=(level, width), weight=weight, standardize=False)

    def objective(b0: Any, b: Any) -> float:
        r = y - b0 - x @ b
        return float(np.average(np.maximum(level * r, (level - 1) * r), weights=weight) + 0.02 * np.abs(b).sum())

    best = objective(peer.intercept_, peer.coef_)
    assert best <= objective(intercept, coef) + 1e-12
    assert objective(intercept, coef) <= best + width / 4


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_a_quantile_without_columns_leaves_that_share_of_rows_below(level: float) -> None:
    from rightfit.losses.quantile import Quantile

    y = np.random.default_rng(7).standard_t(3, 4000)
    loss = Quantile(level, Quantile.suggest(y, np.ones(4000))["width"])
    best = loss.null(y, np.full(4000, 1 / 4000), np.zeros(4000))[0]
    assert abs(np.mean(y <= best) - level) < 0.01
