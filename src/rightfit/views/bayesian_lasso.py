"""The posterior of the lasso and the elastic net, by Gibbs sampling.

On the centred rows, theta_j = s_j b_j, with lambda1 = n L1 / sigma_0 and lambda2 = n L2 (sigma_0 the noise that the
strength was read with),

    p(theta | sigma)  proportional to  sigma^-q exp( - lambda1 |theta| / sigma - lambda2 theta^2 / (2 sigma^2) ),

whose mode at sigma = sigma_0 is the penalized fit. A Laplace density is a mixture of normal ones with exponential
variances t (Park and Casella 2008, "The Bayesian lasso", JASA 103, equation 4; conditional on sigma, so that the
posterior has one mode; with lambda2, Li and Lin 2010). Given t, all is conjugate; with T = diag(t / (1 + lambda2 t)):

    sigma^2 | t, y          inverse gamma, (N / 2 + shape, y'(I + Z T Z')^-1 y / 2 + rate)
    theta | sigma, t, y     normal, mean (Z'Z + T^-1)^-1 Z'y, covariance sigma^2 (Z'Z + T^-1)^-1
    1 / t_j | theta, sigma  inverse Gaussian, mean lambda1 sigma / |theta_j|, shape lambda1^2

The first two are one block (Rajaratnam, Sparks, Khare and Zhang 2019, "Uncertainty quantification for modern
high-dimensional regression via scalable Bayesian methods", JCGS 28): noise and coefficients are drawn together, which
mixes faster than Park and Casella's three steps. With more columns than rows theta is drawn through n equations instead
of q (Bhattacharya, Chakraborty and Mallick 2016, "Fast sampling with Gaussian scale mixture priors in high-dimensional
regression", Biometrika 103, section 2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg.blas import dsyrk
from scipy.linalg.lapack import dpotrf, dtrtrs

from rightfit.errors import FitError
from rightfit.views.centred_rows import CentredRows
from rightfit.views.inverse_gaussian import draw_reciprocal

Step = Callable[[np.ndarray, np.random.Generator], tuple[np.ndarray, float]]
"""T's diagonal and random numbers in, theta and sigma^2 out."""
WORK = 1e12
"""Multiplications that the default number of draws keeps to."""
NUMBERS = 2e7
"""Numbers of all chains that it keeps to (160 MB)."""
_MOST, _LEAST = 8_000, 200
"""Draws kept of each chain, unless told."""


@dataclass(frozen=True)
class NoisePrior:
    """sigma^2 is inverse gamma beforehand; (0, 0) is p(sigma^2) = 1 / sigma^2."""

    shape: float = 0.0
    rate: float = 0.0


@dataclass(frozen=True)
class Draws:
    """What the chains drew, warm-up left out."""

    theta: np.ndarray
    """(chains, draws, q)"""
    variance: np.ndarray
    """(chains, draws) sigma^2"""


def usual_draws(rows: int, columns: int, chains: int) -> int:
    """Draws of each chain that `WORK` and `NUMBERS` allow, between 200 and 8,000."""
    small, large = sorted((rows, columns))
    each = small**3 / 3 + (small**2 * large if columns > rows else small**2) + 1e4
    return int(np.clip(min(WORK / (1.5 * chains * each), NUMBERS / (chains * columns)), _LEAST, _MOST))


def sample_lasso(
    rows: CentredRows,
    absolute: np.ndarray,
    square: np.ndarray,
    *,
    noise: float | None = None,
    noise_prior: NoisePrior = NoisePrior(),
    chains: int = 4,
    draws: int = 1_000,
    warmup: int | None = None,
    seed: int = 0,
) -> Draws:
    """Draws of theta and sigma^2.

    absolute, square : (q,) lambda1 > 0 and lambda2 >= 0 of each penalized column
    noise : sigma^2 where it is known
    warmup : draws of each chain that are thrown away; half of ``draws`` where not given

    Chains start from draws of the prior and have random numbers of their own: the same seed gives the same draws.
    """
    warmup = draws // 2 if warmup is None else warmup
    theta, variance = np.empty((chains, draws, len(absolute))), np.empty((chains, draws))
    step = _by_columns(rows, noise, noise_prior) if len(absolute) <= len(rows.target) else _by_rows(
        rows, noise, noise_prior
    )  # fmt: skip
    for chain in range(chains):
        random = np.random.default_rng([seed, 2008, chain])
        spread = random.exponential(2 / absolute**2)
        for k in range(-warmup, draws):
            found, sigma2 = step(spread / (1 + square * spread), random)
            spread = draw_reciprocal(np.abs(found) / (absolute * np.sqrt(sigma2)), absolute**2, random)
            if k >= 0:
                theta[chain, k], variance[chain, k] = found, sigma2
    return Draws(theta, variance)


def _by_columns(rows: CentredRows, noise: float | None, prior: NoisePrior) -> Step:
    """theta and sigma^2 given T through q equations, in units of sqrt(T): their matrix has no eigenvalue below 1."""
    gram, cross = rows.columns.T @ rows.columns, rows.columns.T @ rows.target
    whole = float(rows.target @ rows.target)

    def step(spread: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, float]:
        root = np.sqrt(spread)
        matrix = root[:, None] * gram * root
        matrix.flat[:: len(root) + 1] += 1.0
        factor = _factor(matrix)
        half, _ = dtrtrs(factor, root * cross, lower=1)
        sigma2 = noise or _draw_noise(max(whole - float(half @ half), 0.0), rows.freedom, prior, random)
        found, _ = dtrtrs(factor, half + np.sqrt(sigma2) * random.standard_normal(len(root)), lower=1, trans=1)
        return root * found, sigma2

    return step


def _by_rows(rows: CentredRows, noise: float | None, prior: NoisePrior) -> Step:
    """The same through as many equations as there are rows: u ~ N(0, sigma^2 T), e ~ N(0, sigma^2 I), and
    theta = u + T Z' (Z T Z' + I)^-1 (y - Z u - e)."""
    columns, target = rows.columns, rows.target

    def step(spread: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, float]:
        root = np.sqrt(spread)
        scaled = columns * root
        matrix = dsyrk(1.0, scaled, lower=1)
        matrix.flat[:: len(target) + 1] += 1.0
        factor = _factor(matrix)
        half, _ = dtrtrs(factor, target, lower=1)
        sigma2 = noise or _draw_noise(float(half @ half), rows.freedom, prior, random)
        sigma = np.sqrt(sigma2)
        start = random.standard_normal(len(root))
        away = target - sigma * (scaled @ start + random.standard_normal(len(target)))
        half, _ = dtrtrs(factor, away, lower=1)
        full, _ = dtrtrs(factor, half, lower=1, trans=1)
        return root * (sigma * start + scaled.T @ full), sigma2

    return step


def _factor(matrix: np.ndarray) -> np.ndarray:
    factor, failed = dpotrf(matrix, lower=1, clean=0, overwrite_a=1)
    if failed:
        raise FitError("the sampler met columns too large to be told apart; standardize them")
    return np.asarray(factor)


def _draw_noise(squares: float, freedom: float, prior: NoisePrior, random: np.random.Generator) -> float:
    return float((prior.rate + squares / 2) / random.standard_gamma(prior.shape + freedom / 2))
