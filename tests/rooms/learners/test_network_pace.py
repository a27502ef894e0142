"""How far a ladder has come is told evenly, and all of it in the end."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from rightfit.contracts import Wishes
from rightfit.learners._network import cohort as cohorts
from rightfit.learners._network import proposing
from rightfit.learners.network import Network
from rightfit.solvers.watch import listen
from tests.rooms.learners.network_problems import folds, make_problem

QUICK = Network(hidden=(6,), strengths=(3.0, 0.3, 0.0), seeds=1, batch=16, learning_rate=0.02, most=60)


@pytest.mark.parametrize("given", [{}, {"epochs": 9}, {"walks": "batch", "strengths": (8.0, 32.0)}], ids=str)
def test_shown_and_done_go_side_by_side(given: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The share that is told against the share of all batches of single nets that are done."""
    problem, resamples = make_problem("logistic"), folds()
    told, done = [0.0], [0.0]
    deal = cohorts.Cohort._deal

    def count(self: cohorts.Cohort) -> object:
        for batch in deal(self):
            yield batch
            told.append(told[-1])
            done.append(done[-1] + len(self.resamples) * self.size)

    def hear(steps: float) -> None:
        assert steps >= 0
        told[-1] += steps

    monkeypatch.setattr(cohorts.Cohort, "_deal", count)
    learner = replace(QUICK, **given)
    with listen(hear):
        learner.fit_paths(problem, resamples)
    total = learner.steps(resamples, 100)
    assert told[-1] == pytest.approx(total)
    shown, truth = np.array(told) / total, np.array(done) / done[-1]
    assert np.abs(shown - truth).mean() < 0.2
    assert max(b - a for a, b in pairwise(shown)) < 0.2  # neither still nor a jump


def test_a_race_tells_as_many_steps_as_a_ladder(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, resamples = make_problem("logistic", 150), folds(150)
    monkeypatch.setattr(proposing, "limit_epochs", lambda *_: 3)
    told: list[float] = []
    with listen(told.append):
        Network.propose(problem, resamples, Wishes())
    assert sum(told) == pytest.approx(Network.steps(resamples, 100)) and max(told) < 0.2 * sum(told)
