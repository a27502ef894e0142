"""Adam (Kingma and Ba 2015, algorithm 1) by torch's fused kernel.

`torch.optim.AdamW` calls the same kernel and comes to the same bits, but its first use imports torch's compiler, which
takes two seconds that most fits of small nets do not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

import torch

BETAS = (0.9, 0.999)
EPSILON = 1e-8


@final
class Adam:
    """Moves ``parameters`` by their slopes in ``grad``; one without a slope stays where it is, as in torch."""

    def __init__(self, parameters: Iterable[torch.nn.Parameter], rate: float):
        self.parameters, self.rate = list(parameters), rate
        self._first = [torch.zeros_like(p) for p in self.parameters]
        self._second = [torch.zeros_like(p) for p in self.parameters]
        self._steps = [torch.zeros((), device=p.device) for p in self.parameters]

    def forget(self) -> None:
        """No parameter has a slope."""
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        moved = [k for k, parameter in enumerate(self.parameters) if parameter.grad is not None]
        if not moved:
            return
        steps = [self._steps[k] for k in moved]
        torch._foreach_add_(steps, 1.0)
        torch._fused_adamw_(
            [self.parameters[k] for k in moved],
            [slope for k in moved if (slope := self.parameters[k].grad) is not None],
            [self._first[k] for k in moved],
            [self._second[k] for k in moved],
            [],
            steps,
            lr=self.rate,
            beta1=BETAS[0],
            beta2=BETAS[1],
            weight_decay=0.0,
            eps=EPSILON,
            amsgrad=False,
            maximize=False,
        )
