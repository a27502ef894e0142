"""Stochastic depth: residual branches that are left out in training, one row apart from another."""

from __future__ import annotations

from typing import final

import torch
from torch import nn

from rightfit.torch.checks import check_count, check_range
from rightfit.torch.draws import draw_uniform


@final
class StochasticDepth(nn.Module):
    """Drops a residual branch: ``x + drop(branch(x))``.

    In training each row's branch is 0 with probability ``rate`` and divided by ``1 - rate`` otherwise, so that its mean
    is the branch and evaluation leaves it as it is (Huang et al. 2016, "Deep networks with stochastic depth", sections
    3 and 4, who scale in evaluation instead). Rows are the first axis.

    Raises
    ------
    OptionError
        A rate outside of 0 to 1.
    """

    def __init__(self, rate: float, *, generator: torch.Generator) -> None:
        super().__init__()
        self.rate = check_range("rate", rate, 0, 1)
        self.generator = generator

    def forward(self, branch: torch.Tensor) -> torch.Tensor:
        """Shape of ``branch``."""
        if not self.training or self.rate == 0:
            return branch
        if self.rate == 1:
            return torch.zeros_like(branch)
        shape = (branch.shape[0], *(1 for _ in branch.shape[1:]))
        keep = draw_uniform(shape, branch, self.generator) >= self.rate
        return torch.where(keep, branch / (1 - self.rate), torch.zeros_like(branch))

    def extra_repr(self) -> str:
        """For ``print(net)``."""
        return f"rate={self.rate:g}"


def depth_rates(blocks: int, last: float) -> list[float]:
    """Rates that rise in a straight line to ``last``: ``last k / blocks`` for block k = 1 to ``blocks``: early blocks
    make what all others read and are seldom left out (Huang et al. 2016, equation 4)."""
    count, last = check_count("blocks", blocks), check_range("last", last, 0, 1)
    return [last * k / count for k in range(1, count + 1)]
