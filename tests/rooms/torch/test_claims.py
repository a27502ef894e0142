"""What is said of regularizers, computed: noise, dropout and early stopping on linear nets are ridge; averages of masks
beside the net that they stand for."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")
import torch
from torch import nn

import rightfit.torch as rt
from tests.rooms.torch.linear import linear_net, make_rows, ridge, train


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_small_input_noise_on_a_linear_net_is_ridge() -> None:
    """Bishop 1995: noise of scale s adds s² sum(w²) to the mean squared error. Many noisy copies of each row, fitted by
    least squares, beside ridge with strength s² for half the mean squared error; the distance is that of sampling."""
    x, y = make_rows()
    free = ridge(x, y, 0.0)
    for scale in (0.1, 0.3):
        noise = rt.InputNoise(scale, generator=_generator())
        noisy = torch.cat([noise(x) for _ in range(3000)])
        fitted = torch.linalg.lstsq(noisy, y.repeat(3000)[:, None]).solution[:, 0]
        expected = ridge(x, y, scale**2)
        moved = (free - expected).norm()
        assert (fitted - expected).norm() < 0.03 * moved
    assert moved / free.norm() > 0.1  # what is claimed is worth seeing


def test_input_noise_on_a_net_is_the_penalty_of_its_slopes_to_second_order() -> None:
    """For any net f and squared error, the expected loss rises by s² (|f'|² + (f - y) trace f'') and a remainder of
    fourth order: half the scale leaves a sixteenth of it."""
    torch.manual_seed(0)
    x, y = make_rows()
    net = nn.Sequential(nn.Linear(8, 6), nn.Tanh(), nn.Linear(6, 1)).double().requires_grad_(False)

    def row(point: torch.Tensor) -> torch.Tensor:
        return net(point)[0]

    slopes = torch.func.vmap(torch.func.grad(row))(x)
    curved = torch.func.vmap(torch.func.hessian(row))(x).diagonal(dim1=1, dim2=2).sum(dim=1)
    penalty = float(((slopes**2).sum(dim=1) + (net(x)[:, 0] - y) * curved).mean())

    def loss(points: torch.Tensor, copies: int) -> float:
        return float(((net(points)[:, 0] - y.repeat(copies)) ** 2).mean())

    noise = rt.InputNoise(0.1, generator=_generator())(torch.zeros(2000 * len(x), 8, dtype=torch.float64))
    mirrored = [loss(x.repeat(2000, 1) + side * noise, 2000) for side in (1, -1)]
    assert sum(mirrored) / 2 - loss(x, 1) == pytest.approx(0.1**2 * penalty, rel=0.04)

    # steps along the axes that have the covariance of the noise, so that nothing is left to chance
    axes = 8**0.5 * torch.eye(8, dtype=torch.float64)
    left = [
        sum(loss(x + side * scale * axis, 1) for axis in axes for side in (1, -1)) / 16
        - loss(x, 1)
        - scale**2 * penalty
        for scale in (0.1, 0.05)
    ]
    assert left[0] / left[1] == pytest.approx(16, rel=0.1)


def test_dropout_on_a_linear_net_is_ridge_on_scaled_columns() -> None:
    """Wager, Wang and Liang 2013, section 2: dropout of rate r adds r / (1 - r) sum over columns of mean(x²) w² to the
    mean squared error: ridge in which a column's strength is r / (1 - r) times its mean square."""
    x, y = make_rows()
    for rate in (0.2, 0.5):
        torch.manual_seed(0)
        drop = nn.Dropout(rate)
        thinned = torch.cat([drop(x) for _ in range(4000)])
        fitted = torch.linalg.lstsq(thinned, y.repeat(4000)[:, None]).solution[:, 0]
        expected = ridge(x, y, rate / (1 - rate) * (x**2).mean(dim=0))
        free = ridge(x, y, 0.0)
        assert (fitted - expected).norm() < 0.02 * (free - expected).norm()
        even = ridge(x, y, rate / (1 - rate) * float((x**2).mean()))
        assert (even - expected).norm() > 0.1 * (free - expected).norm()  # not the same strength for all columns


def test_training_with_dropout_ends_at_that_ridge() -> None:
    """The same by stochastic gradient steps, averaged over the second half."""
    x, y = make_rows()
    torch.manual_seed(0)
    net = nn.Sequential(nn.Dropout(0.3), linear_net())
    average = rt.WeightAverage(net, decay=None)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    train(net, x, y, optimizer, 300)
    train(net, x, y, optimizer, 1000, after=average.update)
    expected = ridge(x, y, 0.3 / 0.7 * (x**2).mean(dim=0))
    with average.applied():
        assert (net[1].weight.detach()[0] - expected).norm() < 0.04 * expected.norm()


def _stopped(x: torch.Tensor, y: torch.Tensor, lr: float, steps: int) -> torch.Tensor:
    net = linear_net()
    train(net, x, y, torch.optim.SGD(net.parameters(), lr=lr), steps)
    return net.weight.detach()[0].clone()


def test_gradient_descent_that_stops_early_follows_the_ridge_path() -> None:
    """After t steps of size lr from zero, weights are near those of ridge with strength 1 / (lr t). In a direction of
    curvature s the one keeps 1 - exp(-u) of the least squares solution and the other u / (1 + u), u = lr t s: at most
    0.204 apart, whatever the rows, and the first has at most 1.69 times the squared length of the second, from which
    theorem 1 of Ali, Kolter and Tibshirani 2019 has its bound of the risk."""
    u = torch.linspace(1e-4, 50, 500_001, dtype=torch.float64)
    stopped, shrunken = 1 - torch.exp(-u), u / (1 + u)
    assert float((stopped - shrunken).abs().max()) == pytest.approx(0.2036, abs=1e-4)
    assert float(((stopped / shrunken) ** 2).max()) == pytest.approx(1.686, abs=1e-3)

    x, y = make_rows()
    free = ridge(x, y, 0.0)
    away = []
    for steps in (1, 3, 10, 30, 100, 200, 400):
        distance = (_stopped(x, y, 0.05, steps) - ridge(x, y, 1 / (0.05 * steps))).norm() / free.norm()
        away.append(float(distance))
    assert max(away) < 0.2036
    assert max(away) == pytest.approx(0.19, abs=0.01)  # near, and not the same


def test_early_stopping_finds_weights_as_good_as_those_of_the_best_ridge() -> None:
    """A fortieth more loss, on the rows by which both were chosen."""
    x, y = make_rows(seed=6, spread=2.0)
    x_new, y_new = make_rows(seed=7, spread=2.0)

    def loss(w: torch.Tensor) -> float:
        return float(((y_new - x_new @ w) ** 2).mean())

    path = min(loss(ridge(x, y, float(strength))) for strength in torch.logspace(-3, 2, 40))
    net = linear_net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.02)
    stopping = rt.EarlyStopping(net, patience=5)
    while not stopping.update(((y_new - net(x_new)[:, 0]) ** 2).detach()):
        train(net, x, y, optimizer, 5)
    stopping.restore()
    assert loss(net.weight.detach()[0]) < 1.025 * path < loss(torch.zeros(8, dtype=torch.float64)) / 1.5


def _dropout_net(layers: int) -> nn.Module:
    torch.manual_seed(3)
    hidden = [m for _ in range(layers) for m in (nn.Linear(8, 8), nn.ReLU(), nn.Dropout(0.5))]
    return nn.Sequential(*hidden, nn.Linear(8, 3)).double()


def test_the_average_of_masks_is_weight_scaling_where_one_layer_follows_dropout_and_near_it_elsewhere() -> None:
    """Dropout before a linear output: logits of many masks average to those of the net without dropout, exactly in the
    mean. With a second layer of rectifiers between, the two differ by what the masks' spread bends."""
    x, _ = make_rows()
    for layers, near in ((1, 5.0), (2, None)):
        net = _dropout_net(layers)
        found = rt.predict_with_dropout(net, x, 1500, generator=_generator())
        plain = net.eval()(x).detach()
        errors = (found.mean - plain) / found.error
        if near is not None:
            assert float(errors.abs().max()) < near
            assert float((errors**2).mean()) == pytest.approx(1.0, abs=0.5)
        else:
            assert float(errors.abs().max()) > 5
            assert float((found.mean - plain).norm() / plain.norm()) < 0.25


def test_shares_of_the_scaled_net_are_the_normalized_geometric_mean_of_the_masks() -> None:
    """Srivastava et al. 2014, section 7.5, and Hinton et al. 2012: with one hidden layer under dropout, the softmax of
    mean logits is the geometric mean of all masks' shares, normalized. All 256 masks, not a sample."""
    x, _ = make_rows()
    net = _dropout_net(1)
    hidden = net[1](net[0](x))
    masks = torch.cartesian_prod(*[torch.tensor([0.0, 2.0], dtype=torch.float64)] * 8)
    logs = torch.stack([net[3](hidden * mask).log_softmax(dim=1) for mask in masks])
    geometric = logs.mean(dim=0).softmax(dim=1)
    torch.testing.assert_close(net.eval()(x).softmax(dim=1), geometric)
    arithmetic = logs.exp().mean(dim=0)
    assert float((arithmetic - geometric).abs().max().detach()) > 0.01
    # the average over masks is less certain than the scaled net
    doubt = [-(share * share.log()).sum(dim=1).mean() for share in (arithmetic, geometric)]
    assert float(doubt[0].detach()) > float(doubt[1].detach())
