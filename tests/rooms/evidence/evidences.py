"""Small evidences for the tests of this room."""

from __future__ import annotations

import numpy as np

from rightfit.records import Evidence


def make_evidence(
    loss: np.ndarray, *, strengths=None, null=None, weight=None, unit=None, fold=None, **more
) -> Evidence:
    """Evidence from a (n, K) matrix of losses; ten folds in turn, every row its own unit."""
    n, steps = loss.shape
    facts = {
        "strengths": np.geomspace(1, 0.01, steps) if strengths is None else np.asarray(strengths, float),
        "loss": loss.astype(np.float32),
        "null": np.full(n, 2.0) if null is None else null,
        "weight": np.ones(n) if weight is None else weight,
        "unit": np.arange(n) if unit is None else unit,
        "fold": np.arange(n) % 10 + 1 if fold is None else fold,
        "complexity": np.linspace(0, 4, steps),
        "measure": "log loss",
        "training": np.linspace(2, 0.5, steps),
        "name": "10 folds",
    }
    return Evidence(**(facts | more))


def make_valley(seed: int = 0, n: int = 200, *, depth=(1.0, 0.3, 0.0, 0.2, 0.6), noise: float = 0.5) -> Evidence:
    """Losses 1 + depth per step, with noise that rows share and noise of their own."""
    g = np.random.default_rng(seed)
    loss = 1 + np.array(depth) + g.exponential(1, (n, 1)) + g.normal(0, noise, (n, len(depth)))
    return make_evidence(loss, null=2 + g.exponential(1, n))
