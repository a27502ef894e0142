"""A convex mixture of families: would predictors averaged on the link scale do better than the best one alone?

    minimize over a >= 0, sum a = 1:   sum_i w_i loss(y_i, sum_f a_f eta_if) / sum_i w_i

where eta_if is the prediction of row i by family f's model that has not seen it. The weights are learned on the folds
but one and judged on that one, fold after fold, so that they do not flatter themselves; those that would predict new
rows come from all. (Wolpert 1992, "Stacked generalization", Neural Networks 5; weights that are convex: Breiman 1996,
"Stacked regressions", Machine Learning 24.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rightfit.contracts import Problem
from rightfit.records import Evidence, Stack
from rightfit.rules._averages import Units
from rightfit.solvers.watch import tell

_STEPS = 500
_ENOUGH = 1e-6
"""Share of the loss below which nothing is left to gain."""
_CELLS = 20_000
"""Rows that weights are learned from at most, times the outputs; of several outputs no fewer than `_LEAST`."""
_LEAST = 3_000
_SMALL = 1e-3
"""A weight below this is nothing: the member is left out."""
_TOLD = 0.005
"""A weight below this is not worth a word."""


def stack(
    problem: Problem,
    evidence: Evidence,
    names: Sequence[str],
    predicted: Sequence[np.ndarray],
    best: int,
    luck: Sequence[float] = (),
) -> Stack | None:
    """The mixture of the families' held-out predictions (n, C) each; None where nothing can be mixed: one family alone,
    losses that rows share, or fewer than two folds. ``evidence`` says which rows were scored in which fold; ``best`` is
    the family that the mixture is compared with; ``luck`` are the variances that seeds bring into the families' losses,
    of which a mixture has those of its members times their squared weights."""
    units = Units.of(evidence)
    rows = units.rows
    eta = np.stack([p[rows] for p in predicted])  # (F, r, C)
    folds = np.unique(evidence.fold[rows])
    if len(predicted) < 2 or problem.loss.coupled or len(folds) < 2 or not np.isfinite(eta).all():
        return None
    y, share, fold = problem.y[rows], units.share, evidence.fold[rows]
    nested = np.empty(len(rows))
    weight = mix_weights(problem, y, eta, share)
    near = (weight + 0.01) / (weight + 0.01).sum()  # weights without a fold are near those of all folds
    for number in folds:
        inside = fold == number
        without = mix_weights(problem, y[~inside], eta[:, ~inside], share[~inside] / share[~inside].sum(), near)
        nested[inside] = _lose(problem, y[inside], without, eta[:, inside])
    alone = _lose(problem, y, np.eye(len(eta))[best], eta)
    loss, error = units.mean(nested)
    gain, gain_error = units.mean(alone - nested)
    drawn = np.array(luck or [0.0] * len(names))
    error = float(np.hypot(error, np.sqrt(weight**2 @ drawn)))
    gain_error = float(np.hypot(gain_error, np.sqrt((weight - np.eye(len(names))[best]) ** 2 @ drawn)))
    return Stack(tuple(names), weight, loss, error, gain, gain_error, _say(names, weight, gain, gain_error, best))


def mix_weights(
    problem: Problem, y: np.ndarray, eta: np.ndarray, share: np.ndarray, start: np.ndarray | None = None
) -> np.ndarray:
    """(F,) the weights of least mean loss for eta (F, r, C) and row weights (r,) that sum to one: exponentiated
    gradient steps, halved until they help (Kivinen & Warmuth 1997), which stay inside the simplex; from ``start`` (F,),
    or from equal weights. Of many rows some are enough, spread evenly. OutOfTime where none is left."""
    most = max(_LEAST, _CELLS // problem.loss.outputs)
    if len(y) > most:
        some = np.linspace(0, len(y) - 1, most).astype(np.int64)
        y, eta, share = y[some], eta[:, some], share[some] / share[some].sum()
    weight = np.full(len(eta), 1.0 / len(eta)) if start is None else start
    value = share @ _lose(problem, y, weight, eta)
    rate = 1.0
    for _ in range(_STEPS):
        tell(0.0)
        mixed = np.tensordot(weight, eta, 1)
        slope = problem.loss.slope(y, mixed if problem.loss.outputs > 1 else mixed[:, 0]).reshape(mixed.shape)
        gradient = np.einsum("r,rc,frc->f", share, slope, eta)
        spread = float(gradient.max() - gradient.min())
        gap = float(weight @ gradient - gradient.min())  # an upper bound on what is left to gain
        if spread == 0 or gap <= _ENOUGH * max(abs(value), 1e-300):
            break
        for _ in range(60):
            power = -rate * (gradient - gradient.min()) / spread
            new = weight * np.exp(power)
            new /= new.sum()
            lower = share @ _lose(problem, y, new, eta)
            if lower < value:
                weight, value, rate = new, lower, rate * 2
                break
            rate /= 2
        else:
            break
    weight = np.where(weight < _SMALL, 0.0, weight)
    return np.asarray(weight / weight.sum())


def _lose(problem: Problem, y: np.ndarray, weight: np.ndarray, eta: np.ndarray) -> np.ndarray:
    """(r,) losses of the mixture."""
    mixed = np.tensordot(weight, eta, 1)
    with np.errstate(over="ignore", invalid="ignore"):
        value = problem.loss.value(y, mixed if problem.loss.outputs > 1 else mixed[:, 0])
    return np.where(np.isnan(value), np.inf, value)


def _say(names: Sequence[str], weight: np.ndarray, gain: float, error: float, best: int) -> str:
    parts = " + ".join(f"{100 * a:.0f} % {name}" for name, a in zip(names, weight, strict=True) if a >= _TOLD)
    if not gain > error:
        return f"No mixture of the families is better than {names[best]} by more than its noise."
    ratio = f", {gain / error:.1f} standard errors" if error > 0 else ""
    return (
        f"A mixture of families ({parts}) loses {gain:.3g} less on unseen rows than {names[best]} alone{ratio}; "
        "its weights were learned without the rows that judge them."
    )
