"""How far from optimal a point can be at most: its duality gap.

For a loss f (weighted mean over rows), penalty P and the dual point u = s f'(eta), the gap is

    sum_i w_i [f_i(eta_i) + f_i*(u_i) - eta_i u_i]  +  sum_j [P_j(b_j) + P_j*(z_j) - b_j z_j],    z = -X' (w u),

a sum of Fenchel-Young terms, each >= 0 and computed without cancellation. The scale s <= 1 is the largest at
which no conjugate is infinite. Unpenalized columns and the intercept need z = 0: the solver brings them to
their optimum before it asks, and what is left there enters as the decrease that one more Newton step would
promise (``slack``).
"""

from __future__ import annotations

import numpy as np

from rightfit.solvers.quadratic import Box
from rightfit.solvers.rows import Rows


def duality_gaps(
    rows: Rows,
    tasks: np.ndarray,
    eta: np.ndarray,
    coef: np.ndarray,
    pull: np.ndarray,
    box: Box,
    slack: np.ndarray,
    lever: np.ndarray,
) -> np.ndarray:
    """(T',) absolute gaps.

    Parameters
    ----------
    eta : (T, C, n), of all tasks
    coef, pull : (T', q, C), ``pull`` = -X' (weight * slope of the loss at eta); columns left
        out have coefficient 0 and a pull within their l1
    box : Box of (T', q), the penalty at the present strength
    slack : (T',) what is left at the intercept and the unpenalized columns
    lever : (T',) what bounds the rows' terms by (1 - s)^2 / (2 s) times it, for steady losses; else NaN
    """
    l1, l2, lower, upper = (part[:, :, None] for part in (box.l1, box.l2, box.lower, box.upper))
    bound = np.where(pull > 0, upper, -lower)
    unbounded = np.isinf(bound) & (l2 == 0)
    size = np.abs(pull)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(unbounded & (l1 > 0) & (size > l1), l1 / size, 1.0).min(axis=(1, 2), initial=1.0)
    gap = slack.copy()
    bounded = (scale > 0.9) & np.isfinite(lever)
    gap += np.where(bounded, (1 - scale) ** 2 / (2 * scale) * np.where(bounded, lever, 0.0), 0.0)
    tight = np.flatnonzero((scale < 1) & ~bounded)
    if len(tight):
        gap[tight] += np.maximum(rows.young(tasks[tight], eta[tasks[tight]], scale[tight]), 0.0)
    share = np.zeros_like(pull)
    if not unbounded.all():
        size *= scale[:, None, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            excess = np.maximum(size - l1, 0.0)
            best = np.where(l2 > 0, np.minimum(excess / l2, bound), bound)
            # columns that nothing bounds are within l1 by the scale, or unpenalized and in the slack
            share = np.where((excess > 0) & (bound > 0) & ~unbounded, best * (excess - 0.5 * l2 * best), 0.0)
            share = np.where((l2 == 0) & ~unbounded, excess * np.where(np.isinf(bound), 0.0, bound), share)
    active = coef != 0
    if active.any():
        term = np.where(np.isinf(l1), 0.0, l1) * np.abs(coef) + 0.5 * l2 * coef**2 - coef * pull * scale[:, None, None]
        share = np.where(active, term, 0.0) + share
        share = np.maximum(np.where(unbounded & (l1 == 0), 0.0, share), 0.0)
    return np.asarray(gap + share.sum(axis=(1, 2)))
