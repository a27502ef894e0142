"""Nets behind scikit-learn's door."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

import rightfit
from rightfit.data.design import make_design
from rightfit.errors import OptionError
from rightfit.estimators.trained import PARAMETERS
from rightfit.learners.network import Network

pytest.importorskip("torch")
SMALL: dict[str, Any] = {"folds": 2, "hidden": 8, "strengths": [0.0], "seeds": 1, "batch": 64, "learning_rate": 0.06}


@pytest.mark.parametrize(
    "estimator",
    [rightfit.NetworkRegressor(**SMALL, epochs=12), rightfit.NetworkClassifier(**SMALL, epochs=12)],
    ids=lambda e: type(e).__name__,
)
def test_check_estimator(estimator: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(estimator, on_skip=None, on_fail=None)
    assert [(r["check_name"], r["exception"]) for r in results if r["status"] not in ("passed", "skipped")] == []
    assert {r["check_name"] for r in results if r["status"] == "skipped"} <= {"check_array_api_input"}
    assert len(results) > 40


def test_usual_values_are_the_learners() -> None:
    for kind in (rightfit.NetworkRegressor, rightfit.NetworkClassifier):
        given = kind().get_params()
        for name in (*PARAMETERS, "hidden"):
            assert given[name] == getattr(Network(), name), name


def make(n: int = 240, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    r = np.random.default_rng(seed)
    X = r.normal(size=(n, 3))
    return X, np.abs(X[:, 0]) + 0.5 * X[:, 1] + 0.2 * r.normal(size=n)


def test_a_regression_is_fitted_proven_and_kept() -> None:
    X, y = make()
    X[::9, 2] = np.nan
    given = {**SMALL, "strengths": [3.0, 0.1], "seeds": 2, "hidden": (16, 16), "learning_rate": 0.01}
    model = rightfit.NetworkRegressor(**given).fit(X, y)
    assert model.score(X, y) > 0.8
    assert model.choice_.step == int(np.argmin(model.curve_.mean))
    assert model.evidence_.loss.shape == (240, 3) and model.evidence_.luck.shape == (2, 3)
    assert model.feature_importances_.sum() == pytest.approx(1) and model.feature_importances_.argmax() == 0
    assert model.ladder_ is not None and model.epochs_ == model.ladder_.stop[model.choice_.step - 1]
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    np.testing.assert_array_equal(clone(model).fit(X, y).predict(X), model.predict(X))
    together = model.path_.predict(make_design(X))[model.choice_.step][:, 0]
    np.testing.assert_allclose(model.predict(X), together, rtol=1e-12)


def test_classes_thresholds_and_names_that_there_are_not() -> None:
    X, y = make()
    labels = np.array(["low", "mid", "high"])[np.digitize(y, [0.5, 1.0])]
    model = rightfit.NetworkClassifier(**SMALL, epochs=20, smoothing=0.05).fit(X, labels)
    assert model.score(X, labels) > 0.7 and model.threshold_ is None
    two = rightfit.NetworkClassifier(**SMALL, epochs=20, walks="dropout", threshold="balanced").fit(X, y > 1.2)
    assert two.threshold_ is not None and two.score(X, y > 1.2) > 0.7
    with pytest.raises(OptionError, match="walks must be one of"):
        rightfit.NetworkClassifier(walks="mixup").fit(X, labels)
    with pytest.raises(OptionError, match="smoothing is for classes"):
        rightfit.NetworkRegressor(smoothing=0.1).fit(X, y)
    with pytest.raises(OptionError, match="hidden must be a number or a list"):
        rightfit.NetworkRegressor(hidden="wide").fit(X, y)
