"""Rows of numbers that might have been: noise on columns, and mixtures of two rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rightfit.errors import DataError, OptionError


def add_noise(X: np.ndarray, share: float = 0.1, *, columns: Sequence[int] | None = None, seed: int = 0) -> np.ndarray:
    """X (n, p) with normal noise whose standard deviation is ``share`` times that of the column.

    The deviation is that of the rows given, so give training rows alone. Missing cells (nan) stay missing, constant
    columns constant. ``columns`` are those that get noise, all where None; codes of categories should get none. For a
    linear model and squared error, noise of variance v in a column is a ridge penalty of v on its coefficient, in
    expectation (Bishop 1995, Training with noise is equivalent to Tikhonov regularization).
    """
    X = _matrix(X)
    if not 0 <= share < np.inf:
        raise OptionError(f"share must be 0 or more, such as 0.1, not {share}")
    chosen = np.arange(X.shape[1]) if columns is None else np.asarray(columns, dtype=int)
    if chosen.size and not (0 <= chosen.min() and chosen.max() < X.shape[1]):
        raise OptionError(f"columns must be between 0 and {X.shape[1] - 1}, not {list(chosen)}")
    noise = np.random.default_rng(seed).standard_normal((len(X), len(chosen)))
    out = X.astype(np.float64)
    if len(X):
        known = np.isfinite(out[:, chosen])
        count = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, out[:, chosen], 0).sum(axis=0) / count
        spread = np.sqrt((np.where(known, out[:, chosen] - mean, 0) ** 2).sum(axis=0) / count)
        out[:, chosen] += share * spread * noise
    return out


def mix_rows(
    X: np.ndarray, y: np.ndarray, alpha: float = 0.2, *, copies: int = 1, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Mixup (Zhang, Cisse, Dauphin and Lopez-Paz 2018, mixup: beyond empirical risk minimization, equation 1):

        t X[i] + (1 - t) X[j],   t y[i] + (1 - t) y[j],   t ~ Beta(alpha, alpha)

    with row j drawn for each row i. ``y`` is (n,) or (n, outputs) numbers: classes as shares, one column each. Returns
    (copies * n, p) and targets, the copies of all rows one after another; the rows themselves are not among them. A
    cell is missing where that of one of the two is.
    """
    X = _matrix(X)
    y = np.asarray(y)
    if y.dtype.kind not in "iufb":
        raise DataError(f"y holds {y.dtype}, no numbers: give a column of 0 and 1 for each class")
    if y.ndim not in (1, 2) or len(y) != len(X):
        raise DataError(f"y has shape {y.shape}, but there are {len(X):,} rows: it must be (n,) or (n, outputs)")
    if not 0 < alpha < np.inf:
        raise OptionError(f"alpha must be above 0, such as 0.2, not {alpha}")
    if copies < 1:
        raise OptionError(f"copies must be 1 or more, not {copies}")
    chance = np.random.default_rng(seed)
    rows = np.tile(np.arange(len(X)), copies)
    others = np.concatenate([chance.permutation(len(X)) for _ in range(copies)])
    share = chance.beta(alpha, alpha, len(rows))
    both = []
    for values in (X, y.astype(np.float64)):
        weight = share.reshape(-1, *[1] * (values.ndim - 1))
        both.append(weight * values[rows] + (1 - weight) * values[others])
    return both[0], both[1]


def _matrix(X: np.ndarray) -> np.ndarray:
    X = np.asarray(X)
    if X.ndim != 2 or X.dtype.kind not in "iufb":
        raise DataError(f"X must be (n, columns) numbers, but has shape {X.shape} and holds {X.dtype}")
    return X
