"""The marginal likelihood at every strength of a path of ridges, and where it is largest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rightfit.records import Curve, MarginalLikelihood
from rightfit.views.marginal_likelihood import climb_marginal
from rightfit.views.penalized_fit import PenalizedFit
from rightfit.views.posteriors import approximate
from rightfit.views.ridge_posterior import RidgePosterior
from rightfit.views.slices import predict

_MOST_STEPS = 25
"""Steps at which Laplace's approximation is taken: each takes a decomposition."""
_WORK = 2e9
"""Multiplications up to which it is taken at every step."""


def weigh_path(fit: PenalizedFit, posterior: RidgePosterior | None, curve: Curve) -> MarginalLikelihood | None:
    """For squared loss exactly, from the one decomposition of ``posterior``; else by Laplace's approximation at every
    step, at every fourth or so where that would take long. A strength of 0 has none: its prior has no integral."""
    strengths = fit.trace.strengths
    if posterior is None or not (fit.strength > 0) or not (fit.l2 > 0).any():
        return None
    if fit.problem.loss.quadratic:
        return _exact(fit, posterior, curve)
    n, p = len(fit.weight), fit.trace.features
    steps = np.flatnonzero((strengths > 0) & np.isfinite(strengths))
    if len(steps) * n * p * min(n, p) > _WORK and len(steps) > _MOST_STEPS:
        steps = np.unique(np.append(steps[np.linspace(0, len(steps) - 1, _MOST_STEPS).astype(int)], fit.step))
    value = np.full(len(strengths), np.nan)
    for k in steps:
        here = replace(fit, step=int(k), eta=predict(fit.problem, fit.trace, int(k)))
        value[k] = approximate(here).evidence
    best = int(np.nanargmax(value))
    return MarginalLikelihood(
        value - value[best], float(strengths[best]), float("nan"),
        _say(fit, curve, float(strengths[best]), float(value[best] - value[fit.step]), exact=False),
    )  # fmt: skip


def _exact(fit: PenalizedFit, posterior: RidgePosterior, curve: Curve) -> MarginalLikelihood:
    strengths = fit.trace.strengths
    g = np.where(strengths > 0, fit.rows * strengths, np.nan)
    value = posterior.log_marginal(g)
    good = np.flatnonzero(np.isfinite(value))
    starts = g[[good[0], good[int(np.argmax(value[good]))], good[-1]]]
    top = climb_marginal(posterior, starts)
    strength = top.g / fit.rows
    gain = top.value - float(posterior.log_marginal(fit.g))
    sentence = _say(fit, curve, strength, gain, exact=True)
    if np.isfinite(strength):
        sentence += (
            f" It was found without a grid, by {top.steps} steps of MacKay's fixed point; the derivative there, in "
            f"logarithms of both, is {top.slope:.1g}."
        )
    return MarginalLikelihood(value - max(top.value, float(np.nanmax(value))), strength, top.slope, sentence)


def _say(fit: PenalizedFit, curve: Curve, strength: float, gain: float, *, exact: bool) -> str:
    """The most probable strength beside the one of folds."""
    best = float(curve.strengths[int(np.nanargmin(curve.mean))]) if np.isfinite(curve.mean).any() else float("nan")
    if not np.isfinite(strength):
        return (
            "The marginal likelihood rises with the strength without end: under this prior the data are most probable "
            "with no column at all."
        )
    positive = curve.strengths[curve.strengths > 0]
    how = "" if exact else " (approximately, among the steps of the path)"
    compared = ""
    if np.isfinite(best):
        compared = f"; held-out rows lose least at strength {best:.3g}"
    beyond = ""
    if not exact and strength in (positive[0], positive[-1]):
        beyond = " That is the end of the path: a better one may lie beyond."
    if gain < 0.01:
        return f"The data are most probable at the chosen strength, {strength:.3g}{how}{compared}.{beyond}"
    factor = f"e^{gain:.1f}" if gain > 7 else f"{np.exp(gain):.3g}"
    return (
        f"The data are most probable at strength {strength:.3g}{how}{compared}. At the chosen strength "
        f"{fit.strength:.3g} they are {factor} times less probable.{beyond}"
    )
