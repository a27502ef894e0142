"""Groups of parameters for any optimizer: who decays, who does not, how fast each layer learns, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from torch import nn

from rightfit.errors import OptionError
from rightfit.torch.checks import check_range
from rightfit.torch.depths import find_depths
from rightfit.torch.roles import Role, find_roles


@dataclass(frozen=True)
class Placed:
    """One parameter and where it went."""

    name: str
    also: tuple[str, ...]
    """Further names of the same, tied parameter."""
    parameter: nn.Parameter = field(repr=False)
    weight_decay: float
    depth: int | None
    lr_scale: float
    trained: bool
    """Frozen parameters are in no group."""
    why: str


@dataclass(frozen=True)
class ParameterGroups:
    """What `parameter_groups` returns: iterates over dictionaries that optimizers take, prints as a table."""

    parameters: tuple[Placed, ...]
    lr: float | None = None

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """New groups each time: optimizers write into theirs."""
        groups: dict[tuple[float, float], list[Placed]] = defaultdict(list)
        for placed in self.parameters:
            if placed.trained:
                groups[placed.lr_scale, placed.weight_decay].append(placed)
        for (scale, decay), members in groups.items():
            group: dict[str, Any] = {"params": [m.parameter for m in members], "weight_decay": decay}
            if self.lr is not None:
                group |= {"lr": self.lr * scale, "lr_scale": scale}
            yield group

    def table(self) -> str:
        """Every parameter with its shape, its decay, the share of the learning rate that it gets, and why."""
        rows = [("parameter", "shape", "decay", "depth", "lr", "why")]
        for p in self.parameters:
            also = f" (tied: {', '.join(p.also)})" if p.also else ""
            shape = "x".join(map(str, p.parameter.shape)) or "1"
            decay, scale = (f"{p.weight_decay:g}", f"{p.lr_scale:.3g}") if p.trained else ("-", "-")
            rows.append((p.name, shape, decay, "-" if p.depth is None else str(p.depth), scale, p.why + also))
        widths = [max(len(row[k]) for row in rows) for k in range(5)]
        lines = ["  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[5]]) for row in rows]
        return "\n".join(lines)

    def describe(self) -> str:
        """One sentence with the numbers of parameters."""
        trained = [p for p in self.parameters if p.trained]
        decay = [p for p in trained if p.weight_decay]
        free = [p for p in trained if not p.weight_decay]
        frozen = [p for p in self.parameters if not p.trained]
        left = f"; {_count(frozen)} frozen and left out" if frozen else ""
        return f"{_count(decay)} with decay, {_count(free)} without{left}"

    def __str__(self) -> str:
        return f"{self.table()}\n{self.describe()}"


def parameter_groups(
    module: nn.Module,
    weight_decay: float,
    *,
    lr: float | None = None,
    layer_decay: float | None = None,
    layers: Sequence[str] | None = None,
    decay_embeddings: bool = True,
    choose: Mapping[str, bool] | None = None,
) -> ParameterGroups:
    """The parameters of a net, in groups for ``torch.optim.AdamW(...)``, ``SGD(...)`` or any other optimizer.

    Weights of layers decay. Biases, normalizations, slopes of activations, directions of normed weights, weights whose
    size is fixed, and vectors that no known layer owns do not (see `rightfit.torch.roles`). A parameter that is tied
    counts once; it decays where it decays in all its places, and lies as deep as its first. Frozen parameters are left
    out, and the table says so.

    Parameters
    ----------
    weight_decay
        Of the parameters that decay, per unit of the learning rate, as the optimizer takes it.
    lr
        Learning rate of the deepest layer; needed with ``layer_decay``.
    layer_decay
        Share d of the learning rate from one layer to the layer before it: a parameter at depth k of L gets
        ``lr d**(L - k)``. Decoupled decay is multiplied by the learning rate and falls with it. (Clark et al. 2020,
        ELECTRA, section 3.1 and appendix A; Howard and Ruder 2018, section 3.2, use 1/2.6.)
    layers
        Names of modules from input to output, where `rightfit.torch.depths` would not find the right order.
    decay_embeddings
        False leaves embeddings out of decay: rows that a batch does not name would shrink without having been seen.
    choose
        Patterns of names, ``{"head.*": False}``, that overrule the roles; the last that fits decides.

    Raises
    ------
    OptionError
        Numbers out of range, a pattern that fits no parameter, nothing to train, or ``layer_decay`` without ``lr``.
    """
    check_range("weight_decay", weight_decay, 0)
    if layer_decay is not None:
        check_range("layer_decay", layer_decay, 0, 1, ends="(]")
        if lr is None:
            raise OptionError("layer_decay needs lr, the learning rate of the deepest layer")
    elif layers is not None:
        raise OptionError("layers matters with layer_decay alone; give both or neither")
    if lr is not None:
        check_range("lr", lr, 0)
    places: dict[int, list[Role]] = defaultdict(list)
    for role in find_roles(module):
        places[id(role.parameter)].append(role)
    if not any(roles[0].parameter.requires_grad for roles in places.values()):
        raise OptionError("the net has no parameter to train: all are frozen, or there are none")
    placed = [_place(roles, weight_decay, decay_embeddings) for roles in places.values()]
    placed = _chosen(placed, choose or {}, weight_decay)
    if layer_decay is not None:
        names = [role.name for roles in places.values() for role in roles]
        depths = find_depths(module, names, layers)
        shallowest = [min(depths[name] for name in (p.name, *p.also)) for p in placed]
        deepest = max(depths.values())
        placed = [
            replace(p, depth=k, lr_scale=layer_decay ** (deepest - k)) for p, k in zip(placed, shallowest, strict=True)
        ]
    return ParameterGroups(tuple(placed), lr)


def _place(roles: list[Role], weight_decay: float, decay_embeddings: bool) -> Placed:
    def decays(role: Role) -> bool:
        return role.decays and (decay_embeddings or role.kind != "embedding")

    decisive = next((role for role in roles if not decays(role)), roles[0])
    name, *also = [role.name for role in roles]
    parameter = roles[0].parameter
    decay = weight_decay if decays(decisive) else 0.0
    why = decisive.why if parameter.requires_grad else f"frozen; {decisive.why}"
    return Placed(name, tuple(also), parameter, decay, None, 1.0, parameter.requires_grad, why)


def _chosen(placed: list[Placed], choose: Mapping[str, bool], weight_decay: float) -> list[Placed]:
    for pattern, decays in choose.items():
        fits = [any(fnmatchcase(name, pattern) for name in (p.name, *p.also)) for p in placed]
        if not any(fits):
            known = ", ".join(p.name for p in placed[:8])
            raise OptionError(f"choose has the pattern {pattern!r}, which fits no parameter; there are {known} ...")
        said = weight_decay if decays else 0.0
        placed = [
            replace(p, weight_decay=said, why=f"chosen by {pattern!r}") if fit and p.trained else p
            for p, fit in zip(placed, fits, strict=True)
        ]
    return placed


def _count(placed: list[Placed]) -> str:
    numbers = sum(p.parameter.numel() for p in placed)
    return f"{len(placed)} parameter{'' if len(placed) == 1 else 's'} ({numbers:,} number{'' if numbers == 1 else 's'})"
