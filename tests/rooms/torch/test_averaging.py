"""Averages of weights, and running statistics that belong to them."""

from __future__ import annotations

import warnings

import pytest

pytest.importorskip("torch")
import torch
from torch import nn

import rightfit.torch as rt
from rightfit.errors import DataError, FitError, OptionError


def _averaged(decay: float | None, values: list[float]) -> rt.WeightAverage:
    net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    average = rt.WeightAverage(net, decay=decay)
    for k, value in enumerate(values):
        with torch.no_grad():
            net[0].weight.fill_(value)
            net[1].running_mean.fill_(value)
            net[1].num_batches_tracked.fill_(k)
        average.update()
    return average


def test_averages_are_what_their_formulas_say() -> None:
    values = [1.0, 4.0, 2.0, 7.0]
    share = torch.tensor([0.9**3, 0.9**2, 0.9, 1.0])
    exponential = float((share * torch.tensor(values)).sum() / share.sum())
    for decay, expected in ((0.9, exponential), (None, 3.5)):
        average = _averaged(decay, values)
        with average.applied() as net:
            torch.testing.assert_close(net[0].weight.detach(), torch.full((2, 2), expected))
            torch.testing.assert_close(net[1].running_mean, torch.full((2,), expected))
            assert net[1].num_batches_tracked == 3
        assert (net[0].weight == 7).all() and (net[1].running_mean == 7).all()


def test_the_net_has_its_own_weights_back_after_an_error() -> None:
    average = _averaged(0.9, [1.0, 5.0])
    with pytest.raises(ZeroDivisionError), average.applied():
        raise ZeroDivisionError
    assert (average.module[0].weight == 5).all()


def test_tied_and_normed_weights_are_averaged_once() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        normed = nn.utils.weight_norm(nn.Linear(3, 3))
    net = nn.Sequential(nn.Embedding(4, 3), normed, nn.Linear(3, 4))
    net[2].weight = net[0].weight
    net(torch.tensor([1]))
    average = rt.WeightAverage(net, decay=0.5)
    average.update()
    with torch.no_grad():
        net[0].weight.mul_(2)
    average.update()
    own = net[0].weight.detach().clone()
    with average.applied():
        torch.testing.assert_close(net[2].weight.detach(), own * (1 / 3 / 2 + 2 / 3))
        assert net[2].weight is net[0].weight


def test_half_precision_is_averaged_in_single_precision() -> None:
    layer = nn.Linear(1, 1).to(torch.bfloat16)
    average = rt.WeightAverage(layer, decay=0.999)
    with torch.no_grad():
        layer.weight.fill_(1.0)
        average.update()
        layer.weight.fill_(2.0)
        for _ in range(3000):
            average.update()
    share = (0.999**3000) * 0.001 / (1 - 0.999**3001)
    with average.applied():
        assert layer.weight.item() == pytest.approx(2 - share, abs=0.01)
        assert layer.weight.dtype == torch.bfloat16


def test_a_saved_average_goes_on() -> None:
    first, second = _averaged(0.9, [1.0, 4.0]), _averaged(0.9, [9.0])
    second.load_state_dict(first.state_dict())
    for average in (first, second):
        with torch.no_grad():
            average.module[0].weight.fill_(2.0)
        average.update()
    for name, tensor in first.state_dict()["tensors"].items():
        if "weight" in name:
            torch.testing.assert_close(second.state_dict()["tensors"][name], tensor)


def test_mistakes_of_averages_are_named() -> None:
    with pytest.raises(FitError, match="call update after"):
        rt.WeightAverage(nn.Linear(2, 1)).copy_to(nn.Linear(2, 1))
    with pytest.raises(OptionError, match="other parameters than the averaged one"):
        _averaged(None, [1.0]).copy_to(nn.Linear(2, 2))
    with pytest.raises(OptionError, match="decay must be above 0 and below 1"):
        rt.WeightAverage(nn.Linear(2, 1), decay=1.0)


def _rows(sizes: list[int]) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [3 + 2 * torch.randn(n, 3, generator=generator) + k for k, n in enumerate(sizes)]


def test_running_statistics_are_those_of_all_rows() -> None:
    """Batches of 40, 40 and 5 rows with means apart: an average over batches would miss both facts."""
    net = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 2))
    batches = _rows([40, 40, 5])
    assert rt.update_batch_norm(net, [(x, None) for x in batches]) == 85
    everything = torch.cat(batches)
    torch.testing.assert_close(net[0].running_mean, everything.mean(dim=0))
    torch.testing.assert_close(net[0].running_var, everything.var(dim=0))
    assert net[0].num_batches_tracked == 3 and net[0].momentum == 0.1
    theirs = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 2))
    torch.optim.swa_utils.update_bn(batches, theirs)
    assert (theirs[0].running_var - everything.var(dim=0)).abs().max() > 0.3


def test_running_statistics_of_channels_match_torch_where_one_batch_is_all() -> None:
    net = nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 2, 3), nn.BatchNorm2d(2))
    x = torch.randn(6, 2, 8, 8, generator=torch.Generator().manual_seed(1))
    rt.update_batch_norm(net, [x])
    ours = [net[1].running_mean.clone(), net[4].running_var.clone()]
    torch.optim.swa_utils.update_bn([x], net)
    torch.testing.assert_close(ours, [net[1].running_mean, net[4].running_var], rtol=1e-5, atol=1e-6)


def test_dropout_is_off_and_modes_are_kept_while_statistics_are_made() -> None:
    net = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(3), nn.BatchNorm1d(3, momentum=None))
    net.train()
    net[1].eval()
    x = _rows([50])[0]
    state = torch.get_rng_state()
    rt.update_batch_norm(net, [x])
    torch.testing.assert_close(net[1].running_mean, x.mean(dim=0))
    assert [m.training for m in net.modules()] == [True, True, False, True]
    assert net[2].momentum is None
    assert not net[1]._forward_pre_hooks
    assert torch.equal(torch.get_rng_state(), state)


def test_no_batches_change_nothing() -> None:
    net = nn.BatchNorm1d(3)
    with pytest.raises(DataError, match="no batches"):
        rt.update_batch_norm(net, [])
    assert (net.running_mean == 0).all() and net.momentum == 0.1 and net.num_batches_tracked == 0


def test_averaged_weights_take_their_statistics_along() -> None:
    average = _averaged(None, [1.0, 3.0])
    x = torch.randn(30, 2, generator=torch.Generator().manual_seed(2))
    with average.applied() as net:
        rt.update_batch_norm(net, [x])
        wanted = net[1].running_mean.clone()
    assert (net[1].running_mean == 3).all()
    with average.applied() as net:
        torch.testing.assert_close(net[1].running_mean, wanted)
