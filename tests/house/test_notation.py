"""docs/notation.md tells the truth: each conversion of a strength, against the library that it converts from."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import linear_model
from sklearn.base import BaseEstimator
from sklearn.neural_network import MLPRegressor

from rightfit.contracts import Loss, Problem
from rightfit.data.design import make_design
from rightfit.learners.linear import Linear
from rightfit.losses.gamma import Gamma
from rightfit.losses.huber import Huber
from rightfit.losses.logistic import Logistic
from rightfit.losses.multinomial import Multinomial
from rightfit.losses.poisson import Poisson
from rightfit.losses.quantile import Quantile
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
    target = Y.get(loss.name, Y["squared"])
    problem = Problem(make_design(X), loss.check(target), loss, np.zeros(N))
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


def test_quantile_regressor() -> None:
    """Not smoothed over there: a narrow width here comes as near as it is narrow."""
    theirs = linear_model.QuantileRegressor(quantile=0.7, alpha=0.05).fit(X, Y["squared"], sample_weight=WEIGHT).coef_
    assert np.abs(theirs).max() > 0.05
    np.testing.assert_allclose(_fit(Quantile(0.7, 0.002), 0.05, 0.0)[:, 0], theirs, rtol=0, atol=5e-3)


def test_huber_regressor() -> None:
    """At the scale s that it finds: L2 = alpha s / W, delta = epsilon s."""
    epsilon, alpha = 1.5, 20.0
    theirs = linear_model.HuberRegressor(epsilon=epsilon, alpha=alpha, tol=1e-10, max_iter=1000)
    theirs.fit(X, Y["squared"], sample_weight=WEIGHT)
    ours = _fit(Huber(epsilon * theirs.scale_), 0.0, alpha * theirs.scale_ / W)
    np.testing.assert_allclose(ours[:, 0], theirs.coef_, rtol=0, atol=1e-4)


def test_stochastic_gradient_descent() -> None:
    """Its own average of L1 steps is no average of its coefficients, so the ridge is what can be compared."""
    settings = {"loss": "log_loss", "penalty": "l2", "alpha": 0.05}
    theirs = linear_model.SGDClassifier(**settings, max_iter=3_000, tol=None, average=100_000, random_state=0)
    theirs.fit(X, Y["logistic"], sample_weight=WEIGHT * N / W)
    np.testing.assert_allclose(_fit(Logistic(), 0.0, 0.05)[:, 0], theirs.coef_[0], rtol=0, atol=0.01)


def test_a_net_of_scikit_learn() -> None:
    """MLPRegressor(alpha): alpha / 2 sum w^2 over the rows of a batch, so that L2 = alpha / n in full batches. One
    linear unit in front of the output has the product of two weights for a coefficient: at its optimum both are equal,
    and what the two of them pay, L2/2 (u^2 + v^2), is L2 |u v|."""
    alpha, slope = 12.0, 2.0
    x = np.linspace(-1, 1, 40)[:, None]
    net = MLPRegressor(
        hidden_layer_sizes=(1,), activation="identity", solver="lbfgs", alpha=alpha, tol=1e-12, max_iter=5000
    )
    net.set_params(random_state=1, tol=1e-12, max_iter=5000).fit(x, slope * x[:, 0])
    learned = float(net.coefs_[0][0, 0] * net.coefs_[1][0, 0])
    price = alpha / len(x)
    assert learned == pytest.approx(slope - price / np.mean(x**2), abs=1e-3)


def _booster(rounds: int = 1, **settings: object) -> object:
    xgboost = pytest.importorskip("xgboost", reason="xgboost is not installed")
    data = xgboost.DMatrix(X, Y["squared"], weight=WEIGHT)
    return xgboost.train({"base_score": 0.0, "seed": 0, "nthread": 1, **settings}, data, rounds)


def test_leaves_of_xgboost() -> None:
    """v = -soft(G, alpha) / (H + lambda) with sums over the rows of a leaf: alpha / W and lambda / W on means."""
    lam, alpha = 7.0, 30.0
    booster = _booster(eta=1.0, max_depth=1, tree_method="exact", **{"lambda": lam, "alpha": alpha, "gamma": 0.0})
    table = booster.trees_to_dataframe()  # type: ignore[attr-defined]
    split, leaves = table[table.Feature != "Leaf"].iloc[0], table[table.Feature == "Leaf"].Gain.to_numpy()
    left = X[:, int(split.Feature[1:])] < split.Split
    for leaf, rows in zip(leaves, (left, ~left), strict=True):
        G, H = -(WEIGHT * Y["squared"])[rows].sum(), WEIGHT[rows].sum()
        by_sums = -np.sign(G) * max(abs(G) - alpha, 0) / (H + lam)
        L1, L2, share = alpha / W, lam / W, H / W
        by_means = -np.sign(G) * max(abs(G / W) - L1, 0) / (share + L2)
        assert leaf == pytest.approx(by_sums, rel=1e-5) and by_means == pytest.approx(by_sums)


def test_linear_booster_of_xgboost() -> None:
    """Weights are multiplied by W inside: L1 = alpha, L2 = lambda."""
    lam, alpha = 0.3, 0.4
    linear = {"booster": "gblinear", "updater": "coord_descent", "eta": 1.0, "lambda": lam, "alpha": alpha}
    booster = _booster(**linear, rounds=400)
    theirs = np.array([booster.get_score(importance_type="weight").get(f"f{j}", 0.0) for j in range(P)])  # type: ignore[attr-defined]
    np.testing.assert_allclose(_fit(Squared(), alpha, lam)[:, 0], theirs, rtol=0, atol=2e-3)


def test_decay_of_torch_is_an_l2_for_gradient_descent_and_none_for_adamw() -> None:
    """SGD(weight_decay=d) ends at L2 = d; Adam scales the term by the gradient's size, AdamW pulls on its own."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    decay = 0.2
    columns, target, share = (torch.tensor(a) for a in (X, Y["squared"], WEIGHT / W))
    ridge = _fit(Squared(), 0.0, decay)[:, 0]

    def train(kind: type, steps: int, rate: float) -> np.ndarray:
        coef = torch.zeros(P, dtype=torch.float64, requires_grad=True)
        constant = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        groups = [{"params": [coef], "weight_decay": decay}, {"params": [constant], "weight_decay": 0.0}]
        optimizer = kind(groups, lr=rate)
        for _ in range(steps):
            optimizer.zero_grad()
            (share @ (columns @ coef + constant - target) ** 2 / 2).backward()
            optimizer.step()
        return coef.detach().numpy()

    np.testing.assert_allclose(train(torch.optim.SGD, 1500, 0.1), ridge, rtol=0, atol=1e-6)
    assert np.abs(train(torch.optim.AdamW, 1500, 0.01) - ridge).max() > 0.05
