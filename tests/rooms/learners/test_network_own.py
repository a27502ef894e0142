"""Nets of a user's own in a ladder: each is the net that a plain loop trains alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from rightfit.data.design import make_design  # noqa: E402
from rightfit.errors import OptionError  # noqa: E402
from rightfit.learners._network.augment import Augment  # noqa: E402
from rightfit.learners._network.cohort import count_batches  # noqa: E402
from rightfit.learners._network.ground import Ground  # noqa: E402
from rightfit.learners._network.ladder import climb  # noqa: E402
from rightfit.learners._network.own import Own  # noqa: E402
from rightfit.learners._network.rungs import Rung  # noqa: E402
from rightfit.records import Resamples  # noqa: E402
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


def test_images_move_while_they_teach_and_luck_is_that_of_the_seed() -> None:
    r = np.random.default_rng(0)
    x = r.normal(size=(60, 48)) + np.repeat(np.arange(16), 3)
    problem = replace(make_problem("logistic", 60), design=make_design(x))
    resamples = folds(60)
    body, rungs = Own.find("convolution", (4, 4, 3)), [replace(RUNGS["plain"], epochs=2), Rung(epochs=2, decay=1.0)]
    shape: dict[str, Any] = {"body": body, "most": 2, "seed": SEED}
    plain = climb(problem, resamples, rungs, seeds=2, **shape)
    moved = Augment((4, 4, 3), shift=1, flip=1, cutout=2)
    many = climb(problem, resamples, rungs, seeds=2, augment=moved, **shape)
    few = climb(problem, resamples, rungs[:1], seeds=1, augment=moved, **shape)
    said = [one.nets[0, 2].say(x) for one in (plain, many)]
    assert np.abs(said[0] - said[1]).max() > 1e-4
    for name, array in few.nets[0, 2].arrays.items():
        np.testing.assert_allclose(array[0], many.nets[0, 2].arrays[name][0], rtol=1e-4, atol=1e-6)


def test_what_falls_on_images_is_a_shift_of_their_pixels_and_a_hole_at_their_mean() -> None:
    x = np.random.default_rng(0).normal(size=(16, 48))
    problem = replace(make_problem("squared", 16), design=make_design(x))
    ground = Ground(problem, Resamples.full(np.ones(16)), "cpu", torch.float64)
    rows, place = torch.arange(16).expand(2, 16), torch.zeros(2, dtype=torch.int64)
    generators = [torch.Generator().manual_seed(5), torch.Generator().manual_seed(6)]
    still = ground.read(rows, place)
    holes = Augment((4, 4, 3), cutout=2).read(ground, rows, place, generators)
    assert ((holes == still) | (holes == 0)).all() and (holes == 0).any() and (holes[0] != holes[1]).any()
    flat = Ground(replace(problem, design=make_design(x)), Resamples.full(np.ones(16)), "cpu", torch.float64)
    flat.mean[:], flat.scale[:] = -flat.tensor(flat.shift), 1.0  # inputs are pixels
    seen = Augment((4, 4, 3), flip=1).read(flat, rows, place, generators)
    images = flat.read(rows, place).view(2, 16, 4, 4, 3)
    mirrored, as_it_was = (
        ((seen.view(images.shape) - one).abs() < 1e-12).flatten(2).all(2) for one in (images.flip(3), images)
    )
    assert (mirrored | as_it_was).all() and mirrored.any() and as_it_was.any()
    with pytest.raises(OptionError, match="are for images"):
        Augment((), shift=1)
