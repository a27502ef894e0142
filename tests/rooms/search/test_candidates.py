"""What is walked within a family: the best path varied without another fit, its surface, and all of it told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rightfit.data.table import from_frame
from rightfit.learners.tree import SURFACE
from rightfit.records import Run
from rightfit.search.fit import fit_table
from rightfit.search.options import make_options
from rightfit.store.file import load, save
from tests.journeys.files import houses


@pytest.fixture(scope="module")
def run() -> Run:
    settings = {"forest.n_estimators": 12, "forest.min_samples_leaf": 3, "forest.max_features": 0.5}
    options = make_options(target="price", learners="tree,forest", folds=3, settings=settings)
    return fit_table(from_frame(houses(240)), options)


def test_the_best_tree_is_shrunken_less_and_more_and_the_forest_thinned(run: Run) -> None:
    found = {family.name: family for family in run.families}
    tree, forest = found["tree"], found["forest"]
    assert len(tree.candidates) == 3 + len(SURFACE) - 1
    leaf = tree.settings["min_samples_leaf"]
    same = [c for c in tree.candidates if c.settings["min_samples_leaf"] == leaf]
    assert sorted(c.settings["shrinkage"] for c in same) == sorted(SURFACE)
    assert len(forest.candidates) == 3
    few = next(c for c in forest.candidates if c.settings.get("mix") == 0)
    kept = next(c for c in forest.candidates if c.settings.get("mix", 0) > 0)
    assert 1 <= int(few.size.split()[0]) < 12 and kept.size.startswith("12 trees")
    for family in run.families:
        (best,) = [c for c in family.candidates if c.chosen]
        assert best.difference == 0 and best.loss == pytest.approx(family.loss)
        assert best.loss == min(c.loss for c in family.candidates) and best.size == family.size


def test_the_surface_is_that_of_the_chosen_tree(tmp_path: Path) -> None:
    run = fit_table(from_frame(houses(240)), make_options(target="price", learners="tree", folds=3))
    surface = run.picture.surface
    assert surface is not None and surface.name == "shrinkage"
    assert surface.values.tolist() == sorted(SURFACE)
    assert surface.values[surface.chosen] == run.settings["shrinkage"]
    np.testing.assert_allclose(surface.loss[surface.chosen], run.curve.mean, rtol=1e-12)
    assert surface.steps[surface.chosen] == run.choice.step
    assert f"{run.settings['shrinkage']:g}" in surface.sentence
    # step 0 is the constant model, whatever the shrinkage
    np.testing.assert_allclose(surface.loss[:, 0], surface.loss[0, 0], rtol=1e-6)
    save(run, tmp_path / "run.rightfit")
    again = load(tmp_path / "run.rightfit").picture.surface
    assert again is not None
    np.testing.assert_array_equal(again.loss, surface.loss)


def test_shrinkages_that_a_user_names_are_the_surface() -> None:
    options = make_options(target="price", learners="tree", folds=3, settings={"tree.shrinkage": (5, 40)})
    run = fit_table(from_frame(houses(150)), options)
    assert {c.settings["shrinkage"] for c in run.candidates} == {5.0, 40.0}
    assert len(run.candidates) == 4  # three sizes of leaves, and the best once more
