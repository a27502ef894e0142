"""Scoring every step of every resample on rows that it has not seen.

The learner is called once for all resamples. What it returns is scored in blocks of rows, so that no more than a
block of the (steps, rows, outputs) cube exists at a time; what stays is the (n, K) matrix of losses in float32.

Metrics that are no mean over rows need the held-out predictions of all rows of a step together. These are gathered
*round* by round (a round is a run of resamples that score no row twice: one repeat of K-fold, one bootstrap
resample) and, where even one round's predictions would be too large, for some steps at a time. Over
repeats, losses and metrics are averaged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rightfit.contracts import Learner, Path, Problem
from rightfit.errors import OptionError
from rightfit.evidence.metrics import measure_predictions
from rightfit.records import Evidence, Resamples

_BLOCK = 32_000_000
"""Bytes of predictions that are looked at together."""
_KEPT = 256_000_000
"""Bytes of held-out predictions that are kept together for metrics."""
_CERTAIN = 700.0
"""Stands for an infinite constant (one class only, all counts zero): exp of it is still finite."""


def crossfit(problem: Problem, resamples: Resamples, learner: Learner) -> tuple[list[Path], Evidence]:
    """All paths, the full fit first, and their evidence.

    A row's loss is that of the model which left it out, averaged over the resamples that scored the row (repeats,
    bootstrap). Rows of weight zero and rows that no resample scores are NaN. A prediction that is no number costs
    infinity. The constant model's loss ``null`` uses the best constant of the resample's own rows.
    """
    paths = list(learner.fit_paths(problem, resamples))
    if len(paths) != len(resamples):
        raise TypeError(f"learner {learner.name!r} returned {len(paths)} paths for {len(resamples)} resamples")
    n, steps, outputs = len(problem.y), len(paths[0].strengths), problem.loss.outputs
    weight = resamples.weight
    loss = np.zeros((n, steps), np.float32)
    null = np.zeros(n)
    times = np.zeros(n, np.int64)
    fold = np.zeros(n, np.int64)
    rounds = _find_rounds(resamples)
    size = n * steps * outputs
    kept = np.float64 if size * 8 <= _KEPT // 4 else np.float32
    width = max(1, min(steps, _KEPT // max(1, n * outputs * np.dtype(kept).itemsize)))
    sums: dict[str, np.ndarray] = {}
    for members in rounds:
        null_of_round = np.full(n, np.nan)
        for k in members:
            rows = _judged(resamples, k)
            constant = fit_constant(problem, resamples.weights(k))
            null_of_round[rows] = lose_constant(problem, constant, rows)
            fold[rows] = k
            times[rows] += 1
        scored = np.flatnonzero(~np.isnan(null_of_round))
        null[scored] += null_of_round[scored]
        for first in range(0, steps, width):
            part = slice(first, min(first + width, steps))
            held_out = np.full((part.stop - part.start, n, outputs), np.nan, kept)
            for k in members:
                for rows, eta in _predict_blocks(paths[k], problem, _judged(resamples, k)):
                    held_out[:, rows] = eta[part]
                    if first == 0:
                        with np.errstate(over="ignore"):
                            loss[rows] += _lose(problem, rows, eta).T.astype(np.float32)
            for step in range(part.start, part.stop):
                eta_of_step = held_out[step - part.start, scored].astype(np.float64, copy=False)
                for name, value in _measure(problem, scored, eta_of_step, weight, null_of_round).items():
                    sums.setdefault(name, np.zeros(steps))[step] += value
    with np.errstate(divide="ignore", invalid="ignore"):
        loss /= times[:, None].astype(np.float32)
        null = np.where(times > 0, null / times, np.nan)
    loss[times == 0] = np.nan
    evidence = Evidence(
        strengths=np.asarray(paths[0].strengths, np.float64),
        loss=loss,
        null=null,
        weight=weight,
        unit=resamples.unit if len(resamples.unit) else np.arange(n),
        fold=fold,
        complexity=np.asarray(paths[0].complexity, np.float64),
        measure=problem.loss.measure,
        training=_lose_in_training(paths[0], problem, weight),
        name=resamples.name,
        metrics={name: total / len(rounds) for name, total in sums.items()},
        features=problem.design.p,
        quadratic=problem.loss.quadratic,
    )
    return paths, evidence


def predict_held_out(paths: Sequence[Path], problem: Problem, resamples: Resamples, step: int) -> np.ndarray:
    """(n, C) linear predictors at one step by models that left the row out; NaN for rows that none did.

    Of several resamples that score a row the first one predicts it: an average over repeats would be an ensemble, which
    is better than the model that is looked at.
    """
    if not 0 <= step < len(paths[0].strengths):
        raise OptionError(f"step must lie between 0 and {len(paths[0].strengths) - 1}, not {step}")
    eta = np.full((len(problem.y), problem.loss.outputs), np.nan)
    done = np.zeros(len(eta), bool)
    for k in range(1, len(resamples)):
        rows = _judged(resamples, k)
        rows = rows[~done[rows]]
        if len(rows):
            eta[rows] = paths[k].model(step).predict(problem.design.take(rows), problem.offset[rows])
            done[rows] = True
    return eta


def fit_constant(problem: Problem, weight: np.ndarray) -> np.ndarray:
    """(C,) the best constant of rows with these weights (n,), not normalized; finite: +-700 stands for infinity."""
    rows = np.flatnonzero(weight > 0)
    share = weight[rows] / weight[rows].sum()
    constant = problem.loss.null(problem.y[rows], share, problem.offset[rows])
    # Only infinities are replaced: a squared error's constant is a mean, and may be any size.
    return np.asarray(np.nan_to_num(constant, nan=np.nan, posinf=_CERTAIN, neginf=-_CERTAIN))


def lose_constant(problem: Problem, constant: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(r,) loss of the constant model on these rows."""
    eta = problem.offset[rows, None] + constant[None, :]
    return np.asarray(problem.loss.value(problem.y[rows], eta if problem.loss.outputs > 1 else eta[:, 0]))


def _judged(resamples: Resamples, k: int) -> np.ndarray:
    """Rows that resample k scores; those of weight zero never."""
    return np.flatnonzero(resamples.scored[k] & (resamples.weight > 0))


def _find_rounds(resamples: Resamples) -> list[list[int]]:
    """Consecutive resamples that score no row twice."""
    rounds: list[list[int]] = []
    taken = np.zeros(len(resamples.weight), bool)
    for k in range(1, len(resamples)):
        scored = resamples.scored[k]
        if not rounds or (taken & scored).any():
            rounds.append([])
            taken[:] = False
        rounds[-1].append(k)
        taken |= scored
    return rounds


def _predict_blocks(path: Path, problem: Problem, rows: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Blocks of rows with their (K, r, C) linear predictors."""
    size = max(1, _BLOCK // (8 * len(path.strengths) * problem.loss.outputs))
    for start in range(0, len(rows), size):
        block = rows[start : start + size]
        yield block, path.predict(problem.design.take(block), problem.offset[block])


def _lose(problem: Problem, rows: np.ndarray, eta: np.ndarray) -> np.ndarray:
    """(K, r) losses for (K, r, C) linear predictors; what is no number is infinite."""
    steps, count, outputs = eta.shape
    y = np.tile(problem.y[rows], steps)
    flat = eta.reshape(steps * count, outputs)
    with np.errstate(over="ignore", invalid="ignore"):
        value = problem.loss.value(y, flat if outputs > 1 else flat[:, 0])
        value = np.minimum(value, np.inf)
    return np.where(np.isnan(value), np.inf, value).reshape(steps, count)


def _lose_in_training(path: Path, problem: Problem, weight: np.ndarray) -> np.ndarray:
    """(K,) weighted mean loss of the full fit on its own rows."""
    total = np.zeros(len(path.strengths))
    rows = np.flatnonzero(weight > 0)
    for block, eta in _predict_blocks(path, problem, rows):
        total += _lose(problem, block, eta) @ weight[block]
    return np.asarray(total / weight[rows].sum())


def _measure(
    problem: Problem, rows: np.ndarray, eta: np.ndarray, weight: np.ndarray, null: np.ndarray
) -> dict[str, float]:
    with np.errstate(over="ignore", invalid="ignore"):
        return measure_predictions(problem.loss, problem.y[rows], eta, weight[rows], null[rows])
