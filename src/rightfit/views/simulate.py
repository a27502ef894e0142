"""Bias and variance where the truth is known: the same rows again and again, with fresh noise on their target.

With R repetitions, d_r = prediction - mean of the target, an (n,) vector, and the products g_rs = d_r' d_s / n,

    squared bias  mean of g_rs over r != s      variance  mean of g_rr - squared bias
    noise         what is left of the squared error of the models on targets with fresh noise

The first two are U-statistics, free of bias for every R >= 2, and the three add up to the measured error exactly.
Standard errors are those of the jackknife over repetitions; rows are fixed here and add nothing to them.
"""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import numpy as np

from rightfit.catalog import find
from rightfit.contracts import Design, Learner, Problem
from rightfit.data.design import make_design
from rightfit.errors import OptionError
from rightfit.records import BiasVariance, Decomposition, Resamples


def simulate_bias_variance(
    learner: Learner,
    design: np.ndarray | Design,
    mean: np.ndarray,
    noise: float | np.ndarray,
    *,
    count: int = 200,
    seed: int = 0,
) -> BiasVariance:
    """Squared bias, variance and noise at every step of the learner's path on fixed rows.

    design  (n, p) columns
    mean    (n,) mean of the target
    noise   its standard deviation, or one for each row: the target is Gaussian
    count   repetitions, each a fit and a fresh target to be judged on

    Strengths are the learner's own where it has some, else those of a fit on ``mean`` without noise. Raises OptionError
    for what makes no sense, and what the learner raises.
    """
    table = design if isinstance(design, Design) else make_design(np.asarray(design, np.float64))
    mean, spread = np.asarray(mean, np.float64), np.asarray(noise, np.float64)
    if mean.shape != (table.n,) or spread.shape not in ((), (table.n,)):
        raise OptionError(f"mean and noise: give {table.n} numbers, one for each row; noise may be a single one")
    if count < 3 or not (spread >= 0).all() or not np.isfinite(spread).all():
        raise OptionError("count must be 3 or more, and noise a finite standard deviation of 0 or more")
    full = Resamples.full(np.ones(table.n))
    start = Problem(table, mean, find("losses", "squared")(), np.zeros(table.n))
    learner = _at_fixed_strengths(learner, start, full)
    generator = np.random.default_rng([seed, 11])
    away, error = [], []
    for _ in range(count):
        taught, judged = mean + spread * generator.standard_normal((2, table.n))
        path = learner.fit_paths(replace(start, y=taught), full)[0]
        eta = path.predict(table)[:, :, 0]
        away.append(eta - mean)
        error.append(((judged - eta) ** 2).mean(axis=1))
    part = _take_apart(np.stack(away, axis=1), np.stack(error, axis=1))
    return BiasVariance(
        strengths=np.asarray(path.strengths, np.float64),
        parts=(part,),
        step=int(np.nanargmin(part.total)),
        models=count,
        teaching=float(table.n),
        rows=table.n,
        name=f"{count} repetitions with fresh noise",
        axis=path.axis,
    )


def _at_fixed_strengths(learner: Learner, problem: Problem, full: Resamples) -> Learner:
    if getattr(learner, "strengths", True) is not None:  # it has some, or is no learner that can be told
        return learner
    strengths = learner.fit_paths(problem, full)[0].strengths
    return dataclasses.replace(learner, strengths=strengths)  # type: ignore[type-var]


def _take_apart(away: np.ndarray, error: np.ndarray) -> Decomposition:
    """From predictions less the mean (K, R, n) and squared errors on fresh targets (K, R)."""
    count, n = away.shape[1:]
    products = away @ away.transpose(0, 2, 1) / n  # (K, R, R)
    own = np.einsum("krr->kr", products)
    total, every = own.sum(axis=1), products.sum(axis=(1, 2))
    bias = (every - total) / (count * (count - 1))
    left = every[:, None] - 2 * products.sum(axis=2) + own  # sums without repetition r
    own_left = total[:, None] - own
    bias_left = (left - own_left) / ((count - 1) * (count - 2))
    variance, variance_left = total / count - bias, own_left / (count - 1) - bias_left
    lost = error.mean(axis=1)
    extra = error - own
    return Decomposition(
        measure="squared error",
        bias=bias,
        bias_error=_jackknife(bias_left),
        variance=variance,
        variance_error=_jackknife(variance_left),
        noise=lost - bias - variance,
        noise_error=extra.std(axis=1, ddof=1) / np.sqrt(count),
        total=lost,
        total_error=error.std(axis=1, ddof=1) / np.sqrt(count),
        sentence="Squared bias is the squared difference of the mean prediction from the truth, variance the mean "
        "squared distance of single fits from that mean, both free of bias for any number of repetitions; noise is the "
        "rest of the error on fresh targets.",
    )


def _jackknife(left: np.ndarray) -> np.ndarray:
    """(K,) standard errors from estimates (K, R) that leave one repetition out."""
    count = left.shape[1]
    return np.asarray(np.sqrt((count - 1) / count * ((left - left.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)))
