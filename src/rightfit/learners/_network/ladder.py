"""The ladder: nets of all rungs, resamples and seeds trained side by side, each kept at the epoch where it stops."""

from __future__ import annotations

import time
from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
import torch

from rightfit.contracts import Problem
from rightfit.learners._network.bodies import Body, Nets, as_body
from rightfit.learners._network.climbed import Climbed
from rightfit.learners._network.cohort import Cohort, count_batches
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
    hidden: Sequence[int] = (),
    body: Body | None = None,
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
    ``full`` the others alone. Nets are perceptrons of ``hidden`` units, or what ``body`` says."""
    made = as_body(hidden, body)
    ground = Ground(problem, resamples, device, dtype, made.measure)
    shape: dict[str, Any] = {"body": made, "batch": batch, "rate": rate, "seeds": seeds, "seed": seed}
    walking = list(range(1, len(resamples)))
    judged = bool(walking) and any(len(ground.plots[k].judged) for k in walking)
    fixed = epochs if epochs is not None or judged else UNSETTLED
    nets: dict[tuple[int, int], Nets] = {}
    stop = np.full((len(rungs), len(resamples)), fixed or 0, np.int64)
    seen, held_out, taught, luck = [], np.empty((len(rungs), 0)), np.empty((len(rungs), 0)), np.empty((0, 0))
    whole = Cohort(ground, rungs, [0], **shape) if full else None
    unfinished = False
    if walking:
        price = _price(whole) if whole is not None and left() < np.inf else 0.0
        watch = _walk(ground, rungs, walking, nets, fixed, most, shape, price)
        stop[:, 1:] = watch.stop
        if judged:
            seen = max((one.rounds for one in watch.held_out), key=len)
            held_out = np.full((len(rungs), len(seen)), np.nan)
            for r, one in enumerate(watch.held_out):
                held_out[r, : len(one.mean)] = one.mean
                stop[r, 0] = fixed or one.rounds[one.best]
            taught, luck = np.array(watch.taught).T, watch.luck
            unfinished = fixed is None and bool((watch.alive & (stop[:, 0] == seen[-1])).any())
    if whole is not None:
        _finish(whole, nets, stop[:, 0])
    return Climbed(nets, stop, np.array(seen, np.int64), held_out, taught, unfinished, luck)


def _walk(
    ground: Ground,
    rungs: Sequence[Rung],
    walking: list[int],
    nets: dict[tuple[int, int], Nets],
    fixed: int | None,
    most: int,
    shape: dict[str, Any],
    price: float,
) -> Watch:
    """All resamples but the full fit, in step, until every rung is over; the full fit, which comes later, takes so many
    seconds an epoch."""
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
        if fixed is None and left() < np.inf:
            finish = price * max(one.rounds[one.best] if one.rounds else epoch for one in watch.held_out)
            if (time.perf_counter() - start) * max(SPACING, 1 / epoch) + finish > CAREFUL * left():
                break
    return watch


def _price(whole: Cohort) -> float:
    """Seconds of an epoch of the full fit; the first one, which it needs anyway."""
    start = time.perf_counter()
    whole.advance(np.ones(len(whole.rungs), bool))
    return time.perf_counter() - start


def _finish(whole: Cohort, nets: dict[tuple[int, int], Nets], stop: np.ndarray) -> None:
    """The full fit, as far as each rung goes, which is an epoch at least."""
    alive = np.ones(len(stop), bool)
    while alive.any():
        if whole.epoch:
            for rung in np.flatnonzero(alive & (stop <= whole.epoch)):
                nets[int(rung), 0] = whole.layers(int(rung), 0)
            alive &= stop > whole.epoch
        if alive.any():
            whole.advance(alive)
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
