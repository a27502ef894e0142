"""Products of many nets at once, and the memory that they are written to."""

from __future__ import annotations

from typing import final

import torch

NARROW = 16
"""Fewer columns than these are made the other way round."""


def multiply(
    x: torch.Tensor, weight: torch.Tensor, out: torch.Tensor, *, add: bool = False, scale: float = 1.0
) -> torch.Tensor:
    """scale * x W for each net, written to ``out`` or ``add``-ed to what is there. A single product is made twice,
    since libraries add up a single one in another order than one of several; and where what a net owns is filled up,
    its product is made elsewhere and copied, since they would make it in another way."""
    if weight.shape[2] < NARROW:
        return _multiply_narrow(x, weight, out, add=add, scale=scale)
    if len(x) > 1 and out.is_contiguous():
        return out.baddbmm_(x, weight, beta=float(add), alpha=scale)
    if len(x) > 1:
        made = out.contiguous() if add else torch.empty_like(out, memory_format=torch.contiguous_format)
    else:
        x, weight = x.expand(2, -1, -1), weight.expand(2, -1, -1)
        made = out.expand(2, -1, -1).clone(memory_format=torch.contiguous_format)
    return out.copy_(made.baddbmm_(x, weight, beta=float(add), alpha=scale)[: len(out)])


def _multiply_narrow(
    x: torch.Tensor, weight: torch.Tensor, out: torch.Tensor, *, add: bool, scale: float
) -> torch.Tensor:
    """The same as W' x', which libraries make some eight times as fast where there are few columns."""
    across, back = weight.transpose(1, 2).contiguous(), x.transpose(1, 2)
    made = out.transpose(1, 2).contiguous() if add else out.new_empty(len(out), out.shape[2], out.shape[1])
    if len(x) > 1:
        made.baddbmm_(across, back, beta=float(add), alpha=scale)
    else:
        made = made.expand(2, -1, -1).clone(memory_format=torch.contiguous_format)
        made.baddbmm_(across.expand(2, -1, -1), back.expand(2, -1, -1), beta=float(add), alpha=scale)
    return out.copy_(made[: len(out)].transpose(1, 2))


@final
class Room:
    """Memory that blocks of nets use one after the other: what is written there is read before the next block comes."""

    def __init__(self) -> None:
        self._taken: dict[tuple[str, int], torch.Tensor] = {}

    def take(self, name: str, layer: int, shape: tuple[int, ...], like: torch.Tensor) -> torch.Tensor:
        """A tensor of this shape, with any numbers in it."""
        found = self._taken.get((name, layer))
        count = int(torch.Size(shape).numel())
        if found is None or len(found) < count:
            found = self._taken[name, layer] = like.new_empty(count)
        return found[:count].view(shape)
