"""Prediction intervals from the fold models: jackknife+, CV+ and split conformal.

Row i, scored by the model m_(i) of the resample that left it out, has the residual R_i = |y_i - m_(i)(x_i)|. The
interval of a new row x at level 1 - a, with n scored rows, is

    jackknife+, CV+    from the floor(a (n + 1))-th smallest of m_(i)(x) - R_i
                       to the ceil((1 - a)(n + 1))-th smallest of m_(i)(x) + R_i
    split conformal    m(x) -+ the ceil((1 - a)(n + 1))-th smallest of R_i, where one model scored all rows

Nothing is supposed but that rows are exchangeable: not the loss, not the distribution of the target. Whatever the
model, split conformal covers new targets with probability at least 1 - a, jackknife+ (leave-one-out folds) and CV+ with
at least 1 - 2a and 1 - 2a - sqrt(2 / n), in practice close to 1 - a. The probability is over rows, not for each row:
some kinds of rows may be covered less. Rows in order of time, and rows of groups that are not seen again, are not
exchangeable. Row weights count in the fits alone.

Barber, Candès, Ramdas and Tibshirani 2021, "Predictive inference with the jackknife+", Annals of Statistics 49,
equations 1.2 and 1.4, theorems 1 and 4; for split conformal Lei et al. 2018, JASA 113, algorithm 2. Folds share no
rows; of repeats the first counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rightfit.contracts import Design, Loss, Model, Path, Problem
from rightfit.errors import DataError, OptionError
from rightfit.records import Resamples

_BLOCK = 4_000_000
"""Numbers of one array of new rows by scored rows."""


@dataclass(frozen=True)
class Conformal:
    """Fold models with their residuals on rows that they have not seen, on the scale of the target."""

    loss: Loss
    models: tuple[Model, ...]
    code: np.ndarray
    """(r,) the model that scored each row."""
    residual: np.ndarray
    """(r,) |y - prediction|"""

    def interval(self, design: Design, offset: np.ndarray | None = None, *, level: float = 0.9) -> np.ndarray:
        """(m, 2) ends of the intervals of new rows; infinite where there are too few scored rows for the level."""
        if not 0 < level < 1:
            raise OptionError(f"level must be a share above 0 and below 1, such as 0.9, not {level!r}")
        count = len(self.residual)
        offset = np.zeros(design.n) if offset is None else offset
        predicted = np.column_stack([_respond(self.loss, model, design, offset) for model in self.models])
        rank = int(np.ceil(round(level * (count + 1), 9)))
        out = np.empty((design.n, 2))
        if rank > count:
            out[:, 0], out[:, 1] = -np.inf, np.inf
            return _bound(self.loss, out)
        size = max(1, _BLOCK // count)
        for start in range(0, design.n, size):
            rows = slice(start, start + size)
            each = predicted[rows][:, self.code]
            out[rows, 0] = np.partition(each - self.residual, count - rank, axis=1)[:, count - rank]
            out[rows, 1] = np.partition(each + self.residual, rank - 1, axis=1)[:, rank - 1]
        return _bound(self.loss, out)


def make_conformal(paths: Sequence[Path], problem: Problem, resamples: Resamples, step: int) -> Conformal:
    """What every resample's model at ``step`` lost on the rows that it left out.

    paths : one a resample, the full fit first, as `rightfit.evidence.crossfit.crossfit` returns them
    resamples : folds (CV+), leave-one-out folds (jackknife+), or one resample with rows set aside (split conformal)

    Raises OptionError for losses of classes and of survival, and DataError where no row was scored.
    """
    if problem.loss.predicts not in ("number", "amount", "count") or problem.loss.outputs > 1:
        raise OptionError(f"prediction intervals are for numbers, one a row, not for {problem.loss.name} loss")
    if not 0 <= step < len(paths[0].strengths):
        raise OptionError(f"step must lie between 0 and {len(paths[0].strengths) - 1}, not {step}")
    done = resamples.weight <= 0
    models: list[Model] = []
    code, residual = [], []
    for k in range(1, len(resamples)):
        rows = np.flatnonzero(resamples.scored[k] & ~done)
        if not len(rows):
            continue
        model = paths[k].model(step)
        seen = _respond(problem.loss, model, problem.design.take(rows), problem.offset[rows])
        residual.append(np.abs(problem.y[rows] - seen))
        code.append(np.full(len(rows), len(models)))
        models.append(model)
        done[rows] = True
    if not models:
        raise DataError("no row was scored, so there is no residual to make intervals from; use folds")
    return Conformal(problem.loss, tuple(models), np.concatenate(code), np.concatenate(residual))


def _respond(loss: Loss, model: Model, design: Design, offset: np.ndarray) -> np.ndarray:
    return np.asarray(loss.response(model.predict(design, offset)[:, 0]))


def _bound(loss: Loss, ends: np.ndarray) -> np.ndarray:
    """Amounts and counts are never below zero."""
    return np.maximum(ends, 0.0) if loss.predicts in ("amount", "count") else ends
