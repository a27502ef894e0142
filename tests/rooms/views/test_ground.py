"""A run's rows are found again, and only in the file of its fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rightfit
from rightfit.data.table import from_frame
from rightfit.errors import FileError, OptionError, StoreError
from rightfit.records import Run, Views
from rightfit.store.plain import from_plain, to_plain
from rightfit.views.compute import compute_views
from rightfit.views.ground import find_ground

N = 90


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, 3))
    return {
        "a": x[:, 0],
        "b": np.where(rng.random(N) < 0.1, np.nan, x[:, 1]),
        "site": rng.choice(["north", "south", "east"], N),
        "person": np.arange(N) // 3,
        "y": 3 * x[:, 0] + rng.normal(size=N),
    }


@pytest.mark.parametrize(
    "options",
    [
        {"penalty": "lasso", "holdout": 0.2},
        {"l1_ratio": (0.3, 0.8), "group": "person", "seed": 4},
        {"penalty": "group,mcp", "standardize": False, "drop": "person"},
        {"learners": "tree", "settings": {"tree.min_samples_leaf": 4}},
        {"learners": "forest", "settings": {"forest.n_estimators": 8}},
    ],
    ids=["holdout", "grouped", "group penalty", "tree", "lassoed forest"],
)
def test_the_chosen_path_is_walked_again(table: dict[str, Any], options: dict[str, Any]) -> None:
    run = rightfit.fit(table, target="y", strengths=15, **options).run
    ground = find_ground(run, from_frame(table))
    path = ground.learner.fit_paths(ground.problem, ground.folds)[0]
    np.testing.assert_array_equal(path.strengths, run.trace.strengths)
    eta = path.model(run.choice.step).predict(ground.problem.design, ground.problem.offset)
    training = ground.folds.weight @ ground.problem.lose(np.arange(len(eta)), eta) / ground.folds.weight.sum()
    assert training == pytest.approx(run.curve.training[run.choice.step], rel=1e-9)
    assert (ground.unit is not None) == ("group" in options)
    assert ("lasso, 0.5 of it kept" in run.penalty) == (options.get("learners") == "forest")


def test_another_file_is_refused(table: dict[str, Any]) -> None:
    saved = rightfit.fit(table, target="y", penalty="lasso", strengths=5)
    with pytest.raises(FileError, match="not the file of the fit"):
        saved.views(table | {"a": table["a"] + 1})
    with pytest.raises(
        OptionError, match="no view 'shape'; choose of bias-variance, geometry, bayes, boundary, dropout"
    ):
        saved.views(table, ("shape",))
    strange = replace(saved.run, command=("rightfit", "path"))
    with pytest.raises(StoreError, match="does not record the command"):
        compute_views(strange, from_frame(table))


def test_views_are_added_and_say_why_one_is_missing(table: dict[str, Any]) -> None:
    tree = rightfit.fit(table, target="y", learners="tree", strengths=10)
    seen = tree.views(table, options={"bias-variance": {"models": 10}})
    assert seen.run.views.bias_variance is not None and seen.run.views.geometry is None
    assert "needs coefficients" in seen.run.views.missing["geometry"]
    more = seen.bias_variance(table, models=12).run.views
    assert more.bias_variance is not None and more.bias_variance.models > 10
    assert "geometry" in more.missing and tree.run.views == Views()


def test_runs_from_before_there_were_views_load(table: dict[str, Any], tmp_path: Path) -> None:
    run = rightfit.fit(table, target="y", penalty="lasso", strengths=5).run
    arrays: list[np.ndarray] = []
    plain = to_plain(run, Run, lambda array: arrays.append(array) or len(arrays) - 1, "run")
    del plain["views"]
    assert from_plain(plain, Run, arrays.__getitem__, "run").views == Views()
