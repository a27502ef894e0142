"""PenalizedRegressor and PenalizedClassifier: path, evidence, choice, and weights as repetition in all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

import rightfit
from rightfit.errors import DataError, OptionError
from rightfit.estimators.distinct import number_rows
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.rules.best import Best

GENERATOR = np.random.default_rng(8)
X = GENERATOR.normal(size=(50, 4))
Y = 2 * X[:, 0] - X[:, 1] + GENERATOR.normal(size=50)
LABEL = np.where(Y > 0, "yes", "no")
WEIGHT = GENERATOR.integers(0, 4, 50)
SMALL: dict[str, Any] = {"count": 12, "folds": 4}


def _both() -> list[tuple[Any, np.ndarray]]:
    return [(rightfit.PenalizedRegressor(**SMALL), Y), (rightfit.PenalizedClassifier(**SMALL), LABEL)]


@pytest.mark.parametrize("rule", ["best", "one_se", "information"])
@pytest.mark.parametrize("grouped", [False, True], ids=["rows", "groups"])
def test_a_weight_of_two_is_the_row_twice(rule: str, grouped: bool) -> None:
    """Coefficients, curve with its errors, and choice; zero weights leave rows out; order does not matter."""
    group = np.arange(50) % 7
    many = np.repeat(np.arange(50), WEIGHT)
    mixed = GENERATOR.permutation(many)
    for estimator, y in _both():
        estimator.set_params(rule=rule)
        groups = (group, group[mixed]) if grouped else (None, None)
        once = estimator.fit(X, y, sample_weight=WEIGHT, groups=groups[0])
        coef, curve, choice = once.coef_, once.curve_, once.choice_
        twice = estimator.fit(X[mixed], y[mixed], groups=groups[1])
        assert twice.choice_.step == choice.step
        np.testing.assert_allclose(twice.coef_, coef, rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(twice.curve_.mean, curve.mean, rtol=1e-5)
        np.testing.assert_allclose(twice.curve_.error, curve.error, rtol=1e-4)


def test_equal_rows_share_a_fold() -> None:
    twice = np.vstack([X, X])
    fitted = rightfit.PenalizedRegressor(**SMALL).fit(twice, np.tile(Y, 2))
    assert (fitted.evidence_.fold[:50] == fitted.evidence_.fold[50:]).all()
    assert len(np.unique(fitted.evidence_.fold)) == 4


def test_numbers_of_rows_follow_their_content() -> None:
    rows = np.array([[0.0, np.nan], [1.0, 2.0], [-0.0, np.nan], [1.0, 2.0], [1.0, 2.0]])
    code = number_rows(rows, np.array([0.0, 1.0, 0.0, 1.0, 5.0]))
    assert code[0] == code[2] and code[1] == code[3] and len(set(code.tolist())) == 3
    dense = np.where(X > 0.5, X, 0.0)
    np.testing.assert_array_equal(
        number_rows(sparse.csr_array(dense), Y), number_rows(sparse.csr_array(sparse.coo_array(dense)), Y)
    )


def test_what_is_new_is_there(tmp_path: Path) -> None:
    for estimator, y in _both():
        fitted = estimator.fit(X, y)
        assert len(fitted.path_) == 12
        assert fitted.evidence_.loss.shape == (50, 12)
        assert fitted.curve_.strengths[fitted.choice_.step] == fitted.strength_
        assert fitted.choice_.reason.endswith(".")
        np.testing.assert_allclose(np.ravel(fitted.coef_), fitted.path_.coef(fitted.choice_.step)[:, 0], atol=1e-3)
        picture = fitted.plot(tmp_path / "path.html")
        assert (tmp_path / "path.html").read_text(encoding="utf-8") == picture.page
        assert "x0" in picture.page and "<iframe" in picture._repr_html_()


def test_a_choice_at_one_strength_equals_the_plain_estimator() -> None:
    fitted = rightfit.PenalizedRegressor(strengths=[0.1], standardize=False, folds=3).fit(X, Y)
    np.testing.assert_allclose(fitted.coef_, rightfit.Lasso(0.1).fit(X, Y).coef_, atol=1e-8)


def test_missing_values_are_means_of_the_fit() -> None:
    hole = GENERATOR.random(X.shape) < 0.2
    mean = np.nanmean(np.where(hole, np.nan, X), axis=0)
    for estimator, y in _both():
        fitted = estimator.fit(np.where(hole, np.nan, X), y)
        first, second = np.where(hole, np.nan, X), np.where(hole, mean, X)
        if hasattr(fitted, "predict_proba"):
            np.testing.assert_allclose(fitted.predict_proba(first), fitted.predict_proba(second), rtol=1e-10)
        np.testing.assert_array_equal(fitted.predict(first) == fitted.predict(second), True) if y is LABEL else None
        np.testing.assert_allclose(fitted.fill_, mean, rtol=1e-12)


def test_parts_that_are_made_already() -> None:
    penalty = ElasticNet(0.5, factors=np.array([0.0, 1.0, 1.0, np.inf]))
    fitted = rightfit.PenalizedRegressor(penalty=penalty, rule=Best(), **SMALL).fit(X, Y)
    assert fitted.coef_[3] == 0 and fitted.coef_[0] != 0
    assert fitted.choice_.rule == "best"
    cut = [(np.arange(25), np.arange(25, 50)), (np.arange(25, 50), np.arange(25))]
    own = rightfit.PenalizedClassifier(count=5, folds=cut).fit(X, LABEL)
    assert own.evidence_.fold.tolist() == [2] * 25 + [1] * 25


def test_three_classes_counts_and_repeats() -> None:
    three = np.array(["a", "b", "c"])[np.digitize(Y, [-1, 1])]
    fitted = rightfit.PenalizedClassifier(count=5, folds=3, class_weight="balanced").fit(X, three)
    assert fitted.coef_.shape == (3, 4) and fitted.predict_proba(X).shape == (50, 3)
    np.testing.assert_allclose(np.exp(fitted.predict_log_proba(X)), fitted.predict_proba(X))
    counts = GENERATOR.poisson(np.exp(0.5 * X[:, 0]))
    rates = rightfit.PenalizedRegressor(loss="poisson", repeats=2, count=6, folds=3, rule="best").fit(X, counts)
    assert (rates.predict(X) > 0).all()
    assert rates.score(X, counts) > 0
    assert len(rates.folds_) == 7


def test_several_targets_together_or_each_by_itself() -> None:
    both = np.column_stack([Y, 2 - X[:, 1] + GENERATOR.normal(size=50)])
    tied = rightfit.PenalizedRegressor(penalty="group", **SMALL).fit(X, both)
    assert tied.coef_.shape == (2, 4) and tied.intercept_.shape == (2,) and tied.predict(X).shape == (50, 2)
    assert ((tied.coef_ == 0).all(axis=0) == (tied.coef_ == 0).any(axis=0)).all()
    assert tied.evidence_.metrics["R2"].max() == pytest.approx(1 - tied.curve_.mean.min() / tied.curve_.null, abs=1e-6)
    assert 0 < tied.score(X, both) < 1
    at_one = {"strengths": [0.2], "folds": 3}
    apart = rightfit.PenalizedRegressor(**at_one).fit(X, both)
    for c in range(2):
        alone = rightfit.PenalizedRegressor(**at_one).fit(X, both[:, c])
        np.testing.assert_allclose(apart.coef_[c], alone.coef_, rtol=0, atol=1e-10)
    grouped = rightfit.PenalizedRegressor(penalty="group", feature_groups=[0, 0, 1, 1], **SMALL).fit(X, both)
    assert len(np.unique((grouped.coef_ == 0).all(axis=0)[[0, 2]])) <= 2
    with pytest.raises(OptionError, match="only the squared loss"):
        rightfit.PenalizedRegressor(loss="huber").fit(X, both)
    with pytest.raises(OptionError, match="one target"):
        tied.predict_interval(X)
    assert "2" in str(tied.summary())


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"loss": "hinge"}, "loss"),
        ({"penalty": 3}, "penalty"),
        ({"penalty": "nothing"}, "nothing"),
        ({"rule": "guess"}, "guess"),
        ({"folds": 1}, "folds"),
        ({"folds": 51}, "folds"),
        ({"l1_ratio": 2.0}, "l1_ratio"),
        ({"strengths": [-1.0]}, "strengths"),
        ({"tolerance": 0}, "tolerance"),
        ({"standardize": "no"}, "standardize"),
        ({"seed": -1}, "seed"),
        ({"repeats": 0}, "repeats"),
    ],
)
def test_options_without_sense_are_refused_by_name(options: dict[str, Any], name: str) -> None:
    with pytest.raises(OptionError, match=name):
        rightfit.PenalizedRegressor(**options).fit(X, Y)


def test_other_refusals() -> None:
    with pytest.raises(OptionError, match="two classes"):
        rightfit.PenalizedClassifier(loss="logistic").fit(X, np.arange(50) % 3)
    with pytest.raises(OptionError, match="groups"):
        rightfit.PenalizedRegressor().fit(X, Y, groups=[1, 2])
    with pytest.raises(DataError, match="different rows"):
        rightfit.PenalizedRegressor().fit(np.ones((5, 2)), np.ones(5))
