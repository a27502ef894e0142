"""Evidence against brute force: refit on the rows alone, score by hand."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.data.bootstrap import make_bootstrap
from rightfit.data.resample import make_folds
from rightfit.evidence import crossfit as module
from rightfit.evidence.crossfit import crossfit, predict_held_out
from rightfit.losses.logistic import Logistic
from rightfit.losses.poisson import Poisson
from rightfit.losses.squared import Squared
from rightfit.records import Resamples
from tests.rooms.evidence.stand_in import StandIn, fit_ridge, make_problem

STRENGTHS = StandIn().strengths


def make_data(loss_name: str, n: int = 60, p: int = 4, seed: int = 0):
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(n, p))
    eta = X @ np.linspace(1, -0.5, p) + 0.3
    weight = generator.uniform(0.5, 2, n)
    weight[[3, 17]] = 0.0
    offset = generator.normal(size=n) * 0.2
    if loss_name == "squared":
        return X, eta + generator.normal(size=n), Squared(), weight, offset
    if loss_name == "logistic":
        return X, (generator.random(n) < 1 / (1 + np.exp(-eta))).astype(float), Logistic(), weight, offset
    return X, generator.poisson(np.exp(0.5 * eta)).astype(float), Poisson(), weight, offset


def score_by_hand(X, y, loss, weight, offset, resamples):
    """Mean over the resamples that score a row of the loss by a model of the resample's rows alone."""
    n = len(y)
    total, null, times = np.zeros((n, len(STRENGTHS))), np.zeros(n), np.zeros(n)
    for k in range(1, len(resamples)):
        teach = np.flatnonzero(weight * resamples.multiplicity[k])
        w = (weight * resamples.multiplicity[k])[teach]
        judge = np.flatnonzero(resamples.scored[k] & (weight > 0))
        for s, strength in enumerate(STRENGTHS):
            b = fit_ridge(X[teach], y[teach], loss, w, offset[teach], strength)
            total[judge, s] += loss.value(y[judge], b[0] + X[judge] @ b[1:] + offset[judge])
        null[judge] += loss.value(y[judge], offset[judge] + loss.null(y[teach], w / w.sum(), offset[teach])[0])
        times[judge] += 1
    with np.errstate(invalid="ignore"):
        return total / times[:, None], null / times


@pytest.mark.parametrize("loss_name", ["squared", "logistic", "poisson"])
@pytest.mark.parametrize("way", ["folds", "repeats", "bootstrap", "time"])
def test_evidence_equals_refitting_and_scoring_by_hand(loss_name, way):
    X, y, loss, weight, offset = make_data(loss_name)
    resamples = {
        "folds": lambda: make_folds(len(y), folds=5, weight=weight),
        "repeats": lambda: make_folds(len(y), folds=4, repeats=2, weight=weight),
        "bootstrap": lambda: make_bootstrap(len(y), count=4, weight=weight),
        "time": lambda: make_folds(len(y), folds=3, weight=weight, time=np.arange(len(y))),
    }[way]()
    _, evidence = crossfit(make_problem(X, y, loss, offset), resamples, StandIn())
    expected, null = score_by_hand(X, y, loss, weight, offset, resamples)
    np.testing.assert_allclose(evidence.loss, expected, rtol=2e-6, atol=1e-6)
    np.testing.assert_allclose(evidence.null, null, rtol=1e-12)
    assert np.isnan(evidence.null[[3, 17]]).all(), "rows of weight zero are never scored"
    assert evidence.loss.dtype == np.float32


def test_training_loss_is_that_of_the_full_fit():
    X, y, loss, weight, offset = make_data("squared")
    _, evidence = crossfit(make_problem(X, y, loss, offset), make_folds(len(y), weight=weight), StandIn())
    for s, strength in enumerate(STRENGTHS):
        b = fit_ridge(X, y, loss, weight, offset, strength)
        assert evidence.training[s] == pytest.approx(
            np.average(loss.value(y, b[0] + X @ b[1:] + offset), weights=weight)
        )


@pytest.mark.parametrize("loss_name", ["squared", "logistic"])
def test_small_blocks_change_nothing(loss_name, monkeypatch):
    X, y, loss, weight, offset = make_data(loss_name)
    problem, resamples = make_problem(X, y, loss, offset), make_folds(len(y), folds=3, repeats=2, weight=weight)
    _, whole = crossfit(problem, resamples, StandIn())
    monkeypatch.setattr(module, "_BLOCK", 500)
    monkeypatch.setattr(module, "_KEPT", 2000)
    _, blocks = crossfit(problem, resamples, StandIn())
    np.testing.assert_allclose(blocks.loss, whole.loss, rtol=1e-6)
    np.testing.assert_allclose(blocks.training, whole.training, rtol=1e-12)
    assert blocks.metrics.keys() == whole.metrics.keys()
    for name, values in whole.metrics.items():
        np.testing.assert_allclose(blocks.metrics[name], values, rtol=1e-5)


def test_metrics_are_those_of_scikit_learn_on_the_held_out_predictions():
    sklearn_metrics = pytest.importorskip("sklearn.metrics")
    X, y, loss, weight, offset = make_data("logistic")
    problem, resamples = make_problem(X, y, loss, offset), make_folds(len(y), folds=5, weight=weight)
    paths, evidence = crossfit(problem, resamples, StandIn())
    for step in (0, 4, 7):
        eta = predict_held_out(paths, problem, resamples, step)[:, 0]
        seen = ~np.isnan(eta)
        w, probability = weight[seen], 1 / (1 + np.exp(-eta[seen]))
        at = {name: values[step] for name, values in evidence.metrics.items()}
        assert at["AUC"] == pytest.approx(sklearn_metrics.roc_auc_score(y[seen], eta[seen], sample_weight=w), abs=1e-12)
        assert at["Brier"] == pytest.approx(
            sklearn_metrics.brier_score_loss(y[seen], probability, sample_weight=w), abs=1e-12
        )
        assert at["accuracy"] == pytest.approx(
            sklearn_metrics.accuracy_score(y[seen], eta[seen] > 0, sample_weight=w), abs=1e-12
        )
        assert at["balanced accuracy"] == pytest.approx(
            sklearn_metrics.balanced_accuracy_score(y[seen], eta[seen] > 0, sample_weight=w), abs=1e-12
        )


def test_r2_is_against_the_constant_of_each_fold():
    X, y, loss, weight, offset = make_data("squared")
    problem, resamples = make_problem(X, y, loss, offset), make_folds(len(y), folds=5, weight=weight)
    paths, evidence = crossfit(problem, resamples, StandIn())
    rows = evidence.rows
    eta = predict_held_out(paths, problem, resamples, 5)[rows, 0]
    expected = 1 - np.sum(weight[rows] * (y[rows] - eta) ** 2) / np.sum(weight[rows] * 2 * evidence.null[rows])
    assert evidence.metrics["R2"][5] == pytest.approx(expected, abs=1e-12)


def test_held_out_predictions_reproduce_the_losses():
    X, y, loss, weight, offset = make_data("poisson")
    problem, resamples = make_problem(X, y, loss, offset), make_folds(len(y), folds=5, weight=weight)
    paths, evidence = crossfit(problem, resamples, StandIn())
    eta = predict_held_out(paths, problem, resamples, 3)
    assert np.isnan(eta[[3, 17]]).all()
    rows = evidence.rows
    np.testing.assert_allclose(loss.value(y[rows], eta[rows, 0]), evidence.loss[rows, 3], rtol=1e-6)


def test_one_class_in_the_training_rows_costs_much_but_stays_a_number():
    y = np.array([0.0, 0, 0, 0, 0, 1])
    X = np.arange(6.0)[:, None]
    resamples = make_folds(6, column=np.array([1, 1, 1, 2, 2, 2]))
    _, evidence = crossfit(make_problem(X, y, Logistic()), resamples, StandIn(strengths=(10.0, 1.0)))
    assert evidence.null[5] == pytest.approx(700.0)
    assert np.isfinite(evidence.null).all()


def test_the_full_fit_alone_scores_nothing():
    X, y, loss, weight, offset = make_data("squared")
    _, evidence = crossfit(make_problem(X, y, loss, offset), Resamples.full(weight), StandIn())
    assert not len(evidence.rows)
    assert np.isfinite(evidence.training).all()
