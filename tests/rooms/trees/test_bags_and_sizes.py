"""Bags follow from what stands in a row; weights as numbers of rows; forests that memory and time allow."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.records import Resamples
from rightfit.trees.bags import draw, name_units
from rightfit.trees.rows import count_copies, read_rows
from rightfit.trees.sizing import FEWEST, MEMORY, fit_memory, fit_time
from tests.rooms.trees.tables import problem


def names(weight: np.ndarray, unit: np.ndarray | None = None) -> np.ndarray:
    task = problem("squared", n=len(weight))
    return name_units(read_rows(task, Resamples.full(weight), None, "forest"), np.empty(0) if unit is None else unit)


def test_a_row_is_in_the_same_bags_whoever_else_is_there() -> None:
    weight = np.ones(300)
    weight[::3] = 0.0
    everybody, some = names(np.ones(300)), names(weight)
    assert len(np.unique(everybody)) == 300
    assert np.array_equal(everybody, some)
    assert np.array_equal(draw(everybody, 7, 1.0)[weight > 0], draw(some[weight > 0], 7, 1.0))


def test_units_are_drawn_together_by_their_content_alone() -> None:
    unit = np.arange(300) // 5
    one = names(np.ones(300), unit)
    other = names(np.ones(300), 1000 - unit)  # other numbers, the same groups
    assert np.array_equal(one, other)
    assert len(np.unique(one)) == 60
    assert (one.reshape(60, 5) == one[::5, None]).all()


@pytest.mark.parametrize("rate", [1.0, 0.3])
def test_draws_are_poisson(rate: float) -> None:
    units = np.random.default_rng(0).integers(2**63, size=20_000, dtype=np.uint64)
    times = np.array([draw(units, seed, rate) for seed in range(20)])
    assert times.mean() == pytest.approx(rate, abs=0.01)
    assert times.var() == pytest.approx(rate, abs=0.02)
    assert (times == 0).mean() == pytest.approx(np.exp(-rate), abs=0.005)
    assert abs(np.corrcoef(times)[0, 1:]).max() < 0.03


def test_a_bag_is_never_empty() -> None:
    assert draw(np.array([1, 2], np.uint64), 0, 1e-9).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("weight", "copies"),
    [
        ([1, 2, 1], [1, 2, 1]),
        ([4, 4, 0], [1, 1, 0]),
        ([6, 2, 4], [3, 1, 2]),
        ([0.25, 0.5, 0], [1, 2, 0]),
        ([0.2, 0.3, 0], [0.8, 1.2, 0]),
    ],
)
def test_weights_are_numbers_of_rows_whatever_their_factor(weight: list[float], copies: list[float]) -> None:
    np.testing.assert_allclose(count_copies(np.array(weight, float)), copies)


def test_sizes_keep_within_memory_and_time() -> None:
    assert fit_memory(1000, 1, 100) == 1.0
    assert fit_memory(1e6, 1, 1000) * 1e6 * 1000 * 38 == pytest.approx(MEMORY)
    assert fit_time(100, 1.0, 3.0, 1.0, np.inf) == (100, 1.0)
    assert fit_time(100, 0.5, 1e-3, 1e-3, 60.0) == (100, 0.5)
    trees, share = fit_time(100, 1.0, 0.5, 0.1, 60.0)
    assert FEWEST < trees < 100
    assert trees * (0.5 * share + 0.1) <= 0.4 * 60 * 1.01
    trees, share = fit_time(100, 1.0, 50.0, 0.1, 60.0)
    assert trees == FEWEST
    assert trees * (50 * share + 0.1) <= 0.4 * 60 * 1.01
