"""Categories asked as a whole: levels in the order of what they say, unknown and missing ones, damage refused."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import sparse

from rightfit.contracts import Problem
from rightfit.data.design import make_design, stack_designs
from rightfit.errors import DataError, StoreError
from rightfit.learners.tree import Tree, restore
from rightfit.records import Resamples
from rightfit.trees.columns import Columns, put_in_order, restore_columns
from tests.rooms.trees.tables import named

LEVELS = 6


def table(loss: str, n: int = 400) -> tuple[Problem, np.ndarray]:
    """A number and a category whose levels matter in no order of their own."""
    random = np.random.default_rng(3)
    code = random.integers(0, LEVELS, n)
    effect = np.array([2.0, -1.0, 1.0, -2.0, 0.0, 3.0])[code]
    x = random.normal(size=n)
    y = effect + 0.2 * random.normal(size=n)
    y = {"squared": y, "logistic": (y > 0.5).astype(float), "multinomial": np.digitize(y, [-0.5, 1.5]).astype(float)}[
        loss
    ]
    thin = sparse.csc_array((code[:, None] == np.arange(LEVELS)).astype(float))
    design = stack_designs([make_design(x[:, None]), make_design(thin)])
    return Problem(design, y, named(loss), np.zeros(n), levels=(np.arange(1, 1 + LEVELS),)), code


def test_codes_of_dense_and_sparse_designs_are_the_same() -> None:
    cells = np.zeros((5, 4))
    cells[0, 1] = cells[1, 3] = cells[4, 2] = 1.0
    cells[2, 1:] = [0.2, 0.5, 0.3]
    for design in (make_design(cells), make_design(sparse.csc_array(cells))):
        read = Columns.of(4, [np.array([1, 2, 3])]).read(design)
        np.testing.assert_array_equal(read, [[0, 0], [0, 2], [0, 3], [0, np.nan], [0, 1]])
    with pytest.raises(DataError, match="4 columns"):
        Columns.of(4, [np.array([1, 2, 3])]).read(make_design(cells[:, :3]))


def test_levels_stand_in_order_and_those_without_rows_in_the_middle() -> None:
    codes = np.array([[0.0], [0.0], [2.0], [2.0], [3.0], [np.nan], [5.0]], np.float32)
    means = np.array([[5.0], [6.0], [1.0], [2.0], [9.0], [100.0], [-50.0]])
    weight = np.array([1.0, 1.0, 1.0, 1.0, 2.0, 1.0, 1.0])
    places = put_in_order(codes, np.array([6]), means, weight)
    middle = (1 * 2 + 0 * 2 + 2 * 2) / 6
    np.testing.assert_allclose(places, [1, middle, 0, 2, middle, middle], rtol=1e-6)


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_the_first_split_parts_the_levels_as_no_other_two_sets_would(loss: str) -> None:
    problem, code = table(loss)
    tree = Tree(max_depth=1, min_samples_leaf=1, strengths=np.zeros(1)).fit_paths(problem, Resamples.full(np.ones(400)))
    drawn = tree[0].picture(0).tree
    assert drawn is not None and drawn.feature[0] == 1 and np.isnan(drawn.threshold[0])

    def left_over(inside: np.ndarray) -> float:
        return sum(float(len(problem.y[part]) * problem.y[part].var()) for part in (inside, ~inside) if part.any())

    sets = (np.isin(code, few) for size in (1, 2, 3) for few in itertools.combinations(range(LEVELS), size))
    own = np.isin(code + 1, drawn.levels["0"])
    assert left_over(own) == pytest.approx(min(map(left_over, sets)))


def test_three_classes_are_told_apart_by_one_category() -> None:
    problem, code = table("multinomial")
    path = Tree(min_samples_leaf=1, shrinkage=0.0).fit_paths(problem, Resamples.full(np.ones(400)))[0]
    said = path.model(len(path.strengths) - 1).predict(problem.design).argmax(axis=1)
    best = np.array([np.bincount(problem.y[code == level].astype(int)).argmax() for level in range(LEVELS)])
    assert np.mean(said == problem.y) >= np.mean(best[code] == problem.y)


def test_a_stored_tree_reads_categories_and_damage_is_refused() -> None:
    problem, _ = table("squared")
    model = Tree().fit_paths(problem, Resamples.full(np.ones(400)))[0].model(3)
    fitted = model.fitted()
    assert restore(fitted).predict(problem.design).tobytes() == model.predict(problem.design).tobytes()
    for damage in ({"codes": np.array([3])}, {"places": np.zeros((1, 2), np.float32)}, {"plain": np.array([1])}):
        fitted.arrays.update(damage)
        with pytest.raises(StoreError, match="damaged"):
            restore(fitted)
        fitted = model.fitted()
    with pytest.raises(StoreError, match="damaged"):
        restore_columns(3, Columns.of(4).arrays())


def test_a_drawing_holds_the_levels_of_its_largest_nodes_alone() -> None:
    random = np.random.default_rng(0)
    code = random.integers(0, 40, 4000)
    thin = sparse.csc_array((code[:, None] == np.arange(40)).astype(float))
    design = stack_designs([make_design(random.normal(size=(4000, 1))), make_design(thin)])
    problem = Problem(design, random.normal(size=4000), named("squared"), np.zeros(4000), levels=(np.arange(1, 41),))
    path = Tree(min_samples_leaf=1).fit_paths(problem, Resamples.full(np.ones(4000)))[0]
    drawn = path.picture(len(path.strengths) - 1).tree
    assert drawn is not None and (drawn.feature > 0).sum() > 100 == len(drawn.levels)
    least = min(drawn.rows[int(node)] for node in drawn.levels)
    assert (drawn.rows[drawn.feature > 0] > least).sum() <= 100
