"""Diagnostics against scikit-learn's metrics to 1e-12, weights included."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from rightfit.errors import DataError
from rightfit.evidence.diagnose import diagnose
from rightfit.evidence.tradeoff import trace_roc
from rightfit.losses.logistic import Logistic
from rightfit.losses.multinomial import Multinomial
from rightfit.losses.poisson import Poisson
from rightfit.losses.squared import Squared
from tests.rooms.evidence.stand_in import make_problem

G = np.random.default_rng(3)
N = 500
X = G.normal(size=(N, 2))
WEIGHT = G.uniform(0.2, 3, N)
WEIGHT[::50] = 0.0
SCORED = (WEIGHT > 0) & (np.arange(N) % 7 != 0)
EXACT = {"rel": 1e-12, "abs": 1e-12}


def hold_out(eta):
    eta = np.atleast_2d(eta.T).T.copy()
    eta[np.arange(N) % 7 == 0] = np.nan
    return eta


def test_two_classes():
    eta = np.round(X[:, 0] * 2, 1)  # ties
    y = (G.random(N) < 1 / (1 + np.exp(-eta))).astype(float)
    found = diagnose(make_problem(X, y, Logistic()), hold_out(eta), weight=WEIGHT, null=np.full(N, 0.7))
    y, eta, w = y[SCORED], eta[SCORED], WEIGHT[SCORED]
    p = 1 / (1 + np.exp(-eta))
    assert found.figures["AUC"] == pytest.approx(metrics.roc_auc_score(y, eta, sample_weight=w), **EXACT)
    assert found.figures["Brier"] == pytest.approx(metrics.brier_score_loss(y, p, sample_weight=w), **EXACT)
    assert found.figures["log loss"] == pytest.approx(metrics.log_loss(y, p, sample_weight=w), **EXACT)
    assert found.figures["accuracy"] == pytest.approx(metrics.accuracy_score(y, p > 0.5, sample_weight=w), **EXACT)
    precision = metrics.average_precision_score(y, eta, sample_weight=w)
    assert found.figures["average precision"] == pytest.approx(precision, **EXACT)
    np.testing.assert_allclose(found.confusion, metrics.confusion_matrix(y, p > 0.5, sample_weight=w))
    fpr, tpr, _ = metrics.roc_curve(y, eta, sample_weight=w, drop_intermediate=False)
    assert metrics.auc(*found.roc.T) == pytest.approx(metrics.auc(fpr, tpr), abs=1e-12)
    precision, recall, _ = metrics.precision_recall_curve(y, eta, sample_weight=w)
    points = np.column_stack([recall, precision])
    assert all(np.abs(points - point).sum(axis=1).min() < 1e-12 for point in found.precision_recall)
    assert len(found.actual) == SCORED.sum()
    np.testing.assert_allclose(found.predicted, p)


def test_wilson_intervals_by_hand():
    statsmodels = pytest.importorskip("statsmodels.stats.proportion")
    y = (G.random(N) < 0.3).astype(float)
    found = diagnose(make_problem(X, y, Logistic()), X[:, :1], weight=np.ones(N), null=np.ones(N))
    assert found.calibration.shape == (10, 5) and (found.calibration[:, 4] == 50).all()
    order = np.argsort(X[:, 0])
    for b, (predicted, observed, low, high, rows) in enumerate(found.calibration):
        part = order[50 * b : 50 * b + 50]
        assert observed == pytest.approx(y[part].mean())
        assert predicted == pytest.approx((1 / (1 + np.exp(-X[part, 0]))).mean())
        assert (low, high) == pytest.approx(statsmodels.proportion_confint(y[part].sum(), rows, method="wilson"))


def test_more_classes():
    eta = G.normal(size=(N, 3))
    y = G.integers(0, 3, N).astype(float)
    found = diagnose(make_problem(X, y, Multinomial(3)), hold_out(eta), weight=WEIGHT, null=np.ones(N))
    y, eta, w = y[SCORED], eta[SCORED], WEIGHT[SCORED]
    p = np.exp(eta) / np.exp(eta).sum(axis=1, keepdims=True)
    best = p.argmax(axis=1)
    assert found.figures["accuracy"] == pytest.approx(metrics.accuracy_score(y, best, sample_weight=w), **EXACT)
    balanced = metrics.balanced_accuracy_score(y, best, sample_weight=w)
    assert found.figures["balanced accuracy"] == pytest.approx(balanced, **EXACT)
    assert found.figures["log loss"] == pytest.approx(metrics.log_loss(y, p, sample_weight=w), **EXACT)
    np.testing.assert_allclose(found.confusion, metrics.confusion_matrix(y, best, sample_weight=w))
    assert found.roc.shape == (0, 2) and found.calibration.shape == (0, 5)


def test_numbers():
    eta = X[:, 0]
    y = eta + G.normal(size=N)
    w = WEIGHT[SCORED]
    mean = np.average(y[SCORED], weights=w)
    found = diagnose(make_problem(X, y, Squared()), hold_out(eta), weight=WEIGHT, null=0.5 * (y - mean) ** 2)
    y, eta = y[SCORED], eta[SCORED]
    assert found.figures["R2"] == pytest.approx(metrics.r2_score(y, eta, sample_weight=w), **EXACT)
    assert found.figures["RMSE"] == pytest.approx(metrics.root_mean_squared_error(y, eta, sample_weight=w), **EXACT)
    assert found.figures["MAE"] == pytest.approx(metrics.mean_absolute_error(y, eta, sample_weight=w), **EXACT)


def test_counts():
    eta = X[:, 0] * 0.5
    y = G.poisson(np.exp(eta)).astype(float)
    w = WEIGHT[SCORED]
    mean = np.log(np.average(y[SCORED], weights=w))
    loss = Poisson()
    found = diagnose(make_problem(X, y, loss), hold_out(eta), weight=WEIGHT, null=loss.value(y, np.full(N, mean)))
    expected = metrics.d2_tweedie_score(y[SCORED], np.exp(eta[SCORED]), sample_weight=w, power=1)
    assert found.figures["deviance explained"] == pytest.approx(expected, rel=1e-10)
    assert found.calibration.shape == (10, 5)
    assert (found.calibration[:, 2] <= found.calibration[:, 1]).all()
    assert found.calibration[:, 4].sum() == SCORED.sum()


def test_large_data_are_sampled_and_thinned_with_ends_kept():
    g = np.random.default_rng(0)
    score = g.normal(size=20_000)
    y = (g.random(20_000) < 1 / (1 + np.exp(-score))).astype(float)
    problem = make_problem(score[:, None], y, Logistic())
    ones = np.ones(20_000)
    found = diagnose(problem, score[:, None], weight=ones, null=ones, seed=1)
    assert len(found.actual) == len(found.predicted) == 2000
    assert 200 < len(found.roc) <= 300 and 200 < len(found.precision_recall) <= 300
    assert (found.roc[0] == [0, 0]).all() and (found.roc[-1] == [1, 1]).all()
    assert found.precision_recall[0].tolist() == [0, 1] and found.precision_recall[-1][0] == 1
    assert metrics.auc(*found.roc.T) == pytest.approx(found.figures["AUC"], abs=1e-3)
    again = diagnose(problem, score[:, None], weight=ones, null=ones, seed=1)
    assert again.predicted.tobytes() == found.predicted.tobytes()
    assert (
        again.predicted.tobytes()
        != diagnose(problem, score[:, None], weight=ones, null=ones, seed=2).predicted.tobytes()
    )


def test_a_perfect_score_keeps_its_corner():
    y = np.repeat([0.0, 1.0], 1000)
    assert trace_roc(y, np.arange(2000.0), np.ones(2000)).tolist() == [[0, 0], [0, 1], [1, 1]]


def test_shares_one_class_and_no_rows():
    share = diagnose(make_problem(X, G.random(N), Logistic()), X[:, :1], weight=np.ones(N), null=np.ones(N))
    assert "AUC" not in share.figures and "Brier" in share.figures and not len(share.roc)
    one = diagnose(make_problem(X, np.zeros(N), Logistic()), X[:, :1], weight=np.ones(N), null=np.ones(N))
    assert np.isnan(one.figures["AUC"]) and not len(one.roc)
    with pytest.raises(DataError, match="no row was scored"):
        diagnose(make_problem(X, np.zeros(N), Logistic()), np.full((N, 1), np.nan), weight=np.ones(N), null=np.ones(N))
