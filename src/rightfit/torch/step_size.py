"""How far an optimizer moves a parameter for each unit of a gradient that stays the same.

A penalty that is applied after ``optimizer.step()`` must be as strong as the step was. With d the step size below and
s the strength, soft-thresholding at ``d s`` leaves a parameter alone exactly where ``gradient + s sign(w) = 0``, so
that the minimum of loss plus penalty is where training comes to rest, whatever the optimizer:

    SGD                lr,  with momentum m and dampening t  lr (1 - t) / (1 - m)
    Adam, AdamW        lr / (sqrt(v / (1 - beta2^k)) + eps), v the optimizer's own second moment after k steps
    RMSprop            lr / (sqrt(v) + eps), v less the squared mean gradient where centered; momentum as SGD
    Adagrad            lr / (1 + (k - 1) lr_decay) / (sqrt(v) + eps)

This is the proximal step in the metric of the optimizer (Duchi, Hazan and Singer 2011, section 5, for Adagrad;
Yun, Lozano and Yang 2021, "Adaptive proximal gradient methods for structured neural networks", algorithm 1).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from rightfit.errors import OptionError


def find_group(optimizer: torch.optim.Optimizer, parameter: nn.Parameter) -> dict[str, Any]:
    """The optimizer's group that holds the parameter.

    Raises
    ------
    OptionError
        It holds it in none.
    """
    for group in optimizer.param_groups:
        if any(parameter is member for member in group["params"]):
            return group
    shape = "x".join(map(str, parameter.shape))
    raise OptionError(f"a penalized parameter of shape {shape} is not among those that the optimizer trains")


def step_size(optimizer: torch.optim.Optimizer, parameter: nn.Parameter) -> torch.Tensor:
    """The step size of the last step, a number or one for each entry of ``parameter``.

    Raises
    ------
    OptionError
        An optimizer whose step size is not known here, or a parameter that it does not train.
    """
    group = find_group(optimizer, parameter)
    rate = torch.as_tensor(group["lr"], dtype=parameter.dtype, device=parameter.device)
    kind = type(optimizer)
    if issubclass(kind, torch.optim.SGD):
        return rate * _momentum(group)
    if not issubclass(kind, torch.optim.Adam | torch.optim.RMSprop | torch.optim.Adagrad):
        raise OptionError(
            f"the step size of {kind.__name__} is not known; use SGD, Adam, AdamW, RMSprop or Adagrad, "
            "or decoupled=True"
        )
    state = optimizer.state.get(parameter)
    if not state:
        return torch.zeros_like(rate)  # it had no gradient yet and has not moved
    count = float(state["step"])
    if issubclass(kind, torch.optim.Adam):
        square = state["max_exp_avg_sq"] if group["amsgrad"] else state["exp_avg_sq"]
        return rate / ((square / (1 - group["betas"][1] ** count)).sqrt() + group["eps"])
    if issubclass(kind, torch.optim.RMSprop):
        square = state["square_avg"]
        if group["centered"]:
            square = square - state["grad_avg"] ** 2
        return rate * _momentum(group) / (square.sqrt() + group["eps"])
    return rate / (1 + (count - 1) * group["lr_decay"]) / (state["sum"].sqrt() + group["eps"])


def _momentum(group: dict[str, Any]) -> float:
    """What momentum makes of a gradient that stays: (1 - t) sum of m^k."""
    momentum = float(group["momentum"])
    return (1 - float(group.get("dampening", 0.0))) / (1 - momentum) if momentum else 1.0
