"""What a noisy hidden layer tells of inputs and target, epoch by epoch: nets are trained on one half of the run's
rows, and their first hidden layer is read, with dropout and Gaussian noise on it, for rows of both halves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rightfit.errors import OptionError
from rightfit.learners._network.walks import WALKS
from rightfit.records import Information, Informed
from rightfit.views.averages import lose
from rightfit.views.channel import Channel
from rightfit.views.ground import Ground
from rightfit.views.information_words import describe
from rightfit.views.small_net import is_network, require_net, small_net

UNITS = 8
STRENGTHS = (0.7, 0.5, 0.2, 0.0)
NOISE = 0.3
EPOCHS = (0, 1, 2, 4, 7, 12, 20, 35, 60, 100, 170, 300)
ROWS = 300
"""Rows of each half that are read at most."""
_CUT = {200: 8, 0: 4}
"""Intervals of a target of numbers, from so many rows on."""
_BITS = 1 / np.log(2)


@dataclass(frozen=True)
class Half:
    """Some rows of one half."""

    rows: np.ndarray
    """(r,)"""
    label: np.ndarray
    """(r,) class, or interval of the target."""


def see(
    ground: Ground,
    *,
    units: int | None = None,
    noise: float = NOISE,
    strengths: Sequence[float] = (),
    epochs: Sequence[int] = EPOCHS,
    train: bool = True,
    seed: int | None = None,
) -> Information:
    """The view of a run: of nets with its own settings and strengths where its model is one and ``units`` is not told,
    else of nets with one hidden layer of ``units`` and these shares of dropout.

    noise      deviation of the noise on each unit, in root mean squares of the layer at that epoch: rescaling a layer,
               which changes no prediction, then changes no information
    strengths  of dropout, or of what the run's nets walk in
    epochs     at which nets are read, rising
    train      whether nets may be trained where the run's model is none

    OptionError for a run without a net where no units are told, a loss that nets cannot learn, a layer without noise,
    and numbers out of range.
    """
    require_net(ground, usable=train or is_network(ground))
    Channel(np.zeros((1, 1)), noise)  # says why there must be noise
    if units is not None and not 1 <= units <= 256:
        raise OptionError(f"units: give 1 to 256, not {units}")
    told = [int(epoch) for epoch in epochs]
    if not told or told != sorted(set(told)) or told[0] < 0:
        raise OptionError("epochs: give rising whole numbers from 0 on")
    seed = ground.run.seed if seed is None else seed
    mine: Any = ground.learner if is_network(ground) and units is None else None
    own = mine is not None and mine.module is None and bool(mine.hidden)
    learner: Any = mine if own else small_net(ground, units or UNITS, seed, strengths=STRENGTHS)
    walked = tuple(strengths) or learner.strengths or tuple(ground.run.evidence.axis.positions[1:])
    return _measure(ground, learner, WALKS[learner.walks].sort(walked), noise, told, seed, own=own)


def _measure(
    ground: Ground, learner: Any, strengths: tuple[float, ...], noise: float, epochs: list[int], seed: int, *, own: bool
) -> Information:
    from rightfit.learners._network.snapshots import follow

    problem, loss = ground.problem, ground.problem.loss
    rng = np.random.default_rng([seed, 73])
    taught = _halve(ground, rng)
    label, cut = _label(ground, taught)
    unseen, known = (_take(ground, part, label, rng) for part in (~taught, taught))
    rungs = [learner.rung(strength) for strength in strengths]
    way = follow(
        problem,
        np.where(taught, ground.weight, 0.0),
        rungs,
        epochs,
        hidden=learner.hidden,
        norm=learner.norm,
        seed=seed,
        device=learner.device,
    )
    inputs = {id(one): way.inputs.read(problem.design.take(one.rows)) for one in (unseen, known)}
    y, level = problem.y[unseen.rows], problem.offset[unseen.rows, None] + way.constant
    found = []
    for r, rung in enumerate(rungs):
        told: dict[str, list[float]] = {name: [] for name in Informed.__dataclass_fields__}
        for nets in way.nets:
            layers = [(weight[0].astype(np.float64), bias[0].astype(np.float64)) for weight, bias in nets[r]]
            first = {key: np.maximum(x @ layers[0][0] + layers[0][1], 0.0) for key, x in inputs.items()}
            size = float(np.sqrt((first[id(known)] ** 2).mean())) or 1.0
            here = Channel(first[id(unseen)], noise * size, rung.dropout)
            pairs = {"inputs": here.inputs(rng), "target": here.target(unseen.label, rng)}
            pairs["taught"] = Channel(first[id(known)], noise * size, rung.dropout).target(known.label, rng)
            low, high = here.bounds()
            for name, (value, error) in pairs.items():
                told[name].append(value * _BITS)
                told[f"{name}_error"].append(error * _BITS)
            told["inputs_low"].append(low * _BITS)
            told["inputs_high"].append(high * _BITS)
            hidden = first[id(unseen)]
            for weight, bias in layers[1:-1]:
                hidden = np.maximum(hidden @ weight + bias, 0.0)
            eta = level + way.spread * (hidden @ layers[-1][0] + layers[-1][1])
            told["loss"].append(float(lose(loss, y, eta[None])[0].mean()))
        arrays = {name: np.array(values) for name, values in told.items() if name not in ("strength", "dropout")}
        found.append(Informed(strength=strengths[r], dropout=rung.dropout, **arrays))
    share = np.bincount(unseen.label) / len(unseen.label)
    view = Information(
        hidden=tuple(int(width) for width in learner.hidden),
        own=own,
        noise=noise,
        epochs=np.array(epochs, np.int64),
        rows=len(unseen.rows),
        most_inputs=float(np.log2(len(unseen.rows))),
        most_target=float(-(share[share > 0] * np.log2(share[share > 0])).sum()),
        cut=cut,
        name=WALKS[learner.walks].name,
        measure=loss.measure,
        strengths=tuple(found),
        shown=_shown(ground, strengths, own),
    )
    return replace(view, sentences=describe(view, ground.run.penalty))


def _halve(ground: Ground, rng: np.random.Generator) -> np.ndarray:
    """(n,) which rows teach: half of the independent units."""
    unit = ground.unit if ground.unit is not None else np.arange(len(ground.weight))
    names, code = np.unique(unit, return_inverse=True)
    return np.asarray((rng.permutation(len(names)) < (len(names) + 1) // 2)[code])


def _label(ground: Ground, taught: np.ndarray) -> tuple[np.ndarray, int]:
    """(n,) classes, or intervals that are equally likely among the teaching rows, and their number."""
    y = ground.problem.y
    if ground.run.task.classes:
        return y.astype(np.int64), 0
    own = y[taught & (ground.weight > 0)]
    count = next(cut for rows, cut in _CUT.items() if len(own) >= rows)
    edges = np.unique(np.quantile(own, np.arange(1, count) / count))
    return np.searchsorted(edges, y, side="right"), len(edges) + 1


def _take(ground: Ground, part: np.ndarray, label: np.ndarray, rng: np.random.Generator) -> Half:
    rows = np.flatnonzero(part & (ground.weight > 0))
    if len(rows) < 20 or len(np.unique(label[rows])) < 2:
        raise OptionError(
            "a half of the rows has fewer than 20 of them, or one class alone: too little to tell bits from"
        )
    rows = np.sort(rng.choice(rows, min(ROWS, len(rows)), replace=False))
    return Half(rows, label[rows])


def _shown(ground: Ground, strengths: tuple[float, ...], own: bool) -> int:
    if not own:
        return len(strengths) // 2 - (len(strengths) % 2 == 0)
    return int(np.argmin(np.abs(np.array(strengths) - ground.run.evidence.axis.positions[ground.run.choice.step])))
