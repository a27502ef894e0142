"""Normalization of the hidden layers of many nets: over the rows of a batch, or over the units of a layer.

With q the weights of a batch's rows, which sum to one, batch normalization (Ioffe and Szegedy 2015) makes of a unit's
values z over the batch

    m = sum_i q_i z_i     s^2 = sum_i q_i (z_i - m)^2 + epsilon     n_i = (z_i - m) / s

and layer normalization (Ba, Kiros and Hinton 2016) the same of a row's values over the u units, with q = 1 / u. The
layer says max(0, n + b): the bias b is the shift, and there is no scale, since rectified units hand theirs on to the
next layer's weights. The slopes d of the loss in n become those in z,

    batch   (d_i - q_i sum_j d_j - q_i n_i sum_j d_j n_j) / s
    layer   (d_j - mean(d) - n_j mean(d n)) / s

A row of weight zero counts nowhere in a batch, so that batches can be filled up with them. What predicts with batch
normalization is normalized by the means and deviations of the averaged net's own layers on the rows that taught, layer
by layer: then it is a product and a bias like any other layer, W / s and b - m / s. Layer normalization asks one row
alone, and is the same in training and in prediction.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import final

import torch

from rightfit.learners._network.forward import EPSILON


@final
@dataclass(frozen=True)
class Normal:
    """A layer with mean 0 and deviation 1."""

    values: torch.Tensor
    """(M, b, units)"""
    mean: torch.Tensor
    """(M, 1, units), or (M, b, 1)"""
    deviation: torch.Tensor
    """like the mean"""


class Norm(ABC):
    """One of the two."""

    @abstractmethod
    def normalize(self, z: torch.Tensor, share: torch.Tensor) -> Normal:
        """Values (M, b, units) brought to mean 0 and deviation 1, of rows with ``share`` (M, b, 1)."""

    @abstractmethod
    def lean(self, layer: Normal, share: torch.Tensor, slope: torch.Tensor) -> torch.Tensor:
        """The slopes (M, b, units) in what was normalized, of those in what came out."""


@final
class OverRows(Norm):
    """Batch normalization."""

    def normalize(self, z: torch.Tensor, share: torch.Tensor) -> Normal:
        mean = (z * share).sum(1, keepdim=True)
        away = z - mean
        deviation = (away * away).mul_(share).sum(1, keepdim=True).add_(EPSILON).sqrt_()
        return Normal(away.div_(deviation), mean, deviation)

    def lean(self, layer: Normal, share: torch.Tensor, slope: torch.Tensor) -> torch.Tensor:
        level = slope.sum(1, keepdim=True)
        along = (slope * layer.values).sum(1, keepdim=True)
        pull = (layer.values * along).add_(level).mul_(share)
        return torch.sub(slope, pull).div_(layer.deviation)


@final
class OverUnits(Norm):
    """Layer normalization of the first ``units``; what fills a layer up beside them is 0 and stays so."""

    def __init__(self, units: int):
        self.units = units

    def normalize(self, z: torch.Tensor, share: torch.Tensor) -> Normal:
        mean = z.sum(2, keepdim=True).div_(self.units)
        away = z - mean
        away[:, :, self.units :] = 0.0
        deviation = (away * away).sum(2, keepdim=True).div_(self.units).add_(EPSILON).sqrt_()
        return Normal(away.div_(deviation), mean, deviation)

    def lean(self, layer: Normal, share: torch.Tensor, slope: torch.Tensor) -> torch.Tensor:
        level = slope.sum(2, keepdim=True).div_(self.units)
        along = (slope * layer.values).sum(2, keepdim=True).div_(self.units)
        found = torch.sub(slope, (layer.values * along).add_(level)).div_(layer.deviation)
        found[:, :, self.units :] = 0.0
        return found


def share_of(weight: torch.Tensor, rungs: int) -> torch.Tensor:
    """(M, b, 1) weights that sum to one of rows with ``weight`` (resamples * seeds, b)."""
    return (weight / weight.sum(1, keepdim=True))[:, :, None].repeat(rungs, 1, 1)


def measure_nothing(like: torch.Tensor, nets: int, units: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean 0 and deviation 1 of each net's units, where nothing has been measured."""
    shape = (nets, 1, units)
    return like.new_zeros(shape), like.new_ones(shape)
