"""Products of many nets at once."""

from __future__ import annotations

import torch


def multiply(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    """x W + b for each net. A single product is made twice, since libraries add up a single one in another order than
    one of several."""
    if len(x) == 1:
        x, weight = x.expand(2, -1, -1), weight.expand(2, -1, -1)
        bias = None if bias is None else bias.expand(2, -1, -1)
        return multiply(x, weight, bias)[:1]
    return torch.bmm(x, weight) if bias is None else torch.baddbmm(bias, x, weight)
