"""Batch normalization of the hidden layers of many nets (Ioffe and Szegedy 2015), for rows with weights.

With q the weights of a batch's rows, which sum to one, a unit's values z over the batch become

    m = sum_i q_i z_i     s^2 = sum_i q_i (z_i - m)^2 + epsilon     n_i = (z_i - m) / s

and the layer says max(0, n + b): the bias b is the shift, and there is no scale, since rectified units hand theirs on
to the next layer's weights. The slopes d of the loss in n become those in z,

    (d_i - q_i sum_j d_j - q_i n_i sum_j d_j n_j) / s

A row of weight zero counts nowhere, so that batches can be filled up with them. What predicts is normalized by the
means and deviations of the averaged net's own layers on the rows that taught, layer by layer: then it is a product and
a bias like any other layer, W / s and b - m / s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import torch

EPSILON = 1e-5


@final
@dataclass(frozen=True)
class Normal:
    """A layer over its batch."""

    values: torch.Tensor
    """(M, b, units) with mean 0 and deviation 1."""
    mean: torch.Tensor
    """(M, 1, units)"""
    deviation: torch.Tensor
    """(M, 1, units)"""


def share_of(weight: torch.Tensor, rungs: int) -> torch.Tensor:
    """(M, b, 1) weights that sum to one of rows with ``weight`` (resamples * seeds, b)."""
    return (weight / weight.sum(1, keepdim=True))[:, :, None].repeat(rungs, 1, 1)


def normalize(z: torch.Tensor, share: torch.Tensor) -> Normal:
    """Values (M, b, units) brought to mean 0 and deviation 1 by rows with ``share`` (M, b, 1)."""
    mean = (z * share).sum(1, keepdim=True)
    away = z - mean
    deviation = (away * away).mul_(share).sum(1, keepdim=True).add_(EPSILON).sqrt_()
    return Normal(away.div_(deviation), mean, deviation)


def lean(layer: Normal, share: torch.Tensor, slope: torch.Tensor) -> torch.Tensor:
    """The slopes (M, b, units) in what was normalized, of those in what came out."""
    level = slope.sum(1, keepdim=True)
    along = (slope * layer.values).sum(1, keepdim=True)
    pull = (layer.values * along).add_(level).mul_(share)
    return torch.sub(slope, pull).div_(layer.deviation)


def measure_nothing(like: torch.Tensor, units: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean 0 and deviation 1 of each net's units, where nothing has been measured."""
    shape = (len(like), 1, units)
    return like.new_zeros(shape), like.new_ones(shape)
