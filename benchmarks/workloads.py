"""Seeded problems, each with the strengths that every contestant walks. Needs NumPy and SciPy alone: libraries that are
installed apart read the same data.

All contestants minimize, with their own standardization switched off,

    mean over rows of f(y_i, eta_i) + strength * (l1_ratio * size(b) + (1 - l1_ratio)/2 * sum b^2)

with f the squared error / 2, the logistic, Poisson or multinomial negative log-likelihood, and size(b) the sum of
absolute values, or over groups of d columns the sum of sqrt(d) ||b_g||.

    dense columns    mean 0, standard deviation 1; a squared error's target likewise
    sparse columns   words of documents, weighted and scaled to length one, not centred
    strengths        100, from where all coefficients are zero down to 1e-3 of that (1e-2 where rows <= columns);
                     ridge: from 10 down to 1e-3
    intercept        none for paths of squared and logistic losses; cross-validation has every library's own
    folds            10, dealt at random
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

STEPS = 100
FOLDS = 10
CHECKED = np.append(np.arange(4, STEPS, 5), STEPS - 1)[:20]
"""Steps whose coefficients are certified; the weakest is among them."""


@dataclass(frozen=True)
class Workload:
    """One problem, see the top of this file."""

    name: str
    X: Any
    """(n, p) Fortran-ordered array, or scipy CSC matrix."""
    y: np.ndarray
    family: str
    """squared, logistic, poisson or multinomial"""
    l1_ratio: float
    strengths: np.ndarray
    fold: np.ndarray
    """(n,) 0 ... 9"""
    group: int = 0
    """Columns a group; 0: no groups."""
    intercept: bool = False
    classes: int = 0

    @property
    def starts(self) -> np.ndarray:
        """First column of each group."""
        return np.arange(0, self.X.shape[1], self.group)

    def splits(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Rows to learn from and rows left out, fold by fold."""
        return [(np.flatnonzero(self.fold != k), np.flatnonzero(self.fold == k)) for k in range(FOLDS)]

    def corner(self, n: int = 240, p: int = 40) -> Workload:
        """A small part, to warm up what compiles itself or reads libraries at its first call."""
        n, p = min(n, self.X.shape[0]), min(p, self.X.shape[1])
        part = self.X[:n, :p]
        part = sparse.csc_matrix(part) if sparse.issparse(part) else np.asfortranarray(part)
        y = self.y[:n].copy()
        if self.classes or self.family == "logistic":
            y = (np.arange(n) % max(self.classes, 2)).astype(float)
        options = (self.group, self.intercept, self.classes)
        start = steepest(Workload(self.name, part, y, self.family, self.l1_ratio, y, y, *options))
        strengths = max(start, 1e-3) * np.geomspace(1, 0.1, STEPS)
        return Workload(self.name, part, y, self.family, self.l1_ratio, strengths, np.arange(n) % FOLDS, *options)


def steepest(work: Workload) -> float:
    """The smallest strength at which all coefficients are zero; ridge: where an absolute share of 0.001 would be."""
    y, n = work.y, len(work.y)
    if work.family == "multinomial":
        shown = np.eye(work.classes)[y.astype(int)]
        residual = shown - (shown.mean(axis=0) if work.intercept else 1 / work.classes)
    else:
        residual = y - (y.mean() if work.intercept else {"squared": 0.0, "logistic": 0.5, "poisson": 1.0}[work.family])
    pull = np.asarray(work.X.T @ residual) / n
    if work.group:
        return float(np.sqrt(np.add.reduceat(pull**2, work.starts).max() / work.group))
    return float(np.abs(pull).max() / max(work.l1_ratio, 1e-3))


def _chain(rng: np.random.Generator, n: int, p: int) -> np.ndarray:
    """Neighbouring columns correlated by 0.5."""
    X = np.empty((n, p), order="F")
    X[:, 0] = rng.standard_normal(n)
    for j in range(1, p):
        X[:, j] = 0.5 * X[:, j - 1] + np.sqrt(0.75) * rng.standard_normal(n)
    return X


def _blocks(rng: np.random.Generator, n: int, p: int) -> np.ndarray:
    """Blocks of 50 columns, any two of a block correlated by 0.6."""
    X = np.empty((n, p), order="F")
    for first in range(0, p, 50):
        width = min(50, p - first)
        common = rng.standard_normal((n, 1))
        X[:, first : first + width] = np.sqrt(0.6) * common + np.sqrt(0.4) * rng.standard_normal((n, width))
    return X


def _standardize(X: np.ndarray) -> np.ndarray:
    for j in range(X.shape[1]):
        X[:, j] -= X[:, j].mean()
        X[:, j] /= np.sqrt(np.mean(X[:, j] ** 2))
    return X


def _documents(rng: np.random.Generator, n: int, p: int) -> tuple[sparse.csc_matrix, np.ndarray]:
    """About 100 different words a row by Zipf's law, tf-idf weights, rows of length one; and the rows of each word."""
    chance = 1 / (np.arange(p) + 10.0)
    words = np.searchsorted(np.cumsum(chance / chance.sum()), rng.random((n, 125))).clip(max=p - 1)
    words = rng.permutation(p)[words]
    rows = np.repeat(np.arange(n), 125)
    X = sparse.coo_matrix((np.ones(words.size), (rows, words.ravel())), shape=(n, p)).tocsr()
    frequency = np.bincount(X.indices, minlength=p)
    X.data = (1 + np.log(X.data)) * (np.log((1 + n) / (1 + frequency))[X.indices] + 1)
    row = np.repeat(np.arange(n), np.diff(X.indptr))
    X.data /= np.sqrt(np.bincount(row, X.data**2, n))[row]
    X = X.tocsc()
    X.sort_indices()
    return X, frequency


def _signal(rng: np.random.Generator, X: Any, count: int, among: np.ndarray | None = None) -> np.ndarray:
    """(n,) predictor of mean 0 and standard deviation 1 from ``count`` columns."""
    coef = np.zeros(X.shape[1])
    chosen = rng.choice(X.shape[1] if among is None else among, count, replace=False)
    coef[chosen] = rng.choice([-1.0, 1.0], count) * rng.uniform(0.5, 1.5, count)
    eta = np.asarray(X @ coef).ravel()
    eta -= eta.mean()
    return eta / eta.std()


def _answer(rng: np.random.Generator, eta: np.ndarray, family: str) -> np.ndarray:
    if family == "logistic":
        return (rng.random(len(eta)) < 1 / (1 + np.exp(-2 * eta))).astype(float)
    if family == "poisson":
        return rng.poisson(np.exp(0.5 + 0.6 * eta)).astype(float)
    y = eta + rng.standard_normal(len(eta)) / np.sqrt(3.0)
    y -= y.mean()
    return np.asarray(y / np.sqrt(np.mean(y**2)))


def _finish(
    rng: np.random.Generator, name: str, X: Any, y: np.ndarray, family: str, l1: float, **more: Any
) -> Workload:
    n, p = X.shape
    unready = Workload(name, X, y, family, l1, y, y, **more)
    strengths = np.geomspace(10.0, 1e-3, STEPS)
    if l1:
        strengths = steepest(unready) * np.geomspace(1, 1e-3 if n > p else 1e-2, STEPS)
    return Workload(name, X, y, family, l1, strengths, rng.permutation(np.arange(n) % FOLDS), **more)


def _dense(
    name: str,
    design: Callable[[np.random.Generator, int, int], np.ndarray],
    n: int,
    p: int,
    count: int,
    family: str = "squared",
    *,
    l1: float = 1.0,
    **more: Any,
) -> Workload:
    rng = np.random.default_rng(0)
    X = _standardize(design(rng, n, p))
    among = None
    if more.get("group"):
        width = more["group"]
        active = rng.choice(p // width, count // width, replace=False)
        among = (active[:, None] * width + np.arange(width)).ravel()
    eta = _signal(rng, X, count, among)
    return _finish(rng, name, X, _answer(rng, eta, family), family, l1, **more)


def _sparse(name: str, n: int, p: int, count: int, family: str = "squared") -> Workload:
    rng = np.random.default_rng(0)
    X, frequency = _documents(rng, n, p)
    eta = _signal(rng, X, count, np.argsort(-frequency)[20:3000])
    return _finish(rng, name, X, _answer(rng, eta, family), family, 1.0)


def _several(name: str, n: int, p: int, classes: int, count: int) -> Workload:
    rng = np.random.default_rng(0)
    X = _standardize(_chain(rng, n, p))
    coef = np.zeros((p, classes))
    coef[rng.choice(p, count, replace=False)] = rng.standard_normal((count, classes))
    eta = X @ coef
    y = (2 * eta / eta.std() + rng.gumbel(size=(n, classes))).argmax(axis=1).astype(float)
    return _finish(rng, name, X, y, "multinomial", 1.0, intercept=True, classes=classes)


_poisson = {"l1": 0.5, "intercept": True}
QUICK: dict[str, Callable[[], Workload]] = {
    "mini": lambda: _dense("mini", _chain, 2_000, 100, 10),
    "mini_wide": lambda: _dense("mini_wide", _blocks, 200, 2_000, 20),
    "mini_sparse": lambda: _sparse("mini_sparse", 1_000, 5_000, 50),
    "mini_logit": lambda: _dense("mini_logit", _chain, 2_000, 100, 10, "logistic"),
    "mini_poisson": lambda: _dense("mini_poisson", _chain, 2_000, 100, 10, "poisson", **_poisson),
    "mini_multinomial": lambda: _several("mini_multinomial", 2_000, 30, 5, 10),
    "mini_group": lambda: _dense("mini_group", _chain, 500, 300, 30, group=10),
    "mini_ridge": lambda: _dense("mini_ridge", _chain, 300, 500, 50, l1=0.0),
}
"""A few minutes in all."""
FULL: dict[str, Callable[[], Workload]] = {
    "tall": lambda: _dense("tall", _chain, 100_000, 200, 20),
    "tall_big": lambda: _dense("tall_big", _chain, 500_000, 500, 50),
    "square": lambda: _dense("square", _chain, 5_000, 5_000, 100),
    "wide": lambda: _dense("wide", _blocks, 1_000, 50_000, 50),
    "sparse": lambda: _sparse("sparse", 20_000, 200_000, 200),
    "logit_tall": lambda: _dense("logit_tall", _chain, 100_000, 200, 20, "logistic"),
    "logit_wide": lambda: _dense("logit_wide", _blocks, 1_000, 50_000, 50, "logistic"),
    "poisson_tall": lambda: _dense("poisson_tall", _chain, 100_000, 200, 20, "poisson", **_poisson),
    "multinomial": lambda: _several("multinomial", 20_000, 100, 5, 20),
    "group": lambda: _dense("group", _chain, 2_000, 10_000, 200, group=10),
    "ridge_wide": lambda: _dense("ridge_wide", _chain, 2_000, 5_000, 500, l1=0.0),
    "ridge_tall": lambda: _dense("ridge_tall", _chain, 100_000, 500, 100, l1=0.0),
}
"""Hours in all, mostly the peers'."""


def prepare(name: str, folder: Path) -> Path:
    """Make the workload once, as plain arrays in a folder that every process reads; the folder."""
    place = folder / name
    if (place / "facts.json").exists():
        return place
    place.mkdir(parents=True, exist_ok=True)
    work = {**QUICK, **FULL}[name]()
    is_sparse = sparse.issparse(work.X)
    for part in ("data", "indices", "indptr") if is_sparse else ():
        np.save(place / f"X-{part}.npy", getattr(work.X, part))
    if not is_sparse:
        np.save(place / "X.npy", work.X)
    for part in ("y", "strengths", "fold"):
        np.save(place / f"{part}.npy", getattr(work, part))
    facts = {part: getattr(work, part) for part in ("family", "l1_ratio", "group", "intercept", "classes")}
    facts |= {"shape": list(work.X.shape), "sparse": bool(is_sparse)}
    (place / "facts.json").write_text(json.dumps(facts))
    return place


def read(place: Path) -> Workload:
    """What `prepare` wrote."""
    facts = json.loads((place / "facts.json").read_text())
    shape, is_sparse = tuple(facts.pop("shape")), facts.pop("sparse")
    if is_sparse:
        parts = tuple(np.load(place / f"X-{part}.npy") for part in ("data", "indices", "indptr"))
        X: Any = sparse.csc_matrix(parts, shape=shape)
    else:
        X = np.load(place / "X.npy")
    arrays = {part: np.load(place / f"{part}.npy") for part in ("y", "strengths", "fold")}
    return Workload(place.name, X, **arrays, **facts)
