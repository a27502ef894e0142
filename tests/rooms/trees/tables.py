"""Tables to grow trees on: real ones where they lie beside the checkout, and one that is drawn."""

from __future__ import annotations

import numpy as np
import polars as pl
from polars import selectors

from rightfit import catalog
from rightfit.contracts import Loss, Problem
from rightfit.data.design import make_design
from tests.shared import shared_data


def real(name: str, target: str, rows: int, drop: tuple[str, ...] = ()) -> tuple[np.ndarray, np.ndarray]:
    """(n, p) float32 numbers of the table's first rows, NaN where missing, and its target; classes as numbers."""
    frame = pl.read_csv(shared_data(name), infer_schema_length=None, null_values=["NA", ""]).drop(drop)
    frame = frame.drop_nulls(target).head(rows)
    y = frame[target]
    X = frame.drop(target).select(selectors.numeric()).to_numpy().astype(np.float32)
    if y.dtype == pl.String:
        return X, np.unique(y.to_numpy(), return_inverse=True)[1].astype(np.float64)
    return X, y.to_numpy().astype(np.float64)


def drawn(loss: str, n: int = 300, p: int = 5, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The same without a file: steps, an interaction, ties and missing values."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, p)).astype(np.float32)
    X[:, 1] = np.round(X[:, 1])
    signal = (X[:, 0] > 0.3) + (X[:, 1] > 0) * (X[:, 2] > 0) + 0.3 * X[:, 3]
    X[random.random((n, p)) < 0.05] = np.nan
    if loss == "squared":
        return X, signal + random.normal(size=n)
    if loss == "poisson":
        return X, random.poisson(np.exp(signal)).astype(np.float64)
    if loss == "logistic":
        return X, (random.random(n) < 1 / (1 + np.exp(1 - 2 * signal))).astype(np.float64)
    noisy = np.outer(signal, [-1.0, 0.0, 1.0]) + random.gumbel(size=(n, 3))
    return X, noisy.argmax(axis=1).astype(np.float64)


def problem(loss: str, n: int = 300, seed: int = 0, offset: np.ndarray | None = None) -> Problem:
    """A drawn table as a problem."""
    X, y = drawn(loss, n, seed=seed)
    return Problem(make_design(X), y, named(loss), np.zeros(n) if offset is None else offset)


def named(loss: str, classes: int = 3) -> Loss:
    """A loss by name."""
    kind = catalog.find("losses", loss)
    made: Loss = kind(classes=classes) if loss == "multinomial" else kind()
    return made
