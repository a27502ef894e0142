"""What attacks share: slopes of each row's loss in its inputs, steps along them, and the ball around a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import nn

from rightfit.errors import DataError, OptionError
from rightfit.torch.draws import check_floating, draw_normal, draw_uniform

Norm = Literal["linf", "l2"]
RowLoss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def row_cross_entropy(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """(n,) losses of logits (n, classes)."""
    return torch.nn.functional.cross_entropy(outputs, targets, reduction="none")


def check_attack(x: torch.Tensor, norm: str, lower: float | torch.Tensor, upper: float | torch.Tensor) -> None:
    """OptionError or DataError where no attack can start from ``x``."""
    if norm not in ("linf", "l2"):
        raise OptionError(f"norm must be 'linf' or 'l2', not {norm!r}")
    check_floating("x", x)
    if bool(((x < _as(lower, x)) | (x > _as(upper, x))).any()):
        raise DataError(
            f"x has values outside of lower to upper ({_say(lower)} to {_say(upper)}): give the range of the data as "
            "the net sees it"
        )


def row_slopes(
    module: nn.Module, x: torch.Tensor, targets: torch.Tensor, loss: RowLoss
) -> tuple[torch.Tensor, torch.Tensor]:
    """(n,) losses and their slopes in ``x``. No gradient of a parameter is touched."""
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        losses = check_rows(loss(module(x), targets), x)
        (slopes,) = torch.autograd.grad(losses.sum(), x)
    return losses.detach(), slopes


def check_rows(losses: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """The losses, one a row; OptionError where a loss has averaged over rows."""
    if losses.shape != (len(x),):
        raise OptionError(
            f"the loss of an attack must return one number a row, ({len(x)},), not {tuple(losses.shape)}; "
            "reduction='none' does so in torch"
        )
    return losses


def direction(slopes: torch.Tensor, norm: Norm) -> torch.Tensor:
    """The step of length 1 that raises the loss most: the sign, or the slopes divided by their length."""
    if norm == "linf":
        return slopes.sign()
    return slopes / _spread(_length(slopes).clamp(min=torch.finfo(slopes.dtype).tiny), slopes)


def into_ball(change: torch.Tensor, epsilon: float, norm: Norm) -> torch.Tensor:
    """The nearest change of size at most epsilon."""
    if norm == "linf":
        return change.clamp(-epsilon, epsilon)
    length = _length(change)
    return change * _spread((epsilon / length.clamp(min=torch.finfo(change.dtype).tiny)).clamp(max=1), change)


def into_range(x: torch.Tensor, lower: float | torch.Tensor, upper: float | torch.Tensor) -> torch.Tensor:
    """``x`` within the range of the data; since rows lie in it, that only shortens a change."""
    return torch.minimum(torch.maximum(x, _as(lower, x)), _as(upper, x))


def random_start(x: torch.Tensor, epsilon: float, norm: Norm, generator: torch.Generator) -> torch.Tensor:
    """A change uniform in the ball."""
    if norm == "linf":
        return epsilon * (2 * draw_uniform(x.shape, x, generator) - 1)
    ahead = direction(draw_normal(x, generator), "l2")
    size = max(1, x[0].numel()) if len(x) else 1
    return epsilon * ahead * _spread(draw_uniform((len(x),), x, generator) ** (1 / size), x)


def _length(values: torch.Tensor) -> torch.Tensor:
    return values.flatten(1).norm(dim=1)


def _spread(rows: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    return rows.reshape(-1, *(1 for _ in like.shape[1:]))


def _as(bound: float | torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    return torch.as_tensor(bound, dtype=x.dtype, device=x.device)


def _say(bound: float | torch.Tensor) -> str:
    return f"{bound:g}" if isinstance(bound, int | float) else "a tensor"
