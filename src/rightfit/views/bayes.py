"""The Bayesian view of a run: the prior that its strength stands for, and the posterior of the chosen step."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from rightfit.errors import FitError, OptionError
from rightfit.evidence.bootstrap_paths import bootstrap_paths
from rightfit.evidence.debiased import debias
from rightfit.records import Bayes, Predictive, Prior, Slices
from rightfit.views import bayes_words as words
from rightfit.views.evidence_along_path import weigh_path
from rightfit.views.ground import Ground
from rightfit.views.penalized_fit import PenalizedFit, read_fit
from rightfit.views.posteriors import Known, find_approximate, find_exact, find_sampled
from rightfit.views.slices import slice_likelihoods

MOST_SAMPLED = 2_000
"""Columns whose posterior is sampled."""
MOST_BESIDE = 300
"""Columns for which debiased and bootstrap intervals are computed beside without being asked for."""
_DRAWN = 30
"""Coefficients whose prior, likelihood and posterior are drawn."""


def see(
    ground: Ground,
    *,
    level: float = 0.95,
    noise: float | None = None,
    chains: int = 4,
    draws: int | None = None,
    seed: int | None = None,
    beside: bool | None = None,
    count: int = 100,
) -> Bayes:
    """The view of the chosen step.

    Parameters
    ----------
    level : share that credible intervals hold
    noise : the noise variance (dispersion) where it is known; estimated where it is not told
    chains, draws, seed : of the sampler, for squared loss with a lasso or an elastic net; where not told, 1,000 draws
        of each chain, doubled up to 8,000 while the chains differ, within 10^12 multiplications; the seed is the run's
    beside : compute debiased and ``count`` bootstrap intervals beside the credible ones; where not told, for at most
        300 columns

    Raises
    ------
    OptionError, FitError
        In a sentence: options without sense; a model without coefficients; a loss that is no likelihood of independent
        rows; a penalty that is no prior of single coefficients.
    """
    _check(level, chains, draws)
    seed = ground.run.seed if seed is None else seed
    learner: Any = ground.learner
    with threadpool_limits(1):  # sums in one order, so that the same seed gives the same bytes
        fit = read_fit(ground, noise=noise)
        known, lacking = _know(fit, level, chains, draws, seed)
        if known is not None and known.normal is not None and fit.problem.loss.quadratic and fit.told is None:
            sentence = words.integrated(known.normal.freedom, penalized=fit.strength > 0)
            fit = replace(fit, noise=float(known.normal.variance(fit.g)), noise_sentence=sentence)
        here, at_one = fit.priors(fit.strength), fit.priors(1.0)
        beside = fit.trace.features <= MOST_BESIDE if beside is None else beside
        debiased, bootstrap = _beside(ground, fit, level, count, seed) if beside else (np.empty(0), np.empty(0))
        found = Bayes(
            strengths=fit.trace.strengths,
            step=fit.step,
            rows=fit.rows,
            noise=fit.noise,
            noise_sentence=fit.noise_sentence,
            prior=Prior(here.family, at_one.rate, at_one.precision, here.deviation()),
            posterior=None if known is None else known.summary,
            marginal=None
            if fit.absolute or known is None
            else weigh_path(fit, known.normal, learner, ground.run.curve),
            slices=_slices(fit, known),
            predictive=_predictive(fit, known, level),
            debiased=debiased,
            bootstrap=bootstrap,
        )
        sentences = words.say(ground.run, fit, found, lacking, grouped=ground.unit is not None)
    return replace(found, sentences=sentences)


def _know(fit: PenalizedFit, level: float, chains: int, draws: int | None, seed: int) -> tuple[Known | None, str]:
    """The posterior, or why there is none."""
    try:
        if not fit.absolute:
            return (find_exact if fit.problem.loss.quadratic else find_approximate)(fit, level), ""
        if not fit.problem.loss.quadratic:
            return None, words.KINK
        if int((fit.l1 > 0).sum()) > MOST_SAMPLED:
            return None, words.too_many(int((fit.l1 > 0).sum()), MOST_SAMPLED)
        return find_sampled(fit, level, chains=chains, draws=draws, seed=seed), ""
    except (OptionError, FitError) as error:
        return None, f"No posterior: {error}."


def _slices(fit: PenalizedFit, known: Known | None) -> Slices | None:
    """Prior, likelihood and posterior of the coefficients that matter most: at the chosen step, then by how early they
    enter the path."""
    trace = fit.trace
    size = np.abs(trace.coef(fit.step)[:, 0]) * trace.scale
    enters = np.full(trace.features, len(trace))
    for k in range(len(trace) - 1, -1, -1):
        enters[trace.indices[trace.indptr[k] : trace.indptr[k + 1]]] = k
    columns = np.lexsort((enters, -size))[:_DRAWN]
    columns = columns[~fit.excluded[columns]]
    if not len(columns):
        return None
    likelihoods = slice_likelihoods(fit.problem, fit.weight, trace, columns, fit.noise, intercept=fit.intercept)
    grid = density = np.zeros((len(columns), 0))
    spread = np.zeros((0, len(columns)))
    if known is not None:
        grid, density = known.density(columns)
        if known.normal is not None and fit.problem.loss.quadratic and not len(known.normal.rows.flat):
            where = np.searchsorted(known.normal.rows.penalized, columns)
            g = np.maximum(fit.rows * trace.strengths, np.finfo(float).tiny)
            some = np.where(trace.strengths > 0, g, np.nan)
            spread = known.normal.deviation(some)[:, where] / fit.scale[columns]
    return Slices(columns, likelihoods.place, likelihoods.width, grid, density, spread)


def _predictive(fit: PenalizedFit, known: Known | None, level: float) -> Predictive | None:
    """How well the intervals hold rows that were left out, each judged by the posterior of all others: with h the
    leverage, its mean is y - r / (1 - h) and its variance v / (1 - h)."""
    if known is None or known.normal is None or not fit.problem.loss.quadratic:
        return None
    lever = known.normal.leverages(fit.g)
    live = np.flatnonzero(fit.weight > 0)
    equal = fit.weight[live] == fit.weight[live][0]
    if not equal.all() or (lever >= 1 - 1e-9).any():
        return None
    v, width = float(known.normal.variance(fit.g)), known.normal.quantile(level)
    away = np.abs(fit.problem.y[live] - fit.eta[live])
    inside = away / (1 - lever) <= width * np.sqrt(v / (1 - lever))
    return Predictive(
        level, float(inside.mean()), float(2 * width * np.sqrt(v / (1 - lever)).mean()), float((1 - lever).mean())
    )


def _beside(ground: Ground, fit: PenalizedFit, level: float, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Debiased and bootstrap intervals (p, 2) at the same step; empty where they do not exist."""
    learner: Any = ground.learner
    trace, debiased, bootstrap = fit.trace, np.empty(0), np.empty(0)
    with suppress(OptionError, FitError):
        found = debias(fit.problem, fit.weight, learner, trace, fit.step, level=level)
        debiased = np.column_stack([found.lower, found.upper])
    with suppress(OptionError, FitError):
        here = replace(learner, strengths=trace.strengths[fit.step : fit.step + 1], unpenalized=False)
        paths = bootstrap_paths(fit.problem, fit.weight, here, count=count, level=level, group=ground.unit, seed=seed)
        bootstrap = np.column_stack([paths.lower[0, :, 0], paths.upper[0, :, 0]])
    return debiased, bootstrap


def _check(level: float, chains: int, draws: int | None) -> None:
    if not 0 < level < 1:
        raise OptionError(f"level must be a share above 0 and below 1, such as 0.95, not {level!r}")
    if not 2 <= chains <= 64:
        raise OptionError(f"chains must lie between 2 and 64, so that they can be compared, not {chains}")
    if draws is not None and not 50 <= draws <= 1_000_000:
        raise OptionError(f"draws of each chain must be 50 or more, not {draws}")
