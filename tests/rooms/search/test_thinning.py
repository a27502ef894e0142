"""Few rows teach first where time is short, and of very many rows some judge."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rightfit import catalog
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.data.resample import make_folds
from rightfit.data.table import from_frame
from rightfit.evidence.crossfit import crossfit
from rightfit.learners.tree import SURFACE
from rightfit.search.fit import fit_table, plan_walks
from rightfit.search.options import FitOptions
from rightfit.search.proposals import propose
from rightfit.search.thinning import (
    CELLS,
    FIRST,
    JUDGED,
    LEAST,
    first_share,
    judge_some,
    next_share,
    thin,
)
from rightfit.search.walk import walk_again, walk_one
from tests.journeys.files import houses


def test_a_smaller_share_is_part_of_a_larger_one_and_judges_stay() -> None:
    folds = make_folds(4_000, folds=4, seed=2)
    some, more = thin(folds, 0.1, 7), thin(folds, 0.4, 7)
    assert 300 < some.taught < 500 and 1_400 < more.taught < 1_800
    assert not (some.multiplicity > more.multiplicity).any() and not (more.multiplicity > folds.multiplicity).any()
    assert (some.scored == folds.scored).all() and not (some.scored & (some.multiplicity > 0)).any()
    assert thin(folds, 1.0, 7) is folds


def test_of_very_many_rows_some_judge_and_a_note_says_so() -> None:
    folds = make_folds(8_000, folds=4, seed=2)
    assert judge_some(folds, 8_000 / JUDGED, 0) is folds
    some = judge_some(folds, 2.0, 0)
    count = int(some.scored.any(axis=0).sum())
    assert 0.9 * 2 * JUDGED < count < 1.1 * 2 * JUDGED
    assert not (some.scored & ~folds.scored).any() and (some.multiplicity == folds.multiplicity).all()
    assert f"{count:,} of 8,000 rows" in some.notes[-1].sentence


def test_rows_grow_as_time_allows() -> None:
    first = 1 / 40
    assert next_share([(first, 1.0)], 1e9) == 8 * first
    assert next_share([(8 * first, 1.0)], 1e9) == 1.0
    assert 2 * first < next_share([(first, 1.0)], 3.0) < 8 * first
    assert next_share([(first, 1.0)], 1.0) == 0.0
    assert next_share([(1.0, 1.0)], 1e9) == 0.0


def test_two_walks_tell_what_a_walk_costs_however_few_its_rows() -> None:
    def cost(share: float) -> float:
        return 1.0 + 10 * share

    walked = [(0.05, cost(0.05)), (0.2, cost(0.2))]
    assert next_share(walked, 1.1 * cost(1.0)) == 1.0
    assert next_share(walked, 1.1 * cost(0.6)) == pytest.approx(0.6)
    assert next_share([walked[0], (0.2, walked[0][1])], 100.0) == 1.0  # a faster machine by then


def test_the_first_look_has_fewer_rows_where_columns_and_classes_are_many() -> None:
    squared, classes = catalog.find("losses", "squared")(), catalog.find("losses", "multinomial")(classes=5)

    def first(n: int, p: int, loss: Any) -> float:
        problem = Problem(make_design(np.zeros((n, p))), np.zeros(n), loss, np.zeros(n))
        return first_share(problem, make_folds(n, folds=3, seed=1)) * n

    assert first(2 * FIRST, 2, squared) == 2 * FIRST  # a short table is walked at once
    assert first(4 * FIRST, 2, squared) == pytest.approx(FIRST)
    assert first(4 * FIRST, 100, classes) == pytest.approx(CELLS / 500)
    assert first(3_000, 400, classes) == pytest.approx(LEAST)


def test_what_follows_the_walks_gets_more_time_where_reading_took_long() -> None:
    assert plan_walks(None, 1.0) == np.inf
    assert plan_walks(60.0, 1.0) > plan_walks(60.0, 10.0) > 45
    assert plan_walks(60.0, 50.0) == 55.0  # half of what is left is for walking


def test_a_family_without_time_for_all_rows_says_how_many_taught_it(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("rightfit.search.thinning.FIRST", 50)
    monkeypatch.setattr("rightfit.search.thinning.LEAST", 50)
    monkeypatch.setattr("rightfit.search.thinning.TIMES", 1.0)  # no second walk is affordable
    kinds = {"learners": ("linear", "tree"), "l1_ratio": (1.0,), "strengths": 8, "folds": 3}
    run = fit_table(from_frame(houses(400)), FitOptions("price", time_budget=120.0, **kinds))  # type: ignore[arg-type]
    tree = next(family for family in run.families if family.name == "tree")
    assert "taught by 50 of 400 rows" in tree.words and "50 teaching rows of 400" in tree.reason
    assert tree.settings["teaching rows"] == 50.0
    linear = next(family for family in run.families if family.name == "linear")
    assert not linear.reason and "taught" not in linear.words
    assert catalog.find("learners", "linear").coefficients


def test_rows_without_a_task_change_nothing() -> None:
    """A walk of some rows alone says what a walk says in which the others weigh nothing."""
    chance = np.random.default_rng(1)
    X = chance.normal(size=(300, 3))
    y = X[:, 0] + chance.normal(size=300)
    problem = Problem(make_design(X), y, catalog.find("losses", "squared")(), np.zeros(300))
    few = thin(judge_some(make_folds(300, folds=3, seed=2), 100 / JUDGED, 0), 0.3, 5)
    assert len(few.used) < 250
    (proposal, *_) = propose("tree", problem, few, FitOptions("y", settings={"tree.min_samples_leaf": (5.0,)}))
    walk = walk_one(problem, few, proposal, FitOptions("y"))
    _, evidence = crossfit(problem, few, proposal.learner)
    for name in ("loss", "null", "weight", "unit", "fold", "training", "strengths"):
        np.testing.assert_array_equal(getattr(walk.evidence, name), getattr(evidence, name), name)
    again = list(walk_again(problem, few, walk, FitOptions("y")))
    assert len(again) == len(SURFACE) - 1 and all(len(one.evidence.loss) == 300 for one in again)
