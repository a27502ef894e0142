"""Random tensors from a generator of any device, the same numbers wherever they are used."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from rightfit.errors import DataError


def draw_normal(like: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Standard normal numbers of the shape, type and place of ``like``."""
    numbers = torch.randn(like.shape, generator=generator, device=generator.device, dtype=_wide(like))
    return numbers.to(like)


def draw_uniform(shape: Sequence[int], like: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Numbers from 0 to below 1 of the type and place of ``like``."""
    numbers = torch.rand(list(shape), generator=generator, device=generator.device, dtype=_wide(like))
    return numbers.to(like)


def check_floating(name: str, x: torch.Tensor) -> None:
    """DataError where the tensor has whole numbers, which cannot be mixed or take noise."""
    if not x.is_floating_point():
        raise DataError(
            f"{name} must be a tensor of floating point, not {x.dtype}; scale it first, as in x.float() / 255"
        )


def _wide(like: torch.Tensor) -> torch.dtype:
    """Half precision is drawn in single precision and rounded."""
    return torch.float64 if like.dtype == torch.float64 else torch.float32
