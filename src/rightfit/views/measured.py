"""Bias and variance at every step of any learner's path, from the models of many resamples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rightfit.contracts import Learner, Path, Problem
from rightfit.errors import FitError, OptionError
from rightfit.records import Decomposition, Resamples, Status
from rightfit.views.crossed import crossed_error
from rightfit.views.decompose import split_votes
from rightfit.views.replicates import measure_noise
from rightfit.views.teachers import vary_with_teachers
from rightfit.views.terms import Moments, are_pairs, gather

_CLASSES = ("probability", "class")


@dataclass(frozen=True)
class Measured:
    """The decompositions, and the full fit's path, whose steps they have."""

    path: Path
    parts: tuple[Decomposition, ...]
    rows: int
    """Rows that were judged."""


def measure_bias_variance(
    problem: Problem,
    resamples: Resamples,
    learner: Learner,
    *,
    truth: np.ndarray | None = None,
    replicated: bool = False,
    most: int = 2_000,
    seed: int = 0,
) -> Measured:
    """The decompositions of the learner's path: of its loss and, where that tells classes, of the share of wrong ones.
    The formulas are in `rightfit.views.decompose`; all models are fitted in one call.

    resamples   `rightfit.data.pairs.make_pairs`: bias and variance without a bias of their own, of models taught by
                half of nine tenths of the rows. `rightfit.data.bootstrap.make_bootstrap`: models as large as the fit,
                but their common centre hangs on this one file, and how it would vary with another is counted as bias
    truth       (n,) the mean of the target of every row, where it is known: noise is then told from bias
    replicated  rows that agree in all columns are independent measurements: their differences tell the noise (squared
                error alone)
    most, seed  at most so many rows are judged, drawn at random

    Raises OptionError for what makes no sense here, and what the learner raises.
    """
    loss = problem.loss
    if loss.coupled:
        raise OptionError(f"bias and variance need rows whose losses stand alone, and those of {loss.name} do not")
    if truth is not None and (loss.outputs > 1 or np.shape(truth) != problem.y.shape):
        raise OptionError("truth: give the mean of the target of every row; losses of several outputs take none")
    if replicated and (truth is not None or not loss.quadratic or loss.outputs > 1):
        raise OptionError("replicated: repeated rows tell the noise of a squared error without a known truth alone")
    judged = _choose_rows(resamples, most, seed)
    weight = resamples.weight[judged]
    unit = (resamples.unit if len(resamples.unit) else np.arange(len(problem.y)))[judged]
    paths = list(learner.fit_paths(problem, resamples))
    targets = [problem.y] if truth is None else [problem.y, np.asarray(truth, np.float64)]
    gathered, votes = gather(problem, targets, paths, resamples, judged)
    bias, noise = gathered[0].central(weight, unit), (np.empty(0), np.empty(0))
    variance, judging = gathered[0].variance(weight, unit)
    every = resamples.unit if len(resamples.unit) else np.arange(len(problem.y))
    teaching = vary_with_teachers(problem, paths, resamples, every, seed)
    variance_error = np.sqrt(judging**2 + teaching * variance**2)
    if truth is not None:
        bias, noise = gathered[1].central(weight, unit), gathered[0].above(gathered[1], weight, unit)
    elif replicated:
        size, error = measure_noise(problem, resamples.weight)
        noise = (np.full(len(bias[0]), size), np.full(len(bias[0]), error))
        bias = (bias[0] - size, np.hypot(bias[1], error))
    good = ~np.any([np.asarray(path.status) == Status.NO_OPTIMUM for path in paths], axis=0)
    first = _part(
        "squared error" if loss.quadratic else loss.measure,
        [bias, (variance, variance_error), noise, gathered[0].total(weight, unit)],
        2.0 if loss.quadratic else 1.0,
        good,
        _explain(quadratic=loss.quadratic, paired=are_pairs(resamples), separate=len(noise[0]) > 0),
    )
    parts = [first]
    if loss.predicts in _CLASSES:
        parts.append(_wrong_classes(votes, problem.y[judged], weight, unit, good))
    return Measured(paths[0], tuple(parts), len(judged))


def _choose_rows(resamples: Resamples, most: int, seed: int) -> np.ndarray:
    """(r,) rows that at least two models score, at most so many."""
    rows = np.flatnonzero((resamples.scored.sum(axis=0) > 1) & (resamples.weight > 0))
    if len(rows) < 2:
        raise FitError("no two rows are scored by two models each: take more resamples")
    if len(rows) > most:
        rows = np.sort(np.random.default_rng([seed, 3]).choice(rows, most, replace=False))
    return rows


def _part(measure: str, moments: list[Moments], scale: float, good: np.ndarray, sentence: str) -> Decomposition:
    """Means and errors of bias, variance, noise and total; what has no optimum in some resample is no number."""
    values = [np.where(good, scale * array, np.nan) if len(array) else array for pair in moments for array in pair]
    bias, bias_error, variance, variance_error, noise, noise_error, total, total_error = values
    return Decomposition(
        measure, bias, bias_error, variance, variance_error, noise, noise_error, total, total_error, sentence
    )


def _wrong_classes(
    votes: np.ndarray, y: np.ndarray, weight: np.ndarray, unit: np.ndarray, good: np.ndarray
) -> Decomposition:
    """Domingos' parts of the share of wrong classes; errors are those of the rows alone."""
    split = split_votes(votes, y)
    share, nothing = weight / weight.sum(), np.empty(0)
    found = [
        (values @ share, crossed_error(values, share, unit, unit))
        for values in (split.central, split.variance, split.total)
    ]
    sentence = (
        "Bias is the share of rows whose most voted class is wrong; variance is what models lose that differ from it "
        "where it is right, less what they gain where it is wrong (Domingos 2000). It may be negative, and no "
        "correction for the number of models is known."
    )
    return _part("share of wrong classes", [found[0], found[1], (nothing, nothing), found[2]], 1.0, good, sentence)


def _explain(*, quadratic: bool, paired: bool, separate: bool) -> str:
    """What the parts are, and which correction they have."""
    centre = (
        "the mean prediction" if quadratic else "the mean of the linear predictors, the centre that log loss asks for"
    )
    if quadratic:
        what = f"bias is the squared error of {centre}" + ("" if separate else ", noise included")
        what += "; variance is the mean squared distance of single models from it"
    else:
        what = f"bias is the loss of {centre}" + ("" if separate else ", noise included")
        what += "; variance is what single models lose more"
    if paired:
        how = (
            "both from two models without a common row: bias from the product of their residuals, variance from their "
        )
        how += "difference" if quadratic else ""
        if not quadratic:
            how = "both from two models without a common row, corrected as the jackknife does, to first order"
    else:
        how = "both corrected for the finite number of models, by variance / models"
        how += "" if quadratic else ", to first order"
    return f"{what[0].upper()}{what[1:]}; {how}."
