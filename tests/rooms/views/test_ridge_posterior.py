"""The posterior of ridge against formulas that are written out, and against statsmodels and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from sklearn.linear_model import BayesianRidge

from rightfit.views.marginal_likelihood import climb_marginal
from rightfit.views.ridge_posterior import RidgePosterior, find_posterior
from tests.rooms.views.rows import centre, draw


def _contrasts(y: np.ndarray, U: np.ndarray) -> np.ndarray:
    """(n - f, n) orthonormal rows that what is flat does not reach."""
    return np.linalg.svd(U)[0][:, U.shape[1] :].T


def _ready(n: int = 40, p: int = 5, *, flat: list[int] | None = None, noise: float | None = None, seed: int = 0):
    problem, X = draw(n=n, p=p, seed=seed)
    rows = centre(X, problem.y, flat=flat)
    return X, problem.y, find_posterior(rows, np.ones(len(rows.penalized)), noise=noise)


@pytest.mark.parametrize("flat", [[], [2]])
@pytest.mark.parametrize(("n", "p"), [(40, 5), (12, 20)])
def test_mean_and_covariance_are_those_of_the_normal_equations(n: int, p: int, flat: list[int]):
    X, y, posterior = _ready(n, p, flat=flat, noise=2.0)
    g = 3.0
    price = np.append(np.where(np.isin(np.arange(p), flat), 0.0, g * X.var(axis=0)), 0.0)
    A = np.column_stack([X - X.mean(axis=0), np.ones(n)])
    inverse = np.linalg.inv(A.T @ A + np.diag(price))
    mean, scale, lower, upper = posterior.coefficients(g, 0.9)
    np.testing.assert_allclose(mean, (inverse @ A.T @ y)[:-1], rtol=1e-8)
    np.testing.assert_allclose(scale, np.sqrt(2.0 * np.diag(inverse))[:-1], rtol=1e-8)
    np.testing.assert_allclose(upper - mean, stats.norm.ppf(0.95) * scale)
    np.testing.assert_allclose(mean - lower, upper - mean)
    if not flat:
        units = np.outer(X.std(axis=0), X.std(axis=0))
        np.testing.assert_allclose(posterior.covariance(g) / units, 2.0 * inverse[:-1, :-1], rtol=1e-7, atol=1e-12)
        np.testing.assert_allclose(posterior.deviation(np.array([g]))[0] / X.std(axis=0), scale, rtol=1e-9)
    new = np.random.default_rng(9).normal(size=(4, p)) * X.std(axis=0) + X.mean(axis=0)
    B = np.column_stack([new - X.mean(axis=0), np.ones(4)])
    predicted = posterior.predict(new, g, 0.8)
    np.testing.assert_allclose(predicted[:, 0], B @ inverse @ A.T @ y, rtol=1e-8)
    width = stats.norm.ppf(0.9) * np.sqrt(2.0 * (1 + ((B @ inverse) * B).sum(axis=1)))
    np.testing.assert_allclose(predicted[:, 2] - predicted[:, 0], width, rtol=1e-7)


def test_unknown_noise_is_integrated_out():
    """The marginal density of one coefficient, integrated over the noise by quadrature."""
    X, y, posterior = _ready(15, 2)
    g, n = 4.0, 15
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    c = y - y.mean()
    inverse = np.linalg.inv(Z.T @ Z + g * np.eye(2))
    centre_, squares = inverse @ Z.T @ c, float(c @ c - c @ Z @ inverse @ Z.T @ c)

    def over_noise(t: float) -> float:
        """p(theta_1 = t, y): v is inverse gamma with (n - 1) / 2 and squares / 2 afterwards."""
        noise = stats.invgamma((n - 1) / 2, scale=squares / 2)

        def both(u: float) -> float:
            v = np.exp(u)
            return float(stats.norm(centre_[0], np.sqrt(v * inverse[0, 0])).pdf(t) * noise.pdf(v) * v)

        return float(quad(both, -8, 12, limit=300, epsabs=1e-12)[0])

    mean, scale = posterior.mean(g)[0], posterior.deviation(np.array([g]))[0, 0]
    student = stats.t(posterior.freedom, mean, scale)
    for t in (centre_[0] - 0.7, centre_[0], centre_[0] + 1.1):
        assert student.pdf(t) == pytest.approx(over_noise(t), rel=1e-6)


def test_without_a_penalty_it_is_least_squares():
    sm = pytest.importorskip("statsmodels.api")
    problem, X = draw(n=40, p=3)
    rows = centre(X, problem.y, flat=[0, 1, 2])
    posterior = find_posterior(rows, np.ones(0))
    reference = sm.OLS(problem.y, sm.add_constant(X)).fit()
    mean, scale, lower, upper = posterior.coefficients(1.0, 0.95)
    np.testing.assert_allclose(mean, reference.params[1:], rtol=1e-7)
    np.testing.assert_allclose(scale, reference.bse[1:], rtol=1e-7)
    np.testing.assert_allclose(np.column_stack([lower, upper]), reference.conf_int()[1:], rtol=1e-6)
    summary = reference.get_prediction(sm.add_constant(X[:5])).summary_frame(alpha=0.05)
    np.testing.assert_allclose(posterior.predict(X[:5], 1.0, 0.95)[:, 1], summary["obs_ci_lower"], rtol=1e-6)
    np.testing.assert_allclose(posterior.leverages(1.0), reference.get_influence().hat_matrix_diag, rtol=1e-7)


def test_against_bayesian_ridge_at_its_own_hyperparameters():
    problem, X = draw(n=50, p=5, seed=2)
    theirs = BayesianRidge(
        fit_intercept=False, alpha_1=0, alpha_2=0, lambda_1=0, lambda_2=0, compute_score=True, tol=1e-12, max_iter=5_000
    ).fit(X, problem.y)
    rows = centre(X, problem.y, scale=np.ones(5), intercept=False)
    g = theirs.lambda_ / theirs.alpha_
    known = find_posterior(rows, np.ones(5), noise=1 / theirs.alpha_)
    np.testing.assert_allclose(known.coefficients(g, 0.9)[0], theirs.coef_, rtol=1e-8)
    np.testing.assert_allclose(known.covariance(g), theirs.sigma_, rtol=1e-8)
    assert known.log_marginal(g) == pytest.approx(theirs.scores_[-1], abs=1e-8)
    top = climb_marginal(find_posterior(rows, np.ones(5)), np.array([1.0]))
    assert top.g == pytest.approx(g, rel=1e-4)  # theirs stops by the change of coefficients


@pytest.mark.parametrize("flat", [[], [1]])
def test_marginal_likelihood_is_the_density_of_the_contrasts(flat: list[int]):
    X, y, posterior = _ready(20, 4, flat=flat, noise=1.7)
    U = np.column_stack([np.ones(20), X[:, flat]])
    C = _contrasts(y, U)
    Z = np.delete(X / X.std(axis=0), flat, axis=1)
    for g in (0.2, 5.0, 300.0):
        covariance = 1.7 * (np.eye(len(C)) + C @ Z @ Z.T @ C.T / g)
        direct = stats.multivariate_normal(np.zeros(len(C)), covariance).logpdf(C @ y)
        assert posterior.log_marginal(g) == pytest.approx(direct, abs=1e-9)


def test_marginal_likelihood_without_the_noise_is_its_integral():
    _, _, posterior = _ready(12, 3)
    told = [find_posterior(posterior.rows, np.ones(3), noise=v) for v in np.exp(np.linspace(-5, 8, 1_201))]
    whole = [np.log(np.exp(np.array([t.log_marginal(g) for t in told]) + 40).sum()) for g in (0.5, 5.0, 50.0)]
    mine = posterior.log_marginal(np.array([0.5, 5.0, 50.0]))
    np.testing.assert_allclose(np.diff(mine), np.diff(whole), rtol=1e-6)


def test_a_weight_of_two_is_the_row_twice():
    problem, X = draw(n=30, p=4)
    y, times = problem.y, np.random.default_rng(0).integers(0, 3, 30)
    scale = X.std(axis=0)
    one = find_posterior(centre(X, y, scale=scale, weight=times.astype(float)), np.ones(4))
    long = np.repeat(np.arange(30), times)
    two = find_posterior(centre(X[long], y[long], scale=scale), np.ones(4))
    for a, b in zip(one.coefficients(2.0, 0.95), two.coefficients(2.0, 0.95), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-8)
    assert one.log_marginal(2.0) == pytest.approx(float(two.log_marginal(2.0)), abs=1e-8)


def test_leverages_give_what_refits_without_the_row_give():
    problem, X = draw(n=25, p=4)
    y, scale, g = problem.y, X.std(axis=0), 3.0
    full = find_posterior(centre(X, y, scale=scale), np.ones(4), noise=1.0)
    mean, intercept = full.rows.complete(full.mean(g))
    residual, lever = y - X @ mean - intercept, full.leverages(g)
    for i in (0, 7, 24):
        keep = np.arange(25) != i
        without = find_posterior(centre(X[keep], y[keep], scale=scale), np.ones(4), noise=1.0)
        predicted = without.predict(X[i : i + 1], g, 0.95)[0]
        assert y[i] - predicted[0] == pytest.approx(residual[i] / (1 - lever[i]), rel=1e-8)
        width = stats.norm.ppf(0.975) / np.sqrt(1 - lever[i])
        assert predicted[2] - predicted[0] == pytest.approx(width, rel=1e-8)


class TestMostProbableStrength:
    def test_is_where_a_fine_grid_has_its_maximum(self):
        found = 0
        for seed in range(8):
            _, _, posterior = _ready(30, 8, seed=seed)
            top = climb_marginal(posterior, np.array([0.01, 1.0, 100.0]))
            grid = np.exp(np.linspace(-12, 14, 20_001))
            values = posterior.log_marginal(grid)
            assert top.value >= values.max() - 1e-10
            if np.isinf(top.g):
                assert values.argmax() == len(grid) - 1
                continue
            found += 1
            assert np.log(top.g / grid[values.argmax()]) == pytest.approx(0, abs=0.002)
            assert abs(top.slope) < 1e-10
        assert found >= 5

    def test_has_the_derivative_that_it_says(self):
        _, _, posterior = _ready(30, 8)
        for g in (0.3, 40.0):
            nearby = posterior.log_marginal(g * np.exp(np.array([-1e-5, 1e-5])))
            assert posterior.log_marginal_slope(g) == pytest.approx(float(np.diff(nearby)[0]) / 2e-5, rel=1e-5)

    def test_fulfils_the_identity_of_mackay(self):
        """There, and only there, the noise is the residual squares over n less the determined parameters."""
        _, _, posterior = _ready(30, 8)
        g = climb_marginal(posterior, np.array([1.0])).g
        residual = posterior.rows.target - posterior.rows.columns @ posterior.mean(g)
        v = float(residual @ residual) / (posterior.rows.freedom - posterior.determined(g))
        assert float(posterior.variance(g)) == pytest.approx(v, rel=1e-8)

    def test_is_infinite_where_the_columns_say_nothing(self):
        g = np.random.default_rng(4)
        found = []
        for _ in range(12):
            X = g.normal(size=(40, 6))
            y = g.normal(size=40)
            found.append(climb_marginal(find_posterior(centre(X, y), np.ones(6)), np.array([0.1, 10.0, 1e3])).g)
        assert 3 <= np.isinf(found).sum() <= 11
        orthogonal, rest = np.split(np.linalg.qr(g.normal(size=(40, 8)) - 0.0)[0], [6], axis=1)
        blind = climb_marginal(find_posterior(centre(orthogonal, rest[:, 0], intercept=False), np.ones(6)), np.ones(1))
        assert np.isinf(blind.g)

    def test_a_posterior_without_columns_has_none(self):
        X, y, _ = _ready(10, 2)
        nothing: RidgePosterior = find_posterior(centre(X, y, flat=[0, 1]), np.ones(0))
        assert np.isinf(climb_marginal(nothing, np.ones(1)).g)


def test_recovers_the_prior_that_drew_the_coefficients():
    """Empirical Bayes over many columns: noise and prior variance come back."""
    g = np.random.default_rng(0)
    X = g.normal(size=(400, 150))
    y = X @ (0.5 * g.normal(size=150)) + 2 * g.normal(size=400)
    rows = centre(X, y, scale=np.ones(150))
    posterior = find_posterior(rows, np.ones(150))
    top = climb_marginal(posterior, np.array([1.0]))
    v = float(posterior.variance(top.g))
    assert np.sqrt(v) == pytest.approx(2, rel=0.1)
    assert np.sqrt(v / top.g) == pytest.approx(0.5, rel=0.2)
