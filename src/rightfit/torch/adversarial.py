"""Adversarial training: the loss of attacked rows, made anew against the net as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import nn

from rightfit.torch.checks import check_range


class Attack(Protocol):
    """`rightfit.torch.FGSM`, `rightfit.torch.PGD`, or a function of one's own."""

    def __call__(
        self, module: nn.Module, x: torch.Tensor, targets: torch.Tensor, *, generator: torch.Generator
    ) -> torch.Tensor:
        """Attacked rows."""


def adversarial_loss(
    module: nn.Module,
    x: torch.Tensor,
    targets: torch.Tensor,
    attack: Attack,
    *,
    generator: torch.Generator,
    share: float = 1.0,
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = torch.nn.functional.cross_entropy,
) -> torch.Tensor:
    """``(1 - share) loss(x) + share loss(attacked x)``, to call ``backward`` on.

    The attack is made in evaluation mode, the loss in the net's own mode: batch normalization and dropout work in
    training as ever. ``share=1`` trains against attacks alone (Madry et al. 2018, equation 2.1), 0.5 on both
    (Goodfellow et al. 2015, section 6). With both, each kind of rows is normalized by its own batch statistics.

    Raises
    ------
    OptionError
        A share outside of 0 to 1.
    """
    check_range("share", share, 0, 1)
    total = torch.zeros((), device=x.device)
    if share > 0:
        total = total + share * loss(module(attack(module, x, targets, generator=generator)), targets)
    if share < 1:
        total = total + (1 - share) * loss(module(x), targets)
    return total
