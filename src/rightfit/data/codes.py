"""Values of any type as whole numbers 0, 1, ..., for classes, groups and fold columns."""

from __future__ import annotations

import numpy as np

from rightfit.errors import RowError


def code_values(values: np.ndarray, option: str, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) codes in sorted order of the values, and the (L,) values themselves.

    ``rows`` are the numbers of the rows that the values belong to; RowError names the first row without a value.
    Mixed types are compared as text.
    """
    missing = find_missing(values)
    if missing.any():
        row = rows[np.flatnonzero(missing)[0]]
        raise RowError(f"row {row} has no value in {option}; fill it in, or leave the row out")
    if values.dtype == object:
        values = np.array([str(v) for v in values.tolist()])
    labels, codes = np.unique(values, return_inverse=True)
    return codes.astype(np.int64), labels


def find_missing(values: np.ndarray) -> np.ndarray:
    """(n,) True where a value is None, NaN or no date."""
    if values.dtype == object:
        return np.array([v is None or v != v for v in values.tolist()], dtype=bool)
    if values.dtype.kind in "fc":
        return np.asarray(np.isnan(values))
    if values.dtype.kind in "mM":
        return np.asarray(np.isnat(values))
    return np.zeros(len(values), bool)


def shorten(label: object, width: int = 40) -> str:
    """A label in quotes, cut where it is long."""
    text = str(label)
    return repr(text if len(text) <= width else text[: width - 1] + "…")
