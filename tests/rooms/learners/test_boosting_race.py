"""Boosting: which settings stay in the race, and what little time leaves of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rightfit.contracts import Problem, Wishes
from rightfit.data.design import make_design
from rightfit.data.resample import make_folds
from rightfit.errors import OptionError, OutOfTime
from rightfit.learners._boosting import race as race_of_settings
from rightfit.learners._boosting.race import take_few
from rightfit.learners._boosting.settings import bins_for
from rightfit.learners.boosting import Boosting
from rightfit.solvers.watch import until
from tests.rooms.learners.boosting_problems import make_loss, make_problem

pytest.importorskip("xgboost")


def test_a_race_drops_what_noise_cannot_excuse() -> None:
    r = np.random.default_rng(0)
    X = r.normal(size=(600, 3))
    y = X[:, 0] * X[:, 1] + 0.2 * r.normal(size=600)
    problem, folds = Problem(make_design(X), y, make_loss("squared"), np.zeros(600)), make_folds(600, folds=3)
    wishes = Wishes(settings={"max_depth": (1.0, 4.0), "learning_rate": (0.2, 0.4)})
    (winner,) = Boosting.propose(problem, folds, wishes)
    assert isinstance(winner, Boosting)
    assert winner.max_depth == 4  # stumps cannot multiply
    assert "4 settings" in winner.note
    assert "dropped" in winner.note
    (again,) = Boosting.propose(problem, folds, replace(wishes, threads=2))
    assert replace(again, threads=1) == winner
    with pytest.raises(OptionError, match="no setting 'depth'; it has learning_rate, max_depth"):
        Boosting.propose(problem, folds, Wishes(settings={"depth": (3.0,)}))


def test_the_unit_of_the_target_does_not_matter_to_the_race() -> None:
    problem, folds = make_problem("squared", n=120), make_folds(120, folds=2)
    large = replace(problem, y=problem.y * 1000 + 5e6, offset=problem.offset * 1000)
    (one,), (two,) = Boosting.propose(problem, folds, Wishes()), Boosting.propose(large, folds, Wishes())
    assert isinstance(one, Boosting)
    assert isinstance(two, Boosting)
    assert "12 settings" in one.note
    assert one.max_depth == two.max_depth
    assert one.learning_rate == two.learning_rate
    assert one.reg_alpha * 1000 == pytest.approx(two.reg_alpha, rel=1e-4)


def test_a_race_takes_a_part_of_long_tables() -> None:
    folds = make_folds(60_000, folds=5)
    part = take_few(folds, 1, 9, 0)
    assert len(part) == 3
    for k in (1, 2):
        assert not (part.scored[k] & (part.multiplicity[k] > 0)).any()
        assert (part.scored[k] <= folds.scored[k]).all()
        assert int((part.multiplicity[k] > 0).sum()) == pytest.approx(20_000, rel=0.03)
        assert int(part.scored[k].sum()) == pytest.approx(5_000, rel=0.06)
    short = take_few(make_folds(600, folds=10), 1, 9, 0)
    assert len(short) == 11
    assert short.scored.sum() == 600
    assert len(take_few(make_folds(600, folds=10), 1, 8000, 0)) == 6
    assert [bins_for(p) for p in (9, 1000, 50_000)] == [256, 100, 16]


def test_little_time_gives_fewer_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    from rightfit.learners._boosting import walking

    problem, folds = make_problem("squared"), make_folds(240, folds=3)
    monkeypatch.setattr(walking, "left", lambda: 1e-9)
    for rounds in (None, 30):
        assert Boosting(rounds=rounds).fit_paths(problem, folds)[1].rounds[-1] == 1
    assert walking.affordable(100, 2.0, 5.0, 0.3) == pytest.approx(0.9 * 350 / 1.3, abs=1)
    monkeypatch.setattr(race_of_settings, "left", lambda: 1e-9)
    (usual,) = Boosting.propose(problem, folds, Wishes())
    assert isinstance(usual, Boosting)
    assert "no time" in usual.note


def test_time_ends_a_walk() -> None:
    import time

    problem, folds = make_problem("squared"), make_folds(240, folds=3)
    with until(time.perf_counter() - 1), pytest.raises(OutOfTime):
        Boosting(threads=1).fit_paths(problem, folds)
    with until(time.perf_counter() - 1), pytest.raises(OutOfTime):
        Boosting(threads=2).fit_paths(problem, folds)
