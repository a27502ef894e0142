"""Nets behind scikit-learn's door."""

from __future__ import annotations

import pickle
import warnings
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

import rightfit
from rightfit.data.design import make_design
from rightfit.errors import OptionError
from rightfit.estimators.trained import PARAMETERS
from rightfit.learners._network import proposing
from rightfit.learners._network.settings import combine
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


def test_words_of_texts_change_while_the_nets_of_estimators_learn() -> None:
    """Columns that are words, by name or place, are what `Network` gets, and what is wished falls on them."""
    r = np.random.default_rng(0)
    X = pd.DataFrame((r.random((90, 4)) < 0.4) * 1.0, columns=["length", "t: call", "t: phone", "t: call now"])
    y = np.where(X["t: call"] + X["t: phone"] + 0.3 * r.normal(size=90) > 0.5, "spam", "ham")
    given = {**SMALL, "epochs": 3, "seeds": 1}
    plain = rightfit.NetworkClassifier(**given).fit(X, y).predict_proba(X)
    for name, told in (
        ("delete", {"delete": 0.3}),
        ("swap", {"swap": 0.3}),
        ("synonyms", {"synonyms": 0.9, "thesaurus": {"call": ("phone",)}}),
    ):
        model = rightfit.NetworkClassifier(text=["t: phone", 1, "t: call now"], **told, **given).fit(X, y)
        assert model.learner_.text == (1, 2, 3) and f"{name} {told[name]:g}" in model.learner_.words
        assert np.abs(model.predict_proba(X) - plain).max() > 1e-4
    learned = rightfit.NetworkRegressor(module="text", text=(1, 2, 3), **given).fit(X, y == "spam")
    assert learned.learner_.words.startswith("neural network, module Text")
    with pytest.raises(OptionError, match="no column of the table is one"):
        rightfit.NetworkClassifier(delete=0.1, **given).fit(X, y)
    for wrong, words in (
        (["t: home"], "no column 't: home' among the 4"),
        ([4], "no column 4"),
        ("t: call", "a list of"),
        ([True], "no column True"),
    ):
        with pytest.raises(OptionError, match=words):
            rightfit.NetworkClassifier(text=wrong, **given).fit(X, y)


@pytest.mark.filterwarnings("ignore::rightfit.errors.NotConvergedWarning")
def test_a_race_of_the_estimators_knows_images_and_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposing, "_try", lambda learner, *_: float(learner.module is None))
    monkeypatch.setattr(proposing, "limit_epochs", lambda *_: 1)
    X = np.random.default_rng(0).random((60, 16))
    raced = rightfit.NetworkRegressor(settings="race", image=(4, 4), folds=2).fit(X, X[:, 0])
    assert raced.learner_.module == "convolution" and raced.learner_.image == (4, 4)
    raced = rightfit.NetworkRegressor(settings="race", text=range(4), folds=2).fit(X, X[:, 0])
    assert raced.learner_.module == "text" and raced.learner_.text == (0, 1, 2, 3)


def test_the_command_line_and_the_estimators_have_the_same_settings() -> None:
    """Units and layers are ``hidden`` in Python, and columns, images and the seed are not a family's settings."""
    with pytest.raises(OptionError) as refusal:
        combine({"nothing": (1.0,)}, "decay")
    told = set(str(refusal.value).partition("it has ")[2].split(", "))
    for kind in (rightfit.NetworkRegressor, rightfit.NetworkClassifier):
        given = set(kind().get_params())
        assert told - given == {"units", "layers"}
        of_the_learner = given & {part.name for part in fields(Network)}
        assert of_the_learner - told == {"hidden", "strengths", "image", "text", "seed"}
        assert {part.name for part in fields(Network)} - given == {"threads", "note"}
