"""Effective degrees of freedom of a fit with norms of groups (Vaiter, Deledalle, Peyré, Fadili and Dossal 2012)."""

from __future__ import annotations

import numpy as np

from rightfit.solvers.grouping import Groups
from rightfit.solvers.setting import Setting

LARGEST = 500
"""Active coefficients up to which the trace is computed: its cost grows with their cube."""


def group_freedom(setting: Setting, groups: Groups, t: int, coef: np.ndarray, eta: np.ndarray) -> float:
    """Task t's trace of M (M + H)^-1, with M the second moments of the active columns under the loss's curvature and H
    the second derivative of the price,

        norm_g / ||b_g|| (I - b_g b_g' / ||b_g||^2) + l2_g I

    in each group. Where there are more than ``LARGEST`` active coefficients, or several outputs, their number stands
    for it, at most the number of rows and outputs."""
    active = np.flatnonzero(coef.any(axis=1))
    rows = int((setting.weight[t] > 0).sum())
    if setting.outputs > 1 or setting.loss.coupled or not 0 < len(active) <= LARGEST:
        return float(min(int(np.count_nonzero(coef)), rows * setting.outputs))
    with np.errstate(over="ignore"):
        weight = setting.weight[t] * setting.loss.curvature(setting.y, eta[:, 0])
    weight[setting.weight[t] == 0] = 0.0
    gram = setting.design.gram(active, weight, setting.fill[:, t])
    shift = np.zeros(len(active)) if setting.intercept else setting.design.shift(active)
    moments = (
        gram.second + np.outer(shift, gram.first) + np.outer(gram.first, shift) + gram.total * np.outer(shift, shift)
    )
    if setting.intercept and gram.total > 0:
        moments -= np.outer(gram.first, gram.first) / gram.total
    scale = groups.inverse[t][active]
    moments *= np.outer(scale, scale)
    b = coef[active, 0] / scale
    code = np.empty(setting.design.p, int)
    code[groups.order] = np.repeat(np.arange(len(groups.norm)), np.diff(groups.starts))
    own = code[active]
    size = np.sqrt(np.bincount(own, b**2, len(groups.norm)))[own]
    price = np.diag(groups.norm[own] / size + groups.l2[own])
    price -= np.where(own[:, None] == own, np.outer(b, b) * (groups.norm[own] / size**3), 0.0)
    # columns that depend on each other count once: a touch of ridge stands for the pseudo-inverse
    touch = 1e-9 * np.trace(moments) / len(active) * np.eye(len(active))
    left = np.linalg.solve(moments + price + touch, price + touch)
    return float(min(max(len(active) - float(np.trace(left)), 0.0), float(len(active)), float(rows)))
