"""Nets that have an end: they stop in time with what they know, and lose none of it."""

from __future__ import annotations

import time

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from rightfit import catalog  # noqa: E402
from rightfit.contracts import Problem  # noqa: E402
from rightfit.data.design import make_design  # noqa: E402
from rightfit.data.resample import make_folds  # noqa: E402
from rightfit.learners._network import proposing  # noqa: E402
from rightfit.learners._network.library import unhindered  # noqa: E402
from rightfit.learners.network import Network  # noqa: E402
from rightfit.solvers.watch import until  # noqa: E402


def make(n: int) -> Problem:
    chance = np.random.default_rng(2)
    X = chance.normal(size=(n, 3))
    y = X[:, 0] * X[:, 1] + 0.3 * chance.normal(size=n)
    return Problem(make_design(X), y, catalog.find("losses", "squared")(), np.zeros(n))


def test_one_thread_where_others_keep_the_processors_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    from threadpoolctl import threadpool_info

    def threads() -> set[int]:
        return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "openmp"}

    before = threads()
    monkeypatch.setattr("os.getloadavg", lambda: (0.5, 0.5, 0.5))
    with unhindered():
        assert threads() == before
    monkeypatch.setattr("os.getloadavg", lambda: (99.0, 0.5, 0.5))
    with unhindered():
        assert threads() == {1}
    assert threads() == before


def test_with_an_end_nets_stop_in_time_at_the_epochs_that_some_rows_ask_for(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, folds = make(600), make_folds(600, folds=3)
    monkeypatch.setattr(proposing, "WATCHED", 90)
    Network(hidden=(2,), seeds=1, epochs=1, strengths=(0.0,)).fit_paths(problem, folds)  # what is imported is imported
    start = time.perf_counter()
    with until(start + 2.0):
        few, watched = proposing.watch_some(problem, folds)
        paths = Network(hidden=(8,), seeds=2, most=100_000, learning_rate=1e-5).fit_paths(problem, folds)
    assert time.perf_counter() - start < 3
    assert int(watched.scored.sum()) == 90 and len(few.y) == 600
    assert len(paths) == 4 and (paths[0].stop[1:] >= 1).all() and paths[0].predict(problem.design).shape[1] == 600
    assert proposing.watch_some(problem, folds)[1] is folds


def test_an_end_that_is_far_changes_nothing() -> None:
    problem, folds = make(120), make_folds(120, folds=3)
    learner = Network(hidden=(6,), seeds=2, most=12, strengths=(1.0, 0.0), batch=32)
    with pytest.warns(match="epochs ended"):
        plain = learner.fit_paths(problem, folds)
    with until(time.perf_counter() + 600), pytest.warns(match="epochs ended"):
        ended = learner.fit_paths(problem, folds)
    for one, other in zip(plain, ended, strict=True):
        np.testing.assert_array_equal(one.stop, other.stop)
        np.testing.assert_array_equal(one.predict(problem.design), other.predict(problem.design))


def test_a_ladder_that_is_too_heavy_for_the_time_is_made_lighter() -> None:
    problem, folds, learner = make(600), make_folds(600, folds=3), Network(hidden=(64, 64))
    assert learner.afford(problem, folds) is learner
    with until(time.perf_counter() + 600):
        assert learner.afford(problem, folds) is learner
    with until(time.perf_counter() + 0.5):
        light = learner.afford(problem, folds)
    assert isinstance(light, Network) and light.seeds == 1 and light.strengths == proposing.FEW
