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

from rightfit.contracts import Loss


def penalty_conjugate(
    pull: np.ndarray, l1: np.ndarray, l2: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> np.ndarray:
    """max over b in the box of pull b - l1 |b| - l2/2 b^2, element by element; infinite where nothing bounds it."""
    excess = np.maximum(np.abs(pull) - l1, 0.0)
    bound = np.where(pull > 0, upper, -lower)
    with np.errstate(divide="ignore", invalid="ignore"):
        b = np.where(l2 > 0, np.minimum(excess / l2, bound), bound)
        return np.where((excess > 0) & (bound > 0), b * (excess - 0.5 * l2 * np.where(np.isinf(b), 0.0, b)), 0.0)


def dual_scale(pull: np.ndarray, l1: np.ndarray, l2: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> float:
    """The largest s <= 1 for which no column's conjugate at s * pull is infinite; columns with l1 = l2 = 0
    are passed over."""
    bound = np.where(pull > 0, upper, -lower)
    tight = (l2 == 0) & (l1 > 0) & np.isinf(bound) & (np.abs(pull) > l1)
    return float(np.min(l1[tight] / np.abs(pull[tight]), initial=1.0))


def duality_gap(
    loss: Loss,
    y: np.ndarray,
    eta: np.ndarray,
    weight: np.ndarray,
    slope: np.ndarray,
    coef: np.ndarray,
    pull: np.ndarray,
    l1: np.ndarray,
    l2: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    slack: float,
) -> float:
    """The absolute gap of one task.

    Parameters
    ----------
    eta, slope : (n,) or (n, C), the loss's slope at eta
    coef, pull : (q, C), ``pull`` = -X' (weight * slope); columns left out have coefficient 0 and a pull within l1
    l1, l2, lower, upper : (q,)
    slack : what is left at the intercept and the unpenalized columns
    """
    free = (l1 == 0) & (l2 == 0) & np.isinf(lower) & np.isinf(upper)
    keep = ~free & np.isfinite(l1)
    coef, pull = coef[keep], pull[keep]
    part = tuple(np.broadcast_to(a[keep, None], coef.shape) for a in (l1, l2, lower, upper))
    scale = dual_scale(pull, *part)
    gap = slack
    if scale < 1:
        gap += float(weight @ loss.young(y, eta, scale * slope))
        pull = scale * pull * (1 - 1e-15)
    conjugate = penalty_conjugate(pull, *part)
    terms = part[0] * np.abs(coef) + 0.5 * part[1] * coef**2 + conjugate - coef * pull
    return gap + float(np.maximum(terms, 0.0).sum())
