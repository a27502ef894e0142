"""Normal noise on gradients that fades from step to step."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from rightfit.errors import OptionError
from rightfit.torch.checks import check_count, check_range
from rightfit.torch.draws import draw_normal


@torch.no_grad()
def add_gradient_noise(
    parameters: Iterable[nn.Parameter],
    step: int,
    *,
    generator: torch.Generator,
    scale: float = 0.1,
    fading: float = 0.55,
) -> float:
    """Adds to each gradient normal noise of variance ``scale² / (1 + step)**fading``; returns its standard deviation.

    Call it after ``backward`` and after clipping, before ``optimizer.step()``. ``step`` counts from 0 over the whole
    training. Parameters without a gradient get none. (Neelakantan et al. 2015, "Adding gradient noise improves learning
    for very deep networks", equation 1, with scale² their eta.)

    Raises
    ------
    OptionError
        Numbers out of range, or sparse gradients.
    """
    check_count("step", step, 0)
    check_range("fading", fading, 0)
    deviation = check_range("scale", scale, 0) / (1 + step) ** (fading / 2)
    for parameter in {id(p): p for p in parameters}.values():
        if parameter.grad is None:
            continue
        if parameter.grad.is_sparse:
            raise OptionError("gradients of an embedding with sparse=True cannot take noise")
        parameter.grad.add_(draw_normal(parameter.grad, generator), alpha=deviation)
    return deviation
