"""The marginal likelihood at every strength of a path of ridges, and where it is largest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rightfit.records import Curve, MarginalLikelihood
from rightfit.views.evidence_beyond import follow_evidence
from rightfit.views.marginal_likelihood import climb_marginal
from rightfit.views.penalized_fit import PenalizedFit
from rightfit.views.posteriors import approximate
from rightfit.views.ridge_posterior import RidgePosterior
from rightfit.views.slices import predict

if TYPE_CHECKING:
    from rightfit.learners.linear import Linear

_WORK = 1e12
"""Multiplications that Laplace's approximations keep to: each takes a decomposition, of about 6 n p min(n, p)."""
_REFITS = 10
"""Approximations that must be affordable before the best strength is sought beyond the steps of the path."""
_FEWEST = 5
"""Steps at which it is taken in any case."""


def weigh_path(
    fit: PenalizedFit, posterior: RidgePosterior | None, learner: Linear, curve: Curve
) -> MarginalLikelihood | None:
    """For squared loss exactly, from the one decomposition of ``posterior``; else by Laplace's approximation at every
    step, or at some where that would take long. A strength of 0 has none: its prior has no integral."""
    strengths = fit.trace.strengths
    if posterior is None or not (fit.strength > 0) or not (fit.l2 > 0).any():
        return None
    if fit.problem.loss.quadratic:
        return _exact(fit, posterior, curve)
    n, p = len(fit.weight), fit.trace.features
    steps = np.flatnonzero((strengths > 0) & np.isfinite(strengths))
    affordable = _WORK / (6.0 * n * p * min(n, p))
    count = int(np.clip(affordable, _FEWEST, len(steps)))
    if count < len(steps):
        steps = np.unique(np.append(steps[np.linspace(0, len(steps) - 1, count).astype(int)], fit.step))
    value = np.full(len(strengths), np.nan)
    for k in steps:
        here = replace(fit, step=int(k), eta=predict(fit.problem, fit.trace, int(k)))
        value[k] = approximate(here).evidence
    best = int(np.nanargmax(value))
    if affordable < _REFITS:
        top, strength = float(value[best]), float(strengths[best])
        sentence = _say(fit, curve, strength, top - float(value[fit.step]), " (approximately, among steps of the path)")
        return MarginalLikelihood(value - top, strength, float("nan"), sentence)
    end = follow_evidence(fit, learner, float(strengths[best]))
    top = max(end.value, float(value[best]))
    sentence = _say(fit, curve, end.strength, top - float(value[fit.step]), " (approximately)")
    if np.isfinite(end.strength):
        sentence += (
            f" It was found without a grid, by MacKay's fixed point with {end.steps} fits; the next one would change "
            f"it by {100 * abs(np.expm1(end.rest)):.1g} %."
        )
    return MarginalLikelihood(value - top, end.strength, float("nan"), sentence)


def _exact(fit: PenalizedFit, posterior: RidgePosterior, curve: Curve) -> MarginalLikelihood:
    strengths = fit.trace.strengths
    g = np.where(strengths > 0, fit.rows * strengths, np.nan)
    value = posterior.log_marginal(g)
    good = np.flatnonzero(np.isfinite(value))
    starts = g[[good[0], good[int(np.argmax(value[good]))], good[-1]]]
    top = climb_marginal(posterior, starts)
    strength = top.g / fit.rows
    gain = top.value - float(posterior.log_marginal(fit.g))
    sentence = _say(fit, curve, strength, gain)
    if np.isfinite(strength):
        sentence += (
            f" It was found without a grid, by {top.steps} steps of MacKay's fixed point; the derivative there, in "
            f"logarithms of both, is {top.slope:.1g}."
        )
    return MarginalLikelihood(value - max(top.value, float(np.nanmax(value))), strength, top.slope, sentence)


def _say(fit: PenalizedFit, curve: Curve, strength: float, gain: float, how: str = "") -> str:
    """The most probable strength beside the one of folds."""
    best = float(curve.strengths[int(np.nanargmin(curve.mean))]) if np.isfinite(curve.mean).any() else float("nan")
    if not np.isfinite(strength):
        return (
            "The marginal likelihood rises with the strength without end: under this prior the data are most probable "
            "with no column at all."
        )
    compared = f"; held-out rows lose least at strength {best:.3g}" if np.isfinite(best) else ""
    if gain < 0.01:
        return f"The data are most probable at the chosen strength, {strength:.3g}{how}{compared}."
    factor = f"e^{gain:.1f}" if gain > 7 else f"{np.exp(gain):.3g}"
    return (
        f"The data are most probable at strength {strength:.3g}{how}{compared}. At the chosen strength "
        f"{fit.strength:.3g} they are {factor} times less probable."
    )
