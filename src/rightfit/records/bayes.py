"""The prior that a strength stands for, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np


def _none() -> np.ndarray:
    return np.empty(0)


@dataclass(frozen=True)
class Prior:
    """What the strength says of each coefficient before any row is seen, in the units of the columns."""

    family: str
    """``"Gaussian"``, ``"Laplace"``, ``"elastic net"`` (their product), or ``"flat"``."""
    rate: np.ndarray
    """(p,) a of exp(-a abs(b) - c b^2 / 2) at strength 1, with which it grows: one over the Laplace scale; infinite
    where the column is excluded, 0 where there is no absolute part."""
    precision: np.ndarray
    """(p,) c at strength 1, with which it grows: one over the Gaussian variance."""
    deviation: np.ndarray
    """(p,) standard deviation of the whole prior at the chosen strength; infinite where it is flat, 0 where the column
    is excluded."""


@dataclass(frozen=True)
class Posterior:
    """What is known of each coefficient after the rows were seen, at the chosen strength, in the units of the
    columns."""

    method: Literal["exact", "sampled", "approximate"]
    level: float
    mean: np.ndarray
    """(p,)"""
    deviation: np.ndarray
    """(p,)"""
    lower: np.ndarray
    upper: np.ndarray
    """(p,) ends of the central credible intervals."""
    above: np.ndarray
    """(p,) probability that the coefficient is above 0."""
    small: np.ndarray
    """(p,) what counts as small: see ``near``."""
    near: np.ndarray
    """(p,) probability that the coefficient is smaller than that in absolute size."""
    r_hat: np.ndarray = field(default_factory=_none)
    """(p,) of sampled posteriors: do the chains tell the same (below 1.01)?"""
    bulk: np.ndarray = field(default_factory=_none)
    """(p,) independent draws that the chains are worth for the middle."""
    tail: np.ndarray = field(default_factory=_none)
    """(p,) and for the ends of the intervals."""
    chains: int = 0
    draws: int = 0
    """Of each chain, warm-up not counted."""


@dataclass(frozen=True)
class MarginalLikelihood:
    """How probable the data are at each strength, coefficients and noise averaged over their priors."""

    value: np.ndarray
    """(K,) logarithm, less its largest value here or at the maximum; NaN where it does not exist."""
    strength: float
    """Where it is largest, found without a grid; infinite where the data prefer no column at all. The best step of the
    path where seeking it would take long."""
    slope: float
    """Its derivative in log strength there, the certificate; NaN where it is approximated."""
    sentence: str


@dataclass(frozen=True)
class Slices:
    """Prior, likelihood and posterior of c coefficients along the path, in the units of the columns."""

    columns: np.ndarray
    """(c,) int64"""
    place: np.ndarray
    """(K, c) the most likely value of each, the others held at the fit."""
    width: np.ndarray
    """(K, c) deviation of that likelihood."""
    grid: np.ndarray
    """(c, g) values of the coefficient for ``density``; (c, 0) where there is none."""
    density: np.ndarray
    """(c, g) of the posterior at the chosen strength with the others left uncertain."""
    spread: np.ndarray
    """(K, c) posterior deviation with the others left uncertain, at every strength; (0, c) where it is not known."""


@dataclass(frozen=True)
class Predictive:
    """Intervals for new rows: noise and uncertain coefficients together."""

    level: float
    covered: float
    """Share of the rows inside the interval that the other rows give them."""
    width: float
    """Mean width, in the unit of the target."""
    noise: float
    """Share of the predictive variance that is noise of single rows, mean over the rows."""


@dataclass(frozen=True)
class Bayes:
    """The path read as a prior, and the posterior of the chosen step."""

    strengths: np.ndarray = field(default_factory=_none)
    """(K,)"""
    step: int = 0
    rows: float = 0.0
    """n: the sum of the row weights, each of which counts as so many rows."""
    noise: float = float("nan")
    """Noise variance, or the dispersion, with which the strength was read."""
    noise_sentence: str = ""
    prior: Prior | None = None
    posterior: Posterior | None = None
    marginal: MarginalLikelihood | None = None
    slices: Slices | None = None
    predictive: Predictive | None = None
    debiased: np.ndarray = field(default_factory=_none)
    """(p, 2) ends of the debiased confidence intervals at the same level; empty where there are none."""
    bootstrap: np.ndarray = field(default_factory=_none)
    """(p, 2) ends of the bootstrap percentile intervals of the penalized coefficient."""
    sentences: tuple[str, ...] = ()
    """What the view says, and what it rests on."""
