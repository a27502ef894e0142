"""Columns that know the target too well: alone, or together as an exact sum.

* **Alone.** A column's cells are put into bins (levels, or quantiles of numbers; missing cells in a bin of their own).
  The target's mean (class shares) of each bin, learned on one half of the rows, predicts the other half, and back.
  R2 = 1 - SSE / SST on these unseen rows; for classes the squares are those of the Brier score.
* **Together.** Least squares on all number columns leaves no residual: the target is a weighted sum of columns.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from rightfit.data import dates
from rightfit.records import Column

MOST_ROWS = 20_000
"""Rows that are drawn for the search; a leak shows in these."""
_LEAST_ROWS = 30
_MOST_BINS = 50
_ROUNDING = 1e-7
"""A residual below this share of the target's standard deviation is rounding."""


def alone(frame: pl.DataFrame, columns: tuple[Column, ...], y: np.ndarray, classes: int) -> dict[str, float]:
    """R2 in (-inf, 1] on unseen rows of every column by itself; empty where there are too few rows to tell.

    Args:
        frame: rows as `check_frame` returned them.
        columns: features; texts are passed over.
        y: (n,) target, classes as 0, 1, ...
        classes: number of classes; 0 for a number.
    """
    n = frame.height
    if n < _LEAST_ROWS:
        return {}
    half = np.random.default_rng(1).permutation(n) < n // 2
    score = _brier if classes else _squared
    scale = score(np.zeros(n, np.int64), y, half, classes)
    if not scale > 0:
        return {}
    found: dict[str, float] = {}
    for column in columns:
        if column.kind == "text":
            continue
        bins = _bins(frame.get_column(column.name), column)
        error = score(bins, y, half, classes)
        if column.kind == "number" and not classes:
            error = min(error, _line(frame.get_column(column.name), y, half))
        found[column.name] = 1.0 - error / scale
    return found


def together(frame: pl.DataFrame, columns: tuple[Column, ...], y: np.ndarray) -> tuple[str, ...]:
    """The number columns whose weighted sum is the target, up to rounding; empty where there is no such sum."""
    present = frame.select(c.name for c in columns if c.kind == "number" and not c.missing)
    n, p = present.shape
    if not p or p > 200 or n < max(_LEAST_ROWS, 5 * p) or any(present.null_count().row(0)):
        return ()
    values = present.to_numpy().astype(np.float64)
    values = values - values.mean(axis=0)
    scale = np.sqrt((values**2).mean(axis=0))
    values /= np.where(scale > 0, scale, 1.0)
    centred = y - y.mean()
    spread = float(np.sqrt((centred**2).mean()))
    coef, *_ = np.linalg.lstsq(values, centred, rcond=None)
    residual = centred - values @ coef
    if not spread > 0 or np.sqrt((residual**2).mean()) > _ROUNDING * spread:
        return ()
    return tuple(name for name, b in zip(present.columns, coef, strict=True) if abs(b) > 1e-5 * spread)


def _bins(series: pl.Series, column: Column) -> np.ndarray:
    """(n,) number of each row's bin from 0; bin 0 holds the missing cells."""
    if column.kind not in ("number", "date"):
        return series.rank("dense").fill_null(0).cast(pl.Int64).to_numpy()
    values = dates.from_typed(series) if column.kind == "date" else series.to_numpy()
    gone = np.isnan(values)
    present = values[~gone]
    bins = np.zeros(len(values), np.int64)
    if len(present):
        count = int(np.clip(len(values) // 20, 2, _MOST_BINS))
        # Not interpolated: an edge between two frequent values would split neither.
        ordered = np.sort(present)
        edges = np.unique(ordered[(np.arange(1, count) * len(ordered)) // count])
        # An edge is a value that may fill its bin alone (many zeros): the values above it start the next one.
        bins[~gone] = 1 + np.searchsorted(edges, present, side="right") + np.searchsorted(edges, present, side="left")
    return bins


def _squared(bins: np.ndarray, y: np.ndarray, half: np.ndarray, classes: int) -> float:
    """Sum of squares of y around the means of bins that the other half has."""
    width, total = int(bins.max()) + 1, 0.0
    for teach in (half, ~half):
        count = np.bincount(bins[teach], minlength=width)
        mean = np.full(width, y[teach].mean())
        np.divide(np.bincount(bins[teach], y[teach], minlength=width), count, out=mean, where=count > 0)
        total += float(((y[~teach] - mean[bins[~teach]]) ** 2).sum())
    return total


def _brier(bins: np.ndarray, y: np.ndarray, half: np.ndarray, classes: int) -> float:
    """Sum over rows of |indicator of the class - shares of the bin in the other half|^2."""
    width, total = int(bins.max()) + 1, 0.0
    code = y.astype(np.int64)
    for teach in (half, ~half):
        table = np.bincount(bins[teach] * classes + code[teach], minlength=width * classes).reshape(width, classes)
        whole = table.sum(axis=0, keepdims=True)
        table = np.where(table.sum(axis=1, keepdims=True) > 0, table, whole)
        share = table / table.sum(axis=1, keepdims=True)
        judged, right = bins[~teach], code[~teach]
        total += float((1 - 2 * share[judged, right] + (share**2).sum(axis=1)[judged]).sum())
    return total


def _line(series: pl.Series, y: np.ndarray, half: np.ndarray) -> float:
    """Sum of squares of y around the straight line that the other half has; missing cells lie at the mean."""
    values = series.to_numpy()
    total = 0.0
    for teach in (half, ~half):
        known = values[teach]
        centre = float(np.nanmean(known)) if not np.isnan(known).all() else 0.0
        x = np.where(np.isnan(values), centre, values) - centre
        level = y[teach].mean()
        square = float((x[teach] ** 2).sum())
        slope = float((x[teach] * (y[teach] - level)).sum()) / square if square > 0 else 0.0
        total += float(((y[~teach] - level - slope * x[~teach]) ** 2).sum())
    return total
