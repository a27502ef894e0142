"""What fitted estimators answer once the rows of the fit are given again."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

import rightfit
from rightfit.errors import OptionError
from rightfit.rules.best import Best

G = np.random.default_rng(5)
X = G.normal(size=(100, 20))
Y = X[:, :4].sum(axis=1) + G.normal(size=100)
MODEL = rightfit.PenalizedRegressor(count=20, ratio=0.05, folds=5, rule="best").fit(X, Y)


def test_leave_one_out_and_bootstrap_walk_the_path_of_the_fit():
    for evidence in (MODEL.leave_one_out(X, Y), MODEL.bootstrap_632(X, Y, count=20)):
        np.testing.assert_allclose(evidence.strengths, MODEL.path_.strengths)
        assert abs(Best().choose(evidence).step - MODEL.choice_.step) <= 4
        step = MODEL.choice_.step
        assert evidence.loss[:, step].mean() == pytest.approx(MODEL.curve_.mean[step], rel=0.15)
    paths = MODEL.bootstrap_paths(X, Y, count=40)
    inside = (paths.lower <= MODEL.path_.coef(10)[None, :, :]) & (MODEL.path_.coef(10)[None, :, :] <= paths.upper)
    assert inside[10].mean() > 0.8


def test_selections_find_what_is_there():
    for rows in (X, sparse.csr_array(X)):
        stable = MODEL.select_stable(rows, Y, errors=4.0, pairs=15)
        assert stable.selected[:4].all() and stable.most == 6
    grouped = MODEL.select_stable(X, Y, pairs=5, groups=np.arange(100) // 2)
    assert grouped.share.shape == (20,)
    chosen = MODEL.select_by_knockoffs(X, Y, target=0.3)
    assert chosen.selected[:4].all() and chosen.target == 0.3


def test_classes_and_weights():
    label = np.where(Y > 0, "yes", "no")
    model = rightfit.PenalizedClassifier(count=10, folds=4).fit(
        X, label, sample_weight=np.r_[np.ones(90), np.zeros(10)]
    )
    evidence = model.leave_one_out(X, label, np.r_[np.ones(90), np.zeros(10)])
    assert np.isnan(evidence.null[90:]).all() and "AUC" in evidence.metrics


def test_survival_says_that_it_cannot():
    assert "step" in str(_survival().summary())
    with pytest.raises(OptionError, match="CoxRegressor"):
        _survival().leave_one_out(X, Y)


def _survival():
    time = np.exp(-X[:, 0]) * G.exponential(1, 100)
    y = np.array(list(zip(G.random(100) < 0.8, time, strict=True)), dtype=[("event", bool), ("time", float)])
    return rightfit.CoxRegressor(count=8, folds=3).fit(X, y)
