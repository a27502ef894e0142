"""FGSM and PGD: inside of their ball, strongest where that is known, and without traces in the net."""

from __future__ import annotations

import math

import pytest

pytest.importorskip("torch")
import torch
from torch import nn
from torch.nn import functional as F

import rightfit.torch as rt
from rightfit.errors import DataError, OptionError


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


X = torch.rand(40, 6, generator=_generator(9), dtype=torch.float64)
Y = (X[:, 0] > X[:, 1]).long()


def _net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(0.5), nn.Linear(8, 2)).double()


ATTACKS = {
    "FGSM linf": rt.FGSM(0.1),
    "FGSM l2": rt.FGSM(0.3, norm="l2"),
    "PGD linf": rt.PGD(0.1, steps=5),
    "PGD l2": rt.PGD(0.3, norm="l2", steps=5, restarts=2),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_stay_in_their_ball_and_in_the_range_and_raise_the_loss_of_every_row(name: str) -> None:
    attack, net = ATTACKS[name], _net().eval()
    attacked = attack(net, X, Y, generator=_generator())
    change = (attacked - X).abs()
    size = change.max() if attack.norm == "linf" else change.norm(dim=1).max()
    assert 0 < size <= attack.epsilon * (1 + 1e-12)
    assert 0 <= attacked.min() and attacked.max() <= 1
    assert not attacked.requires_grad
    before, after = (F.cross_entropy(net(x), Y, reduction="none").detach() for x in (X, attacked))
    assert (after >= before).all() and float((after - before).mean()) > 0.02


@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_leave_no_trace(name: str) -> None:
    net = _net().train()
    net[1].eval()
    F.cross_entropy(net(X), Y).backward()
    gradients = [p.grad.clone() for p in net.parameters()]
    buffers = [b.clone() for b in net.buffers()]
    net[0].weight.requires_grad_(False)
    state = torch.get_rng_state()
    x = X.clone().requires_grad_()
    ATTACKS[name](net, x, Y, generator=_generator())
    assert all(torch.equal(p.grad, g) for p, g in zip(net.parameters(), gradients, strict=True))
    assert all(torch.equal(b, kept) for b, kept in zip(net.buffers(), buffers, strict=True))
    assert [m.training for m in net] == [True, False, True, True, True]
    assert x.grad is None and not net[0].weight.requires_grad
    assert torch.equal(torch.get_rng_state(), state)


def test_on_a_linear_net_the_strongest_attack_is_known_and_found() -> None:
    """Two classes: the margin falls by epsilon times the sum of abs(w), or by epsilon times the length of w."""
    layer = nn.Linear(6, 2).double()
    w = (layer.weight[1] - layer.weight[0]).detach()
    margin = X @ w + (layer.bias[1] - layer.bias[0]).detach()
    sign = 2.0 * Y - 1
    for norm, fall in (("linf", w.abs().sum()), ("l2", w.norm())):
        for attack in (
            rt.FGSM(0.05, norm=norm, lower=-9, upper=9),
            rt.PGD(0.05, norm=norm, lower=-9, upper=9, steps=40, step_size=0.02),
        ):
            attacked = attack(layer, X, Y, generator=_generator())
            found = attacked @ w + (layer.bias[1] - layer.bias[0]).detach()
            torch.testing.assert_close(sign * (margin - found), (0.05 * fall).expand(40), rtol=1e-6, atol=0)


def test_more_steps_and_restarts_are_no_weaker() -> None:
    net = _net().eval()

    def loss(attack: object) -> float:
        attacked = attack(net, X, Y, generator=_generator())  # type: ignore[operator]
        return F.cross_entropy(net(attacked), Y).item()

    assert loss(rt.FGSM(0.2)) <= loss(rt.PGD(0.2, steps=20)) * (1 + 1e-9)
    assert loss(rt.PGD(0.2, steps=3)) <= loss(rt.PGD(0.2, steps=3, restarts=4)) * (1 + 1e-12)


def test_random_starts_fill_their_ball() -> None:
    from rightfit.torch.perturbation import random_start

    x = torch.zeros(20_000, 3, dtype=torch.float64)
    box = random_start(x, 0.5, "linf", _generator())
    assert float(box.abs().max()) <= 0.5 and float(box.std()) == pytest.approx(0.5 / math.sqrt(3), rel=0.02)
    ball = random_start(x, 0.5, "l2", _generator()).norm(dim=1)
    assert float(ball.max()) <= 0.5
    assert float((ball < 0.25).double().mean()) == pytest.approx(1 / 8, rel=0.05)


def test_each_channel_may_have_its_own_range() -> None:
    images = torch.rand(4, 2, 3, 3, generator=_generator())
    net = nn.Sequential(nn.Flatten(), nn.Linear(18, 2))
    lower, upper = torch.tensor([0.0, -1.0])[:, None, None], torch.tensor([1.0, 2.0])[:, None, None]
    attacked = rt.PGD(5.0, lower=lower, upper=upper)(net, images, torch.zeros(4).long(), generator=_generator())
    assert attacked[:, 0].min() >= 0 and attacked[:, 0].max() <= 1
    assert attacked[:, 1].min() >= -1 and attacked[:, 1].max() <= 2


def test_robustness_has_both_accuracies_with_standard_errors() -> None:
    torch.manual_seed(0)
    layer = nn.Linear(6, 2).double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[-1.0, 1, 0, 0, 0, 0], [1, -1, 0, 0, 0, 0]]))
        layer.bias.zero_()
    batches = [(X[:30], Y[:30]), (X[30:], Y[30:])]
    layer.train()
    found = rt.robustness(layer, batches, rt.FGSM(0.1, lower=-1, upper=2), generator=_generator())
    still = int(((X[:, 0] - X[:, 1]).abs() > 0.2).sum())
    assert (found.rows, found.hits, found.robust_hits) == (40, 40, still) and 0 < still < 40
    share = (still + 1) / 42
    assert found.robust_error == pytest.approx(math.sqrt(share * (1 - share) / 40))
    assert found.plain == 1 and found.plain_error > 0
    assert found.lost == pytest.approx(1 - still / 40)
    assert str(found).startswith("100.0 % ± 2.4 of 40 rows are right, ")
    assert layer.training
    with pytest.raises(DataError, match="no rows"):
        rt.robustness(layer, [], rt.FGSM(0.1), generator=_generator())


def test_adversarial_training_makes_a_net_robust() -> None:
    """Column 0 tells the class by a wide margin, column 1 by a hair and more surely: plain training leans on both,
    adversarial training learns to leave column 1 alone."""
    generator = _generator(5)
    y = torch.randint(0, 2, (400,), generator=generator)
    sign = 2.0 * y - 1
    x = torch.stack(
        [sign + 0.7 * torch.randn(400, generator=generator), 0.1 * sign, torch.randn(400, generator=generator)], dim=1
    )
    attack = rt.PGD(0.15, steps=3, lower=-9, upper=9)
    found = {}
    for share in (0.0, 1.0):
        net = nn.Linear(3, 2)
        nn.init.zeros_(net.weight)
        optimizer = torch.optim.Adam(net.parameters(), lr=0.3)
        for _ in range(80):
            optimizer.zero_grad()
            rt.adversarial_loss(net, x, y, attack, generator=generator, share=share).backward()
            optimizer.step()
        found[share] = rt.robustness(net, [(x, y)], attack, generator=generator)
    assert found[0.0].plain > 0.97 and found[1.0].plain > 0.88
    assert found[1.0].robust > found[0.0].robust + 5 * found[0.0].robust_error


def test_half_and_half_is_the_mean_of_both_losses() -> None:
    net = _net().eval()
    attack = rt.FGSM(0.1)
    attacked = attack(net, X, Y)
    wanted = 0.75 * F.cross_entropy(net(X), Y) + 0.25 * F.cross_entropy(net(attacked), Y)
    found = rt.adversarial_loss(net, X, Y, attack, generator=_generator(), share=0.25)
    assert found.item() == pytest.approx(wanted.item())


def test_attacks_that_cannot_be_made_are_named() -> None:
    net = _net().eval()
    with pytest.raises(OptionError, match="norm must be 'linf' or 'l2'"):
        rt.FGSM(0.1, norm="l1")(net, X, Y)
    with pytest.raises(DataError, match=r"outside of lower to upper \(0 to 1\)"):
        rt.FGSM(0.1)(net, X - 1, Y)
    with pytest.raises(DataError, match="floating point"):
        rt.FGSM(0.1)(net, X.long(), Y)
    with pytest.raises(OptionError, match=r"one number a row, \(40,\), not \(\)"):
        rt.FGSM(0.1, loss=F.cross_entropy)(net, X, Y)
    with pytest.raises(OptionError, match="steps must be a whole number"):
        rt.PGD(0.1, steps=0)(net, X, Y, generator=_generator())
