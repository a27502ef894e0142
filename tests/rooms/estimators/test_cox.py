"""CoxRegressor: what users hand over, what it refuses, and what it finds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

import rightfit
from rightfit.errors import DataError, OptionError, RowError
from tests.shared import shared_data

N = 80
RNG = np.random.default_rng(11)
X = RNG.normal(size=(N, 5)) + 3
TIME = np.round(RNG.exponential(size=N) * np.exp(-(X[:, 0] - 3)), 2) + 0.01
EVENT = RNG.random(N) < 0.7
Y = np.column_stack([TIME, EVENT])
RECORDS = np.array(list(zip(EVENT, TIME, strict=True)), dtype=[("died", bool), ("days", float)])


def small(**options: Any) -> rightfit.CoxRegressor:
    return rightfit.CoxRegressor(**{"count": 8, "folds": 3, "rule": "best"} | options)


def test_columns_and_records_are_one_target() -> None:
    one, two = small().fit(X, Y), small().fit(X, RECORDS)
    assert one.coef_.tobytes() == two.coef_.tobytes()
    assert one.score(X, Y) == two.score(X, RECORDS) > 0.6
    assert one.coef_[0] > 0.3
    assert clone(one).get_params() == one.get_params()


def test_predictions_are_relative_to_the_means_of_the_columns() -> None:
    model = small().fit(X, Y)
    np.testing.assert_allclose(model.predict(X.mean(axis=0)[None]), 0, atol=1e-12)
    np.testing.assert_allclose(model.predict(X).mean(), 0, atol=1e-12)
    np.testing.assert_allclose(model.predict_risk(X), np.exp(model.predict(X)))


def test_evidence_holds_likelihood_and_concordance() -> None:
    model = small().fit(X, Y)
    rows = model.evidence_.rows
    assert len(rows) == N
    assert (model.evidence_.loss >= 0).all()
    assert model.curve_.mean.min() < model.curve_.null
    np.testing.assert_allclose(model.curve_.training[0], model.curve_.null, rtol=1e-6)  # both are the constant model
    assert (np.diff(model.curve_.training) < 0).all()
    concordance = model.curve_.metrics["concordance"]
    assert concordance.shape == (8,)
    assert concordance.max() > 0.6
    events = [EVENT[model.folds_.scored[k]].sum() for k in (1, 2, 3)]
    assert max(events) - min(events) <= 1


def test_entry_and_strata_reach_the_loss() -> None:
    groups = np.where(X[:, 1] > 3, "north", "south")
    entry = TIME * RNG.uniform(0, 0.9, N)
    plain, late, apart = small().fit(X, Y), small().fit(X, Y, entry=entry), small().fit(X, Y, strata=groups)
    assert not np.allclose(plain.coef_, late.coef_)
    assert abs(apart.coef_[1]) < 1.0
    assert apart.score(X, Y, strata=groups) != apart.score(X, Y)
    early = small().fit(X, Y, entry=np.full(N, -np.inf))
    assert early.coef_.tobytes() == plain.coef_.tobytes()


def test_a_row_of_weight_zero_is_no_row() -> None:
    weight = (np.arange(N) % 4 > 0).astype(float)
    live = weight > 0
    own = {
        "strengths": [0.05, 0.02],
        "folds": [(np.arange(0, 40), np.arange(40, N)), (np.arange(40, N), np.arange(40))],
    }
    part = np.cumsum(live) - 1
    their = own | {"folds": [tuple(part[side[live[side]]] for side in pair) for pair in own["folds"]]}
    one = small(**own).fit(X, Y, sample_weight=weight)
    two = small(**their).fit(X[live], Y[live])
    np.testing.assert_allclose(one.coef_, two.coef_, atol=1e-7)
    np.testing.assert_allclose(one.curve_.mean, two.curve_.mean, rtol=1e-5)


def test_leave_one_out_can_be_scored() -> None:
    few = small(folds=16).fit(X[:16], Y[:16])
    assert np.isfinite(few.curve_.mean).all()
    assert np.isnan(few.curve_.metrics["concordance"]).all()  # no two rows are judged by one model


def test_what_is_refused() -> None:
    with pytest.raises(DataError, match="two columns"):
        small().fit(X, TIME)
    with pytest.raises(RowError, match="event of the target in row 0 is 7"):
        small().fit(X, np.column_stack([TIME, np.full(N, 7.0)]))
    with pytest.raises(RowError, match="entry of the target in row"):
        small().fit(X, Y, entry=TIME)
    with pytest.raises(DataError, match="no row of positive weight has an event"):
        small().fit(X, np.column_stack([TIME, np.zeros(N)]))
    with pytest.raises(DataError, match="strata must have one label"):
        small().fit(X, Y, strata=["a"])
    with pytest.raises(DataError, match="one of them boolean"):
        small().fit(X, np.zeros(N, dtype=[("a", float), ("b", float)]))
    with pytest.raises(OptionError, match="ties"):
        small(ties="exact").fit(X, Y)


def test_relapse_in_rotterdam_tells_relapse_in_the_german_trial() -> None:
    """Learned on one study, judged on another (Royston and Altman 2013): Harrell's concordance near 0.67."""
    import polars as pl

    columns = ["age", "meno", "grade", "nodes", "pgr", "er", "hormon"]
    learn = pl.read_csv(shared_data("rotterdam_survival")).filter(pl.col("nodes") > 0)
    judge = pl.read_csv(shared_data("gbsg_survival"))
    X, y = learn.select(columns).to_numpy().astype(float), learn.select("rtime", "recur").to_numpy().astype(float)
    model = rightfit.CoxRegressor(count=12, folds=3).fit(X, y)
    new = judge.select(columns).to_numpy().astype(float)
    assert 0.62 < model.score(new, judge.select("rfstime", "status").to_numpy().astype(float)) < 0.72
    assert model.path_.gap.max() <= 1e-6
    assert model.coef_[columns.index("nodes")] > 0
