"""Bias and variance along the path of a run, in numbers and sentences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rightfit.data.bootstrap import make_bootstrap
from rightfit.data.pairs import make_pairs
from rightfit.errors import OptionError
from rightfit.records import Axis, BiasVariance, Decomposition, Resamples, Run
from rightfit.views.ground import Ground
from rightfit.views.measured import measure_bias_variance

RESAMPLING = ("pairs", "bootstrap")
_MODELS = {True: 100, False: 40}
"""Models of every step where a family has coefficients, and where it is grown."""


def see(
    ground: Ground,
    *,
    resampling: str = "pairs",
    models: int | None = None,
    replicated: bool = False,
    truth: np.ndarray | None = None,
    seed: int | None = None,
) -> BiasVariance:
    """The view of a run; see `rightfit.views.measured` for the estimates.

    resampling  ``pairs`` (of halves without a common row) or ``bootstrap``
    models      of every step, about; 100, or 40 of families that are grown
    replicated  rows that agree in all columns are independent measurements
    truth       (n,) mean of the target of the rows that were not set aside, in their order
    seed        that of the run where not given
    """
    run, n = ground.run, len(ground.weight)
    if resampling not in RESAMPLING:
        raise OptionError(f"resampling: choose {' or '.join(RESAMPLING)}, not {resampling!r}")
    models = _MODELS[ground.learner.coefficients] if models is None else models
    if models < 4:
        raise OptionError(f"models: bias and variance need 4 or more, {models} were asked for")
    seed = run.seed if seed is None else seed
    if resampling == "pairs":
        classes = ground.problem.y if run.task.classes else None
        resamples = make_pairs(
            n, count=models // 2, seed=seed, weight=ground.weight, stratify=classes, group=ground.unit
        )
    else:
        resamples = make_bootstrap(n, count=models, seed=seed, weight=ground.weight, group=ground.unit)
    measured = measure_bias_variance(
        ground.problem, resamples, ground.learner, truth=truth, replicated=replicated, seed=seed
    )
    taught = (resamples.multiplicity[1:] * ground.weight > 0).sum(axis=1).mean()
    strengths = np.asarray(measured.path.strengths, np.float64)
    found = BiasVariance(
        strengths=strengths,
        parts=measured.parts,
        step=_find_step(run, strengths, measured.path.axis),
        models=len(resamples) - 1,
        teaching=float(taught),
        rows=measured.rows,
        name=resamples.name,
        axis=measured.path.axis,
    )
    return _with_sentences(found, run, resamples)


def _find_step(run: Run, strengths: np.ndarray, axis: Axis) -> int:
    """The step that is the run's own choice, or lies nearest to it where the path was grown to other ones."""
    before = run.evidence.axis.positions
    if len(before) and len(axis.positions):
        return int(np.argmin(np.abs(axis.positions - before[run.choice.step])))
    return int(np.argmin(np.abs(strengths - run.choice.strength)))


def _with_sentences(found: BiasVariance, run: Run, resamples: Resamples) -> BiasVariance:
    first, step = found.parts[0], found.step
    where = found.axis.say(step, float(found.strengths[step]))
    separate = len(first.noise) > 0
    bias_words = "squared bias" if first.measure == "squared error" else "bias"
    parts = f"{_say(first.bias, first.bias_error, step)} {bias_words}{'' if separate else ' and noise together'}, "
    parts += f"{_say(first.variance, first.variance_error, step)} variance"
    parts += f", {_say(first.noise, first.noise_error, step)} noise" if separate else ""
    sentences = [
        f"At the chosen step ({where}) single models lose {_say(first.total, first.total_error, step)} of "
        f"{first.measure} on rows that they have not seen: {parts}.",
        *_trend(first, found, bias_words, separate=separate),
        *_limits(found, resamples, run, separate=separate),
    ]
    return replace(found, sentences=tuple(sentences))


def _trend(first: Decomposition, found: BiasVariance, bias_words: str, *, separate: bool) -> list[str]:
    """How the parts change from the strongest to the weakest step, and where their sum is smallest."""
    good = np.flatnonzero(np.isfinite(first.total))
    if len(good) < 2:
        return []
    a, b, best = good[0], good[-1], good[np.argmin(first.total[good])]
    name = bias_words + ("" if separate else " and noise")
    middle = found.axis.say(int(best), float(found.strengths[best]))
    return [
        f"From the strongest to the weakest step {name} goes from {first.bias[a]:.4g} to {first.bias[b]:.4g} and "
        f"variance from {first.variance[a]:.3g} to {first.variance[b]:.3g}; their sum is smallest at {middle}, where "
        f"{name} is {first.bias[best]:.4g} and variance {first.variance[best]:.3g}."
    ]


def _limits(found: BiasVariance, resamples: Resamples, run: Run, *, separate: bool) -> list[str]:
    """What cannot be known from the picture."""
    rows = int((resamples.weight > 0).sum())
    sentences = []
    if not separate:
        sentences.append(
            "Bias and noise cannot be told apart on these rows: both are what the average model gets wrong. Noise is "
            "the same at every step, so that differences between steps are differences in bias. Only a known truth, or "
            "rows that were measured more than once, separate the two."
        )
    if resamples.multiplicity.max() < 2:
        sentences.append(
            f"Each model was taught by about {found.teaching:,.0f} of {rows:,} rows, because two models tell bias from "
            "variance only where they share no row. Models that are taught by all rows vary less, so their best step "
            "tends to be a weaker one."
        )
    else:
        sentences.append(
            "All bootstrap samples come from one file: what their average owes to the chance of this file is counted "
            "as bias, though it would vary with another file. Pairs of halves do not have this fault, at the price of "
            "fewer rows for each model."
        )
    if "order of time" in run.evidence.name:
        sentences.append("Rows were drawn at random here, not in order of time: errors on later rows may be larger.")
    return sentences


def _say(values: np.ndarray, errors: np.ndarray, step: int) -> str:
    return f"{values[step]:.3g} ± {errors[step]:.2g}"
