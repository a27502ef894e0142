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

_KNOWN = (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW, torch.optim.RMSprop, torch.optim.Adagrad)


class StepSizes:
    """Step sizes of the last step of an optimizer; with ``decoupled`` learning rates.

    Raises
    ------
    OptionError
        An optimizer whose step size is not known here.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, *, decoupled: bool = False) -> None:
        kind = type(optimizer)
        if not decoupled and not isinstance(optimizer, _KNOWN):
            raise OptionError(
                f"the step size of {kind.__name__} is not known; use SGD, Adam, AdamW, RMSprop or Adagrad, "
                "or decoupled=True"
            )
        self._optimizer = optimizer
        self._decoupled = decoupled
        self._groups = {id(p): group for group in optimizer.param_groups for p in group["params"]}

    def of(self, parameter: nn.Parameter) -> torch.Tensor:
        """A number, or one for each entry.

        Raises
        ------
        OptionError
            A parameter that the optimizer does not train.
        """
        group = self._groups.get(id(parameter))
        if group is None:
            shape = "x".join(map(str, parameter.shape))
            raise OptionError(f"a penalized parameter of shape {shape} is not among those that the optimizer trains")
        rate = torch.as_tensor(group["lr"], dtype=parameter.dtype, device=parameter.device)
        if self._decoupled:
            return rate
        if isinstance(self._optimizer, torch.optim.SGD):
            return rate * _momentum(group)
        state = self._optimizer.state.get(parameter)
        if not state:
            return torch.zeros_like(rate)  # it had no gradient yet and has not moved
        return rate * self._share(group, state)

    def _share(self, group: dict[str, Any], state: dict[str, Any]) -> torch.Tensor:
        """What adaptive optimizers make of the learning rate."""
        count, eps = float(state["step"]), group["eps"]
        if isinstance(self._optimizer, torch.optim.Adagrad):
            return 1 / (1 + (count - 1) * group["lr_decay"]) / (state["sum"].sqrt() + eps)
        if isinstance(self._optimizer, torch.optim.RMSprop):
            square = state["square_avg"] - (state["grad_avg"] ** 2 if group["centered"] else 0)
            return _momentum(group) / (square.sqrt() + eps)
        square = state["max_exp_avg_sq"] if group["amsgrad"] else state["exp_avg_sq"]
        return 1 / ((square / (1 - group["betas"][1] ** count)).sqrt() + eps)


def _momentum(group: dict[str, Any]) -> float:
    """What momentum makes of a gradient that stays: (1 - t) sum of m^k."""
    momentum = float(group["momentum"])
    return (1 - float(group.get("dampening", 0.0))) / (1 - momentum) if momentum else 1.0
