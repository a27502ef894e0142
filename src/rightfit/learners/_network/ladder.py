"""The ladder: nets of all rungs, resamples and seeds trained side by side, each kept at the epoch where it stops."""

from __future__ import annotations

import time
from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
import torch

from rightfit.contracts import Problem
from rightfit.learners._network.climbed import Climbed
from rightfit.learners._network.cohort import Cohort, count_batches
from rightfit.learners._network.forward import Layers
from rightfit.learners._network.ground import Ground
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


def climb(
    problem: Problem,
    resamples: Resamples,
    rungs: Sequence[Rung],
    *,
    hidden: Sequence[int],
    batch: int,
    rate: float,
    epochs: int | None,
    most: int,
    seeds: int,
    seed: int,
    device: str = "cpu",
    dtype: torch.dtype = torch.float32,
    full: bool = True,
) -> Climbed:
    """Train all rungs on all resamples, the full fit after the others, whose curves tell it where to stop; without
    ``full`` the others alone."""
    ground = Ground(problem, resamples, device, dtype)
    shape: dict[str, Any] = {"hidden": hidden, "batch": batch, "rate": rate, "seeds": seeds, "seed": seed}
    walking = list(range(1, len(resamples)))
    judged = bool(walking) and any(len(ground.plots[k].judged) for k in walking)
    fixed = epochs if epochs is not None or judged else UNSETTLED
    nets: dict[tuple[int, int], Layers] = {}
    stop = np.full((len(rungs), len(resamples)), fixed or 0, np.int64)
    seen, held_out, taught, luck = [], np.empty((len(rungs), 0)), np.empty((len(rungs), 0)), np.empty((0, 0))
    if walking:
        watch = _walk(ground, rungs, walking, nets, fixed, most, shape)
        stop[:, 1:] = watch.stop
        if judged:
            seen = max((one.rounds for one in watch.held_out), key=len)
            held_out = np.full((len(rungs), len(seen)), np.nan)
            for r, one in enumerate(watch.held_out):
                held_out[r, : len(one.mean)] = one.mean
                stop[r, 0] = fixed or one.rounds[one.best]
            taught, luck = np.array(watch.taught).T, watch.luck
    if full:
        _finish(ground, rungs, nets, stop[:, 0], shape)
    return Climbed(nets, stop, np.array(seen, np.int64), held_out, taught, luck)


def _walk(
    ground: Ground,
    rungs: Sequence[Rung],
    walking: list[int],
    nets: dict[tuple[int, int], Layers],
    fixed: int | None,
    most: int,
    shape: dict[str, Any],
) -> Watch:
    """All resamples but the full fit, in step, until every rung is over."""
    start, last = time.perf_counter(), fixed or most
    watch = Watch(ground.problem, ground.resamples, ground.plots, walking, len(rungs), shape["seeds"], fixed)
    cohorts: list[tuple[list[int], Cohort, list[np.ndarray]]] = []
    for members in _alike(ground, walking, shape["batch"]):
        sample = [_sample(ground.plots[k].rows, max(8, min(SAMPLE, len(ground.plots[k].judged)))) for k in members]
        cohorts.append((members, Cohort(ground, rungs, members, **shape), sample))
    epoch = 0
    while watch.alive.any() and epoch < last:
        target = min(last, max(epoch + 1, ceil(epoch * (1 + SPACING))))
        for _, cohort, _ in cohorts:
            for _ in range(target - epoch):
                cohort.advance(watch.alive)
        epoch = target
        alive = watch.alive.copy()
        said: dict[int, np.ndarray] = {}
        taught = np.zeros(len(rungs))
        for members, cohort, sample in cohorts:
            rows = [np.concatenate([ground.plots[k].judged, some]) for k, some in zip(members, sample, strict=True)]
            for k, some, outputs in zip(members, sample, cohort.outputs(rows, alive), strict=True):
                judged = len(ground.plots[k].judged)
                said[k] = outputs[:, :, :judged]
                own = outputs[:, :, judged:].mean(axis=1)
                lost = lose(ground.problem, ground.plots[k], some, own)
                taught += np.average(lost, axis=1, weights=ground.resamples.weight[some]) / len(walking)
        steps = max(cohort.epoch * cohort.batches for _, cohort, _ in cohorts)
        better = watch.note(epoch, steps, [said[k] for k in walking], np.where(alive, taught, np.nan))
        for members, cohort, _ in cohorts:
            for place, k in enumerate(members):
                for rung in np.flatnonzero(better[:, walking.index(k)]):
                    nets[int(rung), k] = cohort.layers(int(rung), place)
        tell(float(len(walking)))
        if fixed is None and left() < np.inf and _late(time.perf_counter() - start, epoch, len(walking)):
            break
    return watch


def _late(taken: float, epoch: int, resamples: int) -> bool:
    """Whether another look would leave too little time for the full fit and the scoring."""
    finish = 2.0 * taken / resamples
    return taken * max(SPACING, 1 / epoch) + finish > CAREFUL * left()


def _finish(
    ground: Ground, rungs: Sequence[Rung], nets: dict[tuple[int, int], Layers], stop: np.ndarray, shape: dict[str, Any]
) -> None:
    """The full fit, as far as each rung goes."""
    cohort = Cohort(ground, rungs, [0], **shape)
    alive = stop >= 0
    while alive.any():
        for rung in np.flatnonzero(alive & (stop == cohort.epoch)):
            nets[int(rung), 0] = cohort.layers(int(rung), 0)
        alive &= stop > cohort.epoch
        if alive.any():
            cohort.advance(alive)
            tell(0.0)


def _alike(ground: Ground, walking: Sequence[int], batch: int) -> list[list[int]]:
    """Resamples with as many batches of one size."""
    found: dict[tuple[int, int], list[int]] = {}
    for k in walking:
        found.setdefault(count_batches(len(ground.plots[k].rows), batch), []).append(k)
    return list(found.values())


def _sample(rows: np.ndarray, count: int) -> np.ndarray:
    """So many rows, spread evenly."""
    return rows[np.unique(np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(np.int64))]
