"""The posterior of a penalized fit, by the way that its loss and its penalty allow.

squared loss, ridge             exact, Student's distribution           `rightfit.views.ridge_posterior`
squared loss, lasso, elastic net   sampled                              `rightfit.views.bayesian_lasso`
other likelihoods, ridge        approximate, normal                     `rightfit.views.laplace_approximation`
other likelihoods with a kink   none: a normal distribution cannot stand for a mode on a kink
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from rightfit.records import Posterior
from rightfit.views.bayesian_lasso import sample_lasso, usual_draws
from rightfit.views.centred_rows import CentredRows
from rightfit.views.chains import judge_chains
from rightfit.views.laplace_approximation import Approximation, approximate_posterior
from rightfit.views.penalized_fit import PenalizedFit
from rightfit.views.ridge_posterior import RidgePosterior, find_posterior

SMALL = 0.01
"""A coefficient counts as small where a change of its column by one standard deviation moves the prediction by less
than this share of the target's standard deviation (of 1 on the scale of the linear predictor where there is a link)."""
_FIRST = 1_000
"""Draws of each chain that are tried first."""
_GRID = 121
"""Points of a drawn density."""


@dataclass(frozen=True)
class Known:
    """A posterior with what can be asked of it."""

    summary: Posterior
    density: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
    """Numbers of columns (c,) -> grid (c, g) and density (c, g) of each coefficient alone."""
    normal: RidgePosterior | None = None
    """Where it is exact or approximate."""


def find_exact(fit: PenalizedFit, level: float) -> Known:
    """Squared loss and a square penalty (or none)."""
    rows = fit.centred()
    posterior = find_posterior(rows, fit.l2[rows.penalized], noise=fit.told)
    return _of_normal(fit, posterior, level, "exact")


def find_approximate(fit: PenalizedFit, level: float) -> Known:
    """Another likelihood with a square penalty."""
    return _of_normal(fit, approximate(fit).posterior, level, "approximate")


def approximate(fit: PenalizedFit) -> Approximation:
    """Laplace's approximation with its evidence."""
    return approximate_posterior(
        fit.problem,
        fit.weight,
        fit.eta,
        fit.trace.coef(fit.step)[:, 0] * fit.scale,
        fit.l2,
        fit.g,
        scale=fit.scale,
        fill=fit.trace.fill,
        flat=fit.flat,
        excluded=fit.excluded,
        noise=fit.noise,
        intercept=fit.intercept,
    )


def find_sampled(fit: PenalizedFit, level: float, *, chains: int, draws: int | None, seed: int) -> Known:
    """Squared loss and a penalty with an absolute part. Where ``draws`` are not told, they are doubled until the chains
    tell the same or have cost what `rightfit.views.bayesian_lasso.WORK` allows."""
    rows = fit.centred()
    most = usual_draws(len(rows.target), len(rows.penalized), chains)
    count = min(_FIRST, most) if draws is None else draws
    while True:
        found = sample_lasso(
            rows,
            fit.rows * fit.strength * fit.l1[rows.penalized] / np.sqrt(fit.noise),
            fit.rows * fit.strength * fit.l2[rows.penalized],
            noise=fit.told,
            chains=chains,
            draws=count,
            seed=seed,
        )
        coef = _complete(rows, found.theta, found.variance, seed)
        mixing = judge_chains(coef)
        if draws is not None or mixing.enough or 2 * count > most:
            break
        count *= 2
    flat = coef.reshape(chains * count, -1)
    tail = (1 - level) / 2
    ends = np.quantile(flat, [tail, 1 - tail], axis=0)
    small = small_sizes(fit)
    summary = Posterior(
        method="sampled",
        level=level,
        mean=flat.mean(axis=0),
        deviation=flat.std(axis=0, ddof=1),
        lower=ends[0],
        upper=ends[1],
        above=(flat > 0).mean(axis=0),
        small=small,
        near=(np.abs(flat) < small).mean(axis=0),
        r_hat=mixing.r_hat,
        bulk=mixing.bulk,
        tail=mixing.tail,
        chains=chains,
        draws=count,
    )

    def density(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        grid, height = np.zeros((2, len(columns), _GRID))
        for i, j in enumerate(columns):
            values = flat[:, j]
            if np.ptp(values) > 0:
                low, high = np.quantile(values, [0.0005, 0.9995])
                grid[i] = np.linspace(low, high, _GRID)
                height[i] = stats.gaussian_kde(values)(grid[i])
        return grid, height

    return Known(summary, density)


def small_sizes(fit: PenalizedFit) -> np.ndarray:
    """(p,) coefficients that count as small, in the units of the columns; NaN for a column that does not vary."""
    unit = 1.0
    if fit.problem.loss.quadratic:
        share = fit.weight / fit.weight.sum()
        target = fit.problem.y - fit.problem.offset
        unit = float(np.sqrt(share @ (target - share @ target) ** 2))
    with np.errstate(divide="ignore"):
        return np.where(fit.trace.scale > 0, SMALL * unit / fit.trace.scale, np.nan)


def _of_normal(
    fit: PenalizedFit, posterior: RidgePosterior, level: float, method: Literal["exact", "approximate"]
) -> Known:
    mean, scale, lower, upper = posterior.coefficients(fit.g, level)
    small = small_sizes(fit)
    student = stats.t(posterior.freedom)
    summary = Posterior(
        method=method,
        level=level,
        mean=mean,
        deviation=scale * float(student.std()),
        lower=lower,
        upper=upper,
        above=np.where(scale > 0, posterior.above(mean, scale), 0.0),
        small=small,
        near=np.where(scale > 0, posterior.above(mean, scale, -small) - posterior.above(mean, scale, small), 1.0),
    )

    def density(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        reach = np.linspace(-4, 4, _GRID)
        width = np.maximum(scale[columns], np.finfo(float).tiny)[:, None]
        return mean[columns, None] + width * reach, student.pdf(reach) / width * (scale[columns] > 0)[:, None]

    return Known(summary, density, posterior)


def _complete(rows: CentredRows, theta: np.ndarray, variance: np.ndarray, seed: int) -> np.ndarray:
    """(chains, draws, p) coefficients in the units of the columns; those with a flat prior drawn given the others."""
    coef, _ = rows.complete(theta)
    if len(rows.flat):
        size, turn = np.linalg.eigh(rows.spread)
        root = (turn * np.sqrt(np.maximum(size, 0)))[:-1]
        random = np.random.default_rng([seed, 2009])
        away = random.standard_normal((*variance.shape, len(size))) @ root.T
        coef[..., rows.flat] += np.sqrt(variance)[..., None] * away
    return coef
