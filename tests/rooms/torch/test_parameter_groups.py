"""Which parameter decays, how fast each layer learns, and what the table says."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest

pytest.importorskip("torch")
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune

import rightfit.torch as rt
from rightfit.errors import OptionError
from rightfit.torch.roles import find_roles


def _old(name: str, layer: nn.Module) -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own older form, still in use
        return getattr(nn.utils, name)(layer)


def _decaying(module: nn.Module, **options: object) -> set[str]:
    groups = rt.parameter_groups(module, 0.1, **options)  # type: ignore[arg-type]
    return {p.name for p in groups.parameters if p.weight_decay}


DECAYING: dict[str, tuple[Callable[[], nn.Module], set[str]]] = {
    "Linear": (lambda: nn.Linear(3, 2), {"weight"}),
    "Bilinear": (lambda: nn.Bilinear(3, 2, 2), {"weight"}),
    "Conv2d": (lambda: nn.Conv2d(3, 2, 3), {"weight"}),
    "ConvTranspose1d": (lambda: nn.ConvTranspose1d(3, 2, 3), {"weight"}),
    "a linear layer of one input and output": (lambda: nn.Linear(1, 1), {"weight"}),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(3), set()),
    "SyncBatchNorm": (lambda: nn.SyncBatchNorm(3), set()),
    "InstanceNorm1d": (lambda: nn.InstanceNorm1d(3, affine=True), set()),
    "LayerNorm of two axes": (lambda: nn.LayerNorm([3, 4]), set()),
    "GroupNorm": (lambda: nn.GroupNorm(1, 3), set()),
    "RMSNorm": (lambda: nn.RMSNorm(3), set()),
    "PReLU": (lambda: nn.PReLU(3), set()),
    "Embedding": (lambda: nn.Embedding(5, 3), {"weight"}),
    "EmbeddingBag": (lambda: nn.EmbeddingBag(5, 3), {"weight"}),
    "a sparse Embedding": (lambda: nn.Embedding(5, 3, sparse=True), set()),
    "LSTM": (lambda: nn.LSTM(3, 2, proj_size=1), {"weight_ih_l0", "weight_hh_l0", "weight_hr_l0"}),
    "GRUCell": (lambda: nn.GRUCell(3, 2), {"weight_ih", "weight_hh"}),
    "MultiheadAttention": (
        lambda: nn.MultiheadAttention(4, 2, add_bias_kv=True),
        {"in_proj_weight", "out_proj.weight"},
    ),
    "MultiheadAttention, not packed": (
        lambda: nn.MultiheadAttention(4, 2, kdim=3, vdim=3),
        {"q_proj_weight", "k_proj_weight", "v_proj_weight", "out_proj.weight"},
    ),
    "weight norm": (lambda: parametrizations.weight_norm(nn.Linear(3, 2)), {"parametrizations.weight.original0"}),
    "weight norm of old": (lambda: _old("weight_norm", nn.Conv1d(3, 2, 3)), {"weight_g"}),
    "spectral norm": (lambda: parametrizations.spectral_norm(nn.Linear(3, 2)), set()),
    "spectral norm of old": (lambda: _old("spectral_norm", nn.Linear(3, 2)), set()),
    "orthogonal": (lambda: parametrizations.orthogonal(nn.Linear(3, 3)), set()),
    "weight norm of a bias": (lambda: parametrizations.weight_norm(nn.Linear(3, 2), "bias"), {"weight"}),
    "pruned": (lambda: prune.random_unstructured(nn.Linear(3, 2), "weight", 0.5), {"weight_orig"}),
}


@pytest.mark.parametrize("name", DECAYING)
def test_what_decays(name: str) -> None:
    make, expected = DECAYING[name]
    module = make()
    assert _decaying(module) == expected
    inside = nn.ModuleDict({"part": module})
    assert _decaying(inside) == {f"part.{name}" for name in expected}


def test_transformer_encoder() -> None:
    net = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2, norm=nn.LayerNorm(8))
    names = ("self_attn.in_proj_weight", "self_attn.out_proj.weight", "linear1.weight", "linear2.weight")
    assert _decaying(net) == {f"layers.{k}.{name}" for k in range(2) for name in names}


def test_decay_of_the_magnitude_is_decay_of_normed_weights_and_that_of_the_direction_is_not() -> None:
    """The reason for the roles of both: the weight shrinks by 1 - lr decay with the one, and not at all with the
    other."""
    torch.manual_seed(0)
    layer = parametrizations.weight_norm(nn.Linear(3, 2))
    before = layer.weight.detach().clone()
    for pattern, share in (("*original0", 1 - 0.5 * 0.1), ("*original1", 1.0)):
        groups = rt.parameter_groups(layer, 0.1, choose={"*": False, pattern: True})
        optimizer = torch.optim.SGD(groups, lr=0.5)
        for p in layer.parameters():
            p.grad = torch.zeros_like(p)
        optimizer.step()
        torch.testing.assert_close(layer.weight, share * before)
        before = layer.weight.detach().clone()


def test_groups_go_into_optimizers_and_hold_every_trained_parameter_once() -> None:
    net = nn.Sequential(nn.Embedding(6, 4), nn.Linear(4, 4), nn.LayerNorm(4), nn.Linear(4, 6, bias=False))
    net[3].weight = net[0].weight
    net[1].bias.requires_grad_(False)
    for kind in (torch.optim.AdamW, torch.optim.SGD, torch.optim.RMSprop):
        optimizer = kind(rt.parameter_groups(net, 0.1), lr=0.01)
        held = [p for group in optimizer.param_groups for p in group["params"]]
        assert len(held) == len({id(p) for p in held})
        assert {id(p) for p in held} == {id(p) for p in net.parameters() if p.requires_grad}
        assert {group["weight_decay"] for group in optimizer.param_groups} == {0.0, 0.1}


def test_an_optimizer_does_not_write_into_the_groups() -> None:
    groups = rt.parameter_groups(nn.Linear(3, 2), 0.1)
    torch.optim.SGD(groups, lr=0.01).param_groups[0]["weight_decay"] = 7.0
    assert {group["weight_decay"] for group in groups} == {0.0, 0.1}


def test_tied_parameters_take_the_gentlest_of_their_places() -> None:
    net = nn.Sequential(nn.Embedding(6, 4), nn.Linear(4, 4), nn.Linear(4, 6))
    net[2].weight = net[0].weight
    groups = rt.parameter_groups(net, 0.1, decay_embeddings=False, lr=1.0, layer_decay=0.5)
    tied = next(p for p in groups.parameters if p.also)
    assert (tied.name, tied.also, tied.weight_decay, tied.depth) == ("0.weight", ("2.weight",), 0.0, 0)
    assert next(p for p in groups.parameters if p.name == "2.bias").depth == 2
    assert "tied: 2.weight" in groups.table()
    shared = nn.Linear(3, 3)
    assert len(rt.parameter_groups(nn.Sequential(shared, nn.ReLU(), shared), 0.1).parameters) == 2


def test_frozen_parameters_are_left_out_and_said() -> None:
    net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
    net[0].requires_grad_(False)
    groups = rt.parameter_groups(net, 0.1)
    assert "frozen; weights of Linear" in groups.table()
    assert groups.describe() == (
        "1 parameter (3 numbers) with decay, 1 parameter (1 number) without; "
        "2 parameters (12 numbers) frozen and left out"
    )
    with pytest.raises(OptionError, match="no parameter to train"):
        rt.parameter_groups(net.requires_grad_(False), 0.1)


def test_vectors_that_no_known_layer_owns_do_not_decay_unless_chosen() -> None:
    class Own(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.slope = nn.Parameter(torch.ones(4))
            self.matrix = nn.Parameter(torch.ones(4, 4))
            self.token = nn.Parameter(torch.ones(1, 1, 4))
            self.relative_position_bias_table = nn.Parameter(torch.ones(9, 4))

    assert _decaying(Own()) == {"matrix", "token"}
    assert _decaying(Own(), decay_embeddings=False) == {"matrix"}
    assert _decaying(Own(), choose={"slope": True, "mat*": False}) == {"slope", "token"}
    with pytest.raises(OptionError, match="'slpe', which fits no parameter"):
        _decaying(Own(), choose={"slpe": True})


def test_a_norm_of_ones_own_is_a_normalization_and_a_normalizing_matrix_is_not() -> None:
    class ChannelNorm(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(4, 1, 1))
            self.mixing = nn.Parameter(torch.ones(4, 4))

    assert _decaying(ChannelNorm()) == {"mixing"}


def _depths(net: nn.Module, **options: object) -> dict[str, int | None]:
    groups = rt.parameter_groups(net, 0.1, lr=1.0, layer_decay=0.5, **options)  # type: ignore[arg-type]
    return {p.name: p.depth for p in groups.parameters}


class _Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
        self.heads = nn.ModuleList([nn.Sequential(nn.Linear(4, 4)) for _ in range(2)])


class _Deep(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.zeros(1, 1, 4))
        self.embed = nn.Linear(3, 4)
        self.stages = nn.Sequential(nn.Sequential(_Block(), _Block()), nn.Sequential(_Block()))
        self.norm = nn.LayerNorm(4)
        self.head = nn.Linear(4, 2)


def test_depth_counts_layers_from_the_input() -> None:
    found = _depths(_Deep())
    assert found["token"] == found["embed.weight"] == 0
    for name, depth in found.items():
        for prefix, expected in (("stages.0.0", 1), ("stages.0.1", 2), ("stages.1.0", 3), ("norm", 3), ("head", 4)):
            assert not name.startswith(prefix) or depth == expected, name


def test_learning_rates_fall_towards_the_input() -> None:
    net = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 1))
    assert list(_depths(net).values()) == [0, 0, 0, 0, 1, 1, 2, 2]
    optimizer = torch.optim.AdamW(rt.parameter_groups(net, 0.1, lr=0.8, layer_decay=0.5), lr=123.0)
    rates = {id(p): group["lr"] for group in optimizer.param_groups for p in group["params"]}
    assert [rates[id(net[k].weight)] for k in (0, 1, 3, 5)] == [0.2, 0.2, 0.4, 0.8]


def test_a_normalization_of_the_inputs_lies_with_the_first_layer() -> None:
    net = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 3, bias=False), nn.Linear(3, 1, bias=False))
    assert _depths(net) == {"0.weight": 0, "0.bias": 0, "1.weight": 0, "2.weight": 1}


def test_schedules_keep_the_ratio_of_layers() -> None:
    net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
    optimizer = torch.optim.SGD(rt.parameter_groups(net, 0.1, lr=1.0, layer_decay=0.5), lr=1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.1)
    optimizer.step()
    schedule.step()
    assert sorted({round(group["lr"], 12) for group in optimizer.param_groups}) == [0.05, 0.1]


def test_transformer_layers_are_one_step_each() -> None:
    net = nn.Transformer(8, 2, 2, 3, 16, batch_first=True)
    found = _depths(net)
    assert found["encoder.layers.1.linear2.weight"] == found["encoder.norm.weight"] == 1
    assert found["decoder.layers.2.linear2.weight"] == found["decoder.norm.weight"] == 4


def test_layers_can_be_told() -> None:
    class Backwards(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head, self.body = nn.Linear(3, 1), nn.Linear(3, 3)

    assert _depths(Backwards(), layers=["body", "head"])["head.weight"] == 1
    with pytest.raises(OptionError, match=r"head\.weight is missing"):
        _depths(Backwards(), layers=["body"])
    with pytest.raises(OptionError, match="names 'tail', but"):
        _depths(Backwards(), layers=["body", "head", "tail"])


def test_options_are_checked() -> None:
    net = nn.Linear(3, 2)
    with pytest.raises(OptionError, match="weight_decay must be 0 or more, not -1"):
        rt.parameter_groups(net, -1)
    with pytest.raises(OptionError, match="layer_decay needs lr"):
        rt.parameter_groups(net, 0.1, layer_decay=0.5)
    with pytest.raises(OptionError, match="layer_decay must be above 0 and at most 1"):
        rt.parameter_groups(net, 0.1, lr=1.0, layer_decay=0)
    with pytest.raises(OptionError, match="layers matters with layer_decay alone"):
        rt.parameter_groups(net, 0.1, layers=["weight"])
    with pytest.raises(OptionError, match="let the net see one batch first"):
        rt.parameter_groups(nn.LazyLinear(2), 0.1)


def test_weights_are_what_penalties_are_meant_for() -> None:
    net = nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 3), nn.LayerNorm(3), nn.Linear(3, 1))
    net[3].weight.requires_grad_(False)
    assert [id(p) for p in rt.weights(net)] == [id(net[1].weight)]
    assert {role.kind for role in find_roles(net)} == {"embedding", "weight", "bias", "normalization"}
