"""Seeded problems, small enough for a minute in all, each with the strengths that are to be walked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from rightfit.contracts import Loss
from rightfit.losses.logistic import Logistic
from rightfit.losses.poisson import Poisson
from rightfit.losses.squared import Squared


@dataclass(frozen=True)
class Workload:
    """One problem: minimize mean loss + strength * (l1_ratio sum |b| + (1 - l1_ratio)/2 sum b^2), no
    standardization, intercept free, at every strength; with folds, on every fold's training rows too."""

    name: str
    X: Any
    """(n, p) ndarray or scipy sparse matrix."""
    y: np.ndarray
    loss: Loss
    l1_ratio: float
    strengths: np.ndarray
    """(K,) decreasing."""
    folds: int = 0
    """0 = one path on all rows; otherwise cross-validation."""


def _columns(rng: np.random.Generator, n: int, p: int) -> np.ndarray:
    """(n, p) columns of variance one, any two of them correlated by 0.3."""
    return np.sqrt(0.7) * rng.standard_normal((n, p)) + np.sqrt(0.3) * rng.standard_normal((n, 1))


def _signal(rng: np.random.Generator, X: Any, count: int) -> np.ndarray:
    """(n,) linear predictor of variance one from the first ``count`` columns."""
    eta = np.asarray(X[:, :count] @ rng.standard_normal(count)).ravel()
    return (eta - eta.mean()) / eta.std()


def _strengths(X: Any, y: np.ndarray, loss: Loss, l1_ratio: float, count: int, ratio: float) -> np.ndarray:
    """A log grid downward from where all coefficients are zero."""
    weight = np.full(len(y), 1 / len(y))
    residual = weight * loss.slope(y, np.full(len(y), loss.null(y, weight, np.zeros(len(y)))[0]))
    top = np.abs(X.T @ residual).max() / max(l1_ratio, 1e-3)
    return top * np.geomspace(1, ratio, count + 1)[1:]


def _make(
    name: str, seed: int, X: Any, loss: Loss, l1_ratio: float, *, folds: int = 0, count: int = 50, ratio: float = 1e-2
) -> Workload:
    rng = np.random.default_rng(seed)
    eta = _signal(rng, X, 20)
    noise: dict[str, Callable[[], np.ndarray]] = {
        "squared": lambda: eta + rng.standard_normal(len(eta)),
        "logistic": lambda: (rng.random(len(eta)) < loss.response(2 * eta)).astype(float),
        "poisson": lambda: rng.poisson(np.exp(0.5 * eta)).astype(float),
    }
    y = noise[loss.name]()
    return Workload(name, X, y, loss, l1_ratio, _strengths(X, y, loss, l1_ratio, count, ratio), folds)


def workloads() -> list[Workload]:
    """All of them, in the order of the table."""
    tall = _columns(np.random.default_rng(0), 10_000, 100)
    wide = _columns(np.random.default_rng(1), 300, 3_000)
    middle = _columns(np.random.default_rng(2), 2_000, 100)
    rng = np.random.default_rng(3)
    words = sparse.random_array((5_000, 3_000), density=0.01, rng=rng, data_sampler=lambda size: rng.random(size) + 0.5)
    return [
        _make("lasso, tall", 10, tall, Squared(), 1.0),
        _make("lasso, wide", 11, wide, Squared(), 1.0, ratio=5e-2),
        _make("lasso, sparse", 12, words.tocsc(), Squared(), 1.0, ratio=5e-2),
        _make("elastic net, wide", 13, wide, Squared(), 0.5, ratio=5e-2),
        _make("ridge, tall", 14, tall, Squared(), 0.0, count=10),
        _make("lasso, 10 folds", 15, middle, Squared(), 1.0, folds=10),
        _make("logistic lasso", 16, middle, Logistic(), 1.0, count=20, ratio=3e-2),
        _make("logistic ridge", 17, tall, Logistic(), 0.0, count=10),
        _make("Poisson ridge", 18, tall, Poisson(), 0.0, count=10),
    ]
