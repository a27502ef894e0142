"""Group lasso on the neurons of layers, by proximal steps: whole neurons, or whole inputs, become exactly zero."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, final

import torch
from torch import nn

from rightfit.errors import OptionError
from rightfit.torch.checks import check_range
from rightfit.torch.penalized import check_parameters
from rightfit.torch.step_size import StepSizes

_MOST_STEPS = 50


@final
class GroupLasso:
    """``strength sum over groups of sqrt(size) |w_group|``, added to a loss that is a mean over rows.

        optimizer.step()
        penalty.step(optimizer)

    A group is what one neuron (channel) of a layer is made of: with ``along="outputs"`` its row of weights together
    with its bias, so that a removed neuron says 0 to its activation; with ``along="inputs"`` the column of weights that
    leave one input, so that a removed input is not looked at. Size is the number of entries (Yuan and Lin 2006,
    equation 2.1; for neurons Scardapane et al. 2017, equation 7).

    With d the optimizer's step size (`rightfit.torch.step_size`) the proximal step is ``w <- w max(1 - d t / |w|, 0)``,
    t the strength times sqrt(size). Where d differs within a group, as with Adam, it is the exact one in that metric:
    0 where ``sum((w / (d t))²) <= 1``, else ``w / (1 + d t / r)`` with the r > 0 that has
    ``sum((w / (r + d t))²) = 1``. ``decoupled=True`` takes the learning rate for d.

    Parameters
    ----------
    layers
        ``Linear``, ``Conv1d`` to ``Conv3d``.

    Raises
    ------
    OptionError
        A negative strength, no layers, layers of other kinds, or weights that are frozen or made of others.
    """

    def __init__(
        self,
        layers: Iterable[nn.Module],
        strength: float,
        *,
        along: Literal["outputs", "inputs"] = "outputs",
        decoupled: bool = False,
    ) -> None:
        if along not in ("outputs", "inputs"):
            raise OptionError(f"along must be 'outputs' or 'inputs', not {along!r}")
        self.layers = [_check(layer, along) for layer in layers]
        self.strength = check_range("strength", strength, 0)
        self.along = along
        self.decoupled = decoupled
        check_parameters(p for layer in self.layers for p in self._parts(layer))

    def value(self) -> torch.Tensor:
        """The penalty."""
        norms = [(rows.shape[1] ** 0.5) * _norm(rows).sum() for rows in map(self._rows, self.layers)]
        return self.strength * torch.stack(norms).sum()

    @torch.no_grad()
    def step(self, optimizer: torch.optim.Optimizer) -> None:
        """The proximal step; call it after ``optimizer.step()``."""
        sizes = StepSizes(optimizer, decoupled=self.decoupled)
        for layer in self.layers:
            parts = self._parts(layer)
            w = self._join(parts)
            each = [sizes.of(p).expand_as(p) for p in parts]
            self._write(parts, _shrink(w, self._join(each) * self.strength * w.shape[1] ** 0.5))

    @torch.no_grad()
    def removed(self) -> list[torch.Tensor]:
        """For each layer, which of its groups are zero."""
        return [(self._rows(layer) == 0).all(dim=1) for layer in self.layers]

    def _parts(self, layer: nn.Module) -> list[nn.Parameter]:
        """Weights, and the bias where it belongs to the group."""
        bias = layer.bias if self.along == "outputs" else None
        found = [layer.weight, bias]
        return [p for p in found if isinstance(p, nn.Parameter)]

    def _rows(self, layer: nn.Module) -> torch.Tensor:
        return self._join(self._parts(layer))

    def _join(self, parts: list[nn.Parameter] | list[torch.Tensor]) -> torch.Tensor:
        """(groups, size)"""
        weight = parts[0] if self.along == "outputs" else parts[0].transpose(0, 1)
        return torch.cat([weight.flatten(1), *(part[:, None] for part in parts[1:])], dim=1)

    def _write(self, parts: list[nn.Parameter], rows: torch.Tensor) -> None:
        weight = parts[0] if self.along == "outputs" else parts[0].transpose(0, 1)
        size = weight[0].numel()
        weight.copy_(rows[:, :size].reshape(weight.shape))
        for part in parts[1:]:
            part.copy_(rows[:, size])


def _check(layer: nn.Module, along: str) -> nn.Module:
    kinds = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
    if not isinstance(layer, kinds):
        raise OptionError(f"neurons of a {type(layer).__name__} are not known; give Linear or Conv layers")
    if not isinstance(layer._parameters.get("weight"), nn.Parameter):
        raise OptionError(f"the weights of a {type(layer).__name__} are made of other parameters and cannot be set")
    if along == "inputs" and getattr(layer, "groups", 1) != 1:
        raise OptionError("inputs of a grouped convolution have no weights of their own; use along='outputs'")
    return layer


def _norm(rows: torch.Tensor) -> torch.Tensor:
    """(groups,) with gradient 0, not nan, at a group of zeros."""
    square = (rows**2).sum(dim=1)
    return torch.where(square > 0, torch.where(square > 0, square, 1.0).sqrt(), 0.0)


def _shrink(w: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """Proximal operator of ``sum over rows of |row|`` in the metric 1 / t, all (groups, size); t = 0 holds an entry.

    The root r is found by Newton's steps on ``1 / |w / (r + t)|``, concave in r and straight where t does not differ:
    from the left they never pass the root (the secular equation of trust regions, Moré and Sorensen 1983, section 3).
    """
    tiny = torch.finfo(w.dtype).tiny
    held = torch.where(t > 0, 0.0, w)
    gone = (held == 0).all(dim=1, keepdim=True) & ((w / t.clamp(min=tiny)) ** 2).sum(dim=1, keepdim=True).le(1)
    r = held.norm(dim=1, keepdim=True)
    for _ in range(_MOST_STEPS):
        below = (r + t).clamp(min=tiny)
        parts = (w / below) ** 2
        size, slope = parts.sum(dim=1, keepdim=True), (parts / below).sum(dim=1, keepdim=True)
        move = torch.where(gone, 0.0, (size**1.5 - size) / slope.clamp(min=tiny))
        r = r + move.clamp(min=0)
        if bool((move <= 4 * torch.finfo(w.dtype).eps * r).all()):
            break
    return torch.where(gone, 0.0, w * (r / (r + t).clamp(min=tiny)))
