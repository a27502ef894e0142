"""The same numbers as scikit-learn, live: coefficients, intercepts, predictions and shapes to 1e-6."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import sklearn.linear_model as peer
from scipy import sparse

import rightfit as house

pytest.importorskip("sklearn", minversion="1.9", reason="the parameters and numbers are those of scikit-learn 1.9")

CLASSES = np.array(["ant", "bee", "cat"])


def _data(n: int, p: int, form: str) -> tuple[Any, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(n + p)
    X = generator.normal(size=(n, p)) + 0.5
    y = X @ (generator.normal(size=p) * (np.arange(p) < 5)) + generator.normal(size=n) + 2.0
    weight = generator.integers(0, 4, n) * 0.7
    if form == "sparse":
        X = sparse.csr_array(np.where(generator.random((n, p)) < 0.6, 0.0, X))
    return X, y, weight


def _same(ours: Any, theirs: Any, X: Any, methods: tuple[str, ...] = ("predict",)) -> None:
    for name in ("coef_", "intercept_"):
        mine, other = np.asarray(getattr(ours, name)), np.asarray(getattr(theirs, name))
        assert mine.shape == other.shape, name
        np.testing.assert_allclose(mine, other, rtol=1e-6, atol=1e-6 * max(1.0, np.abs(other).max()), err_msg=name)
    for method in methods:
        mine, other = getattr(ours, method)(X), getattr(theirs, method)(X)
        assert mine.shape == other.shape
        np.testing.assert_allclose(mine, other, rtol=1e-6, atol=1e-6 * max(1.0, np.abs(other).max()), err_msg=method)


@pytest.fixture(params=[(60, 6), (25, 40)], ids=["tall", "wide"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    return request.param


form = pytest.mark.parametrize("form", ["dense", "sparse"])
weighted = pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
intercept = pytest.mark.parametrize("intercept", [True, False], ids=["intercept", "origin"])


@pytest.mark.parametrize(("form", "weighted"), [("dense", True), ("sparse", True), ("dense", False)])
@intercept
@pytest.mark.parametrize("targets", ["one", "column", "two"])
def test_squared_error(size: tuple[int, int], form: str, weighted: bool, intercept: bool, targets: str) -> None:
    X, y, w = _data(*size, form)
    y = {"one": y, "column": y[:, None], "two": np.column_stack([y, np.sin(y)])}[targets]
    weight = w if weighted else None
    solver = "cholesky" if form == "dense" else "sparse_cg"
    theirs = peer.Ridge(3.0, fit_intercept=intercept, solver=solver, tol=1e-13).fit(X, y, weight)
    _same(house.Ridge(3.0, fit_intercept=intercept).fit(X, y, weight), theirs, X)
    exact = {"tol": 1e-13, "max_iter": 1_000_000}
    for positive in (False, True):
        options = {"fit_intercept": intercept, "positive": positive}
        ours = house.Lasso(0.2, **options).fit(X, y, weight)
        theirs = peer.Lasso(0.2, **options, **exact).fit(X, y, weight)
        _same(ours, theirs, X)
        assert np.shape(ours.dual_gap_) == np.shape(theirs.dual_gap_)
        assert np.max(ours.dual_gap_) < 1e-9
        assert (ours.sparse_coef_ != theirs.sparse_coef_).nnz <= np.count_nonzero(theirs.coef_)
        ours = house.ElasticNet(0.2, l1_ratio=0.3, **options).fit(X, y, weight)
        _same(ours, peer.ElasticNet(0.2, l1_ratio=0.3, **options, **exact).fit(X, y, weight), X)


@intercept
def test_targets_that_share_their_columns(size: tuple[int, int], intercept: bool) -> None:
    X, y, w = _data(*size, "dense")
    both, exact = np.column_stack([y, np.sin(y), X[:, 1]]), {"tol": 1e-13, "max_iter": 100_000}
    ours = house.MultiTaskLasso(0.2, fit_intercept=intercept).fit(X, both)
    theirs = peer.MultiTaskLasso(0.2, fit_intercept=intercept, **exact).fit(X, both)
    _same(ours, theirs, X)
    assert ours.dual_gap_ < 1e-9
    ours = house.MultiTaskElasticNet(0.2, l1_ratio=0.3, fit_intercept=intercept).fit(X, both)
    _same(ours, peer.MultiTaskElasticNet(0.2, l1_ratio=0.3, fit_intercept=intercept, **exact).fit(X, both), X)
    times = np.round(w / 0.7).astype(int)  # weights, which scikit-learn does not take here, are rows several times
    weighted = house.MultiTaskLasso(0.2, fit_intercept=intercept).fit(X, both, times)
    repeated = np.repeat(np.arange(len(X)), times)
    _same(weighted, peer.MultiTaskLasso(0.2, fit_intercept=intercept, **exact).fit(X[repeated], both[repeated]), X)
    options = {"alphas": 12, "eps": 1e-2, "cv": 3, "fit_intercept": intercept}
    theirs = peer.MultiTaskLassoCV(**options, **exact).fit(X, both)
    ours = house.MultiTaskLassoCV(**options).fit(X, both)
    _same(ours, theirs, X)
    np.testing.assert_allclose(ours.alphas_, theirs.alphas_, rtol=1e-10)
    np.testing.assert_allclose(ours.mse_path_, theirs.mse_path_, rtol=1e-5)
    options["l1_ratio"] = [0.3, 0.9]
    theirs = peer.MultiTaskElasticNetCV(**options, **exact).fit(X, both)
    ours = house.MultiTaskElasticNetCV(**options).fit(X, both)
    _same(ours, theirs, X)
    assert (ours.alpha_, ours.l1_ratio_) == (pytest.approx(theirs.alpha_), theirs.l1_ratio_)
    np.testing.assert_allclose(ours.alphas_, theirs.alphas_, rtol=1e-10)
    np.testing.assert_allclose(ours.mse_path_, theirs.mse_path_, rtol=1e-5)


@weighted
def test_ridge_of_coefficients_of_one_sign(size: tuple[int, int], weighted: bool) -> None:
    X, y, w = _data(*size, "dense")
    weight = w if weighted else None
    theirs = peer.Ridge(3.0, positive=True, tol=1e-13, max_iter=100_000).fit(X, y, weight)
    _same(house.Ridge(3.0, positive=True).fit(X, y, weight), theirs, X)


def test_ridge_with_a_strength_for_each_target() -> None:
    X, y, _ = _data(60, 6, "dense")
    both = np.column_stack([y, y**2])
    _same(house.Ridge([0.1, 50.0]).fit(X, both), peer.Ridge([0.1, 50.0]).fit(X, both), X)


def test_ridge_without_strength_is_least_squares() -> None:
    X, y, _ = _data(60, 6, "dense")
    _same(house.Ridge(0.0).fit(X, y), peer.LinearRegression().fit(X, y), X)
    wide, y, _ = _data(25, 40, "dense")
    _same(house.Ridge(0.0).fit(wide, y), peer.LinearRegression().fit(wide, y), wide)


@pytest.mark.parametrize(("form", "weighted"), [("dense", True), ("sparse", False)], ids=["weighted", "sparse"])
@intercept
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0], ids=["ridge", "net", "lasso"])
def test_classes(size: tuple[int, int], form: str, weighted: bool, intercept: bool, classes: int, share: float) -> None:
    X, y, w = _data(*size, form)
    label = CLASSES[np.digitize(y, np.quantile(y, [0.4, 0.8][: classes - 1]))]
    weight, balance = (w, "balanced") if weighted else (None, None)
    options = {"C": 0.7, "l1_ratio": share, "fit_intercept": intercept, "class_weight": balance}
    solver = "newton-cholesky" if share == 0 else "saga"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exact = {"solver": solver, "tol": 1e-11, "max_iter": 30_000, "random_state": 0}
        theirs = peer.LogisticRegression(**{**options, "C": 0.7 * 8}, **exact)
        # The same problem with dense columns and weights below 1: saga moves the intercept slowly for sparse ones, and
        # its other steps too long for larger weights.
        theirs.fit(
            X.toarray() if form == "sparse" else X, label, np.full(len(y), 1 / 8) if weight is None else weight / 8
        )
    ours = house.LogisticRegression(**options).fit(X, label, weight)
    top = np.sort(theirs.predict_proba(X), axis=1)
    clear = top[:, -1] - top[:, -2] > 1e-4  # a row of zeros without an intercept is a tie
    assert (ours.predict(X) == theirs.predict(X))[clear].all()
    _same(ours, theirs, X, ("decision_function", "predict_proba", "predict_log_proba"))


def test_class_weights_by_name_and_the_older_penalty() -> None:
    X, y, w = _data(60, 6, "dense")
    label = CLASSES[np.digitize(y, np.quantile(y, [0.4, 0.8]))]
    heavy = {"ant": 3.0, "cat": 0.5}
    exact = {"solver": "newton-cholesky", "tol": 1e-11}
    theirs = peer.LogisticRegression(class_weight=heavy, **exact).fit(X, label, w)
    _same(house.LogisticRegression(class_weight=heavy).fit(X, label, w), theirs, X, ("predict_proba",))
    plain = peer.LogisticRegression(**exact).fit(X, label)
    _same(house.LogisticRegression(penalty="l2").fit(X, label), plain, X, ("predict_proba",))
    free = peer.LogisticRegression(C=np.inf, **exact).fit(X, label)
    _same(house.LogisticRegression(penalty=None).fit(X, label), free, X, ("predict_proba",))
    _same(house.LogisticRegression(C=np.inf).fit(X, label), free, X, ("predict_proba",))
    lasso = house.LogisticRegression(l1_ratio=1.0).fit(X, label)
    np.testing.assert_array_equal(house.LogisticRegression(penalty="l1").fit(X, label).coef_, lasso.coef_)


@form
@weighted
@intercept
def test_counts(size: tuple[int, int], form: str, weighted: bool, intercept: bool) -> None:
    X, y, w = _data(*size, form)
    counts = np.random.default_rng(1).poisson(np.exp(0.2 * y - 0.5)).astype(float)
    weight = w if weighted else None
    options = {"alpha": 0.3, "fit_intercept": intercept}
    theirs = peer.PoissonRegressor(**options, tol=1e-12, solver="newton-cholesky").fit(X, counts, weight)
    ours = house.PoissonRegressor(**options).fit(X, counts, weight)
    _same(ours, theirs, X)
    assert ours.score(X, counts, weight) == pytest.approx(theirs.score(X, counts, weight), rel=1e-6)
