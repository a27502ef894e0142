"""Nets on their way: the same training as that of a ladder, looked at after some epochs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from rightfit.contracts import Problem
from rightfit.learners._network.augment import Augment
from rightfit.learners._network.bodies import Dense
from rightfit.learners._network.forward import Layers
from rightfit.learners._network.ground import Ground
from rightfit.learners._network.inputs import Inputs
from rightfit.learners._network.ladder import gather
from rightfit.learners._network.rungs import Rung
from rightfit.records import Resamples
from rightfit.solvers.watch import tell


@final
@dataclass(frozen=True)
class Snapshots:
    """The averaged nets of some rungs after some epochs, and how their outputs become predictors."""

    nets: tuple[tuple[Layers, ...], ...]
    """By epoch and rung."""
    inputs: Inputs
    constant: np.ndarray
    """(C,)"""
    spread: np.ndarray
    """(C,)"""


def follow(
    problem: Problem,
    weight: np.ndarray,
    rungs: Sequence[Rung],
    epochs: Sequence[int],
    *,
    hidden: Sequence[int],
    seed: int,
    norm: str = "none",
    device: str = "cpu",
) -> Snapshots:
    """One net a rung, taught by rows with weights (n,), after each of ``epochs``, rising from 0 or more: no net is
    stopped early."""
    ground = Ground(problem, Resamples.full(weight), device)
    shape = {"body": Dense(tuple(hidden), norm), "augment": Augment(()), "seeds": 1, "seed": seed}
    alive, found = np.ones(len(rungs), bool), []
    cohorts = gather(ground, rungs, [0], shape)
    for epoch in epochs:
        nets: dict[int, Layers] = {}
        for cohort in cohorts:
            while cohort.epoch < epoch:
                cohort.advance(alive)
                tell(0.0)
            cohort.settle(alive)
            nets |= {int(rung): cohort.layers(int(rung), 0) for rung in cohort.numbers}
        found.append(tuple(nets[rung] for rung in range(len(rungs))))
    plot = ground.plots[0]
    return Snapshots(tuple(found), plot.inputs, plot.constant, plot.spread)
