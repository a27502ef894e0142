"""L2 as part of the loss: its gradient goes through the optimizer like any other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

import torch
from torch import nn

from rightfit.torch.checks import check_range
from rightfit.torch.penalized import check_parameters


@final
class CoupledL2:
    """``strength / 2 sum(w²)``, added to a loss that is a mean over rows.

        loss.backward()
        penalty.add_gradients()
        optimizer.step()

    adds ``strength w`` to the gradients, as ``weight_decay`` of ``SGD`` and ``Adam`` does. Plain SGD then multiplies
    each weight by ``1 - lr strength`` a step, which is `DecoupledDecay`. With momentum, and with Adam, it is not: Adam
    divides the penalty's gradient by the same sqrt(v) as the loss's, so that entries with large gradients are penalized
    less (Loshchilov and Hutter 2019, propositions 1 to 3). For ``lambda sum(w²)`` the strength is 2 lambda.

    Raises
    ------
    OptionError
        A negative strength, no parameters, or parameters that are not trained.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], strength: float) -> None:
        self.parameters = check_parameters(parameters)
        self.strength = check_range("strength", strength, 0)

    def value(self) -> torch.Tensor:
        """The penalty; adding it to the loss has the same effect as `add_gradients`."""
        return self.strength / 2 * torch.stack([(w**2).sum() for w in self.parameters]).sum()

    @torch.no_grad()
    def add_gradients(self) -> None:
        """Call it after ``backward``, and after clipping where gradients of the loss alone are to be clipped."""
        for w in self.parameters:
            if w.grad is None:
                w.grad = self.strength * w
            else:
                w.grad.add_(w, alpha=self.strength)
