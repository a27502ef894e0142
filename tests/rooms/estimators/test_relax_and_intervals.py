"""Relaxed fits, prediction intervals and selection shares at scikit-learn's door."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone

import rightfit
from rightfit.errors import OptionError

G = np.random.default_rng(3)
X = G.normal(size=(120, 30))
Y = X[:, :3].sum(axis=1) * 2 + G.normal(size=120)


def test_a_list_of_shares_takes_the_one_that_loses_least():
    options = {"count": 16, "ratio": 0.05, "folds": 4, "rule": "best"}
    losses = {}
    for share in (0.0, 0.5, 1.0):
        one = rightfit.PenalizedRegressor(relax=share, **options).fit(X, Y)
        losses[share] = one.curve_.mean[one.choice_.step]
    many = rightfit.PenalizedRegressor(relax=[0.0, 0.5, 1.0], **options).fit(X, Y)
    assert many.relax_ == min(losses, key=losses.__getitem__) > 0
    own = rightfit.PenalizedRegressor(relax=many.relax_, **options).fit(X, Y)
    np.testing.assert_array_equal(own.coef_, many.coef_)
    assert clone(many).relax == [0.0, 0.5, 1.0]


def test_a_full_refit_is_least_squares_on_the_chosen_columns():
    model = rightfit.PenalizedRegressor(relax=1.0, count=15, folds=4).fit(X, Y)
    used = np.flatnonzero(model.coef_)
    expected = np.linalg.lstsq(np.column_stack([np.ones(120), X[:, used]]), Y, rcond=None)[0]
    np.testing.assert_allclose(np.r_[model.intercept_, model.coef_[used]], expected, atol=1e-8)
    assert (model.selection_[:3] == 1).all() and model.selection_.shape == (30,)
    with pytest.raises(OptionError, match="relax"):
        rightfit.PenalizedRegressor(relax=2.0).fit(X, Y)


def test_relaxed_classes():
    model = rightfit.PenalizedClassifier(relax=1.0, count=6, ratio=0.1, folds=3).fit(X, Y + G.normal(size=120) * 4 > 0)
    assert model.relax_ == 1 and model.conformal_ is None


def test_prediction_intervals_cover_new_rows():
    new = G.normal(size=(2000, 30))
    y = new[:, :3].sum(axis=1) * 2 + G.normal(size=2000)
    model = rightfit.PenalizedRegressor(count=15, folds=10).fit(X, Y)
    for level in (0.5, 0.9):
        ends = model.predict_interval(new, level=level)
        assert abs(((ends[:, 0] <= y) & (y <= ends[:, 1])).mean() - level) < 0.08
    centre = model.predict(new)
    assert ((ends[:, 0] < centre) & (centre < ends[:, 1])).all()
