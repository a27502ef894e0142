"""Predictions with dropout on: where it is on, what stays still, and what is left as it was."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")
import torch
from torch import nn
from torch.nn import functional as F

import rightfit.torch as rt
from rightfit.errors import OptionError


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


X = torch.randn(20, 6, generator=_generator(9))


class _Functional(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(6, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(F.dropout(x, 0.5, self.training))


def test_mean_and_spread_of_a_single_layer_are_known() -> None:
    """Dropout of rate r on a linear layer: mean x w, variance r / (1 - r) sum(x² w²)."""
    net = nn.Sequential(nn.Dropout(0.4), nn.Linear(6, 1, bias=False))
    found = rt.predict_with_dropout(net, X, 4000, generator=_generator())
    exact = net.eval()(X).detach()
    spread = (0.4 / 0.6 * (X**2 @ net[1].weight.detach().T ** 2)).sqrt()
    torch.testing.assert_close(found.spread, spread, rtol=0.06, atol=0)
    assert ((found.mean - exact).abs() < 5 * found.error).all()
    torch.testing.assert_close(found.error, found.spread / 4000**0.5)


@pytest.mark.parametrize("kind", ["encoder", "attention", "functional", "lstm", "stochastic depth"])
def test_dropout_inside_of_layers_is_on(kind: str) -> None:
    torch.manual_seed(0)
    tokens = X.reshape(4, 5, 6)
    net: nn.Module
    if kind == "encoder":
        net, x = nn.TransformerEncoderLayer(6, 2, 8, 0.3, batch_first=True), tokens
    elif kind == "attention":

        class Attend(nn.MultiheadAttention):
            def forward(self, x: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
                return super().forward(x, x, x)[0]

        net, x = Attend(6, 2, 0.3, batch_first=True), tokens
    elif kind == "lstm":

        class Last(nn.LSTM):
            def forward(self, x: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
                return super().forward(x)[0]

        net, x = Last(6, 3, 2, dropout=0.3, batch_first=True), tokens
    elif kind == "functional":
        net, x = _Functional(), X
    else:
        net, x = rt.StochasticDepth(0.5, generator=_generator(3)), X
    net.eval()
    found = rt.predict_with_dropout(net, x, 5, generator=_generator())
    assert float(found.spread.max()) > 0.01
    assert not any(m.training for m in net.modules())


def test_stochastic_depth_draws_from_the_generator_that_is_given() -> None:
    drop = rt.StochasticDepth(0.5, generator=_generator(3))
    first = rt.predict_with_dropout(drop, X, 5, generator=_generator(1))
    again = rt.predict_with_dropout(drop, X, 5, generator=_generator(1))
    assert torch.equal(first.mean, again.mean)
    assert torch.equal(drop.generator.get_state(), _generator(3).get_state())


def test_normalization_and_input_noise_stay_still() -> None:
    """With dropout of rate 0.5 in one branch alone, the other branch says the same in every draw."""

    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm = nn.BatchNorm1d(6)
            self.noise = rt.InputNoise(3.0, generator=_generator())
            self.spectral = nn.utils.parametrizations.spectral_norm(nn.Linear(6, 6))
            self.drop = nn.Dropout(0.5)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.cat([self.norm(self.noise(x)), self.drop(x), 0 * self.spectral(x)], dim=1)

    net = Two().train()
    before = {name: b.clone() for name, b in net.named_buffers()}
    found = rt.predict_with_dropout(net, X, 8, generator=_generator())
    assert (found.spread[:, :6] == 0).all() and (found.spread[:, 6:12] > 0).any()
    for name, buffer in net.named_buffers():
        assert torch.equal(buffer, before[name]), name
    assert all(m.training for m in net.modules())


def test_each_module_has_its_own_mode_back() -> None:
    net = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(6), nn.Linear(6, 1))
    net.train()
    net[1].eval()
    rt.predict_with_dropout(net, X, 2, generator=_generator())
    assert [m.training for m in net] == [True, False, True]
    net.eval()
    with pytest.raises(ValueError):
        rt.predict_with_dropout(net, X, 2, generator=_generator(), transform=_fails)
    assert [m.training for m in net] == [False, False, False]


def _fails(out: torch.Tensor) -> torch.Tensor:
    raise ValueError


def test_what_is_averaged_can_be_shares() -> None:
    net = nn.Sequential(nn.Dropout(0.5), nn.Linear(6, 3))
    found = rt.predict_with_dropout(net, X, 10, generator=_generator(), transform=lambda z: z.softmax(1))
    torch.testing.assert_close(found.mean.sum(dim=1), torch.ones(20))


def test_a_net_in_which_nothing_is_random_is_named() -> None:
    with pytest.raises(OptionError, match="no dropout, or dropout of rate 0"):
        rt.predict_with_dropout(nn.Linear(6, 1), X, 3, generator=_generator())
    with pytest.raises(OptionError, match="draws must be a whole number, 2 or more"):
        rt.predict_with_dropout(nn.Dropout(0.5), X, 1, generator=_generator())
