"""Label smoothing, mixup, noise and stochastic depth: their means, what they leave alone, and their seeds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("torch")
import torch
from torch import nn
from torch.nn import functional as F

import rightfit.torch as rt
from rightfit.errors import DataError, OptionError


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


X = torch.randn(50, 4, generator=_generator(9))
LABELS = torch.arange(50) % 3
NET = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))


def _stochastic() -> dict[str, Callable[[torch.Generator], torch.Tensor]]:
    def noisy_gradient(generator: torch.Generator) -> torch.Tensor:
        w = nn.Parameter(torch.zeros(5))
        w.grad = torch.zeros(5)
        rt.add_gradient_noise([w], 0, generator=generator)
        return w.grad

    return {
        "input noise": lambda g: rt.InputNoise(0.5, generator=g)(X),
        "stochastic depth": lambda g: rt.StochasticDepth(0.5, generator=g)(X),
        "mixup": lambda g: torch.cat(rt.mixup(X, rt.smooth_labels(LABELS, 0, classes=3), 0.4, generator=g), dim=1),
        "gradient noise": noisy_gradient,
        "dropout": lambda g: rt.predict_with_dropout(nn.Dropout(0.5), X, 3, generator=g).mean,
        "attack": lambda g: rt.PGD(0.5, lower=-9, upper=9, steps=2)(NET, X, LABELS, generator=g),
    }


@pytest.mark.parametrize("name", _stochastic())
def test_the_seed_is_the_generators_and_the_global_state_is_left_alone(name: str) -> None:
    block = _stochastic()[name]
    torch.manual_seed(1)
    first = block(_generator(4))
    torch.manual_seed(2)
    state = torch.get_rng_state()
    assert torch.equal(block(_generator(4)), first)
    assert not torch.equal(block(_generator(5)), first)
    assert torch.equal(torch.get_rng_state(), state)


def test_smoothed_labels_are_torchs() -> None:
    logits = torch.randn(50, 3, generator=_generator(1))
    ours = F.cross_entropy(logits, rt.smooth_labels(LABELS, 0.1, classes=3))
    torch.testing.assert_close(ours, F.cross_entropy(logits, LABELS, label_smoothing=0.1))
    shares = rt.smooth_labels(LABELS, 0.0, classes=3)
    torch.testing.assert_close(rt.smooth_labels(shares, 0.1), rt.smooth_labels(LABELS, 0.1, classes=3))
    torch.testing.assert_close(rt.smooth_labels(torch.tensor([0.0, 1.0]), 0.2), torch.tensor([0.1, 0.9]))


def test_labels_that_are_none_are_refused() -> None:
    with pytest.raises(OptionError, match="classes must be given"):
        rt.smooth_labels(LABELS, 0.1)
    with pytest.raises(DataError, match="class numbers from 0 to 1"):
        rt.smooth_labels(LABELS, 0.1, classes=2)
    with pytest.raises(DataError, match="between 0 and 1"):
        rt.smooth_labels(torch.tensor([1.5]), 0.1)
    with pytest.raises(OptionError, match="smoothing must be 0 or more and at most 1"):
        rt.smooth_labels(LABELS, 1.1, classes=3)


def test_mixed_rows_and_their_targets_are_mixed_alike() -> None:
    """Rows that tell their own targets: what is mixed into the one is mixed into the other."""
    targets = torch.arange(50.0) % 3
    x = torch.stack([targets, 2 * targets], dim=1)[:, :, None]
    mixed, mixed_targets = rt.mixup(x, targets, 0.4, generator=_generator())
    torch.testing.assert_close(mixed[:, 0, 0], mixed_targets)
    torch.testing.assert_close(mixed[:, 1, 0], 2 * mixed_targets)
    assert ((mixed_targets % 1) != 0).sum() > 10


def test_mixed_targets_give_the_mix_of_both_losses() -> None:
    logits = torch.randn(50, 3, generator=_generator(1))
    first, second = F.one_hot(LABELS, 3).float(), F.one_hot(LABELS.flip(0), 3).float()
    together = F.cross_entropy(logits, 0.3 * first + 0.7 * second)
    apart = 0.3 * F.cross_entropy(logits, LABELS) + 0.7 * F.cross_entropy(logits, LABELS.flip(0))
    torch.testing.assert_close(together, apart)


def test_shares_of_mixup_are_beta() -> None:
    """Mixing 0 and 1: the mean of m (1 - m) over pairs that differ is a / (2 (2 a + 1))."""
    ends = torch.cat([torch.zeros(4000), torch.ones(4000)])[:, None]
    for alpha in (0.2, 1.0):
        mixed, _ = rt.mixup(ends, ends, alpha, generator=_generator(3))
        expected = 0.5 * alpha / (2 * (2 * alpha + 1))
        assert float((mixed * (1 - mixed)).mean()) == pytest.approx(expected, rel=0.05)


def test_mixup_refuses_what_cannot_be_mixed() -> None:
    with pytest.raises(DataError, match="smooth_labels"):
        rt.mixup(X, LABELS, 0.2, generator=_generator())
    with pytest.raises(DataError, match="x must be a tensor of floating point"):
        rt.mixup(LABELS, X, 0.2, generator=_generator())
    with pytest.raises(DataError, match="50 rows and targets has 3"):
        rt.mixup(X, X[:3], 0.2, generator=_generator())
    assert rt.mixup(X, X, 0.0, generator=_generator())[0] is X


def test_input_noise_has_its_scale_by_column_and_stays_out_of_evaluation() -> None:
    noise = rt.InputNoise(torch.tensor([0.0, 0.5, 2.0]), generator=_generator())
    x = torch.ones(20_000, 3)
    noisy = noise(x)
    torch.testing.assert_close(noisy.std(dim=0), torch.tensor([0.0, 0.5, 2.0]), rtol=0.02, atol=0)
    torch.testing.assert_close(noisy.mean(dim=0), torch.ones(3), rtol=0, atol=0.05)
    assert noise.eval()(x) is x
    with pytest.raises(DataError, match="floating point"):
        noise.train()(torch.ones(3, 3, dtype=torch.long))
    assert not noise.state_dict()


def test_gradient_noise_fades_as_its_formula_says() -> None:
    w, idle = nn.Parameter(torch.zeros(40_000)), nn.Parameter(torch.zeros(3))
    for step in (0, 99):
        w.grad = torch.full((40_000,), 2.0)
        deviation = rt.add_gradient_noise([w, w, idle], step, generator=_generator(), scale=0.3, fading=0.5)
        assert deviation == pytest.approx(0.3 * (1 + step) ** -0.25)
        assert float(w.grad.std()) == pytest.approx(deviation, rel=0.02)
        assert float(w.grad.mean()) == pytest.approx(2.0, abs=0.01)
    assert idle.grad is None


def test_stochastic_depth_drops_rows_whole_and_keeps_their_mean() -> None:
    drop = rt.StochasticDepth(0.3, generator=_generator())
    out = drop(torch.ones(20_000, 2, 3))
    per_row = out.flatten(1)
    assert ((per_row == per_row[:, :1]).all(dim=1)).all()
    torch.testing.assert_close(out.unique(), torch.tensor([0.0, 1 / 0.7]))
    assert float(out.mean()) == pytest.approx(1.0, abs=0.02)
    x = torch.ones(3, 2)
    assert drop.eval()(x) is x
    assert (rt.StochasticDepth(1.0, generator=_generator())(x) == 0).all()
    assert rt.depth_rates(4, 0.2) == pytest.approx([0.05, 0.1, 0.15, 0.2])
    with pytest.raises(OptionError, match="rate must be 0 or more and at most 1"):
        rt.StochasticDepth(1.2, generator=_generator())
