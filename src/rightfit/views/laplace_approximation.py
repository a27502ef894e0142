"""The posterior of a ridge with a likelihood loss, as the normal distribution that touches it at its mode.

At the penalized fit, with slopes l' and second derivatives l'' of the rows' losses, minus the log posterior has the
second derivative (X' diag(w l'') X + n L2 s^2) / v (Laplace's approximation; MacKay 1992, "The evidence framework
applied to classification networks", Neural Computation 4; Rasmussen and Williams 2006, section 3.4). That is the exact
posterior of a linear model with weights w l'', target eta - l' / l'' and noise v, so that everything of
`RidgePosterior` serves. The evidence is, up to a constant that does not depend on the strength,

    l(g) = - n (mean loss) / v - g |theta|^2 / (2 v) - 1/2 sum log(1 + D^2 / g) - 1/2 log |U' diag(w l'') U|

with U the flat part (intercept, unpenalized columns), D the singular values of the penalized columns, g = n L2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rightfit.contracts import Problem
from rightfit.views.centred_rows import centre_rows
from rightfit.views.ridge_posterior import RidgePosterior, find_posterior

_LEAST = 1e-12
"""Curvature, as a share of the largest one, below which a row says nothing."""


@dataclass(frozen=True)
class Approximation:
    """The normal posterior at one strength, and the logarithm of the evidence."""

    posterior: RidgePosterior
    evidence: float


def approximate_posterior(
    problem: Problem,
    weight: np.ndarray,
    eta: np.ndarray,
    theta: np.ndarray,
    factor: np.ndarray,
    g: float,
    *,
    scale: np.ndarray,
    fill: np.ndarray,
    flat: np.ndarray,
    excluded: np.ndarray,
    noise: float = 1.0,
    intercept: bool = True,
) -> Approximation:
    """At the penalized fit with linear predictors eta (n,) and coefficients theta (p,) of columns in units of
    ``scale``.

    factor : (p,) penalty factors of the square part; g : n L2
    """
    loss = problem.loss
    slope, curvature = loss.slope(problem.y, eta), loss.second_derivative(problem.y, eta)
    pull = np.where(curvature > _LEAST * curvature.max(), weight * curvature, 0.0)
    target = eta - problem.offset - np.divide(slope, curvature, out=np.zeros_like(slope), where=pull > 0)
    rows = centre_rows(
        problem, pull, target, scale=scale, fill=fill, flat=flat, excluded=excluded, intercept=intercept,
        rows=float(weight.sum()),
    )  # fmt: skip
    posterior = find_posterior(rows, factor[rows.penalized], noise=noise)
    fit = float(weight @ loss.value(problem.y, eta)) / noise
    price = g * float(factor[rows.penalized] @ theta[rows.penalized] ** 2) / (2 * noise)
    spectrum = np.linalg.eigvalsh(rows.spread)
    flat_part = 0.5 * float(np.log(spectrum[spectrum > 0]).sum())
    spread = 0.5 * float(np.log1p(posterior.size**2 / g).sum())
    return Approximation(posterior, -fit - price - spread + flat_part)
