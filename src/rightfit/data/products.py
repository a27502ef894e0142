"""Products of a dense matrix with a few vectors: the door to the kernel's tiles.

Matrix libraries are made for square-ish matrices; a product with ten vectors runs at a third of their rate.
The kernel keeps a tile of sums in registers, reads the matrix where it lies (either order, float64 or
float32), picks columns without a copy and sums in float64.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from rightfit import _kernel
from rightfit.data.blocks_of_rows import all_in_order

_threads: ContextVar[int] = ContextVar("threads", default=1)


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Products inside run on ``count`` threads; the results are the same bytes for any number."""
    token = _threads.set(count)
    try:
        yield
    finally:
        _threads.reset(token)


def times(values: np.ndarray, columns: np.ndarray, coef: np.ndarray) -> np.ndarray:
    """values[:, columns] @ coef: (n, m), laid out column by column, for coef (len(columns), m)."""
    n, p = values.shape
    if values.flags.f_contiguous:
        used = coef.any(axis=1)
        if not used.all():
            columns, coef = columns[used], coef[used]
        out = np.empty((coef.shape[1], n))
        _kernel.axpys(values.T, _numbers(columns), 0, _doubles(coef), _threads.get(), out)
        return out.T
    if not all_in_order(columns, p):
        whole = np.zeros((p, coef.shape[1]))
        whole[columns] = coef
        coef = whole
    product = np.empty((n, coef.shape[1]))
    _kernel.dots(values, np.arange(n), 0, _doubles(coef.T), _threads.get(), product)
    return np.asfortranarray(product)


def transposed_times(values: np.ndarray, columns: np.ndarray, dual: np.ndarray) -> np.ndarray:
    """values[:, columns].T @ dual: (len(columns), m) for dual (n, m)."""
    n, p = values.shape
    if values.flags.f_contiguous:
        out = np.empty((len(columns), dual.shape[1]))
        _kernel.dots(values.T, _numbers(columns), 0, _doubles(dual.T), _threads.get(), out)
        return out
    product = np.empty((dual.shape[1], p))
    _kernel.axpys(values, np.arange(n), 0, _doubles(dual), _threads.get(), product)
    return product.T if all_in_order(columns, p) else product.T[columns]


def weighted(
    values: np.ndarray,
    columns: np.ndarray,
    shift: np.ndarray,
    rows: slice,
    root: np.ndarray,
    place: np.ndarray | None = None,
) -> np.ndarray:
    """(len(columns), len(root)) some rows of some columns, less ``shift`` (len(columns),) and times ``root``, turned on
    their side, row i at ``place[i]`` or i: what a Gram matrix is the product of with itself."""
    out = np.empty((len(columns), len(root)))
    turned = not values.flags.f_contiguous
    vectors = values if turned else values.T
    numbers = _numbers(columns), _doubles(shift)
    order = _numbers(np.zeros(0) if place is None else place)
    _kernel.weighted(vectors, turned, *numbers, rows.start, _doubles(root), order, out)
    return out


def _doubles(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array, dtype=np.float64)


def _numbers(columns: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(columns, dtype=np.int64)
