"""A penalized linear fit as a Bayesian reads it: which columns have which prior, and what the chosen step is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rightfit.contracts import Penalty, Problem
from rightfit.errors import OptionError
from rightfit.records import Trace
from rightfit.views.centred_rows import CentredRows, centre_rows
from rightfit.views.ground import Ground
from rightfit.views.noise import check_loss, estimate_noise
from rightfit.views.priors import Priors, lacks_prior, read_priors
from rightfit.views.slices import predict


@dataclass(frozen=True)
class PenalizedFit:
    """One step of a path with its rows and its penalty, at which the strength is read as a prior."""

    problem: Problem
    weight: np.ndarray
    trace: Trace
    step: int
    penalty: Penalty
    scale: np.ndarray
    """(p,) s_j: standard deviations where columns are standardized, else ones."""
    l1: np.ndarray
    """(p,) price of s_j |b_j| at strength 1; 0 where the column is excluded."""
    l2: np.ndarray
    """(p,) price of s_j^2 b_j^2 / 2 at strength 1."""
    excluded: np.ndarray
    """(p,) bool: left out by the penalty, or does not vary."""
    eta: np.ndarray
    """(n,) linear predictors of the step, offset included."""
    noise: float
    """v: estimated at this step, or told."""
    noise_sentence: str
    told: float | None = None
    """v where it was told."""
    intercept: bool = True

    @property
    def rows(self) -> float:
        """n: the sum of the weights."""
        return float(self.weight.sum())

    @property
    def strength(self) -> float:
        return float(self.trace.strengths[self.step])

    @property
    def g(self) -> float:
        """n times the strength: the penalty on the scale of sums; 1 where nothing is penalized, and it matters not."""
        return self.rows * self.strength or 1.0

    @property
    def flat(self) -> np.ndarray:
        """(p,) bool: columns without a penalty at this step; all of them where its strength is 0."""
        free = (self.l1 == 0) & (self.l2 == 0) if self.strength > 0 else np.ones(len(self.scale), bool)
        return np.asarray(free & ~self.excluded)

    @property
    def absolute(self) -> bool:
        """Some coefficient has an absolute price: there is a kink at zero."""
        return self.strength > 0 and bool((self.l1 > 0).any())

    def priors(self, strength: float) -> Priors:
        """The priors at any strength, with the noise of this step."""
        found = read_priors(self.penalty, strength, self.scale, rows=self.rows, noise=self.noise)
        return Priors(np.where(self.excluded, np.inf, found.rate), np.where(self.excluded, 0.0, found.precision))

    def centred(self) -> CentredRows:
        """The rows, with everything flat taken out, for squared loss."""
        return centre_rows(
            self.problem,
            self.weight,
            self.problem.y - self.problem.offset,
            scale=self.scale,
            fill=self.trace.fill,
            flat=self.flat,
            excluded=self.excluded,
            intercept=self.intercept,
        )


def read_fit(ground: Ground, *, noise: float | None = None) -> PenalizedFit:
    """The chosen step of a run. ``noise`` tells v; else it is estimated.

    OptionError says in a sentence why a run has no such reading: no coefficients, a loss that is no likelihood of
    independent rows, a penalty that is no prior.
    """
    run = ground.run
    if run.trace.measures != "coefficients":
        raise OptionError(
            f"the run's model, a {run.penalty}, has no coefficients that a prior could speak of; `rightfit fit "
            "--learners linear` finds one that has"
        )
    learner: Any = ground.learner
    check_loss(ground.problem)
    reason = lacks_prior(learner.penalty, ground.problem.design.p)
    if reason:
        raise OptionError(reason)
    if learner.relax:
        raise OptionError("a relaxed fit is no mode of a posterior: it is a mixture of two fits; fit without relax")
    return at_step(
        ground.problem,
        ground.weight,
        run.trace,
        run.choice.step,
        learner.penalty,
        standardize=learner.standardize,
        intercept=learner.intercept,
        noise=noise,
    )


def at_step(
    problem: Problem,
    weight: np.ndarray,
    trace: Trace,
    step: int,
    penalty: Penalty,
    *,
    standardize: bool = True,
    intercept: bool = True,
    noise: float | None = None,
) -> PenalizedFit:
    """One step of any path of the full fit."""
    tangent = penalty.tangent(np.zeros(trace.features), 1.0)
    excluded = np.isinf(tangent.l1) | ~(trace.scale > 0)
    eta = predict(problem, trace, step)
    if noise is None:
        found, sentence = estimate_noise(problem, weight, eta, float(trace.complexity[step]))
    elif np.isfinite(noise) and noise > 0:
        found, sentence = float(noise), "told"
    else:
        raise OptionError(f"noise is a variance: it must be above 0 and finite, not {noise!r}")
    return PenalizedFit(
        problem=problem,
        weight=weight,
        trace=trace,
        step=step,
        penalty=penalty,
        scale=np.where(trace.scale > 0, trace.scale, 1.0) if standardize else np.ones(trace.features),
        l1=np.where(excluded, 0.0, tangent.l1),
        l2=np.where(excluded, 0.0, tangent.l2),
        excluded=excluded,
        eta=eta,
        noise=found,
        noise_sentence=sentence,
        told=noise,
        intercept=intercept,
    )
