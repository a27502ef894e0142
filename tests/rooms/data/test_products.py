"""The kernel's products with few vectors against NumPy's, in every layout, and their bytes on any number of threads."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.data.products import threads, times, transposed_times

LAYOUTS = [(order, kind) for order in "FC" for kind in (np.float64, np.float32)]


def _case(n: int, p: int, m: int, order: str, kind: type) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n + p + m)
    X = np.array(rng.normal(size=(n, p)), dtype=kind, order=order)
    return X, rng.normal(size=(p, m)), rng.normal(size=(n, m))


@pytest.mark.parametrize(("order", "kind"), LAYOUTS)
@pytest.mark.parametrize("m", [1, 2, 3, 4, 7, 11])
@pytest.mark.parametrize(("n", "p"), [(1, 1), (3, 9), (517, 6), (1030, 33), (5, 700), (4101, 3)])
def test_products_are_numpys(n: int, p: int, m: int, order: str, kind: type) -> None:
    X, coef, dual = _case(n, p, m, order, kind)
    exact = X.astype(np.float64)
    for columns in (np.arange(p), np.arange(p)[::2], np.arange(p)[::-1], np.zeros(0, int)):
        with np.errstate(all="raise"):
            ours, theirs = times(X, columns, coef[columns]), exact[:, columns] @ coef[columns]
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12 * p)
            ours, theirs = transposed_times(X, columns, dual), exact[:, columns].T @ dual
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12 * n)


@pytest.mark.parametrize(("order", "kind"), LAYOUTS)
def test_the_same_bytes_on_any_number_of_threads(order: str, kind: type) -> None:
    X, coef, dual = _case(9_001, 700, 11, order, kind)
    columns = np.arange(700)
    alone = times(X, columns, coef).tobytes(), transposed_times(X, columns, dual).tobytes()
    for count in (2, 4):
        with threads(count):
            assert (times(X, columns, coef).tobytes(), transposed_times(X, columns, dual).tobytes()) == alone


def test_columns_are_picked_where_they_lie() -> None:
    X, coef, _ = _case(50, 8, 2, "F", np.float64)
    X[:, 3] = np.nan  # not asked for, not read
    columns = np.array([0, 1, 7])
    assert np.isfinite(times(X, columns, coef[columns])).all()
