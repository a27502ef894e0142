"""The same small problems, solved here and by scikit-learn and statsmodels: coefficients agree to 1e-6."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

Array = Any
TIGHT: dict[str, Any] = {"tolerance": 1e-13}


def small_problem(family: str, seed: int = 0, n: int = 120, p: int = 6) -> tuple[Array, Array, Array, Array]:
    """Columns of unlike scales, a target, weights and an offset."""
    rng = np.random.default_rng(seed)
    x = (rng.standard_normal((n, p)) + 0.5 * rng.standard_normal((n, 1))) * np.geomspace(0.3, 3, p) + 0.2
    offset = 0.3 * rng.standard_normal(n)
    eta = 0.3 + (x - 0.2) @ rng.standard_normal(p) * 0.3 + offset
    y = {
        "gaussian": eta + rng.standard_normal(n),
        "binomial": (rng.random(n) < 1 / (1 + np.exp(-eta))) * 1.0,
        "poisson": rng.poisson(np.exp(np.clip(eta, -3, 2))) * 1.0,
        "multinomial": rng.integers(0, 3, n) * 1.0,
    }[family]
    return x, y, rng.exponential(size=n) + 0.1, offset


def ours(family: str, x: Array, y: Array, strength: float, **options: Any) -> tuple[Array, Array]:
    from tests.golden.walk import walk

    trace = walk(family, x, y, strengths=np.array([strength]), **TIGHT, **options).trace()
    return trace.intercept[0], trace.coef(0)


def close(mine: tuple[Array, Array], intercept: Any, coef: Any) -> None:
    np.testing.assert_allclose(mine[1], np.asarray(coef).reshape(mine[1].shape), rtol=0, atol=1e-6)
    np.testing.assert_allclose(mine[0], np.atleast_1d(intercept), rtol=0, atol=1e-6)


@pytest.mark.parametrize("strength", [0.02, 0.3])
def test_lasso_is_scikit_learns(strength: float) -> None:
    from sklearn.linear_model import Lasso

    x, y, weight, _ = small_problem("gaussian", 1)
    peer = Lasso(alpha=strength, tol=1e-14, max_iter=100_000).fit(x, y, sample_weight=weight)
    close(ours("gaussian", x, y, strength, weight=weight, standardize=False), peer.intercept_, peer.coef_)


@pytest.mark.parametrize("intercept", [True, False])
def test_elastic_net_is_scikit_learns(intercept: bool) -> None:
    from sklearn.linear_model import ElasticNet

    x, y, _, _ = small_problem("gaussian", 2)
    peer = ElasticNet(alpha=0.1, l1_ratio=0.4, fit_intercept=intercept, tol=1e-14, max_iter=100_000).fit(x, y)
    mine = ours("gaussian", x, y, 0.1, l1_ratio=0.4, standardize=False, intercept=intercept)
    close(mine, peer.intercept_, peer.coef_)


def test_ridge_is_scikit_learns() -> None:
    from sklearn.linear_model import Ridge

    x, y, weight, _ = small_problem("gaussian", 3)
    peer = Ridge(alpha=7.0, solver="svd").fit(x, y, sample_weight=weight)
    mine = ours("gaussian", x, y, 7.0 / weight.sum(), l1_ratio=0.0, weight=weight, standardize=False)
    close(mine, peer.intercept_, peer.coef_)


@pytest.mark.parametrize("family", ["binomial", "multinomial"])
def test_logistic_ridge_is_scikit_learns(family: str) -> None:
    from sklearn.linear_model import LogisticRegression

    x, y, weight, _ = small_problem(family, 4)
    peer = LogisticRegression(C=0.2, solver="newton-cg" if family == "multinomial" else "newton-cholesky", tol=1e-13)
    peer.fit(x, y, sample_weight=weight)
    mine = ours(family, x, y, 1 / (0.2 * weight.sum()), l1_ratio=0.0, weight=weight, standardize=False)
    close(mine, peer.intercept_ - (peer.intercept_.mean() if family == "multinomial" else 0), peer.coef_.T)


def test_poisson_ridge_is_scikit_learns() -> None:
    from sklearn.linear_model import PoissonRegressor

    x, y, weight, _ = small_problem("poisson", 5)
    peer = PoissonRegressor(alpha=0.05, solver="newton-cholesky", tol=1e-12).fit(x, y, sample_weight=weight)
    mine = ours("poisson", x, y, 0.05, l1_ratio=0.0, weight=weight, standardize=False)
    close(mine, peer.intercept_, peer.coef_)


@pytest.mark.parametrize("family", ["gaussian", "binomial", "poisson"])
def test_unpenalized_is_statsmodels(family: str) -> None:
    sm = pytest.importorskip("statsmodels.api", reason="statsmodels is not installed")
    x, y, weight, offset = small_problem(family, 6)
    kind = {"gaussian": sm.families.Gaussian, "binomial": sm.families.Binomial, "poisson": sm.families.Poisson}[
        family
    ]()
    peer = sm.GLM(y, sm.add_constant(x), family=kind, freq_weights=weight, offset=offset).fit(tol=1e-14, maxiter=100)
    close(ours(family, x, y, 0.0, weight=weight, offset=offset), peer.params[0], peer.params[1:])


def test_unpenalized_multinomial_predicts_as_statsmodels() -> None:
    sm = pytest.importorskip("statsmodels.api", reason="statsmodels is not installed")
    x, y, _, _ = small_problem("multinomial", 7)
    peer = sm.MNLogit(y, sm.add_constant(x)).fit(method="newton", tol=1e-14, maxiter=100, disp=False)
    intercept, coef = ours("multinomial", x, y, 0.0)
    # only differences between classes count; statsmodels takes the first class as the base
    np.testing.assert_allclose(coef[:, 1:] - coef[:, :1], peer.params[1:], rtol=0, atol=1e-6)
    np.testing.assert_allclose(intercept[1:] - intercept[0], peer.params[0], rtol=0, atol=1e-6)
