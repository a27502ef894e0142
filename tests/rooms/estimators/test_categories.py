"""Labels at scikit-learn's door: the same model from pandas, polars and arrays, and what is said where none fits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import rightfit
from rightfit.errors import OptionError
from rightfit.estimators.categories import Categories, find_categories

pytest.importorskip("xgboost")
TOWNS = np.array(["Ulm", "Bonn", "Kiel", "Jena", "Trier"])


def table(n: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A number, a town that matters in no order of its names, and a target; some towns are missing."""
    r = np.random.default_rng(0)
    x, town = r.normal(size=n), r.integers(0, 5, n)
    y = np.array([2.0, -1.0, 1.0, -2.0, 0.0])[town] + 0.3 * x + 0.2 * r.normal(size=n)
    labels = TOWNS[town].astype(object)
    labels[::17] = None
    return x, labels, y


def frames() -> dict[str, tuple[Any, Any]]:
    x, labels, _ = table()
    array = np.empty((len(x), 2), object)
    array[:, 0], array[:, 1] = x, labels
    return {
        "pandas": (pd.DataFrame({"x": x, "town": pd.Categorical(labels)}), "from_dtype"),
        "polars": (pl.DataFrame({"x": x, "town": pl.Series(labels.tolist(), dtype=pl.Categorical)}), "from_dtype"),
        "words": (pl.DataFrame({"x": x, "town": labels.tolist()}), ["town"]),
        "array": (array, [1]),
        "mask": (array, [False, True]),
    }


def test_labels_are_asked_as_a_whole_whatever_the_table() -> None:
    _, _, y = table()
    told = []
    for X, asked in frames().values():
        model = rightfit.BoostingRegressor(categorical_features=asked, max_depth=1, rounds=40, folds=3).fit(X, y)
        assert model.n_features_in_ == 2
        assert model.feature_importances_.shape == (2,) and model.feature_importances_[1] > 0.7
        assert model.score(X, y) > 0.9  # one split can part any two sets of towns
        told.append(model.predict(X))
    for other in told[1:]:
        np.testing.assert_array_equal(other, told[0])


def test_unseen_labels_are_missing_values() -> None:
    X, asked = frames()["pandas"]
    _, _, y = table()
    model = rightfit.BoostingRegressor(categorical_features=asked, rounds=20, folds=3).fit(X, y)
    new = pd.DataFrame({"x": [0.1, 0.1], "town": pd.Categorical([None, "Rome"])})
    first, second = model.predict(new)
    assert first == second


def test_classes_and_signs() -> None:
    X, _ = frames()["pandas"]
    _, _, y = table()
    model = rightfit.BoostingClassifier(monotone=[1, 0], rounds=20, folds=3).fit(X, y > 0)
    assert model.score(X, y > 0) > 0.85
    steps = pd.DataFrame({"x": np.linspace(-2, 2, 9), "town": pd.Categorical(["Ulm"] * 9)})
    assert (np.diff(model.decision_function(steps)) >= 0).all()
    with pytest.raises(OptionError, match="column 1 is a category"):
        rightfit.BoostingClassifier(monotone=[1, -1]).fit(X, y > 0)


def test_scores_are_folded_and_columns_named() -> None:
    own = Categories((0, 2), (("a", "b"), (1.0, 2.0, 3.0)))
    np.testing.assert_array_equal(own.fold(np.array([10.0, 20.0, 1, 2, 3, 4, 5])), [3, 10, 12, 20])
    assert [levels.tolist() for levels in own.levels(4)] == [[2, 3], [4, 5, 6]]
    codes = own.code(np.array([["b", 1.5, 3.0, 2.0], ["c", 2.5, np.nan, 1.0]], object))
    np.testing.assert_array_equal(codes, [[1, 1.5, 2, 2], [np.nan, 2.5, np.nan, 1]])


@pytest.mark.parametrize("asked", ["all", ["city"], [5], [True]])
def test_columns_that_are_not_there_are_refused_by_name(asked: Any) -> None:
    X, _ = frames()["pandas"]
    with pytest.raises(OptionError, match="categorical_features"):
        find_categories(X, asked)


@pytest.mark.parametrize(
    "name", ["PrunedTreeRegressor", "PrunedTreeClassifier", "ShrunkForestRegressor", "ShrunkForestClassifier"]
)
def test_trees_and_forests_ask_for_labels_as_a_whole(name: str) -> None:
    """Two leaves part the towns in an order that their names do not have; tables of any kind say the same."""
    _, labels, y = table()
    known = np.array([label is not None for label in labels])
    kind = getattr(rightfit, name)
    target = y > 0 if "Classifier" in name else y
    usual: dict[str, Any] = (
        {"max_depth": 1, "folds": 3} if "Tree" in name else {"n_estimators": 20, "max_features": 1.0}
    )
    told = []
    for X, asked in frames().values():
        model = kind(categorical_features=asked, **usual).fit(X, target)
        assert model.n_features_in_ == 2 and model.feature_importances_.shape == (2,)
        assert model.feature_importances_[1] > 0.7
        assert set(np.unique(labels[known & (model.predict_eta(X)[:, 0] > np.median(model.predict_eta(X)))])) <= {
            "Ulm",
            "Kiel",
            "Trier",
        }
        told.append(model.predict_eta(X))
    for other in told[1:]:
        np.testing.assert_array_equal(other, told[0])
    new = pd.DataFrame({"x": [0.1, 0.1], "town": pd.Categorical([None, "Rome"])})
    first = kind(categorical_features="from_dtype", **usual).fit(frames()["pandas"][0], target)
    assert len(np.unique(first.predict_eta(new))) == 1  # a label that the fit has not seen is a missing value


def test_few_trees_read_labels_too() -> None:
    X, asked = frames()["array"]
    _, _, y = table()
    model = rightfit.ShrunkForestRegressor(categorical_features=asked, n_estimators=15, folds=3).fit(X, y)
    few = model.few_trees(X, y)
    assert np.corrcoef(few.predict(X), y)[0, 1] > 0.9
