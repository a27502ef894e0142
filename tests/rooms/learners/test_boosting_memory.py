"""Boosting: rows that were seen while trees grew are not sent down the trees again, and nothing changes by that."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rightfit.contracts import Problem
from rightfit.data.bootstrap import make_bootstrap
from rightfit.data.design import make_design
from rightfit.data.resample import make_folds
from rightfit.evidence.crossfit import crossfit, score_paths
from rightfit.learners._boosting import ensemble as grown
from rightfit.learners._boosting import walking
from rightfit.learners.boosting import Boosting, BoostingPath
from tests.rooms.learners.boosting_problems import LOSSES, SAMPLED, make_problem

pytest.importorskip("xgboost")
N = 240
SINGLE = 1e-5


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("options", [{"rounds": 15}, {"most": 60, **SAMPLED}, {"rounds": 12, "refit": "averaged"}])
def test_evidence_is_that_of_predictions(name: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    problem, resamples = make_problem(name), make_folds(N, folds=4)
    paths, evidence = crossfit(problem, resamples, Boosting(max_depth=3, min_child_weight=0.1, **options))
    for k, path in enumerate(paths[1:], start=1):
        judged = np.flatnonzero(resamples.scored[k])
        told = path.predict(problem.design.take(judged), problem.offset[judged])
        np.testing.assert_array_equal(path.remembered(problem, judged), told)
    rows = np.arange(N)
    if not problem.loss.coupled or options.get("refit") != "averaged":
        own = paths[0].remembered(problem, rows)
        assert own is not None
        np.testing.assert_allclose(own, paths[0].predict(problem.design, problem.offset), atol=SINGLE)
    monkeypatch.setattr(BoostingPath, "remembered", lambda *_: None)
    plain = score_paths(paths, problem, resamples)
    np.testing.assert_array_equal(evidence.loss, plain.loss)
    np.testing.assert_allclose(evidence.training, plain.training, rtol=SINGLE, atol=SINGLE)
    assert evidence.metrics.keys() == plain.metrics.keys()
    for metric, values in plain.metrics.items():
        np.testing.assert_array_equal(evidence.metrics[metric], values)


def test_remembering_changes_no_booster(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, resamples = make_problem("multinomial"), make_folds(N, folds=3)
    options: dict[str, Any] = {"rounds": 20, **SAMPLED}
    learner = Boosting(**options)
    there = learner.fit_paths(problem, resamples)
    monkeypatch.setattr(walking, "KEPT", 0)
    for one, other in zip(there, learner.fit_paths(problem, resamples), strict=True):
        assert one.members[0].raw() == other.members[0].raw()
        assert other.remembered(problem, np.arange(3)) is None


def test_nothing_is_remembered_that_was_not_seen() -> None:
    problem = make_problem()
    paths = Boosting(rounds=8).fit_paths(problem, make_folds(N, folds=3))
    judged = np.flatnonzero(make_folds(N, folds=3).scored[1])
    assert paths[1].remembered(problem, judged) is not None
    assert paths[1].remembered(problem, np.arange(N)) is None  # its own rows are not kept
    assert paths[1].remembered(problem.take(np.arange(N)), judged) is None
    dropping = Boosting(rounds=8, dropout=0.3).fit_paths(problem, make_folds(N, folds=3))
    assert dropping[0].remembered(problem, np.arange(N)) is None  # rounds change earlier trees


def test_a_missing_value_that_training_had_not_is_predicted() -> None:
    """The stored booster says where it goes, the growing one does not."""
    r = np.random.default_rng(0)
    X = r.normal(size=(90, 3))
    X[:4, 0] = np.nan
    y = np.nan_to_num(X[:, 0], nan=2.0) + 0.1 * r.normal(size=90)
    problem = Problem(make_design(X), y, make_problem(holes=False).loss, np.zeros(90))
    resamples = make_folds(90, column=np.arange(90) // 30)
    paths, evidence = crossfit(problem, resamples, Boosting(rounds=10, max_depth=2))
    holes = int(resamples.scored[1:, 0].argmax()) + 1
    judged = np.flatnonzero(resamples.scored[holes])
    assert paths[holes].remembered(problem, judged) is None
    told = paths[holes].predict(problem.design.take(judged))[:, :, 0]
    np.testing.assert_array_equal(evidence.loss[judged], (0.5 * (told - y[judged]) ** 2).T.astype(np.float32))


def test_weights_and_rows_that_are_absent() -> None:
    """Bootstrap resamples teach some rows twice and judge those that they miss; the user's weights count."""
    problem = make_problem("poisson")
    weight = np.r_[np.zeros(20), np.random.default_rng(1).integers(1, 4, N - 20)].astype(float)
    resamples = make_bootstrap(N, count=4, seed=2, weight=weight)
    for refit in ("rescaled", "averaged"):
        paths, _ = crossfit(problem, resamples, replace(Boosting(rounds=9), refit=refit))
        rows = np.arange(20, N)
        own = paths[0].remembered(problem, rows)
        assert own is not None
        np.testing.assert_allclose(own, paths[0].predict(problem.design.take(rows), problem.offset[rows]), atol=SINGLE)
        assert paths[0].remembered(problem, np.arange(N)) is None


def test_leaves_are_counted_as_they_stand_in_the_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Boosting(rounds=30, max_depth=4)
    for learner in (replace(plain, gamma=0.5), replace(plain, dropout=0.3)):
        paths = learner.fit_paths(make_problem("multinomial"), make_folds(N, folds=3))
        full, fold = paths[0].members[0], paths[1].members[0]
        for ensemble in (full, fold):
            counted = [sum(sum(child < 0 for child in t.left_children) for t in trees) for trees in ensemble.trees]
            assert len(set(counted)) > 1
            if ensemble is fold:
                monkeypatch.setattr(grown, "_NODES", re.compile(b"written in another way"))
            np.testing.assert_array_equal(ensemble.leaves, np.cumsum([0, *counted]))
        monkeypatch.undo()
