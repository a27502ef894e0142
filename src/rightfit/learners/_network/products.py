"""Products of many nets at once, and the memory that they are written to."""

from __future__ import annotations

from typing import final

import torch


def multiply(
    x: torch.Tensor, weight: torch.Tensor, out: torch.Tensor, *, add: bool = False, scale: float = 1.0
) -> torch.Tensor:
    """scale * x W for each net, written to ``out`` or ``add``-ed to what is there. A single product is made twice,
    since libraries add up a single one in another order than one of several; and where what a net owns is filled up,
    its product is made elsewhere and copied, since they would make it in another way."""
    if len(x) > 1 and out.is_contiguous():
        return out.baddbmm_(x, weight, beta=float(add), alpha=scale)
    if len(x) > 1:
        made = out.contiguous() if add else torch.empty_like(out, memory_format=torch.contiguous_format)
    else:
        x, weight = x.expand(2, -1, -1), weight.expand(2, -1, -1)
        made = out.expand(2, -1, -1).clone(memory_format=torch.contiguous_format)
    return out.copy_(made.baddbmm_(x, weight, beta=float(add), alpha=scale)[: len(out)])


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
