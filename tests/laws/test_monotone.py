"""Predictions obey the signs that a problem asks for, in every family that does not refuse them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from rightfit import catalog
from rightfit.contracts import Design, Learner, Path, Problem
from rightfit.data.design import make_design
from rightfit.errors import OptionError
from rightfit.learners.boosting import Boosting
from rightfit.learners.forest import Forest
from rightfit.learners.linear import Linear
from rightfit.learners.tree import Tree
from rightfit.records import Resamples
from tests.laws.test_learners import LEARNERS, N, P, folds, make_loss, make_problem, title

SIGNS = (-1, 0, 1, 1, 0, 0, 0, 0, -1)
"""Against what the rows say of column 0, and where they say nothing."""
WEIGHT = 1.0 + (np.arange(N) % 3 == 0)
AVERAGED = Boosting(rounds=10, max_leaves=8, refit="averaged")
OBEY = {"linear", "tree", "forest", "boosting"}


def ask(name: str) -> Problem:
    """The laws' rows with signs."""
    return replace(make_problem(make_loss(name)), monotone=SIGNS)


def lines(design: Design) -> Iterator[tuple[int, Design]]:
    """Some rows of the problem, one of its columns going from its least value to its largest."""
    rows = np.column_stack([design.observed(np.array([j]))[:, 0] for j in range(P)])[::8]
    for column in np.flatnonzero(SIGNS):
        values = np.linspace(-4, 4, 25) if column < 5 else np.array([0.0, 1.0])
        cells = np.repeat(rows, len(values), axis=0)
        cells[:, column] = np.tile(values, len(rows))
        yield int(column), make_design(cells, design.names)


def worst(path: Path, problem: Problem) -> float:
    """The largest step against a sign, over all steps of the path."""
    found = 0.0
    for column, design in lines(problem.design):
        eta = path.predict(design)[:, :, 0]
        count = 25 if column < 5 else 2
        along = np.diff(eta.reshape(len(eta), -1, count), axis=2) * SIGNS[column]
        found = max(found, float(-along.min()))
    return found


@pytest.mark.parametrize("name", ["squared", "logistic", "poisson"])
@pytest.mark.parametrize("learner", LEARNERS, ids=title)
def test_predictions_go_one_way_or_the_family_refuses(learner: Learner, name: str) -> None:
    problem = ask(name)
    try:
        paths = learner.fit_paths(problem, Resamples.full(WEIGHT))
    except OptionError:
        assert learner.name not in OBEY
        return
    assert learner.name in OBEY
    assert worst(paths[0], problem) <= 1e-5
    free = learner.fit_paths(replace(problem, monotone=()), Resamples.full(WEIGHT))
    assert worst(free[0], problem) > 0.01  # without the signs these rows are not obeyed


@pytest.mark.parametrize(
    "learner",
    [
        Tree(min_samples_leaf=1, shrinkage=3.0),
        Tree(min_samples_leaf=1, walk="shrinkage", smoothing=4.0),
        Forest(n_estimators=8, min_samples_leaf=1, walk="trees", mix=0.5),
        Forest(n_estimators=8, max_features=0.5, max_depth=4),
        AVERAGED,
        Boosting(rounds=10, dropout=0.3),
        *(Linear(catalog.find("penalties", kind)(), count=5) for kind in ("adaptive", "mcp", "scad")),
    ],
    ids=title,
)
def test_settings_do_not_break_the_order(learner: Learner) -> None:
    problem = ask("logistic")
    resamples = folds(count=2) if learner == AVERAGED else Resamples.full(WEIGHT)
    assert worst(learner.fit_paths(problem, resamples)[0], problem) <= 1e-5


@pytest.mark.parametrize("kind", ["fused", "group", "slope", "sparse_group"])
def test_penalties_without_bounds_refuse(kind: str) -> None:
    problem = ask("squared")
    with pytest.raises(OptionError, match="cannot keep coefficients to a sign"):
        Linear(catalog.find("penalties", kind)(), count=5).fit_paths(problem, Resamples.full(WEIGHT))


@pytest.mark.parametrize("learner", [one for one in LEARNERS if one.name in OBEY - {"linear"}], ids=title)
def test_levels_of_a_category_have_no_order(learner: Learner) -> None:
    problem = replace(make_problem(make_loss("squared")), monotone=(0, 0, 0, 0, 0, 1, 0, 0, 0))
    with pytest.raises(ValueError, match="no order"):
        learner.fit_paths(problem, Resamples.full(WEIGHT))


def test_signs_that_make_no_sense_are_refused() -> None:
    problem = make_problem(make_loss("squared"))
    with pytest.raises(OptionError, match="2 signs for 9 columns"):
        replace(problem, monotone=(1, 0))
    with pytest.raises(OptionError, match="-1, 0 or 1"):
        replace(problem, monotone=(2,) + (0,) * 8)
    with pytest.raises(OptionError, match="no order"):
        replace(make_problem(make_loss("multinomial")), monotone=SIGNS)
