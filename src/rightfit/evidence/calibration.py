"""Calibration: do rows predicted at a level turn out at that level? Tenths of the rows by prediction, (b, 5) each:
mean predicted, mean observed, lower and upper 95 % limit of observed, rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_Z = 1.959963984540054
"""Standard normal quantile of 97.5 %."""
_BINS = 10

Limits = Callable[[np.ndarray, np.ndarray, float], tuple[float, float]]


def bin_probabilities(y: np.ndarray, probability: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Limits by Wilson (1927, JASA 22), with (sum w)^2 / sum w^2 as number of rows (Kish 1965)."""
    return _bin(y, probability, weight, _wilson)


def bin_amounts(y: np.ndarray, predicted: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Limits: mean -+ 1.96 standard errors of the bin's own rows, not below zero; NaN for a bin of one row."""
    return _bin(y, predicted, weight, _around_mean)


def _bin(y: np.ndarray, predicted: np.ndarray, weight: np.ndarray, limits: Limits) -> np.ndarray:
    out = []
    for rows in _tenths(predicted, weight):
        share = weight[rows] / weight[rows].sum()
        observed = float(share @ y[rows])
        low, high = limits(y[rows], share, observed)
        out.append((float(share @ predicted[rows]), observed, low, high, len(rows)))
    return np.array(out, dtype=np.float64).reshape(-1, 5)


def _tenths(predicted: np.ndarray, weight: np.ndarray) -> list[np.ndarray]:
    """Rows in up to 10 bins of about equal weight, from low to high predictions; equal predictions stay together."""
    order = np.argsort(predicted, kind="stable")
    ranked = predicted[order]
    middle = (np.cumsum(weight[order]) - weight[order] / 2) / weight.sum()
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    tied = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(ranked)]))
    centre = np.bincount(tied, middle) / np.bincount(tied)
    number = np.minimum((centre[tied] * _BINS).astype(np.int64), _BINS - 1)
    return [order[number == b] for b in np.unique(number)]


def _wilson(y: np.ndarray, share: np.ndarray, observed: float) -> tuple[float, float]:
    n = 1 / float(share @ share)
    centre = (observed + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * np.sqrt(observed * (1 - observed) / n + _Z**2 / (4 * n**2))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def _around_mean(y: np.ndarray, share: np.ndarray, observed: float) -> tuple[float, float]:
    if len(y) < 2:
        return np.nan, np.nan
    error = np.sqrt(len(y) / (len(y) - 1) * np.sum((share * (y - observed)) ** 2))
    return max(0.0, float(observed - _Z * error)), float(observed + _Z * error)
