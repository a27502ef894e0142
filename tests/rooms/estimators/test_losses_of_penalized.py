"""PenalizedRegressor with other losses than the squared one: names, made losses, parameters that suit the target."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import d2_pinball_score, d2_tweedie_score

import rightfit
from rightfit.errors import OptionError, RowError
from rightfit.losses.cox import Cox
from rightfit.losses.huber import Huber
from rightfit.losses.quantile import Quantile
from rightfit.losses.tweedie import Tweedie

GENERATOR = np.random.default_rng(3)
X = GENERATOR.normal(size=(120, 5))
ETA = X @ [0.6, -0.4, 0.0, 0.0, 0.3]
AMOUNT = np.exp(ETA) * GENERATOR.gamma(3.0, 1 / 3, 120)
CLAIMS = AMOUNT * (GENERATOR.random(120) < 0.5)
PRICE = 100 * (ETA + 0.3 * GENERATOR.standard_t(2, 120))
SMALL: dict[str, Any] = {"count": 10, "ratio": 0.003, "folds": 3, "rule": "best"}


@pytest.mark.parametrize(("loss", "y"), [("gamma", AMOUNT), (Tweedie(1.4), CLAIMS), ("poisson", CLAIMS)])
def test_amounts_are_predicted_by_their_mean_and_scored_by_the_deviance_explained(loss: Any, y: np.ndarray) -> None:
    fitted = rightfit.PenalizedRegressor(loss=loss, **SMALL).fit(X, y)
    predicted = fitted.predict(X)
    assert (predicted > 0).all() and np.corrcoef(np.log(predicted), ETA)[0, 1] > 0.5
    power = {"gamma": 2, "poisson": 1}.get(loss, 1.4) if isinstance(loss, str) else loss.power
    weight = GENERATOR.uniform(size=120)
    expected = d2_tweedie_score(y, predicted, power=power, sample_weight=weight)
    assert fitted.score(X, y, weight) == pytest.approx(expected, rel=1e-9)
    assert fitted.__sklearn_tags__().target_tags.positive_only


def test_huber_is_near_the_truth_where_outliers_pull_least_squares_away() -> None:
    y = 100 * ETA + GENERATOR.normal(size=120)
    y[X[:, 0] > 1] -= 4000.0
    robust = rightfit.PenalizedRegressor(loss=Huber(delta=3.0), **SMALL).fit(X, y)
    squared = rightfit.PenalizedRegressor(**SMALL).fit(X, y)
    truth = np.array([60.0, -40.0, 0, 0, 30.0])
    assert np.abs(robust.coef_ - truth).max() < 10 < np.abs(squared.coef_ - truth).max()


@pytest.mark.parametrize(("loss", "name"), [("huber", "delta"), ("quantile", "width")])
def test_parameters_suit_the_unit_of_the_target(loss: str, name: str) -> None:
    """Another unit of the target gives the same path in that unit."""
    options = SMALL | {"count": 6, "ratio": 0.01, "tolerance": 1e-9, "folds": [(np.arange(90), np.arange(90, 120))]}
    one, other = (rightfit.PenalizedRegressor(loss=loss, **options).fit(X, unit * PRICE) for unit in (1, 1000))
    assert getattr(other.row_loss_, name) == pytest.approx(1000 * getattr(one.row_loss_, name))
    for step in range(6):
        coef = one.path_.coef(step)
        np.testing.assert_allclose(other.path_.coef(step) / 1000, coef, rtol=1e-5, atol=1e-5 * np.abs(coef).max())
    assert 0 < one.score(X, PRICE) == pytest.approx(other.score(X, 1000 * PRICE), rel=1e-6)


@pytest.mark.parametrize("penalty", [0.0, 1.0], ids=["ridge", "lasso"])
@pytest.mark.parametrize("loss", ["squared", "huber", "quantile"])
def test_a_criterion_and_the_start_of_the_path_do_not_depend_on_the_unit(loss: str, penalty: float) -> None:
    options = {"rule": "information", "l1_ratio": penalty, "count": 6, "ratio": 0.01, "folds": 2}
    one, other = (rightfit.PenalizedRegressor(loss=loss, **options).fit(X, unit * PRICE) for unit in (1, 1000))
    assert one.choice_.step == other.choice_.step
    np.testing.assert_allclose(other.coef_ / 1000, one.coef_, rtol=1e-5, atol=1e-4)


def test_a_quantile_leaves_its_share_of_rows_below() -> None:
    fitted = rightfit.PenalizedRegressor(loss=Quantile(level=0.8, width=2.0), **SMALL).fit(X, PRICE)
    assert abs(np.mean(fitted.predict(X) >= PRICE) - 0.8) < 0.06
    assert fitted.score(X, PRICE) == pytest.approx(d2_pinball_score(PRICE, fitted.predict(X), alpha=0.8), abs=0.02)
    assert fitted.evidence_.measure == "smoothed pinball loss"
    assert abs(fitted.evidence_.metrics["share below"][fitted.choice_.step] - 0.8) < 0.1


def test_made_losses_survive_a_clone() -> None:
    estimator = rightfit.PenalizedRegressor(loss=Tweedie(1.7), **SMALL)
    assert clone(estimator).loss == Tweedie(1.7)


def test_losses_that_there_are_not_are_refused() -> None:
    for loss in ("hubber", "logistic", 3, Cox()):
        with pytest.raises(OptionError, match="loss must be one of 'squared', 'huber'"):
            rightfit.PenalizedRegressor(loss=loss).fit(X, PRICE)
    with pytest.raises(RowError, match="amounts above 0"):
        rightfit.PenalizedRegressor(loss="gamma").fit(X, CLAIMS)
    made = {"power": lambda: Tweedie(2.0), "delta": lambda: Huber(0.0), "level": lambda: Quantile(1.0)}
    for word, make in made.items():
        with pytest.raises(OptionError, match=word):
            make()
    with pytest.raises(OptionError, match="width"):
        Quantile(0.5, width=-1.0)


def test_tables_take_the_same_losses() -> None:
    options: dict[str, Any] = {"folds": 3, "strengths": 8, "l1_ratio": 1.0, "rule": "best"}
    fitted = rightfit.RightFitRegressor(loss="quantile", level=0.75, **options).fit(X, PRICE)
    assert fitted.run_.task.parameters["level"] == 0.75
    assert abs(np.mean(fitted.predict(X) >= PRICE) - 0.75) < 0.1
    assert (rightfit.RightFitRegressor(loss="gamma", **options).fit(X, AMOUNT).predict(X) > 0).all()
    with pytest.raises(OptionError, match="level: this is no parameter of the loss huber"):
        rightfit.RightFitRegressor(loss="huber", level=0.75, **options).fit(X, PRICE)
