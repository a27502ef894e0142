"""Nets of a user's own in a ladder: each is the net that a plain loop trains alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from rightfit.learners._network.cohort import count_batches  # noqa: E402
from rightfit.learners._network.ladder import climb  # noqa: E402
from rightfit.learners._network.own import Own  # noqa: E402
from rightfit.learners._network.rungs import Rung  # noqa: E402
from tests.rooms.learners.network_problems import P, folds, make_problem  # noqa: E402
from tests.rooms.learners.own_modules import FACTORIES, train_alone  # noqa: E402

TRAINING: dict[str, Any] = {"batch": 20, "learning_rate": 0.01}
RUNGS = {
    "decay": Rung(decay=5.0, **TRAINING),
    "dropout": Rung(dropout=0.4, decay=0.5, **TRAINING),
    "l1": Rung(l1=0.1, **TRAINING),
    "noise": Rung(noise=0.5, **TRAINING),
    "plain": Rung(**TRAINING),
}
SEED = 4
CELLS = np.random.default_rng(0).normal(size=(30, P))


def check(name: str, loss: str, rungs: list[Rung], epochs: int, *, single: bool) -> None:
    """Every net of the ladder against its twin, as functions of inputs."""
    rungs = [replace(rung, epochs=epochs) for rung in rungs]
    problem, tolerance = make_problem(loss), {"attention": 1e-3}.get(name, 1e-4) if single else 1e-9
    weight = np.ones(len(problem.y))
    weight[::5] = 0.0
    if name != "normal":  # torch's own batch normalization knows no weights
        weight[::9] = 2.5
    resamples = folds(weight=weight)
    dtype = torch.float32 if single else torch.float64
    body = Own(FACTORIES[name])
    climbed = climb(problem, resamples, rungs, body=body, most=epochs, seeds=2, seed=SEED, dtype=dtype)
    own = body.module(P, problem.loss.outputs)
    for k, net in ((2, 1),) if single else ((0, 1), (2, 0)):
        _, size = count_batches(int((resamples.weights(k) > 0).sum()), TRAINING["batch"])
        shapes = own.probe(size, torch.zeros((), dtype=dtype)).shapes
        for r, rung in enumerate(rungs):
            more: dict[str, Any] = {"net": net, "dtype": dtype, "seed": SEED}
            twin = train_alone(problem, resamples.weights(k), rung, FACTORIES[name], shapes, **more)
            nets = climbed.nets[r, k]
            nets.arrays = {key: array[net : net + 1] for key, array in nets.arrays.items()}
            ours, theirs = nets.say(CELLS), twin(torch.as_tensor(CELLS, dtype=dtype)).detach().numpy()
            assert np.abs(ours - theirs).max() <= tolerance * np.abs(theirs).max(), (name, r, k)
            assert np.abs(theirs).max() > 0.01


@pytest.mark.parametrize("name", FACTORIES)
def test_a_module_of_the_ladder_is_the_module_trained_alone(name: str) -> None:
    loss = {"dense": "squared", "convolution": "multinomial"}.get(name, "logistic")
    rungs = list(RUNGS.values()) if name in ("dense", "attention") else [RUNGS["dropout"], RUNGS["decay"]]
    check(name, loss, rungs, 3, single=False)


@pytest.mark.parametrize("name", ["dense", "convolution", "attention"])
def test_in_single_precision_too_after_two_hundred_steps(name: str) -> None:
    check(name, "squared", [RUNGS["dropout"]], 50, single=True)
