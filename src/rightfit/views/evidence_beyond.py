"""The most probable strength of a ridge with a likelihood loss, between and beyond the steps of its path.

At a penalized fit with Laplace's approximation, g = gamma v / |theta|^2 is a fixed point of the evidence where the
curvature of the rows is taken as given (MacKay 1992, "The evidence framework applied to classification networks",
Neural Computation 4). Every step fits once more, at the new strength.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from rightfit.records import Resamples
from rightfit.views.penalized_fit import PenalizedFit, at_step
from rightfit.views.posteriors import approximate

if TYPE_CHECKING:
    from rightfit.learners.linear import Linear

_STEPS = 25
_NEAR = 1e-3
"""Change of log g at which the fixed point is reached."""
_FAR = 1e4
"""How far beyond the start it is followed, as a factor."""


@dataclass(frozen=True)
class Beyond:
    """Where the fixed point ended."""

    strength: float
    """Infinite where it rises beyond all bounds: the data prefer no column at all."""
    value: float
    """Log evidence there, on the scale of `rightfit.views.laplace_approximation`."""
    rest: float
    """Change of log strength that the next step would make: the certificate."""
    steps: int


def follow_evidence(fit: PenalizedFit, learner: Linear, start: float) -> Beyond:
    """From strength ``start``; ``learner`` fits at any strength."""
    own: Any = replace(learner, unpenalized=False)
    strength, jump = start, np.inf
    for step in range(1, _STEPS + 1):
        path = replace(own, strengths=np.array([strength])).fit_paths(fit.problem, Resamples.full(fit.weight))
        here = at_step(
            fit.problem,
            fit.weight,
            path[0].trace(),
            0,
            fit.penalty,
            standardize=own.standardize,
            intercept=fit.intercept,
            noise=fit.noise,
        )
        found = approximate(here)
        theta = path[0].trace().coef(0)[:, 0] * here.scale
        pull = float(here.l2 @ theta**2)
        target = found.posterior.determined(here.g) * fit.noise / pull / fit.rows if pull > 0 else np.inf
        jump = float(np.log(np.clip(target, start / _FAR, start * _FAR) / strength))
        if abs(jump) <= _NEAR:
            break
        if step < _STEPS:
            strength *= float(np.exp(jump))
    endless = strength >= 0.99 * start * _FAR
    return Beyond(np.inf if endless else strength, found.evidence, jump, step)
