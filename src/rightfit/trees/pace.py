"""A tree is grown in one call that nothing can stop: where time is short, some rows tell how long it will take."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np

from rightfit.errors import OutOfTime
from rightfit.solvers.watch import left

_ROWS = 2_000
_LONG = 8
"""Fewer than so many times `_ROWS` are not worth asking about."""
_MARGIN = 1.3


def keep_pace(estimator: Any, X: np.ndarray, y: np.ndarray, weight: np.ndarray | None, *, check: bool) -> None:
    """OutOfTime where growing the estimator on X (n, p) would take longer than is left. What n rows take is that of
    some of them, spread evenly, times n log n; without an end nothing is done."""
    n = len(X)
    if n < _LONG * _ROWS or math.isinf(left()):
        return
    from sklearn.base import clone

    some = np.linspace(0, n - 1, _ROWS).astype(np.int64)
    start = time.perf_counter()
    clone(estimator).fit(X[some], y[some], None if weight is None else weight[some], check_input=check)
    needed = (time.perf_counter() - start) * n * math.log(n) / (_ROWS * math.log(_ROWS))
    if _MARGIN * needed > left():
        raise OutOfTime(f"growing a tree of {n:,} rows takes about {needed:.2g} s, more than is left")
