"""Slopes of the project's losses on tensors.

On a processor the loss itself is asked, in NumPy: its bits do not depend on where in a tensor a row stands, which those
of torch's exponentials do. Elsewhere the usual losses have twins here, and tests compare the two.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from rightfit.contracts import Loss

Slope = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""(target (..., 1), eta (..., C)) -> slope (..., C); targets of several responses are (..., C)."""


def slope_of(loss: Loss, device: str) -> Slope:
    """The slope of a loss on tensors of a device."""
    if loss.quadratic:
        return _difference
    return _by_numpy(loss) if device == "cpu" or loss.name not in TWINS else TWINS[loss.name]


def indicate(loss: Loss, target: torch.Tensor) -> torch.Tensor:
    """(..., C) ones where a row is of the class; of two, the second."""
    if loss.outputs == 1:
        return target
    return torch.nn.functional.one_hot(target[..., 0].long(), loss.outputs).to(target.dtype)


def _difference(y: torch.Tensor, eta: torch.Tensor) -> torch.Tensor:
    return eta - y


def _multinomial(y: torch.Tensor, eta: torch.Tensor) -> torch.Tensor:
    return torch.softmax(eta, -1) - torch.nn.functional.one_hot(y[..., 0].long(), eta.shape[-1])


TWINS: dict[str, Slope] = {
    "logistic": lambda y, eta: torch.sigmoid(eta) - y,
    "multinomial": _multinomial,
    "poisson": lambda y, eta: torch.exp(eta) - y,
    "gamma": lambda y, eta: -torch.expm1(torch.log(y) - eta),
}


def _by_numpy(loss: Loss) -> Slope:
    def slope(y: torch.Tensor, eta: torch.Tensor) -> torch.Tensor:
        now = eta.numpy(force=True).astype(np.float64)
        target = np.broadcast_to(y.numpy(force=True), (*now.shape[:-1], y.shape[-1])).astype(np.float64)
        if loss.outputs == 1:
            found = loss.slope(target.ravel(), now.ravel())
        else:
            found = loss.slope(target.reshape(-1, target.shape[-1]).squeeze(1), now.reshape(-1, loss.outputs))
        return torch.as_tensor(found.reshape(now.shape), dtype=eta.dtype, device=eta.device)

    return slope
