"""Columns as they were observed, and which of them are the levels of one category."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from rightfit.data.design import make_design, stack_designs
from rightfit.data.encode import list_levels
from rightfit.records import Feature


def test_nothing_is_filled_and_sparse_columns_come_dense() -> None:
    dense = np.array([[1.0, np.nan], [np.nan, 4.0], [1e149, -1e149]])
    thin = np.array([[0.0, 2.0], [1.0, 0.0], [0.0, 0.0]])
    for order in ("C", "F"):
        design = stack_designs([make_design(np.array(dense, order=order)), make_design(sparse.csc_array(thin))])
        seen = design.observed(np.array([3, 1, 0, 2]))
        most = np.finfo(np.float32).max
        expected = np.column_stack([thin[:, 1], [np.nan, 4.0, -most], [1.0, np.nan, most], thin[:, 0]])
        np.testing.assert_array_equal(seen, expected.astype(np.float32))
        assert seen.dtype == np.float32 and seen.flags.c_contiguous
        rows, columns = np.array([2, 0]), np.arange(4)
        np.testing.assert_array_equal(design.take(rows).observed(columns), design.observed(columns)[rows])


def test_levels_of_one_category_belong_together() -> None:
    def feature(name: str, role: str, group: int) -> Feature:
        return Feature(name, name, role, group)  # type: ignore[arg-type]

    features = (
        feature("size", "value", 0),
        feature("roof = flat", "level", 1),
        feature("roof = steep", "level", 1),
        feature("roof is missing", "missing", 1),
        feature("garden = yes", "level", 2),
        feature("quarter = north", "level", 3),
        feature("quarter = south", "level", 3),
    )
    assert [columns.tolist() for columns in list_levels(features)] == [[1, 2], [5, 6]]
