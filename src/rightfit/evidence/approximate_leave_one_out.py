"""Leave-one-out from the full path alone: no fold is fitted.

The linear predictor of every row by the fit without it comes from one Newton step on the columns that the full fit
uses (`rightfit.evidence.one_row_less`): exact for ridge with squared loss, an approximation for the lasso, the elastic
net and for other losses. It is meant for penalties that keep the curve smooth (strengths well above 0) and for
steps that use fewer columns than rows; where that is not so, folds are the better judge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rightfit.contracts import Loss, Penalty, Problem
from rightfit.errors import DataError, OptionError
from rightfit.evidence.metrics import measure_predictions
from rightfit.evidence.one_row_less import FittedRows, shift_without_each_row
from rightfit.records import Evidence, Resamples, Trace

if TYPE_CHECKING:
    from rightfit.learners.linear import Linear

_EXACT_CONSTANTS = 2_000
"""Rows up to which every left-out constant model is fitted; above, one Newton step."""


def approximate_leave_one_out(
    problem: Problem, weight: np.ndarray, learner: Linear, *, trace: Trace | None = None, unit: np.ndarray | None = None
) -> Evidence:
    """Evidence as if every row had been left out once; rules, curves and verdicts read it like any other.

    weight : (n,) row weights >= 0; rows of weight zero are not scored
    learner : `rightfit.learners.linear.Linear`, whose penalty must be an elastic net in a box
    trace : its full fit's path on these rows and weights; walked here where not given
    unit : (n,) rows with the same number are one independent unit for standard errors

    The loss of a row whose prediction the other rows do not determine is infinite. Cost: O(n a^2 + a^3) for a step
    that uses a columns. Raises OptionError for a penalty or a loss of several outputs that it cannot judge.
    """
    if trace is None:
        trace = learner.fit_paths(problem, Resamples.full(weight))[0].trace()
    eta, fitted = _predict(problem, weight, learner, trace)
    y, loss = problem.y, problem.loss
    live = weight > 0
    n, steps = eta.shape
    losses = np.full((n, steps), np.nan, np.float32)
    training = np.empty(steps)
    null = _lose_constants(problem, weight)
    metrics: dict[str, np.ndarray] = {}
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(steps):
            value = loss.value(y[live], eta[live, k])
            losses[live, k] = np.where(np.isnan(value), np.inf, value)
            training[k] = np.average(loss.value(y[live], fitted[live, k]), weights=weight[live])
            found = measure_predictions(loss, y[live], eta[live, k, None], weight[live], null[live])
            for name, figure in found.items():
                metrics.setdefault(name, np.empty(steps))[k] = figure
    return Evidence(
        strengths=trace.strengths,
        loss=losses,
        null=null,
        weight=weight,
        unit=np.arange(n) if unit is None else unit,
        fold=np.where(live, np.arange(1, n + 1), 0),
        complexity=trace.complexity,
        measure=loss.measure,
        training=training,
        name="leave-one-out, approximate",
        metrics=metrics,
        features=problem.design.p,
        quadratic=loss.quadratic,
        dispersion=loss.dispersion,
    )


def predict_left_out(
    problem: Problem, weight: np.ndarray, learner: Linear, *, trace: Trace | None = None
) -> np.ndarray:
    """(n, K) linear predictors of every row by the fit without it, as in `approximate_leave_one_out`."""
    if trace is None:
        trace = learner.fit_paths(problem, Resamples.full(weight))[0].trace()
    return _predict(problem, weight, learner, trace)[0]


def _predict(problem: Problem, weight: np.ndarray, learner: Linear, trace: Trace) -> tuple[np.ndarray, np.ndarray]:
    """(n, K) linear predictors without the row and with it."""
    if problem.loss.outputs > 1:
        raise OptionError(
            f"approximate leave-one-out knows losses of one linear predictor; {problem.loss.name} has "
            f"{problem.loss.outputs}: use folds"
        )
    if problem.loss.coupled:
        raise OptionError(f"approximate leave-one-out needs rows that stand alone, not {problem.loss.name}: use folds")
    design, p = problem.design, trace.features
    if design.p != p or design.n != len(weight):
        raise DataError(f"the path has {p} columns, the problem {design.n} rows of {design.p} columns")
    share = weight / weight.sum()
    used = np.unique(trace.indices)
    center = trace.fill if learner.intercept else np.zeros(p)
    scale = np.where(trace.scale > 0, trace.scale, 1.0)
    rows = design.collect(used, trace.fill) - (center - design.shift(np.arange(p)))[used]
    rows /= scale[used]
    mean = share @ rows
    variance = None
    if learner.standardize:  # of the rows that remain, relative to that of all
        away = (rows - mean) ** 2
        rest = (1.0 - share)[:, None]
        variance = np.maximum(1.0 / rest - (share[:, None] / rest**2) * away, 0.0)
    fitted, left = np.empty((design.n, len(trace))), np.empty((design.n, len(trace)))
    for k in range(len(trace)):
        coef = trace.coef(k)[:, 0]
        base = float(trace.intercept[k, 0] + center @ coef)
        fitted[:, k] = problem.offset + base + rows @ (coef * scale)[used]
        free, l1, l2 = _read_penalty(learner, trace, k, coef)
        place = np.searchsorted(used, free)
        slope, curvature = _derive(problem.loss, problem.y, fitted[:, k])
        left[:, k] = fitted[:, k] + shift_without_each_row(
            _assemble(
                rows[:, place],
                (coef * scale)[free],
                (share, slope, curvature),
                (l1, l2),
                None if variance is None else variance[:, place],
                intercept=learner.intercept,
            )
        )
    return left, fitted


def _derive(loss: Loss, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(over="ignore"):
        return loss.slope(y, eta), loss.second_derivative(y, eta)


def _assemble(
    rows: np.ndarray,
    coef: np.ndarray,
    losses: tuple[np.ndarray, np.ndarray, np.ndarray],
    penalties: tuple[np.ndarray, np.ndarray],
    variance: np.ndarray | None,
    *,
    intercept: bool,
) -> FittedRows:
    """The fit as `one_row_less` wants it: an intercept is one more column, without a penalty."""
    l1, l2 = penalties
    if intercept:
        ones = np.ones((len(rows), 1))
        rows, coef = np.hstack([rows, ones]), np.append(coef, 0.0)
        l1, l2 = np.append(l1, 0.0), np.append(l2, 0.0)
        variance = None if variance is None else np.hstack([variance, ones])
    return FittedRows(rows, coef, *losses, l1, l2, variance)


def _read_penalty(
    learner: Linear, trace: Trace, step: int, coef: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns that are free to move, and their l1 and l2 in units of the columns' standard deviations."""
    scale = np.where(trace.scale > 0, trace.scale, 1.0)
    divisor = trace.scale if learner.standardize else np.ones(trace.features)
    strength = float(trace.strengths[step])
    penalty: Any = learner.penalty
    if not penalty.separable or penalty.pilot:
        raise _refuse(penalty)
    tangent = penalty.tangent((divisor * coef)[:, None], strength)
    if tangent.groups is not None:
        raise _refuse(penalty)
    _check_penalty(penalty, trace.features, strength, tangent.l1, tangent.l2)
    slip = 1e-9 * np.abs(coef)
    free = np.flatnonzero((coef != 0) & (coef - slip > tangent.lower) & (coef + slip < tangent.upper))
    ratio = (divisor / scale)[free]
    return free, tangent.l1[free] * ratio, tangent.l2[free] * ratio**2


def _check_penalty(penalty: Penalty, p: int, strength: float, l1: np.ndarray, l2: np.ndarray) -> None:
    """A penalty whose tangent is the same everywhere is an elastic net itself."""
    for point in (np.zeros((p, 1)), np.ones((p, 1))):
        other = penalty.tangent(point, strength)
        if not (np.array_equal(other.l1, l1) and np.array_equal(other.l2, l2)):
            raise _refuse(penalty)


def _refuse(penalty: Any) -> OptionError:
    return OptionError(
        f"approximate leave-one-out knows ridge, lasso and elastic net (with factors and bounds), not "
        f"{penalty.sentence()}: use folds"
    )


def _lose_constants(problem: Problem, weight: np.ndarray) -> np.ndarray:
    """(n,) loss of every row under the best constant of the others; NaN for rows of weight zero."""
    loss, y, offset = problem.loss, problem.y, problem.offset
    live = np.flatnonzero(weight > 0)
    share = weight / weight.sum()
    constant = np.full(len(y), np.nan)
    if len(live) <= _EXACT_CONSTANTS and not loss.quadratic:
        for i in live:
            others = live[live != i]
            found = loss.null(y[others], weight[others] / weight[others].sum(), offset[others])[0]
            constant[i] = np.clip(found, -700.0, 700.0)
    else:
        whole = loss.null(y[live], share[live], offset[live])[0]
        slope, curvature = _derive(loss, y, offset + whole)
        rest = share @ curvature - share * curvature
        constant = whole + share * slope / np.where(rest > 0, rest, np.inf)
    out = np.full(len(y), np.nan)
    out[live] = loss.value(y[live], offset[live] + constant[live])
    return out
