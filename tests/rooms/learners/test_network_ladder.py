"""A net of a ladder is the net that a plain loop trains alone, whatever stands beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from rightfit.learners._network.forward import forward  # noqa: E402
from rightfit.learners._network.ladder import climb  # noqa: E402
from rightfit.learners._network.norms import OverRows, OverUnits, share_of  # noqa: E402
from rightfit.learners._network.rungs import Rung  # noqa: E402
from rightfit.learners._network.slopes import TWINS, slope_of  # noqa: E402
from tests.rooms.learners.network_problems import P, folds, make_loss, make_problem, train_alone  # noqa: E402

TRAINING = {"batch": 20, "learning_rate": 0.01}
RUNGS = {
    "decay": Rung(decay=5.0, **TRAINING),
    "dropout": Rung(dropout=0.4, decay=0.5, **TRAINING),
    "l1": Rung(l1=0.1, **TRAINING),
    "noise": Rung(noise=0.5, **TRAINING),
    "mixup": Rung(mixup=0.3, dropout=0.1, **TRAINING),
    "plain": Rung(**TRAINING),
}
SHAPE = {"hidden": (12, 7), "seed": 4}
CELLS = np.random.default_rng(0).normal(size=(30, P))


def check(name: str, rungs: list[Rung], epochs: int, single: bool, *, norm: str = "none") -> None:
    """Every net of the ladder against its twin, as functions of inputs."""
    rungs = [replace(rung, epochs=rung.epochs or epochs) for rung in rungs]
    problem, tolerance = make_problem(name, offset=name == "poisson"), 1e-4 if single else 1e-9
    weight = np.ones(len(problem.y))
    weight[::5], weight[::9] = 0.0, 2.5
    resamples = folds(weight=weight)
    dtype = torch.float32 if single else torch.float64
    climbed = climb(problem, resamples, rungs, most=epochs, seeds=2, dtype=dtype, norm=norm, **SHAPE)
    for r, rung in enumerate(rungs):
        for k, net in ((0, 1), (2, 0)):
            twin = train_alone(problem, resamples.weights(k), rung, net=net, dtype=dtype, norm=norm, **SHAPE)
            layers = tuple((w[net : net + 1], b[net : net + 1]) for w, b in climbed.nets[r, k])
            ours, theirs = (
                forward(layers, CELLS, normalized=norm == "layer"),
                twin(torch.as_tensor(CELLS, dtype=dtype)).detach().numpy(),
            )
            assert np.abs(ours - theirs).max() <= tolerance * np.abs(theirs).max()
            assert np.abs(theirs).max() > 0.01


@pytest.mark.parametrize("name", ["squared", "logistic", "multinomial", "poisson", "huber"])
def test_a_net_of_the_ladder_is_the_net_trained_alone(name: str) -> None:
    check(name, list(RUNGS.values()), 6, single=False)


def test_in_single_precision_too_after_two_hundred_steps() -> None:
    check("squared", [RUNGS["decay"], RUNGS["dropout"]], 60, single=True)


@pytest.mark.parametrize("name", ["squared", "multinomial"])
def test_rungs_differ_in_batches_learning_rates_and_epochs_too(name: str) -> None:
    """19 and 30 rows make as many batches of the folds, but not of all rows."""
    given = [(19, 0.01, 5), (30, 0.01, 3), (30, 0.03, 3), (500, 0.01, 6), (19, 0.03, 1)]
    check(name, [Rung(batch=b, learning_rate=r, epochs=e, dropout=0.2) for b, r, e in given], 6, single=False)


@pytest.mark.parametrize("name", ["squared", "multinomial"])
@pytest.mark.parametrize("norm", ["batch", "layer"])
def test_nets_with_normalization(norm: str, name: str) -> None:
    """Over a batch: its weighted statistics in training, those of the rows that taught in prediction. Over a layer,
    which is filled up: of each row by itself."""
    check(name, list(RUNGS.values()), 6, single=False, norm=norm)
    if name == "squared":  # rounding grows where a strong decay leaves a layer next to no deviation
        others = ["decay", "dropout"] if norm == "batch" else ["mixup", "plain"]
        check(name, [RUNGS[one] for one in others], 60, single=True, norm=norm)


def test_batch_normalization_is_that_of_torch() -> None:
    torch.manual_seed(0)
    x = torch.randn(20, 6, dtype=torch.float64)
    twin = torch.nn.BatchNorm1d(6, dtype=torch.float64)
    z = x.clone().requires_grad_()
    out = twin(z)
    out.pow(3).sum().backward()
    share = share_of(torch.full((1, 20), 0.3, dtype=torch.float64), 1)
    found = OverRows().normalize(x[None], share)
    torch.testing.assert_close(found.values[0], out.detach())
    torch.testing.assert_close(OverRows().lean(found, share, 3 * found.values**2)[0], z.grad)


def test_layer_normalization_is_that_of_torch_and_leaves_alone_what_fills_a_layer_up() -> None:
    torch.manual_seed(0)
    x = torch.randn(1, 20, 8, dtype=torch.float64)
    x[:, :, 6:] = 0.0
    z = x[:, :, :6].clone().requires_grad_()
    out = torch.nn.functional.layer_norm(z, (6,))
    out.pow(3).sum().backward()
    found = OverUnits(6).normalize(x, x)
    torch.testing.assert_close(found.values[:, :, :6], out.detach())
    leaned = OverUnits(6).lean(found, x, 3 * found.values**2)
    torch.testing.assert_close(leaned[:, :, :6], z.grad)
    assert not found.values[:, :, 6:].any() and not leaned[:, :, 6:].any()


@pytest.mark.parametrize("name", ["logistic", "multinomial"])
def test_smoothed_labels(name: str) -> None:
    check(name, [Rung(smoothing=0.2, **TRAINING), Rung(smoothing=0.1, mixup=0.4, **TRAINING)], 6, single=False)


@pytest.mark.parametrize("name", sorted(TWINS))
def test_slopes_on_tensors_are_those_of_the_losses(name: str) -> None:
    loss = make_loss(name)
    rng = np.random.default_rng(1)
    y = rng.integers(1, 2 if name in ("logistic", "gamma") else 3, size=(2, 40, 1)).astype(float)
    eta = rng.normal(size=(2, 40, loss.outputs))
    asked = slope_of(loss, "cpu")(torch.as_tensor(y), torch.as_tensor(eta))
    twin = slope_of(loss, "cuda")(torch.as_tensor(y), torch.as_tensor(eta))
    assert asked.shape == twin.shape == eta.shape
    np.testing.assert_allclose(asked.numpy(), twin.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
def test_bits_do_not_depend_on_neighbours_or_threads(norm: str) -> None:
    problem, resamples = make_problem("logistic"), folds()
    shape = {**SHAPE, "hidden": (33, 9), "most": 4, "norm": norm}
    rungs = [replace(rung, epochs=4) for rung in RUNGS.values()]
    many = climb(problem, resamples, rungs, seeds=3, **shape)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        few = climb(problem, resamples, rungs[1:2], seeds=1, **shape)
    finally:
        torch.set_num_threads(before)
    for (w, b), (v, c) in zip(many.nets[1, 2], few.nets[0, 2], strict=True):
        assert w[:1].tobytes() == v.tobytes() and b[:1].tobytes() == c.tobytes()


def test_a_strong_absolute_penalty_makes_exact_zeros_and_a_decay_of_one_over_the_rate_wipes_out() -> None:
    problem = make_problem("squared")
    climbed = climb(
        problem,
        folds(),
        [replace(RUNGS["plain"], epochs=30, **more) for more in ({"l1": 0.5}, {"decay": 1 / 0.01}, {})],
        most=30,
        seeds=1,
        **SHAPE,
    )
    sparse, wiped, plain = (climbed.nets[r, 0] for r in range(3))
    assert np.mean(sparse[0][0] == 0) > 0.3 and np.mean(plain[0][0] == 0) == 0
    assert np.abs(forward(wiped, CELLS)).max() < 0.02 * np.abs(forward(plain, CELLS)).max()
