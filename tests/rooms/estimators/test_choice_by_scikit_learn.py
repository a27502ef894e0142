"""RidgeCV, LassoCV, ElasticNetCV and LogisticRegressionCV: scikit-learn's attributes, shapes and numbers."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import sklearn.linear_model as peer
from sklearn.model_selection import KFold

import rightfit as house

pytest.importorskip("sklearn", minversion="1.9", reason="the parameters and numbers are those of scikit-learn 1.9")

GENERATOR = np.random.default_rng(3)
X = GENERATOR.normal(size=(60, 8)) + 1.0
Y = X[:, 0] - X[:, 1] + GENERATOR.normal(size=60)
WEIGHT = GENERATOR.integers(1, 4, 60).astype(float)
LABEL = np.array(["a", "b", "c"])[np.digitize(Y, np.quantile(Y, [0.4, 0.7]))]
weighted = pytest.mark.parametrize("weight", [None, WEIGHT], ids=["plain", "weighted"])


def _same(ours: Any, theirs: Any, *names: str, tolerance: float = 1e-6) -> None:
    for name in names:
        mine, other = np.asarray(getattr(ours, name)), np.asarray(getattr(theirs, name))
        assert mine.shape == other.shape, name
        np.testing.assert_allclose(mine, other, rtol=tolerance, atol=tolerance, err_msg=name)


@weighted
@pytest.mark.parametrize("options", [{}, {"l1_ratio": [0.3, 1.0]}, {"alphas": [0.01, 1.0, 0.1]}, {"positive": True}])
def test_elastic_net_cv(weight: np.ndarray | None, options: dict[str, Any]) -> None:
    options = {"alphas": 25, "cv": KFold(4, shuffle=True, random_state=0), **options}
    theirs = peer.ElasticNetCV(**options, tol=1e-13, max_iter=1_000_000).fit(X, Y, sample_weight=weight)
    ours = house.ElasticNetCV(**options).fit(X, Y, sample_weight=weight)
    _same(ours, theirs, "coef_", "intercept_", "alpha_", "l1_ratio_", "alphas_", "mse_path_")
    assert np.shape(ours.dual_gap_) == np.shape(theirs.dual_gap_)


@weighted
def test_lasso_cv(weight: np.ndarray | None) -> None:
    theirs = peer.LassoCV(tol=1e-13, max_iter=1_000_000).fit(X, Y, sample_weight=weight)
    ours = house.LassoCV().fit(X, Y, sample_weight=weight)
    _same(ours, theirs, "coef_", "intercept_", "alpha_", "alphas_", "mse_path_")
    assert not hasattr(ours, "l1_ratio_")
    assert len(house.LassoCV(n_alphas=7).fit(X, Y).alphas_) == 7


def test_lasso_cv_where_no_column_matters() -> None:
    ours = house.LassoCV(alphas=5).fit(X, np.ones(60))
    assert not ours.coef_.any()
    assert ours.alphas_.shape == (5,)


@weighted
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("rows", [60, 6], ids=["tall", "wide"])
def test_ridge_cv_leaves_one_out(weight: np.ndarray | None, intercept: bool, rows: int) -> None:
    weight = None if weight is None else weight[:rows]
    options: dict[str, Any] = {"alphas": [0.01, 1.0, 30.0], "store_cv_results": True, "fit_intercept": intercept}
    two = np.column_stack([Y, np.sin(3 * Y)])[:rows]
    for y, extra in ((Y[:rows], {}), (two, {}), (two, {"alpha_per_target": True}), (Y[:rows], {"scoring": "r2"})):
        theirs = peer.RidgeCV(**options, **extra).fit(X[:rows], y, weight)
        ours = house.RidgeCV(**options, **extra).fit(X[:rows], y, weight)
        _same(ours, theirs, "coef_", "intercept_", "alpha_", "cv_results_", "best_score_")


def test_ridge_cv_with_folds() -> None:
    options: dict[str, Any] = {"alphas": [0.01, 1.0, 30.0], "cv": 4}
    for y in (Y, np.column_stack([Y, np.sin(Y)])):
        ours, theirs = house.RidgeCV(**options).fit(X, y), peer.RidgeCV(**options).fit(X, y)
        _same(ours, theirs, "coef_", "intercept_", "alpha_", "best_score_")
    scored = {**options, "scoring": "neg_mean_absolute_error"}
    _same(house.RidgeCV(**scored).fit(X, Y), peer.RidgeCV(**scored).fit(X, Y), "alpha_", "best_score_", "coef_")


@weighted
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("legacy", [True, False])
@pytest.mark.parametrize("scoring", [None, "neg_log_loss"])
def test_logistic_regression_cv(weight: np.ndarray | None, classes: int, legacy: bool, scoring: str | None) -> None:
    label = LABEL if classes == 3 else LABEL == "a"
    options: dict[str, Any] = {"Cs": [0.01, 0.3, 5.0], "cv": 3, "scoring": scoring, "use_legacy_attributes": legacy}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = peer.LogisticRegressionCV(**options, solver="newton-cholesky", tol=1e-11, l1_ratios=(0.0,))
        theirs.fit(X, label, sample_weight=weight)
    ours = house.LogisticRegressionCV(**options, l1_ratios=(0.0,)).fit(X, label, sample_weight=weight)
    _same(ours, theirs, "coef_", "intercept_", "C_", "l1_ratio_", "Cs_")
    assert ours.n_iter_.shape == theirs.n_iter_.shape
    for name in ("scores_", "coefs_paths_"):
        mine, other = getattr(ours, name), getattr(theirs, name)
        if legacy:
            assert list(mine) == list(other)
            mine, other = np.array(list(mine.values())), np.array(list(other.values()))
        assert mine.shape == other.shape, name
        np.testing.assert_allclose(mine, other, rtol=1e-6, atol=2e-6, err_msg=name)


def test_logistic_regression_cv_without_refit_and_by_default() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for options in ({"refit": False}, {}):
            theirs = peer.LogisticRegressionCV(Cs=4, solver="newton-cholesky", tol=1e-11, **options).fit(X, LABEL)
            ours = house.LogisticRegressionCV(Cs=4, **options).fit(X, LABEL)
            _same(ours, theirs, "coef_", "intercept_", "C_", tolerance=1e-5)
            assert {k: v.shape for k, v in ours.scores_.items()} == {k: v.shape for k, v in theirs.scores_.items()}


@pytest.mark.parametrize(
    "kind", [house.RidgeCV, house.LassoCV, house.ElasticNetCV, house.LogisticRegressionCV], ids=lambda k: k.__name__
)
def test_a_weight_is_a_repetition_in_the_choice_too(kind: Any) -> None:
    target = LABEL if kind is house.LogisticRegressionCV else Y
    fold = np.arange(60) % 3
    times = WEIGHT.astype(int)
    many = np.repeat(fold, times)
    cut = [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(3)]
    repeated = [(np.flatnonzero(many != k), np.flatnonzero(many == k)) for k in range(3)]
    few = {"Cs": 3} if kind is house.LogisticRegressionCV else {"alphas": [0.01, 0.1, 1.0]}
    once = kind(cv=cut, **few).fit(X, target, sample_weight=WEIGHT)
    twice = kind(cv=repeated, **few).fit(np.repeat(X, times, axis=0), np.repeat(target, times))
    np.testing.assert_allclose(once.coef_, twice.coef_, rtol=1e-8, atol=1e-10)
    scores = {house.RidgeCV: "best_score_", house.LogisticRegressionCV: "C_"}.get(kind, "mse_path_")
    np.testing.assert_allclose(getattr(once, scores), getattr(twice, scores), rtol=1e-8)
