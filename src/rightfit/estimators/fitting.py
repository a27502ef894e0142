"""From rows and penalties to coefficients, through the linear learner."""

from __future__ import annotations

from typing import Any

import numpy as np

from rightfit.contracts import Design, Loss, Penalty, Problem
from rightfit.estimators.convergence import tolerance_for
from rightfit.learners.linear import Linear, LinearPath
from rightfit.losses.multi_squared import MultiSquared
from rightfit.losses.squared import Squared
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.penalties.group import Group
from rightfit.records import Resamples


def walk(
    design: Design,
    y: np.ndarray,
    loss: Loss,
    resamples: Resamples,
    strengths: np.ndarray,
    *,
    l1_ratio: float,
    intercept: bool = True,
    positive: bool = False,
) -> list[LinearPath]:
    """One path a resample at these strengths (decreasing); columns are not standardized. Several outputs of a squared
    error are tied: a column enters for all of them or for none."""
    penalty: Penalty = ElasticNet(l1_ratio, lower=np.zeros(design.p) if positive else None)
    if loss.alone is not None:
        penalty = Group(None, l1_ratio)
    learner = Linear(
        penalty, strengths=strengths, standardize=False, intercept=intercept, tolerance=tolerance_for(loss)
    )
    return list(learner.fit_paths(Problem(design, y, loss, np.zeros(design.n)), resamples))


def walk_once(
    design: Design, y: np.ndarray, loss: Loss, weight: np.ndarray, strength: float, **options: Any
) -> LinearPath:
    """The full fit at one strength; ``options`` as in `walk`."""
    return walk(design, y, loss, Resamples.full(weight), np.array([strength]), **options)[0]


def squared_loss(y: np.ndarray) -> tuple[np.ndarray, Loss]:
    """The target (n,) of one column, or (n, t) as it is, with the squared error for it."""
    return (y[:, 0], Squared()) if y.shape[1] == 1 else (y, MultiSquared(y.shape[1]))


def null_loss(y: np.ndarray, weight: np.ndarray, *, intercept: bool) -> float:
    """Weighted mean of half the squared target (n,) or (n, t), about its mean with an intercept: the unit of squared
    error's gaps."""
    share = weight / weight.sum()
    away = y - share @ y if intercept else y
    return float(np.sum(share @ away**2) / 2)
