"""The table of coefficients of a fitted estimator, with intervals where the rows of the fit are given again."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from rightfit.contracts import Problem
from rightfit.errors import DataError
from rightfit.evidence.describe import describe
from rightfit.evidence.summary import Summary, say_folds, summarize_coefficients


def summarize_estimator(estimator: Any, training: tuple[Problem, np.ndarray] | None, **options: Any) -> Summary:
    """The summary of a `Penalized` estimator; ``training`` is its problem and row weights, ``options`` those of
    `rightfit.evidence.describe.describe`."""
    check_is_fitted(estimator)
    trace, choice = estimator.path_, estimator.choice_
    step, count = choice.step, len(trace)
    labels = getattr(estimator, "classes_", [f"y{c}" for c in range(trace.outputs)])
    outputs = tuple(map(str, labels)) if trace.outputs > 1 else ("",)
    curve, folds = estimator.curve_, estimator.folds_
    relaxed = f", relaxed by {estimator.relax_:g}" if estimator.relax_ else ""
    heading = (
        f"{type(estimator).__name__}: {estimator.learner_.penalty.sentence()}{relaxed}, {curve.measure}, "
        f"{int((folds.weight > 0).sum()):,} rows, {trace.features:,} columns",
        f"strength {estimator.strength_:.4g}, step {step + 1} of {count}. {choice.reason}",
        f"unseen rows ({folds.name}): mean loss {curve.mean[step]:.4g} ± {curve.error[step]:.2g}, constant model "
        f"{curve.null:.4g}",
    )
    shared: dict[str, Any] = {
        "outputs": outputs,
        "selection": estimator.selection_,
        "selection_label": say_folds(folds.name),
    }
    if training is None:
        note = "no intervals: they need the rows of the fit; call summary(X, y)"
        names = tuple(map(str, getattr(estimator, "feature_names_in_", [f"x{j}" for j in range(trace.features)])))
        coef = np.atleast_2d(np.asarray(estimator.coef_)).T
        intercept = np.atleast_1d(np.asarray(estimator.intercept_, dtype=float))
        return summarize_coefficients(heading, names, coef, intercept, trace.scale, notes=(note,), **shared)
    problem, weight = training
    if problem.design.p != trace.features:
        raise DataError(f"the fit has {trace.features} columns, the rows given have {problem.design.p}")
    return describe(problem, weight, estimator.learner_, trace, step, heading=heading, **shared, **options)
