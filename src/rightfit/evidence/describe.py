"""The summary of one step of a linear path, with what can be inferred from the rows of the fit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rightfit.contracts import Problem
from rightfit.errors import FitError, OptionError
from rightfit.evidence.bootstrap_paths import bootstrap_paths
from rightfit.evidence.debiased import debias
from rightfit.evidence.false_discovery import find_false_discoveries
from rightfit.evidence.summary import Summary, summarize_coefficients
from rightfit.records import Trace

if TYPE_CHECKING:
    from rightfit.learners.linear import Linear

INTERVALS = ("debiased", "bootstrap", "none")
_ENOUGH = 20
"""Columns from which a density of their statistics can be told, for local false discovery rates."""


def describe(
    problem: Problem,
    weight: np.ndarray,
    learner: Linear,
    trace: Trace,
    step: int,
    *,
    heading: tuple[str, ...],
    outputs: tuple[str, ...] = ("",),
    selection: np.ndarray | None = None,
    selection_label: str = "",
    intervals: str = "debiased",
    level: float = 0.95,
    count: int = 200,
    seed: int = 0,
    notes: tuple[str, ...] = (),
) -> Summary:
    """Coefficients with intervals: ``"debiased"`` confidence intervals, ``"bootstrap"`` percentiles of ``count``
    resamples at the step's strength, or ``"none"``. What cannot be inferred is said in a sentence under the table.

    Raises OptionError for a word or a level without sense.
    """
    check_options(intervals, level)
    said = list(notes)
    debiased = bootstrap = false = None
    if intervals == "debiased":
        try:
            debiased = debias(problem, weight, learner, trace, step, level=level)
        except (OptionError, FitError) as error:
            said.append(f"no intervals: {error}")
        if trace.features >= _ENOUGH and learner.relax == 0:
            try:
                false = find_false_discoveries(problem, weight, learner, trace, step)
            except (OptionError, FitError) as error:
                said.append(f"no false discovery rates: {error}")
    at = step
    if intervals == "bootstrap":
        # where there may be several optima, the way that was walked is walked again
        start = step if learner.penalty.convex else 0
        own = replace(learner, strengths=trace.strengths[start : step + 1], unpenalized=False)
        bootstrap, at = bootstrap_paths(problem, weight, own, count=count, level=level, seed=seed), step - start
    return summarize_coefficients(
        heading,
        problem.design.names,
        trace.coef(step),
        trace.intercept[step],
        trace.scale,
        outputs=outputs,
        selection=selection,
        selection_label=selection_label,
        debiased=debiased,
        false=false,
        bootstrap=bootstrap,
        step=at,
        notes=tuple(said),
    )


def check_options(intervals: str, level: float) -> None:
    """OptionError for a word or a level without sense."""
    if intervals not in INTERVALS:
        raise OptionError(f"intervals must be one of {', '.join(INTERVALS)}, not {intervals!r}")
    if not 0 < level < 1:
        raise OptionError(f"level must be a share above 0 and below 1, such as 0.95, not {level!r}")
