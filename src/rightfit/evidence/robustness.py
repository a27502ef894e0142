"""What a model's predictions are worth when unseen rows are moved against it, beside what they are worth as they are.

Each row is moved against a model that has not learned from it, by someone who knows that model: by random signs, by one
step along the slope of its loss (FGSM) and by many (PGD). Where a model is the mean of several draws, such as nets
from several seeds, each is attacked alone too: the variance of what the draws score over their number is added to the
square of every error over rows, as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rightfit.contracts import Attack, Path, Problem
from rightfit.errors import OptionError
from rightfit.records import Resamples, Robustness
from rightfit.rules._averages import Units

LABELS = ("as they are", "random signs", "FGSM", "PGD")
ROWS = 5_000
"""Rows that are moved at most, spread evenly."""


def measure_robustness(
    paths: Sequence[Path],
    problem: Problem,
    resamples: Resamples,
    step: int,
    size: float,
    columns: np.ndarray,
    *,
    unit: str = "columns that are numbers",
    seed: int = 0,
) -> Robustness:
    """``columns`` (p,) bool are those that may move. OptionError where none may, or the family has no slopes."""
    if not columns.any():
        raise OptionError("--attack moves numbers, and no column of the table is one")
    count = len(paths[1].model(step).draws) if len(paths) > 1 else 0
    # what the model says, then each of its draws alone
    eta = np.full((1 + count, len(LABELS), len(problem.y), problem.loss.outputs), np.nan)
    done = np.zeros(len(problem.y), bool)
    judged = np.flatnonzero(resamples.scored[1:].any(axis=0) & (resamples.weight > 0))
    some = np.zeros(len(problem.y), bool)
    some[judged[np.unique(np.linspace(0, len(judged) - 1, min(ROWS, len(judged))).astype(np.int64))]] = True
    for k in range(1, len(resamples)):
        rows = np.flatnonzero(resamples.scored[k] & some & ~done)
        if len(rows):
            model = paths[k].model(step)
            for draw, one in enumerate([model, *model.draws]):
                eta[draw, 0, rows] = one.predict(problem.design.take(rows), problem.offset[rows])
                for place, kind in enumerate(("random", "FGSM", "PGD"), start=1):
                    eta[draw, place, rows] = one.attacked(problem, rows, Attack(kind, size, columns, seed=seed))
            done[rows] = True
    rows = np.flatnonzero(done)
    units = Units.make(rows, resamples.weight, resamples.unit if len(resamples.unit) else np.arange(len(done)))
    classes = problem.loss.predicts in ("probability", "class")
    lost = np.array([[problem.lose(rows, one[rows]) for one in draw] for draw in eta])
    kept = []
    if classes:
        right = np.array([[_is_right(problem, rows, one[rows]) for one in draw] for draw in eta])
        right *= right[:, :1]  # a row withstands an attack where it is right before it too
        kept = [_average(units, right[:, place]) for place in range(len(LABELS))]
    losses = [_average(units, lost[:, place]) for place in range(len(LABELS))]
    worse = _average(units, lost[:, -1] - lost[:, 0])
    return Robustness(
        size=size,
        columns=int(columns.sum()),
        rows=len(rows),
        labels=LABELS,
        accuracy=np.array([m for m, _ in kept]),
        accuracy_error=np.array([e for _, e in kept]),
        loss=np.array([m for m, _ in losses]),
        loss_error=np.array([e for _, e in losses]),
        measure=problem.loss.measure,
        sentence=_say(size, int(columns.sum()), unit, kept, losses, worse, problem.loss.measure),
    )


def _average(units: Units, scores: np.ndarray) -> tuple[float, float]:
    """The mean of a model's scores, the first row of (1 + draws, r), and its standard error over rows and draws."""
    mean, error = units.mean(scores[0])
    own = scores[1:] @ units.share
    return mean, float(np.hypot(error, (own.var(ddof=1) / len(own)) ** 0.5)) if len(own) > 1 else error


def _is_right(problem: Problem, rows: np.ndarray, eta: np.ndarray) -> np.ndarray:
    """(r,) 1 where the most probable class is the row's."""
    said = eta.argmax(axis=1) if problem.loss.outputs > 1 else eta[:, 0] > 0
    return np.asarray(said == problem.y[rows], np.float64)


def _say(
    size: float,
    count: int,
    unit: str,
    kept: list[tuple[float, float]],
    losses: list[tuple[float, float]],
    worse: tuple[float, float],
    measure: str,
) -> str:
    def percent(one: tuple[float, float]) -> str:
        return f"{100 * one[0]:.1f} % ± {100 * one[1]:.1f}"

    each = f"Each of {count:,} {unit} moved by at most {size:g} standard deviations"
    if kept:
        told = f"the share of unseen rows that are right falls from {percent(kept[0])} to {percent(kept[-1])}"
        chance = f"signs drawn at random leave {percent(kept[1])}"
    else:
        share = f" ({100 * worse[0] / losses[0][0]:.0f} %)" if losses[0][0] > 0 else ""
        told = f"the {measure} of unseen rows rises by {worse[0]:.3g} ± {worse[1]:.2g}{share}"
        chance = f"by signs drawn at random by {losses[1][0] - losses[0][0]:.2g}"
    return (
        f"{each} by someone who knows the model and the answer: {told}; {chance}. "
        "In a table this is the worst that errors of that size could do together, not what errors of measurement do; "
        "a stronger attack may find more."
    )
