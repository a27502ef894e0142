"""Columns of numbers as every solver sees them: dense, sparse, or both side by side, missing or not.

`make_design` takes any matrix, `stack_designs` puts designs side by side. Nothing is copied that can be
read in place: a float64 or float32 matrix in C or Fortran order and a canonical CSC matrix are used as
they are. Centring, scaling and filling belong to a fit, not to the data, so they never touch the columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from rightfit.contracts import Design
from rightfit.data.dense_design import DenseDesign
from rightfit.data.sparse_design import SparseDesign
from rightfit.data.stacked_design import StackedDesign
from rightfit.errors import DataError


def make_design(X: Any, names: Sequence[str] | None = None) -> Design:
    """The design of a matrix (n, p): ndarray (NaN = missing) or any scipy sparse matrix (NaN not allowed).

    Raises
    ------
    DataError
        Not two-dimensional, not numbers, or no rows.
    ColumnError
        A value is infinite or beyond 1e150, naming the column and row.
    """
    if not sparse.issparse(X):
        X = np.asarray(X)
    if X.ndim != 2:
        raise DataError(f"X must have two dimensions (rows, columns), its shape is {X.shape}")
    if X.shape[0] == 0:
        raise DataError("X has no rows")
    if X.dtype.kind not in "fiub":
        raise DataError(f"X must hold real numbers, its type is {X.dtype}")
    labels = tuple(f"x{j}" for j in range(X.shape[1])) if names is None else tuple(map(str, names))
    if len(labels) != X.shape[1]:
        raise DataError(f"{len(labels)} names were given for {X.shape[1]} columns")
    return SparseDesign.make(X, labels) if sparse.issparse(X) else DenseDesign.make(X, labels)


def stack_designs(parts: Sequence[Design]) -> Design:
    """Designs side by side, in this order; all have the same rows."""
    parts = [part for part in parts if part.p] or list(parts[:1])
    if len({part.n for part in parts}) != 1:
        raise DataError(f"designs to stack have different numbers of rows: {[part.n for part in parts]}")
    return parts[0] if len(parts) == 1 else StackedDesign(tuple(parts))
