"""The strength that makes the data most probable, without a grid and without folds.

The marginal likelihood of ridge (`RidgePosterior.log_marginal`) has the derivative (gamma - g |theta|^2 / v) / 2 in
log g. Setting it to zero gives a fixed point, g = gamma v / |theta|^2 (MacKay 1992, "Bayesian interpolation", Neural
Computation 4, section 4; with v = S(g) / N), which is faster than EM's own, g = q v / (|theta|^2 + trace of the
covariance) (Dempster, Laird and Rubin 1977; Tipping 2001, JMLR 1, appendix A), but is not sure to climb. Each step is
therefore shortened until it does, which EM's needs not. The value cannot tell places apart whose gain is below
rounding, so that the last digits are found from the derivative's change of sign, and its rest is the certificate. The
function may have several maxima: several starts are climbed, and the highest end counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from rightfit.views.ridge_posterior import RidgePosterior

_STEPS = 500
_NEAR = 1e-9
"""Derivative at which a climb ends, in units of the number of rows."""
_BESIDE = 1e-3
"""How far, in log g, a climb may end beside the maximum."""
_WIDE = 1e6
"""How far g may go beyond the sizes of the columns before it counts as infinite."""


@dataclass(frozen=True)
class Maximum:
    """The most probable g = n times the square part of the penalty."""

    g: float
    """Infinite where the data prefer no column at all."""
    value: float
    slope: float
    """Derivative of the log marginal likelihood in log g at the end: the certificate."""
    steps: int


def climb_marginal(posterior: RidgePosterior, starts: np.ndarray) -> Maximum:
    """The highest maximum that the fixed point reaches from ``starts`` (all g > 0)."""
    if not len(posterior.size):
        return Maximum(np.inf, float(posterior.log_marginal(np.inf)), 0.0, 0)
    top, low = _WIDE * float((posterior.size**2).sum()), float(posterior.size.min() ** 2) / _WIDE
    found = [_climb(posterior, float(np.clip(g, low, top)), low, top) for g in starts]
    best = max(found, key=lambda end: end.value)
    nothing = float(posterior.log_marginal(np.inf))
    if best.g >= top or nothing >= best.value:
        return Maximum(np.inf, nothing, 0.0, best.steps)
    return _polish(posterior, best)


def _polish(posterior: RidgePosterior, end: Maximum) -> Maximum:
    """Where the derivative changes its sign next to the end of a climb."""

    def slope(log_g: float) -> float:
        return posterior.log_marginal_slope(float(np.exp(log_g)))

    low, high = np.log(end.g) - _BESIDE, np.log(end.g) + _BESIDE
    if not slope(low) > 0 > slope(high):
        return end
    g = float(np.exp(brentq(slope, low, high, xtol=1e-15, rtol=1e-15)))
    return Maximum(g, float(posterior.log_marginal(g)), posterior.log_marginal_slope(g), end.steps)


def _climb(posterior: RidgePosterior, g: float, low: float, top: float) -> Maximum:
    value = float(posterior.log_marginal(g))
    for step in range(_STEPS):
        slope = posterior.log_marginal_slope(g)
        if abs(slope) <= _NEAR * posterior.rows.freedom or (g >= top and slope > 0) or (g <= low and slope < 0):
            return Maximum(g, value, slope, step)
        pull = posterior.pull(g)
        target = posterior.determined(g) * float(posterior.variance(g)) * g / pull if pull > 0 else top
        jump = np.log(np.clip(target, low, top) / g)
        for _ in range(60):
            candidate = g * float(np.exp(jump))
            reached = float(posterior.log_marginal(candidate))
            if reached > value:
                break
            jump /= 2
        else:  # nothing is left to climb within rounding
            return Maximum(g, value, slope, step)
        g, value = candidate, reached
    return Maximum(g, value, posterior.log_marginal_slope(g), _STEPS)
