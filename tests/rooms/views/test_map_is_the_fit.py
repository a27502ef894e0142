"""The mode of the posterior is the penalized fit: of priors and likelihoods written out here, not of the objective."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize_scalar

import rightfit
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.views.priors import Priors, read_priors
from tests.rooms.views.rows import draw


def _log_posterior(y: np.ndarray, X: np.ndarray, prior: Priors, kind: str, noise: float):
    """Of coefficients (p,) and an intercept."""

    def value(coef: np.ndarray, intercept: float) -> float:
        eta = X @ coef + intercept
        if kind == "squared":
            likelihood = stats.norm(eta, np.sqrt(noise)).logpdf(y).sum()
        elif kind == "logistic":
            likelihood = stats.bernoulli(1 / (1 + np.exp(-eta))).logpmf(y).sum()
        else:
            likelihood = stats.poisson(np.exp(eta)).logpmf(y).sum()
        return float(likelihood + prior.log_density(coef).sum())

    return value


@pytest.mark.parametrize("noise", [0.3, 7.0])
@pytest.mark.parametrize(
    ("kind", "ratio", "make"),
    [
        ("squared", 0.0, lambda n: rightfit.Ridge(alpha=0.4 * n)),
        ("squared", 1.0, lambda n: rightfit.Lasso(alpha=0.4, tol=1e-12)),
        ("squared", 0.5, lambda n: rightfit.ElasticNet(alpha=0.4, l1_ratio=0.5, tol=1e-12)),
        ("logistic", 0.0, lambda n: rightfit.LogisticRegression(C=1 / (0.4 * n), tol=1e-12)),
        ("logistic", 1.0, lambda n: rightfit.LogisticRegression(C=1 / (0.03 * n), l1_ratio=1.0, tol=1e-12)),
        ("poisson", 0.0, lambda n: rightfit.PoissonRegressor(alpha=0.4, tol=1e-12)),
    ],
)
def test_no_coefficient_can_be_moved_to_a_more_probable_place(kind: str, ratio: float, make, noise: float):
    """Prior and likelihood are differentiable but for the separable kink, so that a point that is the best along every
    coordinate is the mode."""
    problem, X = draw(kind, n=50, p=4, seed=3)
    noise = noise if kind == "squared" else 1.0
    model = make(len(X)).fit(X, problem.y)
    coef, intercept = np.ravel(model.coef_), float(np.ravel(model.intercept_)[0])
    strength = 0.03 if (kind, ratio) == ("logistic", 1.0) else 0.4
    prior = read_priors(ElasticNet(ratio), strength, np.ones(X.shape[1]), rows=float(len(X)), noise=noise)
    value = _log_posterior(problem.y, X, prior, kind, noise)
    assert ratio == 0 or (coef == 0).any()
    for j in range(len(coef)):
        unit = np.arange(len(coef)) == j

        def along(t: float, unit: np.ndarray = unit) -> float:
            return -value(np.where(unit, t, coef), intercept)

        width = 0.5 / X[:, j].std()
        best = minimize_scalar(
            along, bounds=(coef[j] - width, coef[j] + width), method="bounded", options={"xatol": 1e-11}
        )
        assert best.x == pytest.approx(coef[j], abs=2e-7 / X[:, j].std())
        assert along(coef[j]) <= best.fun + 1e-9
    best = minimize_scalar(
        lambda t: -value(coef, t), bounds=(intercept - 1, intercept + 1), method="bounded", options={"xatol": 1e-11}
    )
    assert best.x == pytest.approx(intercept, abs=1e-6)


def test_another_strength_has_another_mode():
    """The test above can fail: at nine tenths of the strength the fit is not the mode."""
    problem, X = draw("squared", n=50, p=4, seed=3)
    model = rightfit.Ridge(alpha=0.4 * 50).fit(X, problem.y)
    prior = read_priors(ElasticNet(0.0), 0.36, np.ones(4), rows=50.0, noise=1.0)
    value = _log_posterior(problem.y, X, prior, "squared", 1.0)
    coef = np.ravel(model.coef_)
    best = minimize_scalar(
        lambda t: -value(np.array([t, *coef[1:]]), model.intercept_), bounds=(-9, 9), method="bounded"
    )
    assert abs(best.x - coef[0]) > 1e-3


@pytest.mark.parametrize(
    ("kind", "ratio", "strength", "make"),
    [
        ("squared", 0.0, 0.4, lambda n: rightfit.Ridge(alpha=0.4 * n)),
        ("squared", 1.0, 0.4, lambda n: rightfit.Lasso(alpha=0.4, tol=1e-14)),
        ("logistic", 0.0, 0.4, lambda n: rightfit.LogisticRegression(C=1 / (0.4 * n), tol=1e-14)),
        ("logistic", 1.0, 0.03, lambda n: rightfit.LogisticRegression(C=1 / (0.03 * n), l1_ratio=1.0, tol=1e-14)),
    ],
)
def test_newtons_step_from_the_fit_to_the_mode_is_nothing(kind: str, ratio: float, strength: float, make):
    """To eight digits: the score of the log posterior over its curvature, on the coefficients that are not held at
    zero; those that are have a score within the prior's rate."""
    problem, X = draw(kind, n=50, p=4, seed=3)
    y, noise = problem.y, 2.0 if kind == "squared" else 1.0
    model = make(50).fit(X, y)
    coef, intercept = np.ravel(model.coef_), float(np.ravel(model.intercept_)[0])
    prior = read_priors(ElasticNet(ratio), strength, np.ones(4), rows=50.0, noise=noise)
    eta = X @ coef + intercept
    mean = eta if kind == "squared" else 1 / (1 + np.exp(-eta))
    curvature = np.ones(50) if kind == "squared" else mean * (1 - mean)
    A = np.column_stack([X, np.ones(50)])
    pull = A.T @ (y - mean) / noise - np.append(prior.precision * coef, 0)
    held = np.append((coef == 0) & (prior.rate > 0), False)
    assert (np.abs(pull[held]) <= np.append(prior.rate, 0)[held] * (1 + 1e-9)).all()
    score = (pull - np.append(prior.rate * np.sign(coef), 0))[~held]
    second = (A * curvature[:, None]).T @ A / noise + np.diag(np.append(prior.precision, 0))
    step = np.linalg.solve(second[np.ix_(~held, ~held)], score)
    assert np.abs(step * np.append(X.std(axis=0), 1.0)[~held]).max() < 1e-8
