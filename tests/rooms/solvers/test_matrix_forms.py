"""The same numbers in every form of matrix give the same fit, and the caller's arrays are left as they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from tests.golden.deadline import deadline  # noqa: F401
from tests.golden.walk import walk

pytestmark = pytest.mark.usefixtures("deadline")
Array = Any


def numbers() -> tuple[Array, Array]:
    """Small whole numbers, many of them zero, so that every type holds them exactly; the last row is empty."""
    rng = np.random.default_rng(5)
    x = rng.integers(1, 4, (40, 6)) * (rng.random((40, 6)) < 0.4) * 1.0
    x[-1] = 0
    return x, x @ np.array([1.0, -1, 0.5, 0, 0, 2]) + rng.standard_normal(40)


def frozen(x: Array) -> Array:
    x.flags.writeable = False
    return x


def strided(x: Array) -> Array:
    wide = np.full((2 * x.shape[0], 3 * x.shape[1]), np.nan)
    wide[::2, ::3] = x
    return wide[::2, ::3]


DENSE: dict[str, Callable[[Array], Array]] = {
    "C order": np.ascontiguousarray,
    "Fortran order": np.asfortranarray,
    "float32": np.float32,
    "float32 Fortran": lambda x: np.asfortranarray(x, dtype=np.float32),
    "float16": np.float16,
    "int64": np.int64,
    "int8": np.int8,
    "uint16": np.uint16,
    "big endian": lambda x: x.astype(">f8"),
    "big endian float32": lambda x: x.astype(">f4"),
    "big endian integers": lambda x: x.astype(">i4"),
    "read-only": lambda x: frozen(x.copy()),
    "read-only Fortran float32": lambda x: frozen(np.asfortranarray(x, dtype=np.float32)),
    "strided": strided,
    "reversed": lambda x: x[::-1, ::-1].copy()[::-1, ::-1],
    "unaligned": lambda x: np.frombuffer(b"\0" + x.tobytes(), dtype=np.uint8)[1:].view(np.float64).reshape(x.shape),
    "nested lists": lambda x: x.tolist(),
    "matrix": np.asmatrix,
}


def duplicated(x: Array) -> Array:
    """Every entry in two halves, in no order."""
    coo = sparse.coo_array(x)
    order = np.random.default_rng(1).permutation(2 * coo.nnz)
    twice = [np.tile(a, 2)[order] for a in (coo.data / 2, coo.row, coo.col)]
    return sparse.coo_array((twice[0], (twice[1], twice[2])), shape=x.shape)


def duplicated_csc(x: Array) -> Array:
    csc = sparse.csc_array(x)
    return sparse.csc_array((np.repeat(csc.data / 2, 2), np.repeat(csc.indices, 2), csc.indptr * 2), shape=x.shape)


def unsorted(x: Array) -> Array:
    csc = sparse.csc_array(x)
    for j in range(x.shape[1]):
        part = slice(csc.indptr[j], csc.indptr[j + 1])
        csc.indices[part], csc.data[part] = csc.indices[part][::-1].copy(), csc.data[part][::-1].copy()
    csc.has_sorted_indices = False
    return csc


def explicit_zeros(x: Array) -> Array:
    row, column = np.indices(x.shape)
    return sparse.csr_array((x.ravel(), (row.ravel(), column.ravel())), shape=x.shape)


def wide_indices(x: Array) -> Array:
    csc = sparse.csc_array(x)
    csc.indices, csc.indptr = csc.indices.astype(np.int64), csc.indptr.astype(np.int64)
    return csc


def frozen_sparse(x: Array) -> Array:
    csr = sparse.csr_array(x)
    for part in (csr.data, csr.indices, csr.indptr):
        part.flags.writeable = False
    return csr


def as_format(name: str) -> Callable[[Array], Array]:
    return lambda x: sparse.coo_array(x).asformat(name)


SPARSE: dict[str, Callable[[Array], Array]] = {
    **{name: as_format(name) for name in ("csc", "csr", "coo", "lil", "dok", "bsr", "dia")},
    "csc_matrix": sparse.csc_matrix,
    "float32": lambda x: sparse.csc_array(x.astype(np.float32)),
    "int64": lambda x: sparse.csr_array(x.astype(np.int64)),
    "int8": lambda x: sparse.csc_array(x.astype(np.int8)),
    "duplicates": duplicated,
    "duplicates in csc": duplicated_csc,
    "unsorted": unsorted,
    "explicit zeros": explicit_zeros,
    "64-bit indices": wide_indices,
    "read-only": frozen_sparse,
}


def coefficients(x: Array, y: Array, family: str = "gaussian", **options: Any) -> Array:
    trace = walk(family, x, y, strengths=np.array([0.1, 0.01]), l1_ratio=0.8, tolerance=1e-12, **options).trace()
    return np.vstack([trace.coef(1), trace.intercept[1]])


@pytest.mark.parametrize("form", DENSE)
def test_dense_forms(form: str) -> None:
    x, y = numbers()
    given = DENSE[form](x)
    before = np.array(given, copy=True)
    np.testing.assert_allclose(coefficients(given, y), coefficients(x, y), rtol=0, atol=1e-8)
    np.testing.assert_array_equal(np.asarray(given), before)


@pytest.mark.parametrize("family", ["gaussian", "binomial"])
@pytest.mark.parametrize("form", SPARSE)
def test_sparse_forms(form: str, family: str) -> None:
    x, y = numbers()
    if family == "binomial":
        y = (y > np.median(y)) * 1.0
    given = SPARSE[form](x)
    before = given.copy()
    np.testing.assert_allclose(coefficients(given, y, family), coefficients(x, y, family), rtol=0, atol=1e-7)
    assert given.format == before.format and given.dtype == before.dtype
    if hasattr(given, "indptr"):
        for part in ("data", "indices", "indptr"):
            np.testing.assert_array_equal(getattr(given, part), getattr(before, part))


def test_yes_and_no_as_numbers() -> None:
    x, y = numbers()
    given = x > 0
    for form in (given, np.asfortranarray(given), sparse.csr_array(given)):
        np.testing.assert_allclose(coefficients(form, y), coefficients(given * 1.0, y), rtol=0, atol=1e-7)


@pytest.mark.parametrize("kind", [np.int64, np.uint8, bool, np.float32, ">f8", list, "read-only", "strided"])
def test_forms_of_the_target(kind: Any) -> None:
    x, y = numbers()
    y = (y > np.median(y)) * 1.0
    if kind == "strided":
        given = np.repeat(y, 2)[::2]
    elif kind == "read-only":
        given = frozen(y.copy())
    else:
        given = y.tolist() if kind is list else y.astype(kind)
    np.testing.assert_allclose(coefficients(x, given, "binomial"), coefficients(x, y, "binomial"), rtol=0, atol=1e-9)


@pytest.mark.parametrize("kind", [np.int64, np.float32, ">f8", "read-only", "strided"])
def test_forms_of_weights_and_offset(kind: Any) -> None:
    x, y = numbers()
    whole = np.arange(40) % 3 * 1.0
    given = (
        np.repeat(whole, 2)[::2]
        if kind == "strided"
        else frozen(whole.copy())
        if kind == "read-only"
        else whole.astype(kind)
    )
    expected = coefficients(x, y, weight=whole, offset=whole)
    np.testing.assert_allclose(coefficients(x, y, weight=given, offset=given), expected, rtol=0, atol=1e-9)
