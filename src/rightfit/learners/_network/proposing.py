"""Which nets to try: a few settings race on the first folds, and how long the winner may walk follows from its size."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from math import ceil, inf
from typing import Any

import numpy as np

from rightfit.contracts import Problem
from rightfit.errors import OutOfTime
from rightfit.records import Resamples
from rightfit.solvers.watch import left, until

DESIGN: tuple[dict[str, Any], ...] = (
    {"hidden": (64, 64), "dropout": 0.1},
    {"hidden": (64, 64), "dropout": 0.0, "mixup": 0.2},
    {"hidden": (32, 32), "dropout": 0.0},
    {"hidden": (128, 128), "dropout": 0.3},
)
"""The usual one first."""
FEW = (10.0, 3.0, 0.0)
"""Decays of nets that take long."""
IMAGES: tuple[dict[str, Any], ...] = (
    {"module": "convolution", "dropout": 0.3, "strengths": FEW},
    {"module": "convolution", "dropout": 0.1, "shift": 1, "rotate": 10.0, "strengths": FEW},
    {"module": None, "hidden": (64, 64), "dropout": 0.1},
)
"""Those for images."""
TEXTS: tuple[dict[str, Any], ...] = (
    *DESIGN[:2],
    {"module": "text", "dropout": 0.1, "strengths": FEW},
)
"""Those for tables with columns of texts."""
TEXT_CHANGES = ("delete", "swap", "synonyms")
"""Settings by which words of texts change."""
RACING = (3.0, 0.3)
"""Decays of a race."""
FOLDS = 2
MOST_ROWS = 10_000
"""Rows of each fold that race at most."""
SHARE = 0.25
"""Share of the time that is left which a race may take."""
WATCHED = 15_000
"""Judged rows that stop nets where time is short."""
SHORT = 8.0
"""Seconds that are too few for a race beside a walk."""
WORK = 1.5e12
"""Multiplications and additions of a whole ladder, about a minute of two processors."""
RATE = 1.25e10
"""Of them in a second of one processor."""
EPOCHS = 20
"""Fewer are too few to teach whole ladders, where time is short."""
LOOK = 300
"""Steps of a first look, where time is short."""
STEPS = 1500
"""Steps that a perceptron may take however large it is."""
FEWER = 600
"""Steps that another net may take."""
TOLD = 100.0
"""Steps for each resample that a ladder tells of, and all that race before one; scoring adds a few."""
LIGHT = 0.2
"""A race may do this share of the work of a ladder."""


def choose_module(problem: Problem, wished: set[str]) -> str | None:
    """The net for images or for texts whose words shall change, unless a perceptron's settings are wished for."""
    dense = {"units", "layers", "norm"} & wished
    if problem.image and not dense:
        return "convolution"
    return "text" if problem.text and wished & set(TEXT_CHANGES) and not dense and "noise" not in wished else None


def choose_batch(rows: int) -> int:
    """Rows of a step: about a thirtieth of the rows, 32 to 512, a power of two."""
    return int(2 ** np.clip(round(np.log2(max(1, rows / 30))), 5, 9))


def limit_epochs(learner: Any, problem: Problem, resamples: Resamples, share: float = 1.0) -> int:
    """Epochs that a ladder may take: so many that its work is bounded, but never fewer than `STEPS` steps, or
    `FEWER`, and never more than 500."""
    rows = int((resamples.weight > 0).sum())
    weights = learner.body.work(problem.design.p, problem.loss.outputs)
    nets = len(resamples) * learner.seeds * max(1, len(learner.strengths) or 5)
    least = ceil((STEPS if learner.module is None else FEWER) / max(1, rows / learner.batch))
    return int(np.clip(share * WORK / (6.0 * rows * weights * nets), min(least, 500), 500))


def expect(problem: Problem, resamples: Resamples) -> float:
    """`rightfit.contracts.Learner.expect` of the usual nets."""
    rows, price = resamples.taught, 4.8e-10 * 15 * len(resamples) * (64 * problem.design.p + 64 * 64)
    return min(100 * rows * price, max(60.0, 1500 * choose_batch(rows) * price))


def afford(learner: Any, problem: Problem, resamples: Resamples) -> Any:
    """Few steps of single nets where a part of the rows teaches: what more take is worth more for all rows. Single nets
    on few rungs where all rows leave time for few epochs."""
    if resamples.partial:
        look = ceil(LOOK / max(1, round(resamples.taught / learner.batch)))
        return replace(learner, seeds=1, most=min(learner.most, look))
    return make_lighter(learner, problem, resamples)


def make_lighter(learner: Any, problem: Problem, resamples: Resamples) -> Any:
    """Nets of one seed on few rungs where there is time for fewer than `EPOCHS` epochs of the whole ladder."""
    work = 6.0 * resamples.taught * learner.body.work(problem.design.p, problem.loss.outputs) * len(resamples)
    if left() > EPOCHS * work * learner.seeds * max(1, len(learner.strengths) or 5) / RATE:
        return learner
    rungs = learner.strengths or (FEW if learner.walks == "decay" else ())
    return replace(learner, seeds=1, strengths=rungs)


def race(base: Any, problem: Problem, resamples: Resamples) -> Any:
    """The setting that loses least on the first folds at its best decay and epoch, with a note that says so; the usual
    one where nothing can be judged, or no time is left."""
    design = IMAGES if base.image else TEXTS if base.text else DESIGN
    usual = replace(base, **design[0])
    racing = first_folds(resamples, base.seed)
    if not (racing.scored & (racing.weight > 0)).any():
        return usual
    untold = replace(usual, note="there was no time for a race of settings: the usual one was taken.")
    if left() < SHORT:
        return untold
    rows = racing.used
    if len(rows) < len(problem.y):
        problem, racing = problem.take(rows), racing.take(rows)
    least, walked = [], design
    start = time.perf_counter()
    end = start + SHARE * left() if left() < inf else inf
    for number, setting in enumerate(design):
        try:
            with until(end):
                runner = replace(base, **setting | {"seeds": 1, "strengths": RACING})
                least.append(_try(runner, problem, racing, TOLD * len(resamples) / len(design)))
        except OutOfTime:
            walked = design[:number]
            break
    if len(least) < 2:
        return untold
    winner = walked[int(np.argmin(least))]
    tried = "; ".join(replace(base, **setting).words.partition(", ")[2] for setting in walked)
    note = (
        f"{len(walked)} settings of nets were tried on {len(racing) - 1} folds ({tried}): the one with the smallest "
        "mean loss was taken; others may be as good within noise."
    )
    return replace(base, **winner, note=note)


def first_folds(resamples: Resamples, seed: int) -> Resamples:
    """The full fit and the first resamples; of many rows a part, the same share of those that teach and that judge."""
    multiplicity, scored = resamples.multiplicity[: FOLDS + 1], resamples.scored[: FOLDS + 1]
    taught = int((multiplicity[-1] > 0).sum())
    if taught > MOST_ROWS:
        part = np.random.default_rng([seed, 43]).random(multiplicity.shape[1]) < MOST_ROWS / taught
        multiplicity, scored = np.where(part, multiplicity, 0).astype(multiplicity.dtype), scored & part
    return replace(resamples, multiplicity=multiplicity, scored=scored)


def watch_some(problem: Problem, resamples: Resamples) -> tuple[Problem, Resamples]:
    """Where there is an end, at most `WATCHED` of the judged rows, spread evenly: enough to say at which epoch nets
    stop, and every epoch is judged."""
    judged = np.flatnonzero(resamples.scored.any(axis=0))
    if left() == inf or len(judged) <= WATCHED:
        return problem, resamples
    some = np.zeros(len(resamples.weight), bool)
    some[judged[np.linspace(0, len(judged) - 1, WATCHED).astype(np.int64)]] = True
    fewer = replace(resamples, scored=resamples.scored & some)
    rows = fewer.used
    return (problem, fewer) if len(rows) == len(problem.y) else (problem.take(rows), fewer.take(rows))


def _try(learner: Any, problem: Problem, racing: Resamples, steps: float) -> float:
    from rightfit.learners._network.ladder import climb

    climbed = climb(
        problem,
        racing,
        [learner.rung(strength) for strength in learner.strengths],
        most=limit_epochs(learner, problem, racing, LIGHT),
        full=False,
        steps=steps,
        **learner.shape,
    )
    known: Sequence[float] = climbed.held_out[np.isfinite(climbed.held_out)].tolist()
    return min(known, default=inf)
