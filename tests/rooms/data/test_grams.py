"""Second moments under many vectors of weights at once, in every form of design, against those written out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import sparse

from rightfit.contracts import Design
from rightfit.data.design import make_design
from rightfit.data.stacked_design import StackedDesign


def _numbers() -> np.ndarray:
    rng = np.random.default_rng(3)
    return np.where(rng.random((90, 8)) < 0.5, rng.normal(size=(90, 8)), 0.0) + np.linspace(0, 3, 8)


def _design(form: str) -> tuple[Design, np.ndarray, np.ndarray]:
    """A design, its fill and the numbers that it stands for."""
    X = _numbers()
    if form == "missing":
        hole = np.random.default_rng(4).random(X.shape) < 0.1
        fill = np.arange(8.0)
        return make_design(np.where(hole, np.nan, X)), fill, np.where(hole, fill, X)
    forms: dict[str, Callable[[], Design]] = {
        "C": lambda: make_design(X),
        "Fortran": lambda: make_design(np.asfortranarray(X)),
        "sparse": lambda: make_design(sparse.csc_array(X)),
        "stacked": lambda: StackedDesign((make_design(X[:, :3]), make_design(sparse.csc_array(X[:, 3:])))),
    }
    return forms[form](), np.zeros(8), X


@pytest.mark.parametrize("others", [None, np.array([6, 1, 2])], ids=["square", "with others"])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("vectors", [2, 30])
@pytest.mark.parametrize("form", ["C", "Fortran", "missing", "sparse", "stacked"])
def test_moments_under_many_weights(form: str, vectors: int, count: int, others: np.ndarray | None) -> None:
    design, fill, X = _design(form)
    rng = np.random.default_rng(5)
    columns, weights = np.array([1, 4, 0, 7, 2]), rng.random((vectors, 90)) * (rng.random((vectors, 90)) < 0.8)
    part = rng.integers(0, count, 90)
    grams = design.grams(columns, weights, part, count, fill, others)
    assert len(grams) == count
    theirs = columns if others is None else others
    left, right = X[:, columns] - design.shift(columns), X[:, theirs] - design.shift(theirs)
    for k, gram in enumerate(grams):
        own = weights * (part == k)
        np.testing.assert_allclose(gram.total, own.sum(axis=1), rtol=1e-13)
        np.testing.assert_allclose(gram.first, own @ left, rtol=1e-12, atol=1e-12)
        second = np.einsum("mn,nq,nr->mqr", own, left, right)
        np.testing.assert_allclose(gram.second, second, rtol=1e-12, atol=1e-12)
