"""What a user hands to fit and predict, checked once for all: arrays, sparse matrices, pandas, polars, pyarrow.

`sklearn.utils.validation.validate_data` checks shapes, types and names; what comes out is a `Design` that is read in
place, targets and row weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, validate_data

from rightfit.contracts import Design
from rightfit.data.design import make_design
from rightfit.errors import DataError

SMALL = 50_000
"""Cells up to which a sparse matrix is read as a dense one: its bookkeeping would cost more than its zeros."""


@dataclass(frozen=True)
class TrainingRows:
    """Columns, targets and weights of a fit."""

    X: Any
    """The checked matrix, for splitters and scorers."""
    design: Design
    y: np.ndarray
    """(n, t) float64; (n,) class numbers 0, 1, ... for classes."""
    weight: np.ndarray
    """(n,)"""
    flat: bool
    """y came as one column without a second axis."""
    labels: np.ndarray | None = None
    """(C,) class labels in the order of their numbers."""


def read_regression(
    estimator: Any, X: Any, y: Any, sample_weight: Any, *, many: bool = False, missing: bool = False
) -> TrainingRows:
    """Numbers as targets; several columns of them where ``many``. NaN in X is allowed where ``missing``."""
    X, y = validate_data(
        estimator,
        _plain(X),
        y,
        accept_sparse=("csr", "csc"),
        dtype=[np.float64, np.float32],
        multi_output=many,
        y_numeric=True,
        ensure_all_finite="allow-nan" if missing else True,
    )
    y = np.asarray(y, dtype=np.float64)
    weight = _weights(sample_weight, X)
    columns = y[:, None] if y.ndim == 1 else y
    return TrainingRows(X, _design(estimator, X), columns, weight, y.ndim == 1)


def read_several(estimator: Any, X: Any, y: Any, sample_weight: Any) -> TrainingRows:
    """Numbers as targets (n, t), with a second axis."""
    rows = read_regression(estimator, X, y, sample_weight, many=True)
    if rows.flat:
        raise DataError(
            "y must have two dimensions, rows and targets; for mono-task outputs (one target) use Lasso or ElasticNet"
        )
    return rows


def read_weighted(
    estimator: Any, X: Any, sample_weight: Any, *, missing: bool = False
) -> tuple[Any, Design, np.ndarray]:
    """The checked matrix, its design and weights, where the target is read elsewhere."""
    X = validate_data(
        estimator,
        _plain(X),
        accept_sparse=("csr", "csc"),
        dtype=[np.float64, np.float32],
        ensure_all_finite="allow-nan" if missing else True,
    )
    return X, _design(estimator, X), _weights(sample_weight, X)


def read_classes(estimator: Any, X: Any, y: Any, sample_weight: Any, *, missing: bool = False) -> TrainingRows:
    """Labels of any type as targets, two classes or more."""
    X, y = validate_data(
        estimator,
        _plain(X),
        y,
        accept_sparse=("csr", "csc"),
        dtype=[np.float64, np.float32],
        ensure_all_finite="allow-nan" if missing else True,
    )
    check_classification_targets(y)
    labels, codes = np.unique(y, return_inverse=True)
    if len(labels) < 2:
        raise DataError(f"the target holds one class only, {labels[0]!r}: at least two classes are needed")
    return TrainingRows(X, _design(estimator, X), codes.astype(np.float64), _weights(sample_weight, X), True, labels)


def read_rows(estimator: Any, X: Any, *, missing: bool = False) -> Any:
    """The checked matrix of new rows."""
    return validate_data(
        estimator,
        _plain(X),
        reset=False,
        accept_sparse=("csr", "csc"),
        dtype=[np.float64, np.float32],
        ensure_all_finite="allow-nan" if missing else True,
    )


def _design(estimator: Any, X: Any) -> Design:
    names = getattr(estimator, "feature_names_in_", None)
    if sparse.issparse(X) and X.shape[0] * X.shape[1] <= SMALL:
        X = X.toarray()
    return make_design(X, names)


def _weights(sample_weight: Any, X: Any) -> np.ndarray:
    weight = np.asarray(_check_sample_weight(sample_weight, X, dtype=np.float64), dtype=np.float64)
    if (weight < 0).any():
        row = int(np.flatnonzero(weight < 0)[0])
        raise DataError(f"sample_weight in row {row} is {weight[row]}: weights must be 0 or more")
    if not weight.any():
        raise DataError("sample_weight: all weights are zero; at least one row needs a positive one")
    return weight


def _plain(X: Any) -> Any:
    """A pyarrow table as a pandas-like frame that keeps its names; everything else as it is."""
    if type(X).__module__.partition(".")[0] == "pyarrow":
        import polars

        return polars.from_arrow(X)
    return X
