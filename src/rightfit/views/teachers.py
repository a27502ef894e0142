"""How much the variance of models hangs on which rows happened to teach them.

Two models f and g of a pair, taught by halves without a common row, differ by f - g = sum_j s_j phi_j(x) to first
order: s_j is +1 where row j taught f, -1 where it taught g, phi_j what the row does to predictions. Over random halves
the mean of (f - g)^2 / 2 is then a sum of contributions w_j = |phi_j|^2 / 2, one of each row, and with another file of
rows it would vary by sum_j (w_j - mean)^2. Rows that are judged, and pairs that are drawn, know nothing of that. Models
of a bootstrap differ from their mean likewise, with s_j the times that row j was drawn, less one.

With C(p, q) the mean product of the differences of pairs p and q over some rows,

    w_j = mean over p != q of s_jp s_jq C(p, q) / 2

is free of bias, a U-statistic; what its own noise adds to the sum of squares is taken away (the jackknife over pairs,
less what that counts twice of the second order: Efron and Stein 1981, Annals of Statistics 9). Only shares w_j / sum w
are used, since some of the rows taught one of the models.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rightfit.contracts import Path, Problem
from rightfit.records import Resamples
from rightfit.views.terms import are_pairs

_FEW = 3
ROWS = 200
"""Rows at which pairs are compared."""


def vary_with_teachers(
    problem: Problem, paths: Sequence[Path], resamples: Resamples, unit: np.ndarray, seed: int = 0
) -> np.ndarray:
    """(K,) squared standard error of the variance of models over its square, as far as it comes from the rows that
    taught; ``unit`` (n,) numbers those that belong together."""
    live = np.flatnonzero(resamples.weight > 0)
    some = np.sort(np.random.default_rng([seed, 79]).choice(live, min(ROWS, len(live)), replace=False))
    design, offset = problem.design.take(some), problem.offset[some]
    eta = np.stack([path.predict(design, offset) for path in paths[1:]])  # (B, K, r, C)
    drawn = resamples.multiplicity[1:].astype(np.float64)
    if are_pairs(resamples):
        apart, sign = eta[::2] - eta[1::2], np.sign(drawn[::2] - drawn[1::2])
    else:
        apart, sign = eta - eta.mean(axis=0), drawn - 1
    names, code = np.unique(unit[live], return_inverse=True)
    own = np.zeros((len(sign), len(names)))
    own[:, code] = sign[:, live]
    count = np.abs(own).sum(axis=0) if are_pairs(resamples) else np.full(len(names), float(len(own)))
    with np.errstate(invalid="ignore", over="ignore"):
        return np.array(
            [spread_of_teachers(apart[:, k].reshape(len(apart), -1), own, count) for k in range(apart.shape[1])]
        )


def spread_of_teachers(apart: np.ndarray, sign: np.ndarray, count: np.ndarray) -> float:
    """sum_j (w_j - mean)^2 / (sum_j w_j)^2 for differences (P, r) and signs (P, m), of which ``count`` (m,) tell of
    a row; less what is noise, 0 at least."""
    product = apart @ apart.T / apart.shape[1]
    alone = np.diag(product)
    sign, count = sign[:, count > _FEW], count[count > _FEW]
    if len(count) < _FEW or not alone.any() or not np.isfinite(product).all():
        return 0.0
    whole = (sign * (product @ sign)).sum(axis=0) - alone @ sign**2
    share = whole / (count * (count - 1))
    left = (whole - 2 * sign * (product @ sign) + 2 * sign**2 * alone[:, None]) / ((count - 1) * (count - 2))
    away = np.where(sign != 0, left - share, 0.0)
    between = product[~np.eye(len(product), dtype=bool)]
    noise = (count - 1) / count * (away**2).sum(axis=0) - 2 * (between**2).mean() / (count * (count - 1))
    m, total = len(share), share.sum()
    spread = m / (m - 1) * ((share - share.mean()) ** 2).sum() - noise.sum()
    return float(max(spread, 0.0) / total**2) if total > 0 else 0.0
