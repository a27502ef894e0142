"""Have the chains of a sampler mixed, and how many independent draws are they worth?

Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021, "Rank-normalization, folding, and localization: an improved R-hat
for assessing convergence of MCMC", Bayesian Analysis 16, sections 3 and 4:

    R-hat      sqrt of (variance of all draws / mean variance within chains), of half chains whose draws were replaced
               by normal scores of their ranks (and the same of |draw - median|, for chains that differ in spread
               alone); below 1.01 the chains tell the same
    bulk size  draws over 1 + 2 sum of autocorrelations of those scores, summed by Geyer's initial monotone pairs
    tail size  the smaller one of the sizes of the indicators "below the 5 % quantile" and "below the 95 % quantile"
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import ndtri
from scipy.stats import rankdata

MIXED = 1.01
"""Largest R-hat of chains that have mixed."""
ENOUGH = 400
"""Effective draws that quantiles and R-hat need (section 4.3: 100 a chain, of four chains)."""


@dataclass(frozen=True)
class Mixing:
    """(p,) each."""

    r_hat: np.ndarray
    bulk: np.ndarray
    tail: np.ndarray

    @property
    def worst(self) -> float:
        """Largest R-hat of a quantity that moves; 1 where none does."""
        return float(np.nanmax(self.r_hat, initial=1.0))

    @property
    def least(self) -> float:
        """Smallest effective size of one; infinite where none moves."""
        return float(np.nanmin([self.bulk, self.tail], initial=np.inf))

    @property
    def enough(self) -> bool:
        """The chains tell the same, with as many draws as that takes."""
        return self.worst < MIXED and self.least >= ENOUGH


def judge_chains(draws: np.ndarray) -> Mixing:
    """``draws`` (chains, draws, p), at least 8 draws a chain. A quantity that never moves has NaN throughout."""
    p = draws.shape[2]
    out = np.full((3, p), np.nan)
    for j in range(p):
        x = _split(draws[:, :, j])
        if np.ptp(x) == 0:
            continue
        folded = np.abs(x - np.median(x))
        scores = _scores(x)
        out[0, j] = max(_r_hat(scores), _r_hat(_scores(folded)))
        out[1, j] = effective_size(scores)
        ends = np.quantile(x, [0.05, 0.95])
        out[2, j] = min(effective_size((x <= end).astype(float)) for end in ends)
    return Mixing(*out)


def effective_size(x: np.ndarray) -> float:
    """Independent draws that chains x (chains, draws) are worth for their mean; at most total times log10(total)."""
    chains, length = x.shape
    total = chains * length
    centred = x - x.mean(axis=1, keepdims=True)
    spectrum = rfft(centred, next_fast_len(2 * length), axis=1)
    covariance = irfft(np.abs(spectrum) ** 2, next_fast_len(2 * length), axis=1)[:, :length] / length
    within = covariance[:, 0].mean() * length / (length - 1)
    whole = covariance[:, 0].mean() + (x.mean(axis=1).var(ddof=1) if chains > 1 else 0.0)
    if whole <= 0:
        return float("nan")
    correlation = 1 - (within - covariance.mean(axis=0)) / whole
    correlation[0] = 1.0
    even = length // 2 * 2
    pairs = correlation[0:even:2] + correlation[1:even:2]
    below = np.flatnonzero(pairs < 0)
    pairs = np.minimum.accumulate(pairs[: below[0] if len(below) else len(pairs)])
    time = max(2 * float(pairs.sum()) - 1, 1 / np.log10(total))
    return total / time


def _split(x: np.ndarray) -> np.ndarray:
    """Each chain as two halves, so that a chain that drifts differs from itself."""
    half = x.shape[1] // 2
    return np.concatenate([x[:, :half], x[:, -half:]])


def _scores(x: np.ndarray) -> np.ndarray:
    """Normal scores of the ranks over all chains (their equation 14)."""
    ranks = rankdata(x, method="average").reshape(x.shape)
    return np.asarray(ndtri((ranks - 0.375) / (x.size + 0.25)))


def _r_hat(x: np.ndarray) -> float:
    length = x.shape[1]
    within = x.var(axis=1, ddof=1).mean()
    between = x.mean(axis=1).var(ddof=1)
    return float(np.sqrt((length - 1) / length + between / within)) if within > 0 else float("inf")
