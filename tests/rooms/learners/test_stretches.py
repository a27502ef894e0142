"""Penalized paths that have an end keep what is walked."""

from __future__ import annotations

import time

import numpy as np
import pytest

from rightfit import catalog
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.data.resample import make_folds
from rightfit.errors import NotConvergedWarning, OutOfTime
from rightfit.learners import _stretches
from rightfit.learners._stretches import walk_while_paid
from rightfit.records import Status
from rightfit.solvers.steps import Steps
from rightfit.solvers.watch import until

GRID = np.append(np.geomspace(1.0, 1e-3, 40), 0.0)


class Solver:
    """Steps that take a millisecond each, ten times as long below 0.05."""

    def __init__(self) -> None:
        self.asked: list[np.ndarray] = []

    def __call__(self, strengths: np.ndarray) -> list[Steps]:
        self.asked.append(strengths)
        path = Steps(2, 1)
        for strength in strengths:
            time.sleep(0.001 if strength > 0.05 else 0.01)
            step = {"gap": 0.0, "status": Status.CONVERGED, "complexity": 1.0, "explained": 0.5}
            path.add(strength, np.array([0]), np.array([[1 - strength]]), np.zeros(1), **step)  # type: ignore[arg-type]
        return [path]


def test_without_an_end_all_are_walked_at_once() -> None:
    solver = Solver()
    (path,) = walk_while_paid(solver, GRID)
    assert len(solver.asked) == 1 and path.strengths == GRID.tolist()


def test_with_time_for_all_none_is_left_out(recwarn: pytest.WarningsRecorder) -> None:
    with until(time.perf_counter() + 60):
        (path,) = walk_while_paid(Solver(), GRID)
    assert path.strengths == GRID.tolist() and not recwarn.list


def test_some_strengths_stand_where_there_is_no_time_for_all() -> None:
    with until(time.perf_counter() + 0.12), pytest.warns(NotConvergedWarning, match="of them, down to"):
        (path,) = walk_while_paid(Solver(), GRID)
    assert path.strengths == GRID[: 8 * len(path.strengths) : 8].tolist()
    assert 3 <= len(path.strengths) <= 5 and len(path.values) == len(path.gap) == len(path.strengths)
    with until(time.perf_counter() - 1), pytest.raises(OutOfTime):
        walk_while_paid(Solver(), GRID)


def test_a_path_of_some_strengths_says_there_what_the_whole_one_says(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(3)
    X = chance.normal(size=(120, 4))
    y = (X[:, 0] + chance.normal(size=120) > 0).astype(float)
    problem = Problem(make_design(X), y, catalog.find("losses", "logistic")(), np.zeros(120))
    learner = catalog.find("learners", "linear")(count=40, tolerance=1e-9)
    folds = make_folds(120, folds=3)
    whole = learner.fit_paths(problem, folds)
    monkeypatch.setattr(_stretches, "_FINER", np.inf)
    with until(time.perf_counter() + 60), pytest.warns(NotConvergedWarning, match="5 of them"):
        some = learner.fit_paths(problem, folds)
    for path, few in zip(whole, some, strict=True):
        np.testing.assert_array_equal(few.strengths, path.strengths[::8])
        np.testing.assert_allclose(few.predict(problem.design), path.predict(problem.design)[::8], atol=1e-3)
