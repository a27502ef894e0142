"""Problems for boosting: every loss, missing values, a category."""

from __future__ import annotations

import numpy as np

from rightfit import catalog
from rightfit.contracts import Loss, Problem
from rightfit.data.design import make_design

SAMPLED = {"subsample": 0.7, "colsample_bytree": 0.8, "colsample_bynode": 0.6, "seed": 3}


def make_loss(name: str) -> Loss:
    loss: Loss = catalog.find("losses", name)()
    return loss


def make_problem(name: str = "squared", n: int = 240, *, holes: bool = True, seed: int = 0) -> Problem:
    """Four numbers, of which two matter, and a category of five levels as five columns."""
    r = np.random.default_rng(seed)
    X = r.normal(size=(n, 4)).round(2)
    level = r.integers(0, 5, n)
    if holes:
        X[r.random((n, 4)) < 0.05] = np.nan
    eta = np.nan_to_num(X[:, 0]) + np.where(np.nan_to_num(X[:, 1]) > 0, 0.7, -0.7) + np.where(level % 2, 0.5, -0.5)
    loss = make_loss(name)
    y: np.ndarray = eta + 0.5 * r.normal(size=n)
    if name == "logistic":
        y = (r.random(n) < 1 / (1 + np.exp(-2 * eta))).astype(float)
    elif name == "multinomial":
        y = np.digitize(y, [-0.7, 0.7]).astype(float)
    elif name == "poisson":
        y = r.poisson(np.exp(eta)).astype(float)
    elif name in ("gamma", "tweedie"):
        y = r.gamma(2.0, np.exp(eta) / 2)
    elif name == "cox":
        y = np.column_stack([r.exponential(np.exp(-eta)).round(1) + 0.1, (r.random(n) < 0.7).astype(float)])
    offset = 0.3 * r.normal(size=n) if name != "cox" else np.zeros(n)
    columns = np.column_stack([X, level[:, None] == np.arange(5)]).astype(float)
    return Problem(make_design(columns), loss.check(y), loss, offset, levels=(np.arange(4, 9),))


LOSSES = ["squared", "logistic", "multinomial", "poisson", "gamma", "tweedie", "huber", "quantile", "cox"]
