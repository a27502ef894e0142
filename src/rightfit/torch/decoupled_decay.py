"""Decoupled weight decay for any optimizer: weights shrink by themselves, beside the optimizer's step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

import torch
from torch import nn

from rightfit.errors import OptionError
from rightfit.torch.checks import check_range
from rightfit.torch.penalized import check_parameters
from rightfit.torch.step_size import StepSizes


@final
class DecoupledDecay:
    """Multiplies each weight by ``1 - lr strength`` a step, whatever the optimizer makes of gradients.

        decay.step(optimizer)
        optimizer.step()

    is what ``AdamW(weight_decay=strength)`` does, for optimizers that have no such option; the optimizer's own
    ``weight_decay`` is to be 0 (Loshchilov and Hutter 2019, algorithm 2). lr is that of the parameter's group, so
    schedules and layer-wise rates count.

    Raises
    ------
    OptionError
        A negative strength, no parameters, parameters that are not trained, or a learning rate so large that weights
        would change their sign.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], strength: float) -> None:
        self.parameters = check_parameters(parameters)
        self.strength = check_range("strength", strength, 0)

    @torch.no_grad()
    def step(self, optimizer: torch.optim.Optimizer) -> None:
        """Call it before ``optimizer.step()``."""
        rates = StepSizes(optimizer, decoupled=True)
        for w in self.parameters:
            share = float(rates.of(w)) * self.strength
            if share > 1:
                raise OptionError(f"lr times strength is {share:g}: above 1, decay turns weights around; lower one")
            w.mul_(1 - share)
