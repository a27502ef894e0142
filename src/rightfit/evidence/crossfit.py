"""Scoring every step of every resample on rows that it has not seen.

The learner is called once for all resamples. What it returns is scored in blocks of rows, so that no more than a
block of the (steps, rows, outputs) cube exists at a time; what stays is the (n, K) matrix of losses in float32.

Metrics that are no mean over rows need the held-out predictions of all rows of a step together. These are gathered
*round* by round (a round is a run of resamples that score no row twice: one repeat of K-fold, one bootstrap
resample) and, where even one round's predictions would be too large, for some steps at a time. Over
repeats, losses and metrics are averaged.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from rightfit.contracts import Learner, Path, Problem
from rightfit.errors import OptionError
from rightfit.evidence.metrics import measure_predictions
from rightfit.records import Evidence, Resamples
from rightfit.solvers.watch import left, tell, until

_BLOCK = 8_000_000
"""Bytes of predictions that are looked at together."""
_SCORING = 0.2
"""Share of the time that is left which fitting leaves for scoring."""
_KEPT = 256_000_000
"""Bytes of held-out predictions that are kept together for metrics."""


def crossfit(problem: Problem, resamples: Resamples, learner: Learner) -> tuple[list[Path], Evidence]:
    """All paths, the full fit first, and their evidence. Where there is an end, a share of the time is kept for
    scoring."""
    with until(time.perf_counter() + (1 - _SCORING) * left()):
        paths = list(learner.fit_paths(problem, resamples))
    if len(paths) != len(resamples):
        raise TypeError(f"learner {learner.name!r} returned {len(paths)} paths for {len(resamples)} resamples")
    return paths, score_paths(paths, problem, resamples)


def score_paths(paths: Sequence[Path], problem: Problem, resamples: Resamples) -> Evidence:
    """The evidence of one path a resample, the full fit's first.

    A row's loss is that of the model which left it out, averaged over the resamples that scored the row (repeats,
    bootstrap); where losses are coupled, it is what the row adds to the loss of the rows that taught (`Loss.judge`).
    Rows of weight zero and rows that no resample scores are NaN. A prediction that is no number costs infinity. The
    constant model's loss ``null`` uses the best constant of the resample's own rows.
    """
    n, steps, outputs = len(problem.y), len(paths[0].strengths), problem.loss.outputs
    weight = resamples.weight
    loss = np.zeros((n, steps), np.float32)
    null = np.zeros(n)
    times = np.zeros(n, np.int64)
    fold = np.zeros(n, np.int64)
    rounds = _find_rounds(resamples)
    work = max(1, sum(len(_judged(resamples, k)) for members in rounds for k in members))
    size = n * steps * outputs
    kept = np.float64 if size * 8 <= _KEPT // 4 else np.float32
    width = max(1, min(steps, _KEPT // max(1, n * outputs * np.dtype(kept).itemsize)))
    sums: dict[str, np.ndarray] = {}
    for members in rounds:
        null_of_round = np.full(n, np.nan)
        for k in members:
            rows = _judged(resamples, k)
            constant = problem.constant(resamples.weights(k))
            if problem.loss.coupled:
                level = problem.offset + constant[0]
                null_of_round[rows] = _judge_together(problem, resamples, k, level[None])[0]
            else:
                null_of_round[rows] = lose_constant(problem, constant, rows)
            fold[rows] = k
            times[rows] += 1
        scored = np.flatnonzero(~np.isnan(null_of_round))
        null[scored] += null_of_round[scored]
        for first in range(0, steps, width):
            part = slice(first, min(first + width, steps))
            held_out = np.full((part.stop - part.start, n, outputs), np.nan, kept)
            for k in members:
                for rows, eta, lost in _score_blocks(paths[k], problem, resamples, k, score=first == 0):
                    held_out[:, rows] = eta[part]
                    with np.errstate(over="ignore"):
                        loss[rows] += lost.T.astype(np.float32)
                    tell(len(paths) * steps * len(rows) / work)
            for step in range(part.start, part.stop):
                tell(0.0)
                eta_of_step = held_out[step - part.start, scored].astype(np.float64, copy=False)
                for name, value in _measure(problem, scored, eta_of_step, weight, null_of_round, fold).items():
                    sums.setdefault(name, np.zeros(steps))[step] += value
    with np.errstate(divide="ignore", invalid="ignore"):
        loss /= times[:, None].astype(np.float32)
        null = np.where(times > 0, null / times, np.nan)
    loss[times == 0] = np.nan
    return Evidence(
        strengths=np.asarray(paths[0].strengths, np.float64),
        loss=loss,
        null=null,
        weight=weight,
        unit=resamples.unit if len(resamples.unit) else np.arange(n),
        fold=fold,
        complexity=np.asarray(paths[0].complexity, np.float64),
        measure=problem.loss.measure,
        training=_lose_in_training(paths[0], problem, resamples.weights(0), null),
        name=resamples.name,
        metrics={name: total / len(rounds) for name, total in sums.items()},
        features=problem.design.p,
        quadratic=problem.loss.quadratic,
        dispersion=problem.loss.dispersion,
        axis=paths[0].axis,
        luck=paths[0].luck,
    )


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


def lose_constant(
    problem: Problem, constant: np.ndarray, rows: np.ndarray, weight: np.ndarray | None = None
) -> np.ndarray:
    """(r,) loss of the constant model on these rows, which have these weights (n,) where losses are coupled."""
    eta = problem.offset[rows, None] + constant[None, :]
    loss = problem.loss if weight is None else problem.loss.bind(weight[rows])
    return np.asarray(loss.value(problem.y[rows], eta if problem.loss.outputs > 1 else eta[:, 0]))


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


def _score_blocks(
    path: Path, problem: Problem, resamples: Resamples, k: int, *, score: bool
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Blocks of judged rows with their (K, r, C) linear predictors and (K, r) losses; without ``score``, zeros."""
    judged = _judged(resamples, k)
    if score and problem.loss.coupled:
        rows = np.flatnonzero(resamples.multiplicity[k] * resamples.weight + resamples.scored[k] * resamples.weight)
        eta = np.zeros((len(path.strengths), len(problem.y), 1))
        for block, part in _predict_blocks(path, problem, rows):
            eta[:, block] = part
        yield judged, eta[:, judged], _judge_together(problem, resamples, k, eta[:, :, 0])
        return
    for rows, eta in _predict_blocks(path, problem, judged):
        yield rows, eta, _lose(problem, rows, eta) if score else np.zeros(eta.shape[:2])


def _judge_together(problem: Problem, resamples: Resamples, k: int, eta: np.ndarray) -> np.ndarray:
    """(K, r) what the rows that resample k judges add to the loss of those that taught it, eta (K, n) of all rows."""
    judged = _judged(resamples, k)
    judging = np.zeros(len(problem.y))
    judging[judged] = resamples.weight[judged]
    value = problem.loss.judge(problem.y, eta, resamples.weights(k), judging)[:, judged]
    return np.where(np.isnan(value), np.inf, value)


def _predict_blocks(
    path: Path, problem: Problem, rows: np.ndarray, *, whole: bool = False
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Blocks of rows with their (K, r, C) linear predictors; a single one where ``whole``."""
    size = max(1, len(rows) if whole else _BLOCK // (8 * len(path.strengths) * problem.loss.outputs))
    for start in range(0, len(rows), size):
        block = rows[start : start + size]
        eta = path.remembered(problem, block)
        yield block, path.predict(problem.design.take(block), problem.offset[block]) if eta is None else eta


def _lose(problem: Problem, rows: np.ndarray, eta: np.ndarray) -> np.ndarray:
    """(K, r) losses for (K, r, C) linear predictors; what is no number is infinite."""
    steps, count, outputs = eta.shape
    y = problem.y[rows]
    with np.errstate(over="ignore", invalid="ignore"):
        if outputs > 1:
            value = problem.loss.value(np.concatenate([y] * steps), eta.reshape(steps * count, outputs)).reshape(
                steps, count
            )
        else:
            value = problem.loss.value(y, eta[:, :, 0])
    return np.where(np.isnan(value), np.inf, value)


def _lose_in_training(path: Path, problem: Problem, weight: np.ndarray, null: np.ndarray) -> np.ndarray:
    """(K,) weighted mean loss of the full fit on its own rows.

    Where losses are coupled, what a row adds to the others lies above its own loss, for the constant model too. That
    difference, of the constant model, is added here: so the two curves lie apart by what was overfitted alone."""
    total = np.zeros(len(path.strengths))
    rows = np.flatnonzero(weight > 0)
    if problem.loss.coupled:
        problem = replace(problem, loss=problem.loss.bind(weight[rows]))
        judged = np.flatnonzero(~np.isnan(null))
        if len(judged):
            own = weight[rows] @ problem.loss.value(problem.y[rows], problem.offset[rows])
            total += np.average(null[judged], weights=weight[judged]) * weight[rows].sum() - own
    for block, eta in _predict_blocks(path, problem, rows, whole=problem.loss.coupled):
        tell(0.0)
        total += _lose(problem, block, eta) @ weight[block]
    return np.asarray(total / weight[rows].sum())


def _measure(
    problem: Problem, rows: np.ndarray, eta: np.ndarray, weight: np.ndarray, null: np.ndarray, fold: np.ndarray
) -> dict[str, float]:
    with np.errstate(over="ignore", invalid="ignore"):
        return measure_predictions(problem.loss, problem.y[rows], eta, weight[rows], null[rows], fold[rows])
