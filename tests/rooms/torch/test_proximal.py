"""L1, elastic net and group lasso by proximal steps: the same minimum as the linear engine, with any optimizer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
import torch
from torch import nn

import rightfit
import rightfit.torch as rt
from rightfit.errors import OptionError
from rightfit.torch.group_lasso import _shrink
from rightfit.torch.step_size import StepSizes
from tests.rooms.torch.linear import linear_net, make_rows, train

OPTIMIZERS: dict[str, Callable[[Any], torch.optim.Optimizer]] = {
    "SGD": lambda p: torch.optim.SGD(p, lr=0.2),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.03, momentum=0.8),
    "dampening": lambda p: torch.optim.SGD(p, lr=0.2, momentum=0.5, dampening=0.5),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.03, momentum=0.8, nesterov=True),
    "Adam": lambda p: torch.optim.Adam(p, lr=0.02, betas=(0.9, 0.99)),
    "amsgrad": lambda p: torch.optim.Adam(p, lr=0.05, amsgrad=True),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.02, betas=(0.9, 0.99), weight_decay=0.0),
    "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.01, momentum=0.5),
    "Adagrad": lambda p: torch.optim.Adagrad(p, lr=0.3, lr_decay=1e-3),
}


def _lasso(x: torch.Tensor, y: torch.Tensor) -> np.ndarray:
    return rightfit.Lasso(alpha=0.3, tol=1e-12).fit(x.numpy(), y.numpy()).coef_


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_l1_by_proximal_steps_reaches_the_lasso_with_any_optimizer(name: str) -> None:
    x, y = make_rows()
    lasso = _lasso(x, y)
    assert 0 < (lasso == 0).sum() < 8
    net = linear_net()
    optimizer = OPTIMIZERS[name](net.parameters())
    penalty = rt.L1(net.parameters(), 0.3)
    train(net, x, y, optimizer, 500, after=lambda: penalty.step(optimizer))
    found = net.weight.detach().numpy()[0]
    np.testing.assert_allclose(found, lasso, rtol=0, atol=5e-4)
    assert ((found == 0) == (lasso == 0)).all()
    assert penalty.zeros() == (lasso == 0).sum()


def test_the_subgradient_hovers_where_the_proximal_step_rests() -> None:
    x, y = make_rows()
    lasso = _lasso(x, y)
    net = linear_net()
    penalty = rt.L1(net.parameters(), 0.3)
    train(net, x, y, torch.optim.SGD(net.parameters(), lr=0.1), 400, penalty=penalty.value)
    hovering = np.abs(net.weight.detach().numpy()[0][lasso == 0])
    assert penalty.zeros() == 0
    assert 1e-3 < hovering.max() < 2 * 0.1 * 0.3  # as far from zero as a step of lr times strength and gradient goes


def test_elastic_net_reaches_the_linear_engines() -> None:
    x, y = make_rows()
    net = linear_net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    penalty = rt.ElasticNet(net.parameters(), l1=0.2, l2=0.3)
    train(net, x, y, optimizer, 400, after=lambda: penalty.step(optimizer))
    expected = rightfit.ElasticNet(alpha=0.5, l1_ratio=0.4, tol=1e-12).fit(x.numpy(), y.numpy()).coef_
    np.testing.assert_allclose(net.weight.detach().numpy()[0], expected, rtol=0, atol=1e-6)
    value = 0.2 * np.abs(expected).sum() + 0.15 * (expected**2).sum()
    assert float(penalty.value().detach()) == pytest.approx(value, rel=1e-5)


def test_decoupled_l1_of_adam_is_the_lasso_with_strengths_of_its_own() -> None:
    """At rest, gradient / sqrt(v) = strength with v = gradient²: only strengths below one move anything at all, and
    entries are not the lasso's."""
    x, y = make_rows()
    lasso = _lasso(x, y)
    net = linear_net()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    penalty = rt.L1(net.parameters(), 0.3, decoupled=True)
    train(net, x, y, optimizer, 500, after=lambda: penalty.step(optimizer))
    assert np.abs(net.weight.detach().numpy()[0] - lasso).max() > 0.1


def test_each_group_has_its_own_learning_rate() -> None:
    first, second = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
    optimizer = torch.optim.SGD([{"params": [first], "lr": 0.1}, {"params": [second], "lr": 0.2}], lr=9.0)
    rt.L1([first, second], 0.5).step(optimizer)
    torch.testing.assert_close(first.detach(), torch.full((2,), 0.95))
    torch.testing.assert_close(second.detach(), torch.full((2,), 0.9))


def test_step_size_is_how_far_a_gradient_that_stays_moves_a_parameter() -> None:
    """Read off the optimizer itself, for all of them, after many steps on the same gradient."""
    gradient = torch.tensor([0.5, -2.0, 0.01], dtype=torch.float64)
    for name, make in OPTIMIZERS.items():
        w = nn.Parameter(torch.zeros(3, dtype=torch.float64))
        optimizer = make([w])
        for _ in range(400):
            before = w.detach().clone()
            w.grad = gradient.clone()
            optimizer.step()
        moved = (before - w.detach()) / gradient
        torch.testing.assert_close(StepSizes(optimizer).of(w).expand(3), moved, rtol=1e-3, atol=0, msg=name)


def test_a_parameter_that_has_not_moved_is_not_penalized() -> None:
    idle = nn.Parameter(torch.ones(2))
    optimizer = torch.optim.Adam([idle], lr=0.1)
    optimizer.step()
    rt.L1([idle], 0.5).step(optimizer)
    assert (idle == 1).all()


@pytest.mark.parametrize("name", ["SGD", "amsgrad"])
def test_group_lasso_removes_whole_neurons_with_their_biases(name: str) -> None:
    """Squared error of several outputs: the conditions of the minimum hold, neuron by neuron."""
    x, y = make_rows()
    x = x + 0.3
    targets = torch.stack([y + 2, 0.1 * y, 3 - y, 0 * y], dim=1)
    layer = nn.Linear(8, 4, dtype=torch.float64)
    optimizer = OPTIMIZERS[name](layer.parameters())
    penalty = rt.GroupLasso([layer], 0.08)

    def loss() -> torch.Tensor:
        return ((layer(x) - targets) ** 2).sum(dim=1).mean() / 2

    for _ in range(400):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        penalty.step(optimizer)
    assert penalty.removed()[0].tolist() == [False, True, False, True]
    assert (layer.weight[1] == 0).all() and layer.bias[1] == 0
    optimizer.zero_grad()
    loss().backward()
    rows = torch.cat([layer.weight, layer.bias[:, None]], dim=1).detach()
    slopes = torch.cat([layer.weight.grad, layer.bias.grad[:, None]], dim=1)
    assert (slopes[[1, 3]].norm(dim=1) <= 0.08 * 3).all()
    stays = rows[[0, 2]]
    torch.testing.assert_close(-slopes[[0, 2]], 0.24 * stays / stays.norm(dim=1, keepdim=True), rtol=0, atol=2e-3)
    assert float(penalty.value().detach()) == pytest.approx(0.24 * float(rows.norm(dim=1).sum()))


def test_group_lasso_along_inputs_is_the_multi_task_lasso() -> None:
    x, y = make_rows()
    targets = torch.stack([y, 0.5 * y + 0.3 * x[:, 3], -y], dim=1)
    layer = nn.Linear(8, 3, bias=False, dtype=torch.float64)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.2)
    penalty = rt.GroupLasso([layer], 0.2, along="inputs")
    for _ in range(400):
        optimizer.zero_grad()
        (((layer(x) - targets) ** 2).sum(dim=1).mean() / 2).backward()
        optimizer.step()
        penalty.step(optimizer)
    model = rightfit.MultiTaskLasso(alpha=0.2 * 3**0.5, tol=1e-10, fit_intercept=False).fit(x.numpy(), targets.numpy())
    np.testing.assert_allclose(layer.weight.detach().numpy(), model.coef_, rtol=0, atol=1e-5)
    gone = penalty.removed()[0]
    assert gone.tolist() == (model.coef_ == 0).all(axis=0).tolist() and 0 < gone.sum() < 8


def test_group_lasso_of_channels() -> None:
    layer = nn.Conv2d(2, 3, 3)
    before = torch.cat([layer.weight.flatten(1), layer.bias[:, None]], dim=1).detach()
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    rt.GroupLasso([layer], 0.5).step(optimizer)
    shares = (1 - 0.1 * 0.5 * 19**0.5 / before.norm(dim=1)).clamp(min=0)
    torch.testing.assert_close(layer.weight.detach().flatten(1), shares[:, None] * before[:, :-1])
    torch.testing.assert_close(layer.bias.detach(), shares * before[:, -1])


def test_the_shrinking_of_groups_is_the_proximal_operator_in_any_metric() -> None:
    generator = torch.Generator().manual_seed(3)
    w = torch.randn(40, 6, generator=generator, dtype=torch.float64)
    t = torch.rand(40, 6, generator=generator, dtype=torch.float64) ** 2 * 20 + 0.3
    t[:3, :2] = 0.0
    out = _shrink(w, t)
    zero = (out == 0).all(dim=1)
    assert 0 < zero.sum() < 40
    assert (out[t == 0] == w[t == 0]).all()
    # stationary where it is not zero: (out - w) / t + out / |out| = 0; at zero |w / t| <= 1
    norm = out.norm(dim=1, keepdim=True)
    slack = (out - w) + t * out / norm.clamp(min=1e-300)
    assert slack[~zero].abs().max() < 1e-9
    assert (w[zero] / t[zero]).norm(dim=1).max() <= 1
    even = torch.full((40, 6), 0.7, dtype=torch.float64)
    closed = w * (1 - 0.7 / w.norm(dim=1, keepdim=True)).clamp(min=0)
    torch.testing.assert_close(_shrink(w, even), closed)


def test_the_value_of_a_removed_group_has_a_gradient() -> None:
    layer = nn.Linear(3, 2)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    rt.GroupLasso([layer], 1.0).value().backward()
    assert (layer.weight.grad == 0).all()


def test_mistakes_are_named() -> None:
    layer = nn.Linear(3, 2)
    with pytest.raises(OptionError, match="no parameters to penalize"):
        rt.L1([], 0.1)
    with pytest.raises(OptionError, match="strength must be 0 or more"):
        rt.L1(layer.parameters(), -0.1)
    with pytest.raises(OptionError, match="shape 2x3 is not among those that the optimizer trains"):
        rt.L1([layer.weight], 0.1).step(torch.optim.SGD([layer.bias], lr=0.1))
    with pytest.raises(OptionError, match="step size of Rprop is not known"):
        rt.L1(layer.parameters(), 0.1).step(torch.optim.Rprop(layer.parameters(), lr=0.1))
    with pytest.raises(OptionError, match="neurons of a LayerNorm are not known"):
        rt.GroupLasso([nn.LayerNorm(3)], 0.1)
    with pytest.raises(OptionError, match="made of other parameters"):
        rt.GroupLasso([nn.utils.parametrizations.weight_norm(nn.Linear(3, 2))], 0.1)
    with pytest.raises(OptionError, match="is frozen"):
        rt.L1([layer.weight.requires_grad_(False)], 0.1)
