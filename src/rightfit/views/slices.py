"""Prior times likelihood is posterior, for one coefficient at a time and at every strength.

With all other coefficients held at the fit and the intercept free, minus the log likelihood of b_j is (b_j - m)^2 / (2
e^2), exactly for squared loss and to second order for others. With x the column less its mean under weights w l'',

    m = b_j - sum w x l' / sum w x^2 l'',        e^2 = v / sum w x^2 l''

and times the prior exp(-a |b| - c b^2 / 2) its mode is soft(m / e^2, a) / (1 / e^2 + c): the coefficient of the
penalized fit, exactly zero where the kink of a Laplace prior holds it there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rightfit.contracts import Problem
from rightfit.records import Trace


@dataclass(frozen=True)
class Likelihoods:
    """(K, c) each: the likelihood of c coefficients at K steps, in the units of the columns."""

    place: np.ndarray
    """m, the most likely value."""
    width: np.ndarray
    """e"""


def slice_likelihoods(
    problem: Problem, weight: np.ndarray, trace: Trace, columns: np.ndarray, noise: float, *, intercept: bool = True
) -> Likelihoods:
    """The likelihoods of some ``columns`` (c,) along the path of the full fit."""
    design = problem.design
    values = design.collect(columns, trace.fill)
    place, width = np.empty((2, len(trace), len(columns)))
    for k in range(len(trace)):
        eta = predict(problem, trace, k)
        slope, curvature = problem.loss.slope(problem.y, eta), problem.loss.second_derivative(problem.y, eta)
        pull = weight * curvature
        away = values - (pull @ values / pull.sum() if intercept else -design.shift(columns))
        told = pull @ away**2
        with np.errstate(divide="ignore", invalid="ignore"):
            place[k] = trace.coef(k)[columns, 0] - (weight * slope) @ away / told
            width[k] = np.sqrt(noise / told)
    return Likelihoods(place, width)


def predict(problem: Problem, trace: Trace, step: int) -> np.ndarray:
    """(n,) linear predictors of one step, offset included."""
    coef = trace.coef(step)
    used = np.flatnonzero(coef[:, 0])
    found = problem.design.dot_columns(used, coef[used], trace.fill)[:, 0]
    return np.asarray(problem.offset + trace.intercept[step, 0] + found)
