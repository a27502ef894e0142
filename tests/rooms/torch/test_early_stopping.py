"""When training stops, what it restores, and that it can be resumed."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

pytest.importorskip("torch")
import torch
from torch import nn

import rightfit.torch as rt
from rightfit.errors import FitError, OptionError
from rightfit.torch.noise import curve_noise


def _net() -> nn.Module:
    return nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))


def _walk(stopping: rt.EarlyStopping, curve: list[float]) -> int:
    """Epochs until it stops, or all."""
    for epoch, loss in enumerate(curve):
        with torch.no_grad():
            stopping.module[0].weight.fill_(float(epoch))
            stopping.module[1].running_mean.fill_(float(epoch))
        if stopping.update(loss):
            return epoch + 1
    return len(curve)


def test_it_stops_after_patience_and_restores_weights_and_running_statistics() -> None:
    net = _net()
    stopping = rt.EarlyStopping(net, patience=3, minimum=0.0)
    assert _walk(stopping, [5.0, 4.0, 3.0, 3.5, 3.4, 3.3, 1.0]) == 6
    assert stopping.stopped
    assert "no improvement beyond noise for 3 epochs; the lowest held-out loss is 3, of epoch 2" in stopping.reason
    assert stopping.restore() == 2
    assert (net[0].weight == 2).all() and (net[1].running_mean == 2).all()


def test_kept_weights_are_a_copy() -> None:
    net = _net()
    stopping = rt.EarlyStopping(net)
    stopping.update(1.0)
    before = net[0].weight.detach().clone()
    with torch.no_grad():
        net[0].weight.add_(1.0)
    stopping.restore()
    torch.testing.assert_close(net[0].weight.detach(), before)
    saved = stopping.state_dict()
    with torch.no_grad():
        net[0].weight.add_(1.0)
    torch.testing.assert_close(saved["best"]["0.weight"], before)


def test_small_steps_down_add_up() -> None:
    """Each step is below the minimum; five of them are not."""
    stopping = rt.EarlyStopping(_net(), patience=4, minimum=0.3)
    assert _walk(stopping, [5 - 0.1 * k for k in range(60)]) == 60
    assert _walk(rt.EarlyStopping(_net(), patience=3, minimum=0.35), [5 - 0.1 * k for k in range(60)]) < 10


def test_noise_of_a_flat_curve_is_not_taken_for_improvement() -> None:
    """White noise of size 1 around nothing: the rule stops soon, one without a minimum waits for every new record."""
    generator = torch.Generator().manual_seed(0)
    ends = {None: 0, 0.0: 0}
    for _ in range(30):
        curve = torch.randn(200, generator=generator).tolist()
        for minimum in ends:
            ends[minimum] += _walk(rt.EarlyStopping(_net(), patience=10, minimum=minimum), curve)
    assert ends[None] / 30 < 0.8 * ends[0.0] / 30
    assert ends[None] / 30 < 22


def test_a_slow_fall_in_noise_is_followed() -> None:
    generator = torch.Generator().manual_seed(1)
    fall = [3 * math.exp(-k / 40) + 0.05 * float(torch.randn((), generator=generator)) for k in range(60)]
    assert _walk(rt.EarlyStopping(_net(), patience=12), fall) == 60
    assert _walk(rt.EarlyStopping(_net(), patience=3), fall) < 60


def test_noise_of_a_curve_is_found_beside_its_trend() -> None:
    generator = torch.Generator().manual_seed(2)
    curves = [[0.5 * k + 2.0 * float(torch.randn((), generator=generator)) for k in range(24)] for _ in range(200)]
    mean = sum(map(curve_noise, curves)) / 200
    assert mean == pytest.approx(2.0, rel=0.06)
    assert curve_noise([3.0, 2.0]) == 0.0
    assert curve_noise([float(k) for k in range(30)]) == 0.0
    # the steep beginning is not counted as noise
    assert curve_noise([100.0, 50.0, *([1.0] * 10)]) == 0.0


def test_losses_of_rows_give_a_paired_standard_error() -> None:
    """Rows differ by far more than the nets do; their differences are what counts."""
    generator = torch.Generator().manual_seed(3)
    rows = 100 * torch.rand(400, generator=generator, dtype=torch.float64)
    better = rows - 0.1 + 0.5 * torch.randn(400, generator=generator, dtype=torch.float64)
    stopping = rt.EarlyStopping(_net(), patience=1)
    stopping.update(rows)
    assert not stopping.update(
        better
    )  # 0.1 is four paired standard errors of 0.025, and a fifteenth of an unpaired one
    same = rt.EarlyStopping(_net(), patience=1)
    same.update(rows)
    assert same.update(rows - 0.01 + 0.5 * torch.randn(400, generator=generator, dtype=torch.float64))


def test_a_resumed_training_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    curve = [5.0, 4.2, 4.4, 3.9, 4.1, 4.05, 4.2, 4.3, 4.15, 4.2, 4.25]
    whole, net = rt.EarlyStopping(_net(), patience=4), _net()
    ended = _walk(whole, curve)
    first = rt.EarlyStopping(net, patience=4)
    _walk(first, curve[:5])
    torch.save(first.state_dict(), tmp_path / "stopping.pt")
    second = rt.EarlyStopping(net, patience=4)
    second.load_state_dict(torch.load(tmp_path / "stopping.pt", weights_only=True))
    goes_on = [second.update(loss) for loss in curve[5:ended]]
    assert goes_on == [False] * (ended - 6) + [True] and ended < len(curve)
    assert second.restore() == whole.best_epoch == 3
    assert (net[0].weight == 3).all()
    rows = rt.EarlyStopping(net)
    rows.update(torch.tensor([1.0, 2.0]))
    torch.save(rows.state_dict(), tmp_path / "rows.pt")
    rows.load_state_dict(torch.load(tmp_path / "rows.pt", weights_only=True))
    assert not rows.update(torch.tensor([0.5, 1.0]))


def test_what_cannot_be_judged_is_said() -> None:
    stopping = rt.EarlyStopping(_net(), patience=2)
    with pytest.raises(FitError, match="no epoch has ended yet"):
        stopping.restore()
    stopping.update(1.0)
    with pytest.raises(FitError, match="held-out loss of epoch 1 is nan"):
        stopping.update(float("nan"))
    assert stopping.restore() == 0
    with pytest.raises(OptionError, match="not both in turn"):
        stopping.update(torch.ones(3))
    rows = rt.EarlyStopping(_net())
    rows.update(torch.ones(3))
    with pytest.raises(OptionError, match="given 4 rows, and 3 before"):
        rows.update(torch.ones(4))
    with pytest.raises(OptionError, match="patience must be a whole number, 1 or more"):
        rt.EarlyStopping(_net(), patience=0)
