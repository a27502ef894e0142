"""Loss and penalty as shapes over a few columns, and how gradient steps walk among them.

All coefficients are those of standardized columns (as they are where the fit did not standardize), the ones that the
penalty speaks of; all other columns are free to follow, without a penalty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Shape:
    """One penalty's way through the scene: at every strength the fit, and the bound that would have made it."""

    name: str
    """``"lasso"``, ``"ridge"``, ``"elastic net"`` or ``"group"``."""
    l1_ratio: float
    strengths: np.ndarray
    """(K,) decreasing."""
    coef: np.ndarray
    """(K, q)"""
    bound: np.ndarray
    """(K,) t: the fit is where the loss is smallest among all points that cost at most t. Lasso: sum of absolute
    values; ridge: Euclidean norm; elastic net: ``l1_ratio |b| + (1 - l1_ratio)/2 b^2`` summed; group: the norm of the
    first two columns, whatever the third."""
    loss: np.ndarray
    """(K,) mean loss there."""
    step: int = -1
    """Of the strength that the run chose; -1 where the run has another penalty."""


@dataclass(frozen=True)
class Scene:
    """Mean loss over the coefficients of q columns, 2 or 3, smallest over all others."""

    features: tuple[str, ...]
    scale: np.ndarray
    """(q,) standard deviations of the columns: coefficient per unit = coefficient here / scale."""
    hessian: np.ndarray
    """(q, q) loss = least + (b - minimum)' hessian (b - minimum) / 2, exactly or near the minimum."""
    minimum: np.ndarray
    """(q,)"""
    least: float
    exact: bool
    """The loss is that quadratic everywhere."""
    low: np.ndarray
    """(q,) corner of the square, or cube, that holds zero, the minimum and all ways."""
    high: np.ndarray
    shapes: tuple[Shape, ...]
    height: np.ndarray
    """(m, m) loss at m values of each coefficient from ``low`` to ``high``, the first one by rows; empty where the loss
    is exactly quadratic, or q is 3."""


@dataclass(frozen=True)
class Steps:
    """Two coefficients under gradient steps."""

    name: str
    """``"squared penalty"``, ``"absolute penalty, subgradient"``, ``"absolute penalty, proximal"`` or ``"no penalty,
    stopped early"``."""
    rate: float
    """Step length."""
    strength: float
    weights: np.ndarray
    """(T + 1, 2)"""
    pull: np.ndarray
    """(T, 2) what the loss's gradient adds in each step: -rate * gradient."""
    end: np.ndarray
    """(2,) where the penalized fit lies."""
    sentence: str


@dataclass(frozen=True)
class Geometry:
    """The penalized fit seen in the plane of two columns, in the space of three, and as a walk."""

    plane: Scene
    solid: Scene | None
    """None where there is no third column."""
    steps: tuple[Steps, ...]
    """On the plane's quadratic."""
    measure: str
    others: int
    """Columns that follow without a penalty."""
    sentences: tuple[str, ...] = ()
