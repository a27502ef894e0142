"""The ladder: nets of all rungs, resamples and seeds trained side by side, each kept at the epoch where it stops."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, final

import numpy as np
import torch

from rightfit.contracts import Problem
from rightfit.errors import OutOfTime
from rightfit.learners._network.augment import Augment
from rightfit.learners._network.bodies import Body, Dense, Nets
from rightfit.learners._network.climbed import Climbed
from rightfit.learners._network.cohort import Cohort, count_batches, spread_evenly
from rightfit.learners._network.ground import Ground
from rightfit.learners._network.library import unhindered
from rightfit.learners._network.pace import Pace, expect_after
from rightfit.learners._network.rungs import Rung
from rightfit.learners._network.watch import UNSETTLED, Watch, lose
from rightfit.records import Resamples
from rightfit.solvers.watch import left, tell

SPACING = 0.1
"""Epochs after which nets are judged are all of the first ten, later ones this share apart."""
SAMPLE = 500
"""Teaching rows of each resample that tell the loss in training."""
CAREFUL = 0.8
"""Share of the time that is left which training may plan with."""


@unhindered()
def climb(
    problem: Problem,
    resamples: Resamples,
    rungs: Sequence[Rung],
    *,
    hidden: Sequence[int] = (),
    body: Body | None = None,
    augment: Augment | None = None,
    most: int,
    seeds: int,
    seed: int,
    norm: str = "none",
    device: str = "cpu",
    dtype: torch.dtype = torch.float32,
    full: bool = True,
    steps: float = 0.0,
) -> Climbed:
    """Train all rungs on all resamples, the full fit after the others, whose curves tell it where to stop, or beside
    them where there is an end; without ``full`` the others alone. Nets are perceptrons of ``hidden`` units and a
    ``norm``, or what ``body`` says; ``augment`` falls on rows that are images. So many ``steps`` are told of."""
    made = Dense(tuple(hidden), norm) if body is None else body
    ground = Ground(problem, resamples, device, dtype, made.measure)
    shape: dict[str, Any] = {"body": made, "augment": augment or Augment(()), "seeds": seeds, "seed": seed}
    walking = list(range(1, len(resamples)))
    judged = bool(walking) and any(len(ground.plots[k].judged) for k in walking)
    fixed = [rung.epochs or (None if judged else UNSETTLED) for rung in rungs]
    nets: dict[tuple[int, int], Nets] = {}
    stop = np.tile(np.array([epochs or 0 for epochs in fixed], np.int64)[:, None], len(resamples))
    seen, held_out, taught, luck = [], np.empty((len(rungs), 0)), np.empty((len(rungs), 0)), np.empty((0, 0))
    whole = gather(ground, rungs, [0], shape) if full else []
    unfinished, pace = False, Pace(steps, full=full)
    if walking:
        beside: list[Cohort] = []
        if left() < np.inf and judged and not any(fixed):
            whole, beside = [], whole
        watch = _walk(ground, rungs, walking, nets, fixed, most, shape, beside, pace)
        stop[:, 1:] = watch.stop
        if judged:
            seen = max((one.rounds for one in watch.held_out), key=len)
            held_out = np.full((len(rungs), len(seen)), np.nan)
            for r, one in enumerate(watch.held_out):
                held_out[r, : len(one.mean)] = one.mean
                stop[r, 0] = fixed[r] or one.rounds[one.best]
            taught, luck = np.array(watch.taught).T, watch.luck
            free = np.array([epochs is None for epochs in fixed])
            unfinished = bool((free & watch.alive & (stop[:, 0] == seen[-1])).any())
    for place, cohort in enumerate(whole):
        _finish(cohort, nets, stop[:, 0], pace, whole[place + 1 :])
    pace.end()
    return Climbed(nets, stop, np.array(seen, np.int64), held_out, taught, unfinished, luck)


def _walk(
    ground: Ground,
    rungs: Sequence[Rung],
    walking: list[int],
    nets: dict[tuple[int, int], Nets],
    fixed: list[int | None],
    most: int,
    shape: dict[str, Any],
    beside: Sequence[Cohort],
    pace: Pace,
) -> Watch:
    """All resamples but the full fit, in step, until every rung is over, and ``beside`` them the full fit. Where time
    runs out the best epochs so far stand; OutOfTime where there is none."""
    start = time.perf_counter()
    watch = Watch(ground.problem, ground.resamples, ground.plots, walking, shape["seeds"], fixed)
    cohorts = gather(ground, rungs, walking, shape)
    ends = sorted({epochs for epochs in fixed if epochs})
    last = max(most if None in fixed else 0, *ends, 0)
    epoch = 0
    while watch.alive.any() and epoch < last:
        target = min(last, max(epoch + 1, ceil(epoch * (1 + SPACING))), *(end for end in ends if end > epoch))
        after = expect_after(watch, cohorts, target, last, full=pace.full)
        pace.plan([*cohorts, *beside], watch.alive, target - epoch, after)
        try:
            for cohort in (*cohorts, *beside):
                for _ in range(target - epoch):
                    cohort.advance(watch.alive)
        except OutOfTime:
            if epoch == 0 or ends:
                raise
            break
        epoch = target
        said = _judge(ground, cohorts, watch.alive)
        steps = np.zeros(len(rungs))
        for cohort in cohorts:
            steps[cohort.numbers] = np.maximum(steps[cohort.numbers], cohort.epoch * cohort.batches)
        better = watch.note(epoch, steps, [said.judged[k] for k in walking], said.taught)
        for cohort in cohorts:
            for place, k in enumerate(cohort.resamples):
                for rung in cohort.numbers[better[cohort.numbers, walking.index(k)]]:
                    nets[int(rung), k] = cohort.layers(int(rung), place)
        for cohort in beside:
            cohort.settle(watch.alive)
            for rung in map(int, cohort.numbers):
                if watch.held_out[rung].rounds[watch.held_out[rung].best] == epoch:
                    nets[rung, 0] = cohort.layers(rung, 0)
        if None in fixed and (time.perf_counter() - start) * max(SPACING, 1 / epoch) > CAREFUL * left():
            break
        tell(0.0)
    return watch


@final
@dataclass(frozen=True)
class _Said:
    """What nets say after an epoch."""

    judged: dict[int, np.ndarray]
    """Of each resample (R, S, r, C): on the rows that it judges."""
    taught: np.ndarray
    """(R,) mean losses on rows that taught; NaN on rungs that are over."""


def _judge(ground: Ground, cohorts: Sequence[Cohort], alive: np.ndarray) -> _Said:
    judged: dict[int, np.ndarray] = {}
    taught = np.where(alive, 0.0, np.nan)
    walking = len({k for cohort in cohorts for k in cohort.resamples})
    for cohort in cohorts:
        cohort.settle(alive)
        plots = [ground.plots[k] for k in cohort.resamples]
        sample = [plot.rows[spread_evenly(len(plot.rows), max(8, min(SAMPLE, len(plot.judged))))] for plot in plots]
        rows = [np.concatenate([plot.judged, some]) for plot, some in zip(plots, sample, strict=True)]
        said = cohort.outputs(rows, alive)
        for k, plot, some, outputs in zip(cohort.resamples, plots, sample, said, strict=True):
            count = len(plot.judged)
            whole = judged.setdefault(k, np.full((len(alive), *outputs.shape[1:2], count, outputs.shape[3]), np.nan))
            whole[cohort.numbers] = outputs[:, :, :count]
            lost = lose(ground.problem, plot, some, outputs[:, :, count:].mean(axis=1))
            taught[cohort.numbers] += np.average(lost, axis=1, weights=ground.resamples.weight[some]) / walking
    return _Said(judged, np.where(alive, taught, np.nan))


def _finish(
    whole: Cohort, nets: dict[tuple[int, int], Nets], stop: np.ndarray, pace: Pace, others: Sequence[Cohort]
) -> None:
    """The full fit, as far as each rung goes, which is an epoch at least."""
    alive = np.isin(np.arange(len(stop)), whole.numbers)
    after = float(sum(stop[other.numbers].sum() for other in others))
    while alive.any():
        if whole.epoch:
            over = whole.numbers[alive[whole.numbers] & (stop[whole.numbers] <= whole.epoch)]
            if len(over):
                whole.settle(alive)
            for rung in map(int, over):
                nets[rung, 0] = whole.layers(rung, 0)
            alive &= stop > whole.epoch
        if alive.any():
            pace.plan([whole], alive, 1, after + float((stop[alive] - whole.epoch - 1).clip(0).sum()))
            whole.advance(alive)


def gather(ground: Ground, rungs: Sequence[Rung], resamples: Sequence[int], shape: dict[str, Any]) -> list[Cohort]:
    """The nets, as cohorts of one batch with as many of them in an epoch."""
    found: dict[tuple[int, int, int], tuple[list[int], list[int]]] = {}
    for number, rung in enumerate(rungs):
        for k in resamples:
            key = (rung.batch, *count_batches(len(ground.plots[k].rows), rung.batch))
            numbers, members = found.setdefault(key, ([], []))
            if number not in numbers:
                numbers.append(number)
            if k not in members:
                members.append(k)
    return [Cohort(ground, rungs, numbers, members, **shape) for numbers, members in found.values()]
