"""Normal noise on what goes into a layer, in training alone."""

from __future__ import annotations

from typing import final

import torch
from torch import nn

from rightfit.errors import OptionError
from rightfit.torch.checks import check_range
from rightfit.torch.draws import check_floating, draw_normal


@final
class InputNoise(nn.Module):
    """``x + scale e`` with e standard normal, new for every row and call, in training; ``x`` in evaluation.

    On a linear net with squared error, noise of scale s adds ``s² sum(w²)`` to the expected loss ``mean((y - x w)²)``:
    ridge. For other nets it does so to second order in s with the squared slopes of the net in its inputs (Bishop 1995,
    "Training with noise is equivalent to Tikhonov regularization", equation 14).

    Parameters
    ----------
    scale
        Standard deviation in units of the input, one number or one a column. Columns on different scales want their
        own, or standardizing first.

    Raises
    ------
    OptionError
        A negative scale.
    DataError
        Inputs that are whole numbers.
    """

    scale: torch.Tensor

    def __init__(self, scale: float | torch.Tensor, *, generator: torch.Generator) -> None:
        super().__init__()
        if isinstance(scale, torch.Tensor):
            if not bool((scale >= 0).all()):
                raise OptionError("scale must be 0 or more for every column")
        else:
            scale = torch.tensor(check_range("scale", scale, 0))
        self.register_buffer("scale", scale, persistent=False)
        self.generator = generator

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Shape of ``x``."""
        if not self.training:
            return x
        check_floating("x", x)
        return x + self.scale.to(x) * draw_normal(x, self.generator)
