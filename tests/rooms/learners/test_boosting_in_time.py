"""Boosting that has an end keeps the rounds that were walked when its time is suddenly over."""

from __future__ import annotations

import time

import numpy as np
import pytest

pytest.importorskip("xgboost")

from rightfit import catalog
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.data.resample import make_folds
from rightfit.errors import OutOfTime
from rightfit.learners._boosting import walking
from rightfit.learners.boosting import Boosting
from rightfit.solvers.watch import until


@pytest.mark.parametrize("threads", [1, 2])
def test_what_was_walked_stays(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    chance = np.random.default_rng(5)
    X = chance.normal(size=(400, 5))
    y = X[:, 0] * X[:, 1] + chance.normal(size=400)
    problem = Problem(make_design(X), y, catalog.find("losses", "squared")(), np.zeros(400))
    folds, learner = make_folds(400, folds=3), Boosting(learning_rate=0.01, rounds=100_000, threads=threads)
    monkeypatch.setattr(walking, "affordable", lambda *_: 100_000)  # as if the machine had promised more
    monkeypatch.setattr(walking, "next_block", lambda rounds, rate: 10 if rounds == 0 else 100_000)
    start = time.perf_counter()
    with until(start + 2.0):
        paths = learner.fit_paths(problem, folds)
    assert time.perf_counter() - start < 4
    few = Boosting(learning_rate=0.01, rounds=10).fit_paths(problem, folds)
    assert len(paths[1].rounds) == 11
    for one, other in zip(paths, few, strict=True):
        np.testing.assert_array_equal(one.rounds, other.rounds)
        np.testing.assert_array_equal(one.predict(problem.design), other.predict(problem.design))
        assert one.size(3) == other.size(3) and one.model(10).fitted().arrays.keys()
    with until(time.perf_counter() - 1), pytest.raises(OutOfTime):
        learner.fit_paths(problem, folds)
