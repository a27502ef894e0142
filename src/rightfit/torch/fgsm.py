"""The fast gradient sign method: one step that raises the loss most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import torch
from torch import nn

from rightfit.torch.checks import check_range
from rightfit.torch.modes import evaluating
from rightfit.torch.perturbation import (
    Norm,
    RowLoss,
    check_attack,
    direction,
    into_range,
    row_cross_entropy,
    row_slopes,
)


@final
@dataclass(frozen=True)
class FGSM:
    """``x + epsilon sign(slope)``, or with ``norm="l2"`` ``x + epsilon slope / |slope|``, within the range of the data
    (Goodfellow, Shlens and Szegedy 2015, section 4).

    On a linear net it is the strongest attack there is; on others `rightfit.torch.PGD` is stronger. The net is in
    evaluation mode meanwhile, so that its running statistics do not learn from attacked rows; modes and
    gradients of parameters are as before afterwards.

    Parameters
    ----------
    epsilon
        Largest change: of any input with "linf", Euclidean length for a row with "l2".
    lower, upper
        Range of the data as the net sees it, numbers or tensors that broadcast (after standardizing: one a channel).
    loss
        From outputs and targets to one loss a row.
    """

    epsilon: float
    norm: Norm = "linf"
    lower: float | torch.Tensor = 0.0
    upper: float | torch.Tensor = 1.0
    loss: RowLoss = row_cross_entropy

    def __call__(
        self, module: nn.Module, x: torch.Tensor, targets: torch.Tensor, *, generator: torch.Generator | None = None
    ) -> torch.Tensor:
        """Attacked rows, detached; nothing is drawn, and ``generator`` is not used.

        Raises
        ------
        OptionError
            An unknown norm, a negative epsilon, or a loss that is no loss a row.
        DataError
            Rows outside of the range, or of whole numbers.
        """
        check_range("epsilon", self.epsilon, 0)
        check_attack(x, self.norm, self.lower, self.upper)
        with evaluating(module):
            _, slopes = row_slopes(module, x, targets, self.loss)
        moved = x.detach() + self.epsilon * direction(slopes, self.norm)
        return into_range(moved, self.lower, self.upper)
