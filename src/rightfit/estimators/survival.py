"""Times until an event, as users hand them over: two columns, or records as scikit-survival has them."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_array

from rightfit.errors import DataError


def read_times(y: Any, entry: Any = None, strata: Any = None) -> np.ndarray:
    """(n, 4) time, event, entry and stratum, for `rightfit.losses.cox.Cox.check`.

    y is (n, 2) with time and event (1 or True, 0 or False), or a structured array with one boolean field, the event,
    and one of numbers, the time. ``entry`` (n,) is the time from which a row was watched; ``strata`` (n,) any labels.
    """
    times = _records(y) if getattr(getattr(y, "dtype", None), "names", None) else _columns(y)
    n = len(times)
    since = np.full(n, -np.inf) if entry is None else _one(entry, n, "entry")
    codes = np.zeros(n) if strata is None else label_strata(strata, n)[1].astype(np.float64)
    return np.column_stack([times, since, codes])


def _columns(y: Any) -> np.ndarray:
    times = np.asarray(check_array(y, dtype=np.float64, ensure_2d=False, allow_nd=True, input_name="y"))
    if times.ndim != 2 or times.shape[1] != 2:
        raise DataError(
            f"y must have two columns, time and event (1 or 0), or be a structured array of them; its shape is "
            f"{times.shape}"
        )
    return times


def _records(y: np.ndarray) -> np.ndarray:
    """(n, 2) time and event of a structured array."""
    names = list(y.dtype.names or ())
    events = [name for name in names if y.dtype[name].kind == "b"]
    if len(names) != 2 or len(events) != 1:
        raise DataError(
            f"a structured y needs two fields, one of them boolean (the event) and the other a time; it has {names}"
        )
    (time,) = (name for name in names if name != events[0])
    return np.column_stack([y[time].astype(np.float64), y[events[0]].astype(np.float64)])


def _one(values: Any, n: int, what: str) -> np.ndarray:
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (n,):
        raise DataError(f"{what} must have one value for each of the {n} rows; its shape is {array.shape}")
    return array


def label_strata(strata: Any, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The labels of all strata in order, as text, and the number of each row's (n,)."""
    array = np.asarray(strata)
    if array.shape != (n,):
        raise DataError(f"strata must have one label for each of the {n} rows; its shape is {array.shape}")
    labels, codes = np.unique(array.astype(str), return_inverse=True)
    return labels, codes


def find_strata(strata: Any, n: int, known: np.ndarray) -> np.ndarray:
    """(n,) numbers of new rows' strata among the labels of the fit; DataError names one that the fit did not have."""
    labels, codes = label_strata(np.zeros(n) if strata is None and len(known) == 1 else strata, n)
    if len(known) == 1 and strata is None:
        return np.zeros(n)
    new = np.setdiff1d(labels, known)
    if len(new):
        raise DataError(
            f"strata holds {str(new[0])!r}, which no row of the fit has: nothing is known about its survival"
        )
    return np.searchsorted(known, labels)[codes].astype(np.float64)
