"""The .632 and .632+ estimates of error from bootstrap resamples.

A model of a bootstrap resample has seen about 63.2 % of the rows, so its loss on the rows that it missed, E1, is too
large, as the loss on the own rows, err, is too small. With the full fit's rows and steps,

    .632     (1 - w) err + w E1,   w = 0.632
    .632+    the same with w = 0.632 / (1 - 0.368 R),   R = (E1 - err) / (G - err) in [0, 1]

where G is the loss of the full fit's predictions dealt to the wrong rows, the no-information loss: the more a step
overfits, the less its own rows count. E1 above G counts as G. Efron 1983, "Estimating the error rate of a prediction
rule", JASA 78, section 6; Efron and Tibshirani 1997, "Improvements on cross-validation: the .632+ bootstrap method",
JASA 92, equations 24 to 32.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rightfit.contracts import Learner, Path, Problem
from rightfit.errors import OptionError
from rightfit.evidence.crossfit import crossfit, lose_constant
from rightfit.records import Evidence, Resamples

_SHARE = 0.632
_SHIFTS = 200
"""Ways to deal the predictions to other rows: all of them up to this number of rows, so many drawn ones above."""


def bootstrap_632(
    problem: Problem, resamples: Resamples, learner: Learner, *, plus: bool = True, seed: int = 0
) -> tuple[Sequence[Path], Evidence]:
    """All paths and evidence whose mean by step is the .632+ estimate (.632 without ``plus``); rules read it as any.

    resamples : from `rightfit.data.bootstrap.make_bootstrap`; at least 50 are advised
    seed : deals predictions to rows for the no-information loss where there are more than 200 rows

    Rows that no resample missed are NaN. Raises OptionError where the resamples are no bootstrap.
    """
    if len(resamples) < 2 or resamples.multiplicity[1:].max() < 2:
        raise OptionError("resamples: the .632 estimate needs bootstrap resamples; make them with make_bootstrap")
    if problem.loss.coupled:
        raise OptionError(f"the .632 estimate needs rows that stand alone, not {problem.loss.name}: use folds")
    paths, missed = crossfit(problem, resamples, learner)
    live = np.flatnonzero(~np.isnan(missed.null))
    weight = resamples.weight[live]
    eta = paths[0].predict(problem.design.take(live), problem.offset[live])  # (K, r, C)
    loss = missed.loss.copy()
    for k in range(len(eta)):
        own = _lose(problem, live, eta[k])
        out = missed.loss[live, k].astype(np.float64)
        share = _SHARE
        if plus:
            nothing = _lose_without_information(problem, live, eta[k], weight, seed)
            share = _weigh(float(np.average(own, weights=weight)), float(np.average(out, weights=weight)), nothing)
        with np.errstate(invalid="ignore"):
            loss[live, k] = own + share * (out - own)
    null = missed.null.copy()
    constant = lose_constant(problem, problem.constant(resamples.weight), live)
    null[live] = constant + _SHARE * (null[live] - constant)
    name = f"{resamples.name}, .632{'+' if plus else ''}"
    return paths, replace(missed, loss=loss, null=null, name=name, metrics={})


def _weigh(own: float, out: float, nothing: float) -> float:
    """The weight of E1 - err: that of .632+, times what is left of it where E1 is above the no-information loss."""
    if not np.isfinite(out) or out <= own or nothing <= own:
        return _SHARE
    capped = min(out, nothing)
    overfit = (capped - own) / (nothing - own)
    return _SHARE / (1 - (1 - _SHARE) * overfit) * (capped - own) / (out - own)


def _lose(problem: Problem, rows: np.ndarray, eta: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore", invalid="ignore"):
        value = problem.lose(rows, eta)
    return np.where(np.isnan(value), np.inf, value)


def _lose_without_information(
    problem: Problem, rows: np.ndarray, eta: np.ndarray, weight: np.ndarray, seed: int
) -> float:
    """Mean over pairs (i, j) of loss(y_i, eta_j) with weights w_i w_j."""
    count = len(rows)
    order, shifts = np.arange(count), np.arange(count)
    if count > _SHIFTS:
        generator = np.random.default_rng([seed, 632])
        order = generator.permutation(count)
        shifts = generator.choice(count, _SHIFTS, replace=False)
    total, mass = 0.0, 0.0
    for shift in shifts:
        other = np.roll(order, shift)
        pair = weight[order] * weight[other]
        total += float(pair @ _lose(problem, rows[order], eta[other]))
        mass += float(pair.sum())
    return total / mass
