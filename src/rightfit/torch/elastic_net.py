"""L1 and elastic net on any parameters, by proximal steps: entries become exactly zero."""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

import torch
from torch import nn

from rightfit.torch.checks import check_range
from rightfit.torch.penalized import check_parameters
from rightfit.torch.step_size import StepSizes


@final
class ElasticNet:
    """``l1 sum(abs(w)) + l2 / 2 sum(w²)``, added to a loss that is a mean over rows.

        optimizer.step()
        penalty.step(optimizer)

    The step is the penalty's proximal operator, with d the optimizer's step size (`rightfit.torch.step_size`):

        w <- sign(w) max(abs(w) - d l1, 0) / (1 + d l2)

    A subgradient ``l1 sign(w)`` would push entries back and forth over zero; this step ends at zero. Training comes to
    rest at the minimum of loss plus penalty for SGD and for Adam alike. ``decoupled=True`` takes the learning rate for
    d instead: the penalty then acts as AdamW's decay does, and an entry with large gradients is penalized more, by the
    factor sqrt(v) of Adam's second moment.

    Raises
    ------
    OptionError
        Negative strengths, no parameters, or parameters that are not trained.
    """

    def __init__(
        self, parameters: Iterable[nn.Parameter], l1: float, l2: float = 0.0, *, decoupled: bool = False
    ) -> None:
        self.parameters = check_parameters(parameters)
        self.l1 = check_range("l1", l1, 0)
        self.l2 = check_range("l2", l2, 0)
        self.decoupled = decoupled

    def value(self) -> torch.Tensor:
        """The penalty; its own gradient is the subgradient that hovers."""
        parts = [self.l1 * w.abs().sum() + self.l2 / 2 * (w**2).sum() for w in self.parameters]
        return torch.stack(parts).sum()

    @torch.no_grad()
    def step(self, optimizer: torch.optim.Optimizer) -> None:
        """The proximal step; call it after ``optimizer.step()``."""
        sizes = StepSizes(optimizer, decoupled=self.decoupled)
        for w in self.parameters:
            d = sizes.of(w)
            w.copy_(torch.sign(w) * (w.abs() - d * self.l1).clamp(min=0) / (1 + d * self.l2))

    @torch.no_grad()
    def zeros(self) -> int:
        """How many entries are exactly zero."""
        return sum(int((w == 0).sum()) for w in self.parameters)


def L1(parameters: Iterable[nn.Parameter], strength: float, *, decoupled: bool = False) -> ElasticNet:
    """``strength sum(abs(w))`` by proximal steps: `ElasticNet` with its L1 part alone."""
    return ElasticNet(parameters, check_range("strength", strength, 0), decoupled=decoupled)
