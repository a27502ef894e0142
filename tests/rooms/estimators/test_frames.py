"""Frames of every house go in, names are kept, and a wrong column is refused by name."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import rightfit
from rightfit.errors import OptionError

GENERATOR = np.random.default_rng(5)
X = np.round(GENERATOR.normal(size=(40, 3)), 3)
Y = X[:, 0] + GENERATOR.normal(size=40)
COUNTS = GENERATOR.poisson(2.0, 40)
NAMES = ["age", "height", "income"]
ESTIMATORS = [
    rightfit.Ridge(),
    rightfit.RidgeCV(),
    rightfit.Lasso(0.1),
    rightfit.LassoCV(alphas=5),
    rightfit.ElasticNet(0.1),
    rightfit.ElasticNetCV(alphas=5),
    rightfit.LogisticRegression(),
    rightfit.LogisticRegressionCV(Cs=2, cv=2),
    rightfit.PoissonRegressor(),
    rightfit.PenalizedRegressor(count=5, folds=3),
    rightfit.PenalizedClassifier(count=5, folds=3),
    rightfit.RightFitRegressor(strengths=4, folds=3, l1_ratio=1.0),
    rightfit.RightFitClassifier(strengths=4, folds=3, l1_ratio=1.0),
]
every = pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)


def _target(estimator: Any) -> np.ndarray:
    if "Classifier" in type(estimator).__name__ or "Logistic" in type(estimator).__name__:
        return np.where(Y > 0, "high", "low")
    return COUNTS.astype(float) if "Poisson" in type(estimator).__name__ else Y


def _frames() -> dict[str, Any]:
    pandas, pyarrow = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    import polars

    columns = {name: X[:, j] for j, name in enumerate(NAMES)}
    plain = pandas.DataFrame(columns)
    return {
        "pandas": plain,
        "nullable": plain.astype("Float64"),
        "arrow in pandas": plain.astype("double[pyarrow]"),
        "polars": polars.DataFrame(columns),
        "pyarrow": pyarrow.table(columns),
    }


@every
def test_frames_of_every_house(estimator: Any) -> None:
    y = _target(estimator)
    expected = clone(estimator).fit(_frames()["pandas"], y)
    for name, frame in _frames().items():
        fitted = clone(estimator).fit(frame, y)
        assert fitted.feature_names_in_.tolist() == NAMES, name
        assert fitted.n_features_in_ == 3
        answer = fitted.predict(frame)
        assert (answer == expected.predict(_frames()["pandas"])).all(), name
        if not hasattr(fitted, "run_"):
            with pytest.raises(ValueError, match="feature names"):
                fitted.predict(_frames()["pandas"].rename(columns={"age": "years"}))


@every
def test_pickle_and_clone(estimator: Any) -> None:
    fitted = clone(estimator).fit(_frames()["pandas"], _target(estimator))
    again = pickle.loads(pickle.dumps(fitted))
    assert (again.predict(_frames()["pandas"]) == fitted.predict(_frames()["pandas"])).all()
    assert clone(fitted).get_params().keys() == fitted.get_params().keys()


@every
def test_pipeline(estimator: Any) -> None:
    pipeline = make_pipeline(StandardScaler().set_output(transform="pandas"), clone(estimator))
    pipeline.fit(_frames()["pandas"], _target(estimator))
    assert pipeline[-1].feature_names_in_.tolist() == NAMES
    assert len(pipeline.predict(_frames()["pandas"])) == 40


def test_grid_search() -> None:
    search = GridSearchCV(rightfit.Lasso(), {"alpha": [0.01, 0.1]}, cv=3).fit(X, Y)
    assert search.best_params_["alpha"] in (0.01, 0.1)
    rules = GridSearchCV(rightfit.PenalizedRegressor(count=5, folds=3), {"rule": ["best", "one_se"]}, cv=3).fit(X, Y)
    assert rules.best_params_["rule"] in ("best", "one_se")


def test_weights_are_routed() -> None:
    weight = np.where(np.arange(40) < 20, 1.0, 0.0)
    with sklearn.config_context(enable_metadata_routing=True):
        plain = StandardScaler().set_fit_request(sample_weight=False)
        pipeline = make_pipeline(plain, rightfit.Lasso(0.1).set_fit_request(sample_weight=True))
        pipeline.fit(X, Y, sample_weight=weight)
        scored = cross_validate(
            rightfit.Ridge().set_fit_request(sample_weight=True).set_score_request(sample_weight=True),
            X,
            Y,
            params={"sample_weight": weight + 0.5},
            cv=3,
        )
    whole = StandardScaler().fit(X)
    alone = rightfit.Lasso(0.1).fit(whole.transform(X[:20]), Y[:20])
    np.testing.assert_allclose(pipeline[-1].coef_, alone.coef_, rtol=1e-6, atol=1e-9)
    assert len(scored["test_score"]) == 3


def test_groups_are_routed_to_the_splitter() -> None:
    from sklearn.model_selection import GroupKFold

    group = np.arange(40) % 4
    with sklearn.config_context(enable_metadata_routing=True):
        fitted = rightfit.LassoCV(alphas=4, cv=GroupKFold(4)).fit(X, Y, groups=group)
    given = [(np.flatnonzero(group != g), np.flatnonzero(group == g)) for g in range(4)]
    same = rightfit.LassoCV(alphas=4, cv=given).fit(X, Y)
    np.testing.assert_allclose(np.sort(fitted.mse_path_, axis=1), np.sort(same.mse_path_, axis=1), rtol=1e-12)
    with pytest.raises(OptionError, match="groups"):
        rightfit.LassoCV(cv=GroupKFold(4)).fit(X, Y, groups=group)
