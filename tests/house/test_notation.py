"""docs/notation.md tells the truth: each conversion of a strength, against the library that it converts from."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import linear_model
from sklearn.base import BaseEstimator

from rightfit.contracts import Loss, Problem
from rightfit.data.design import make_design
from rightfit.learners.linear import Linear
from rightfit.losses.gamma import Gamma
from rightfit.losses.logistic import Logistic
from rightfit.losses.multinomial import Multinomial
from rightfit.losses.poisson import Poisson
from rightfit.losses.squared import Squared
from rightfit.losses.tweedie import Tweedie
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples

N, P = 60, 4
RNG = np.random.default_rng(7)
X = RNG.standard_normal((N, P)) * [1.0, 2.0, 0.5, 1.0]
ETA = X @ [0.8, -0.3, 0.5, 0.0]
WEIGHT = RNG.integers(1, 4, N).astype(float)
W = WEIGHT.sum()
Y = {
    "squared": 5 + 3 * ETA + RNG.standard_normal(N),
    "logistic": (RNG.random(N) < 1 / (1 + np.exp(-ETA))).astype(float),
    "poisson": RNG.poisson(np.exp(0.5 * ETA)).astype(float),
    "gamma": np.exp(0.5 * ETA) * RNG.gamma(2.0, 0.5, N),
    "tweedie": np.exp(0.5 * ETA) * RNG.gamma(2.0, 0.5, N) * (RNG.random(N) < 0.7),
    "multinomial": np.argmax(X[:, :3] + RNG.gumbel(size=(N, 3)), axis=1).astype(float),
}


def _fit(
    loss: Loss,
    l1: float,
    l2: float,
    *,
    standardize: bool = False,
    factors: np.ndarray | None = None,
    weight: np.ndarray = WEIGHT,
) -> np.ndarray:
    """(p, C) coefficients at the strength and l1_ratio that L1 and L2 of docs/notation.md stand for."""
    penalty = ElasticNet(l1 / (l1 + l2), factors=factors)
    learner = Linear(penalty=penalty, strengths=np.array([l1 + l2]), standardize=standardize, tolerance=1e-12)
    problem = Problem(make_design(X), loss.check(Y[loss.name]), loss, np.zeros(N))
    return learner.fit_paths(problem, Resamples.full(weight))[0].trace().coef(0)


SCIKIT_LEARN: dict[str, tuple[BaseEstimator, Loss, float, float]] = {
    "Lasso": (linear_model.Lasso(alpha=0.3, tol=1e-10), Squared(), 0.3, 0.0),
    "ElasticNet": (linear_model.ElasticNet(alpha=0.3, l1_ratio=0.4, tol=1e-10), Squared(), 0.3 * 0.4, 0.3 * 0.6),
    "Ridge": (linear_model.Ridge(alpha=9.0), Squared(), 0.0, 9.0 / W),
    "PoissonRegressor": (
        linear_model.PoissonRegressor(alpha=0.2, tol=1e-9, solver="newton-cholesky"),
        Poisson(),
        0.0,
        0.2,
    ),
    "GammaRegressor": (
        linear_model.GammaRegressor(alpha=0.2, tol=1e-9, solver="newton-cholesky"),
        Gamma(),
        0.0,
        0.2,
    ),
    "TweedieRegressor": (
        linear_model.TweedieRegressor(power=1.4, link="log", alpha=0.2, tol=1e-9, solver="newton-cholesky"),
        Tweedie(1.4),
        0.0,
        0.2,
    ),
    "LogisticRegression, ridge": (
        linear_model.LogisticRegression(C=0.1, tol=1e-9, solver="newton-cholesky"),
        Logistic(),
        0.0,
        1 / (0.1 * W),
    ),
    "LogisticRegression, multinomial": (
        linear_model.LogisticRegression(C=0.1, tol=1e-9, max_iter=1000),
        Multinomial(classes=3),
        0.0,
        1 / (0.1 * W),
    ),
}


@pytest.mark.parametrize("name", SCIKIT_LEARN)
def test_scikit_learn(name: str) -> None:
    estimator, loss, l1, l2 = SCIKIT_LEARN[name]
    theirs = estimator.fit(X, Y[loss.name], sample_weight=WEIGHT).coef_
    assert np.abs(theirs).max() > 0.05
    np.testing.assert_allclose(_fit(loss, l1, l2).T, np.atleast_2d(theirs), rtol=0, atol=2e-5)


def test_statsmodels() -> None:
    """Every row of the table, with the constant left free by an ``alpha`` of 0."""
    statsmodels = pytest.importorskip("statsmodels.api", reason="statsmodels is not installed")
    columns, even = statsmodels.add_constant(X), np.ones(N)
    alpha, share = np.array([0.0] + [0.2] * P), 0.5
    net = {"alpha": alpha, "L1_wt": share, "cnvrg_tol": 1e-12, "maxiter": 2000}
    theirs = statsmodels.OLS(Y["squared"], columns).fit_regularized(**net).params[1:]
    ours = _fit(Squared(), 0.2 * share, 0.2 * (1 - share), weight=even)
    np.testing.assert_allclose(ours[:, 0], theirs, rtol=0, atol=1e-6)

    counts = statsmodels.GLM(Y["poisson"], columns, family=statsmodels.families.Poisson())
    ours = _fit(Poisson(), 0.2 * share, 0.2 * (1 - share), weight=even)
    np.testing.assert_allclose(ours[:, 0], counts.fit_regularized(**net).params[1:], rtol=0, atol=1e-5)

    lasso = statsmodels.Logit(Y["logistic"], columns).fit_regularized(method="l1", alpha=alpha * 20, disp=0, acc=1e-12)
    np.testing.assert_allclose(_fit(Logistic(), 4.0 / N, 0.0, weight=even)[:, 0], lasso.params[1:], rtol=0, atol=1e-5)


def test_standardization_multiplies_factors_by_scales() -> None:
    """l1 by s_j, l2 by the square of s_j."""
    mean = WEIGHT @ X / W
    scale = np.sqrt(WEIGHT @ (X - mean) ** 2 / W)
    lasso = _fit(Squared(), 0.3, 0.0, standardize=True)
    np.testing.assert_allclose(lasso, _fit(Squared(), 0.3, 0.0, factors=scale), rtol=0, atol=1e-7)
    ridge = _fit(Squared(), 0.0, 0.3, standardize=True)
    np.testing.assert_allclose(ridge, _fit(Squared(), 0.0, 0.3, factors=scale**2), rtol=0, atol=1e-7)


def test_glmnet_divides_the_ridge_part_by_the_deviation_of_y() -> None:
    """What glmnet does, step by step: divide y and lambda by sd(y), fit, multiply the coefficients by sd(y)."""
    lam, alpha = 0.4, 0.5
    y = Y["squared"]
    spread = np.sqrt(WEIGHT @ (y - WEIGHT @ y / W) ** 2 / W)
    loss = Squared()
    learner = Linear(penalty=ElasticNet(alpha), strengths=np.array([lam / spread]), standardize=True, tolerance=1e-12)
    problem = Problem(make_design(X), loss.check(y / spread), loss, np.zeros(N))
    theirs = spread * learner.fit_paths(problem, Resamples.full(WEIGHT))[0].trace().coef(0)
    ours = _fit(loss, lam * alpha, lam * (1 - alpha) / spread, standardize=True)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-7)


def test_gradient_steps_with_weight_decay_end_at_ridge() -> None:
    decay, rate = 0.2, 0.05
    share = WEIGHT / W
    coef, intercept = np.zeros(P), 0.0
    for _ in range(3000):
        residual = share * (X @ coef + intercept - Y["squared"])
        coef, intercept = coef - rate * (X.T @ residual + decay * coef), intercept - rate * residual.sum()
    np.testing.assert_allclose(coef, _fit(Squared(), 0.0, decay)[:, 0], rtol=0, atol=1e-7)


def test_ridge_is_the_mean_of_a_gaussian_posterior() -> None:
    """Prior variance v / (W L2) with noise variance v, intercept free: any v gives the same mean."""
    noise, l2 = 1.7, 0.3
    mean = WEIGHT @ X / W
    centred = X - mean
    precision = centred.T @ (WEIGHT[:, None] * centred) / noise + np.eye(P) / (noise / (W * l2))
    posterior = np.linalg.solve(precision, centred.T @ (WEIGHT * Y["squared"]) / noise)
    np.testing.assert_allclose(_fit(Squared(), 0.0, l2)[:, 0], posterior, rtol=0, atol=1e-7)
