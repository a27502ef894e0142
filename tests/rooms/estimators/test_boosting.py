"""Boosting behind scikit-learn's door."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import balanced_accuracy_score
from sklearn.utils.estimator_checks import check_estimator

import rightfit
from rightfit.errors import DataError, OptionError
from rightfit.estimators.boosted import PARAMETERS
from rightfit.learners.boosting import Boosting

pytest.importorskip("xgboost")


@pytest.mark.parametrize(
    "estimator",
    [rightfit.BoostingRegressor(folds=2, most=12, max_depth=2), rightfit.BoostingClassifier(folds=2, rounds=4)],
    ids=lambda e: type(e).__name__,
)
def test_check_estimator(estimator: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(estimator, on_skip=None, on_fail=None)
    assert [(r["check_name"], r["exception"]) for r in results if r["status"] not in ("passed", "skipped")] == []
    assert {r["check_name"] for r in results if r["status"] == "skipped"} <= {"check_array_api_input"}
    assert len(results) > 40


def make(n: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    r = np.random.default_rng(seed)
    X = r.normal(size=(n, 3))
    return X, X[:, 0] * (X[:, 1] > 0) + 0.2 * r.normal(size=n)


def test_usual_values_are_the_learners() -> None:
    for kind in (rightfit.BoostingRegressor, rightfit.BoostingClassifier):
        given = kind().get_params()
        for name in PARAMETERS:
            assert given[name] == getattr(Boosting(), name), name


def test_a_regression_is_fitted_proven_and_kept() -> None:
    X, y = make()
    X[::9, 2] = np.nan
    model = rightfit.BoostingRegressor(folds=3, max_depth=3).fit(X, y)
    assert model.score(X, y) > 0.8
    assert model.choice_.step == int(np.argmin(model.curve_.mean))
    assert model.evidence_.loss.shape == (300, len(model.path_.strengths))
    assert model.feature_importances_.sum() == pytest.approx(1)
    assert model.feature_importances_[2] < 0.1
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    np.testing.assert_array_equal(clone(model).fit(X, y).predict(X), model.predict(X))
    np.testing.assert_array_equal(model.predict(X), model.path_.predict(_design(X))[model.choice_.step][:, 0])


def _design(X: np.ndarray) -> Any:
    from rightfit.data.design import make_design

    return make_design(X)


def test_exposures_are_offsets() -> None:
    r = np.random.default_rng(0)
    X = r.normal(size=(400, 2))
    exposure = r.uniform(0.1, 3, 400)
    y = r.poisson(exposure * np.exp(0.5 + X[:, 0]))
    model = rightfit.BoostingRegressor(loss="poisson", folds=3, max_depth=2).fit(X, y, offset=np.log(exposure))
    np.testing.assert_allclose(model.predict(X, np.log(exposure)), exposure * model.predict(X), rtol=1e-6)
    assert model.score(X, y, offset=np.log(exposure)) > model.score(X, y) + 0.1
    with pytest.raises(DataError, match="offset has 3 values for 400 rows"):
        model.predict(X, np.zeros(3))


def test_signs_are_kept_and_settings_race() -> None:
    X, y = make()
    rising = rightfit.BoostingRegressor(folds=3, monotone=[1, 0, 0], most=60, settings="race").fit(X, y)
    line = np.zeros((40, 3))
    line[:, 0] = np.linspace(-2, 2, 40)
    assert (np.diff(rising.predict(line)) >= 0).all()
    assert "12 settings" in rising.learner_.note
    assert rising.learner_.most == 60
    with pytest.raises(OptionError, match="settings must be one of"):
        rightfit.BoostingRegressor(settings="all").fit(X, y)


def test_a_threshold_is_a_choice_of_its_own() -> None:
    r = np.random.default_rng(1)
    X = r.normal(size=(900, 3))
    y = np.where(r.random(900) < 1 / (1 + np.exp(-(2 * X[:, 0] - 3))), "rare", "common")
    half = rightfit.BoostingClassifier(folds=3, max_depth=2).fit(X, y)
    balanced = rightfit.BoostingClassifier(folds=3, max_depth=2, threshold="balanced").fit(X, y)
    assert half.threshold_ is not None
    assert balanced.threshold_ is not None
    assert half.threshold_.value == 0.5
    assert balanced.threshold_.value < 0.3
    assert balanced.threshold_.accuracy > half.threshold_.accuracy + 0.05
    assert balanced.threshold_.accuracy_at_half == half.threshold_.accuracy
    np.testing.assert_array_equal(half.predict_proba(X), balanced.predict_proba(X))  # the models are the same
    assert half.choice_ == balanced.choice_
    assert balanced_accuracy_score(y, balanced.predict(X)) > balanced_accuracy_score(y, half.predict(X))
    assert "not that of regularization" in balanced.threshold_.sentence
    for wrong in (0, 1.0, "best", True):
        with pytest.raises(OptionError, match="threshold must be above 0"):
            rightfit.BoostingClassifier(threshold=wrong).fit(X, y)


def test_thresholds_are_judged_on_other_folds() -> None:
    """Chances that say nothing: the best threshold on its own rows looks good, on others it is a coin."""
    from rightfit.estimators.threshold import find_threshold

    r = np.random.default_rng(0)
    worth = []
    for _ in range(60):
        y, fold = r.integers(0, 2, 60).astype(float), np.arange(60) % 5 + 1
        worth.append(find_threshold("balanced", r.random(60), y, np.ones(60), fold).accuracy)
    assert abs(np.mean(worth) - 0.5) < 0.03


def test_several_classes() -> None:
    X, y = make()
    labels = np.array(["low", "middle", "high"])[np.digitize(y, [-0.3, 0.3])]
    model = rightfit.BoostingClassifier(folds=3, max_depth=2, class_weight="balanced").fit(X, labels)
    assert model.threshold_ is None
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)
    assert model.score(X, labels) > 0.7
