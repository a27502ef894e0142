"""What all penalties on parameters ask: which parameters, and how far the optimizer has just moved them."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from rightfit.errors import OptionError
from rightfit.torch.step_size import find_group, step_size


def check_parameters(parameters: Iterable[nn.Parameter]) -> list[nn.Parameter]:
    """The parameters, tied ones once; OptionError where there are none or one is frozen."""
    found = list({id(p): p for p in parameters}.values())
    if not found:
        raise OptionError("there are no parameters to penalize")
    for parameter in found:
        if not parameter.requires_grad:
            shape = "x".join(map(str, parameter.shape))
            raise OptionError(f"a parameter of shape {shape} is frozen and cannot be penalized")
    return found


def distance(optimizer: torch.optim.Optimizer, parameter: nn.Parameter, decoupled: bool) -> torch.Tensor:
    """The learning rate where ``decoupled``, else the optimizer's step size."""
    if not decoupled:
        return step_size(optimizer, parameter)
    rate = find_group(optimizer, parameter)["lr"]
    return torch.as_tensor(rate, dtype=parameter.dtype, device=parameter.device)
