"""L2 in the gradient beside decay of the weights: the same for plain SGD, and how far apart elsewhere."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")
import torch
from torch import nn

import rightfit.torch as rt
from rightfit.errors import OptionError
from tests.rooms.torch.linear import linear_net, make_rows, ridge, train


def _trained(make: str, way: str, *, strength: float = 0.2, steps: int = 300, **options: float) -> torch.Tensor:
    """Weights after training; ``way`` is coupled, decoupled or own (the optimizer's weight_decay)."""
    x, y = make_rows()
    net = linear_net()
    own = {"weight_decay": strength if way == "own" else 0.0}
    optimizer = getattr(torch.optim, make)(net.parameters(), **{"lr": 0.1} | options | own)
    coupled, decoupled = rt.CoupledL2(net.parameters(), strength), rt.DecoupledDecay(net.parameters(), strength)
    before = {
        "coupled": coupled.add_gradients,
        "decoupled": lambda: decoupled.step(optimizer),
        "own": lambda: None,
    }[way]
    train(net, x, y, optimizer, steps, before=before)
    return net.weight.detach()[0].clone()


def test_for_plain_sgd_coupled_is_decoupled_and_both_are_ridge() -> None:
    coupled, decoupled = _trained("SGD", "coupled"), _trained("SGD", "decoupled")
    torch.testing.assert_close(coupled, decoupled, rtol=0, atol=1e-12)
    torch.testing.assert_close(coupled, ridge(*make_rows(), 0.2), rtol=0, atol=1e-5)
    early = {way: _trained("SGD", way, steps=3) for way in ("coupled", "decoupled", "own")}
    torch.testing.assert_close(early["coupled"], early["decoupled"], rtol=0, atol=1e-14)
    torch.testing.assert_close(early["own"], early["decoupled"], rtol=0, atol=1e-14)


def test_lr_enters_as_the_factor_one_minus_lr_strength() -> None:
    w = nn.Parameter(torch.tensor([3.0, -1.0]))
    optimizer = torch.optim.SGD([w], lr=0.5)
    w.grad = None
    rt.CoupledL2([w], 0.2).add_gradients()
    optimizer.step()
    torch.testing.assert_close(w.detach(), (1 - 0.5 * 0.2) * torch.tensor([3.0, -1.0]))


def test_with_momentum_they_differ_on_the_way_and_not_at_rest() -> None:
    """A decay that momentum accumulates is 1 / (1 - momentum) times as strong: decoupled decay beside momentum rests
    at ridge with (1 - momentum) of the strength."""
    coupled = _trained("SGD", "coupled", lr=0.03, momentum=0.8, steps=300)
    decoupled = _trained("SGD", "decoupled", lr=0.03, momentum=0.8, steps=300)
    torch.testing.assert_close(coupled, ridge(*make_rows(), 0.2), rtol=0, atol=1e-7)
    away = (decoupled - ridge(*make_rows(), 0.2 * (1 - 0.8))).abs().max()
    assert away < 1e-6
    assert (coupled - decoupled).abs().max() > 0.1


def test_for_adam_coupled_is_ridge_and_decoupled_is_far_weaker() -> None:
    """At rest, coupled: gradient + strength w = 0. Decoupled: gradient / sqrt(v) + strength w = 0, where v is the
    square of gradients that were. The same strength of 0.2 takes 39 % off the weights here, or 7 %."""
    x, y = make_rows()
    options = {"lr": 0.05, "steps": 300}
    coupled, decoupled = _trained("Adam", "coupled", **options), _trained("Adam", "decoupled", **options)
    free = ridge(x, y, 0.0).norm()
    torch.testing.assert_close(coupled, ridge(x, y, 0.2), rtol=0, atol=1e-6)
    assert float(coupled.norm() / free) == pytest.approx(0.61, abs=0.01)
    assert float(decoupled.norm() / free) == pytest.approx(0.93, abs=0.01)
    torch.testing.assert_close(_trained("AdamW", "own", **options), decoupled, rtol=0, atol=1e-12)


def test_values_and_gradients_agree() -> None:
    w = nn.Parameter(torch.tensor([3.0, -1.0]))
    penalty = rt.CoupledL2([w], 0.2)
    penalty.value().backward()
    by_value = w.grad.clone()
    w.grad = None
    penalty.add_gradients()
    torch.testing.assert_close(w.grad, by_value)
    assert penalty.value().item() == pytest.approx(0.1 * 10)


def test_decay_that_turns_weights_around_is_refused() -> None:
    w = nn.Parameter(torch.ones(2))
    with pytest.raises(OptionError, match="lr times strength is 2"):
        rt.DecoupledDecay([w], 2.0).step(torch.optim.SGD([w], lr=1.0))
