"""Parameters that make no sense are refused by name; fits that cannot be certified say so."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

import rightfit
from rightfit.errors import DataError, FitError, NotConvergedWarning, OptionError
from rightfit.estimators.convergence import FitNotConvergedWarning, check_finished
from rightfit.records import Status, Trace

GENERATOR = np.random.default_rng(2)
X = GENERATOR.normal(size=(30, 3))
Y = X[:, 0] + GENERATOR.normal(size=30)


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        (rightfit.Ridge(-1.0), "alpha"),
        (rightfit.Ridge([1.0, 2.0]), "alpha"),
        (rightfit.Ridge(np.inf), "alpha"),
        (rightfit.Ridge(fit_intercept="yes"), "fit_intercept"),
        (rightfit.Lasso(np.nan), "alpha"),
        (rightfit.Lasso("1"), "alpha"),
        (rightfit.Lasso(positive=2), "positive"),
        (rightfit.ElasticNet(l1_ratio=1.5), "l1_ratio"),
        (rightfit.ElasticNet(alpha=True), "alpha"),
        (rightfit.PoissonRegressor(alpha=-0.1), "alpha"),
        (rightfit.LassoCV(alphas=0), "alphas"),
        (rightfit.LassoCV(alphas=[0.1, -1]), r"alphas\[1\]"),
        (rightfit.LassoCV(eps=0), "eps"),
        (rightfit.ElasticNetCV(l1_ratio=0.0), "l1_ratio=0"),
        (rightfit.RidgeCV([0.0, 1.0]), r"alphas\[0\]"),
        (rightfit.RidgeCV(cv=3, store_cv_results=True), "store_cv_results"),
        (rightfit.RidgeCV(cv=3, alpha_per_target=True), "alpha_per_target"),
        (rightfit.RidgeCV(gcv_mode="fast"), "gcv_mode"),
    ],
    ids=lambda value: str(value).replace("\n", ""),
)
def test_regression(estimator: Any, name: str) -> None:
    with pytest.raises(OptionError, match=name):
        estimator.fit(X, Y)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"C": 0.0}, "C must"),
        ({"l1_ratio": -1}, "l1_ratio"),
        ({"penalty": "l3"}, "penalty"),
        ({"penalty": "elasticnet", "l1_ratio": None}, "l1_ratio"),
        ({"intercept_scaling": 2.0}, "intercept_scaling"),
        ({"class_weight": "equal"}, "class_weight"),
        ({"class_weight": {7: 1.0}}, "class_weight names 7"),
        ({"class_weight": {True: -1.0}}, "class_weight"),
    ],
)
def test_classes(options: dict[str, Any], name: str) -> None:
    with pytest.raises(OptionError, match=name):
        rightfit.LogisticRegression(**options).fit(X, Y > 0)


def test_weights_that_a_scoring_cannot_take() -> None:
    def plain(estimator: Any, X: Any, y: Any) -> float:
        return 0.0

    weight = np.arange(30.0)
    with pytest.raises(OptionError, match="sample_weight"):
        rightfit.RidgeCV(cv=3, scoring=plain).fit(X, Y, weight)
    assert rightfit.RidgeCV(cv=3, scoring=plain).fit(X, Y).best_score_ == 0.0


@pytest.mark.parametrize("kind", [rightfit.LassoCV, rightfit.RidgeCV, rightfit.LogisticRegressionCV])
def test_a_fold_without_weight(kind: Any) -> None:
    cut = [(np.arange(15), np.arange(15, 30)), (np.arange(15, 30), np.arange(15))]
    y = Y > 0 if kind is rightfit.LogisticRegressionCV else Y
    weight = (np.arange(30) >= 15).astype(float)
    with pytest.raises(ValueError, match=r"cv (has a fold|has no)|no training row|weights are zero"):
        kind(cv=cut).fit(X, y, sample_weight=weight)


def test_targets_without_an_answer() -> None:
    with pytest.raises(FitError, match="no finite optimum"):
        rightfit.LogisticRegression(C=np.inf).fit(X, X[:, 0] > 0)
    with pytest.raises(DataError, match="0 in every row"):
        rightfit.PoissonRegressor().fit(X, np.zeros(30))
    with pytest.raises(DataError, match="one class only"):
        rightfit.LogisticRegression().fit(X, Y > 0, sample_weight=(Y > 0).astype(float))
    with pytest.raises(DataError, match="row 3"):
        rightfit.Ridge().fit(X, Y, sample_weight=np.where(np.arange(30) == 3, -1.0, 1.0))
    with pytest.raises(ValueError, match="non-zero"):
        rightfit.Lasso().fit(X, Y, sample_weight=np.zeros(30))


def _trace(status: Status, gap: float, strength: float) -> Trace:
    one, none = np.zeros(1), np.zeros(0, np.int64)
    return Trace(
        np.array([strength]), np.zeros((1, 1)), np.zeros(2, np.int64), none, np.zeros(0), 1, 1,
        np.array([gap]), np.array([status], np.int8), one, one, one, one,
    )  # fmt: skip


def test_a_fit_without_certificate_warns_in_both_houses() -> None:
    assert issubclass(FitNotConvergedWarning, NotConvergedWarning) and issubclass(
        FitNotConvergedWarning, ConvergenceWarning
    )
    with pytest.warns(ConvergenceWarning, match=r"3\.0e-04"):
        check_finished([_trace(Status.STOPPED, 3e-4, 0.1)])
    with pytest.warns(NotConvergedWarning, match="unknown"):
        check_finished([_trace(Status.NO_OPTIMUM, np.nan, 0.1)])
    with pytest.raises(FitError):
        check_finished([_trace(Status.NO_OPTIMUM, np.nan, 0.0)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_finished([_trace(Status.STOPPED, 1e-11, 0.1), _trace(Status.NOT_UNIQUE, 0.5, 0.0)])
