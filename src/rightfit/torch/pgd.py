"""Projected gradient descent: the strongest attack of first order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import torch
from torch import nn

from rightfit.torch.checks import check_count, check_range
from rightfit.torch.modes import evaluating
from rightfit.torch.perturbation import (
    Norm,
    RowLoss,
    check_attack,
    check_rows,
    direction,
    into_ball,
    into_range,
    random_start,
    row_cross_entropy,
    row_slopes,
)


@final
@dataclass(frozen=True)
class PGD:
    """From a random point in the ball of size epsilon around a row, ``steps`` steps that raise its loss, each brought
    back into the ball and into the range of the data (Madry et al. 2018, "Towards deep learning models resistant to
    adversarial attacks", equation in section 2.1).

    A row's answer is the point of highest loss that was seen on the way, over all restarts, the row itself included.
    The net is in evaluation mode meanwhile, so that its running statistics do not learn from attacked rows; modes
    and gradients of parameters are as before afterwards.

    Parameters
    ----------
    epsilon
        Largest change: of any input with "linf", Euclidean length for a row with "l2".
    steps, step_size
        By default a step is ``2.5 epsilon / steps``, so that any point of the ball can be reached.
    restarts
        Attacks from so many random points; 1 is usual in training, more in evaluation.
    lower, upper
        Range of the data as the net sees it, numbers or tensors that broadcast (after standardizing: one a channel).
    loss
        From outputs and targets to one loss a row.
    """

    epsilon: float
    norm: Norm = "linf"
    steps: int = 10
    step_size: float | None = None
    restarts: int = 1
    lower: float | torch.Tensor = 0.0
    upper: float | torch.Tensor = 1.0
    loss: RowLoss = row_cross_entropy

    def __call__(
        self, module: nn.Module, x: torch.Tensor, targets: torch.Tensor, *, generator: torch.Generator
    ) -> torch.Tensor:
        """Attacked rows, detached.

        Raises
        ------
        OptionError
            An unknown norm, numbers out of range, or a loss that is no loss a row.
        DataError
            Rows outside of the range, or of whole numbers.
        """
        check_range("epsilon", self.epsilon, 0)
        check_count("steps", self.steps)
        check_count("restarts", self.restarts)
        check_attack(x, self.norm, self.lower, self.upper)
        pace = 2.5 * self.epsilon / self.steps if self.step_size is None else self.step_size
        x = x.detach()
        worst = x.clone()
        with evaluating(module):
            highest = self._losses(module, x, targets)
            for _ in range(self.restarts):
                point = into_range(x + random_start(x, self.epsilon, self.norm, generator), self.lower, self.upper)
                for _ in range(self.steps):
                    losses, slopes = row_slopes(module, point, targets, self.loss)
                    worst, highest = _higher(worst, highest, point, losses)
                    change = into_ball(point + pace * direction(slopes, self.norm) - x, self.epsilon, self.norm)
                    point = into_range(x + change, self.lower, self.upper)
                worst, highest = _higher(worst, highest, point, self._losses(module, point, targets))
        return worst

    @torch.no_grad()
    def _losses(self, module: nn.Module, x: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return check_rows(self.loss(module(x), targets), x)


def _higher(
    worst: torch.Tensor, highest: torch.Tensor, point: torch.Tensor, losses: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    better = (losses > highest).reshape(-1, *(1 for _ in point.shape[1:]))
    return torch.where(better, point, worst), torch.maximum(losses, highest)
