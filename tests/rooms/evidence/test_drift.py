"""Ordered beside random folds: figures by hand, sentences in each case, columns that drift found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rightfit.data.design import make_design
from rightfit.data.resample import make_folds
from rightfit.errors import DataError
from rightfit.evidence.crossfit import crossfit
from rightfit.evidence.drift import drift, rank_drifting
from rightfit.losses.squared import Squared
from rightfit.records import Feature
from tests.rooms.evidence.evidences import make_valley
from tests.rooms.evidence.stand_in import StandIn, make_problem


def test_figures_are_on_the_rows_that_both_scored():
    random = make_valley()
    g = np.random.default_rng(1)
    ordered = replace(random, loss=random.loss + g.normal(0.3, 1, random.loss.shape).astype(np.float32))
    null = ordered.null.copy()
    null[:50] = np.nan
    found = drift(
        replace(ordered, null=null), random, 2, by="sold", kind="time", columns=[("price", 0.9), ("size", 0.5)]
    )
    gap = (ordered.loss - random.loss)[50:, 2].astype(float)
    assert found.difference == pytest.approx(gap.mean(), rel=1e-6)
    assert found.difference_error == pytest.approx(gap.std(ddof=1) / np.sqrt(150), rel=1e-6)
    np.testing.assert_allclose(found.random, random.loss[50:].mean(axis=0), rtol=1e-6)
    assert found.columns == ("price",) and found.scores == (0.9,)
    assert "random folds would flatter it for future rows" in found.sentence and "price" in found.sentence


def test_no_difference_is_noise():
    random = make_valley()
    other = replace(
        random, loss=random.loss + np.random.default_rng(1).normal(0, 1, random.loss.shape).astype(np.float32)
    )
    assert "within noise" in drift(other, random, 2, by="site", kind="group").sentence
    assert "within noise" in drift(random, random, 2, by="site", kind="group").sentence
    with pytest.raises(DataError):
        drift(replace(other, null=np.full(200, np.nan)), random, 2, by="site", kind="group")


def test_groups_that_repeat_are_found_by_real_fits():
    """Every group has its own level and its own place in X: random folds recognize the group, grouped ones cannot."""
    g = np.random.default_rng(0)
    group = np.repeat(np.arange(12), 10)
    X = np.eye(12)[group] + 0.05 * g.normal(size=(120, 12))
    problem = make_problem(X, 3 * g.normal(size=12)[group] + g.normal(size=120), Squared())
    _, grouped = crossfit(problem, make_folds(120, folds=4, group=group), StandIn())
    _, random = crossfit(problem, replace(make_folds(120, folds=4), unit=grouped.unit), StandIn())
    found = drift(grouped, random, 6, by="site", kind="group")
    assert found.difference > 2 * found.difference_error > 0
    assert "recognizes rows of the same 'site'" in found.sentence


def test_columns_that_drift():
    n = 400
    g = np.random.default_rng(0)
    time = np.arange(n)
    moving, still, level = (
        g.normal(size=n) + time / 100,
        g.normal(size=n),
        (g.random(n) < 0.2 + 0.5 * (time > 200)) * 1.0,
    )
    moving[::9] = np.nan
    design = make_design(np.column_stack([time, moving, still, level, 1 - level]))
    features = [
        Feature("sold: day", "sold", "part", 0),
        Feature("moving", "moving", "value", 1),
        Feature("still", "still", "value", 2),
        Feature("kind = a", "kind", "level", 3, "a"),
        Feature("kind = b", "kind", "level", 3, "b"),
    ]
    ranked = rank_drifting(design, features, time, ignore=("sold",))
    assert [name for name, _ in ranked] == ["moving", "kind", "still"]
    late = time >= 200
    assert dict(ranked)["kind"] == pytest.approx(0.5 + abs(level[late].mean() - level[~late].mean()) / 2)
    assert dict(ranked)["still"] < 0.56
    assert rank_drifting(design, features, np.zeros(n)) == []
    dates = np.datetime64("2024-01-01") + time
    assert rank_drifting(design, features, dates, ignore=("sold",)) == ranked
