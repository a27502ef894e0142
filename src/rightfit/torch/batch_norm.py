"""Running statistics of batch normalization, from given batches: for weights that were averaged or restored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from rightfit.errors import DataError
from rightfit.torch.modes import modes_kept


@torch.no_grad()
def update_batch_norm(
    module: nn.Module, batches: Iterable[torch.Tensor | Sequence[torch.Tensor]], *, device: torch.device | None = None
) -> int:
    """Means and variances of all rows of ``batches`` into the net's batch normalizations; returns how many rows.

    Layers normalize by their batch meanwhile, as in training; dropout is off, as it will be when the statistics are
    used. Means and variances are those of all rows taken together (Chan, Golub and LeVeque 1983, equation 2.1): a
    smaller last batch counts by its rows, and the spread *between* batches belongs to the variance, which an average of
    batch variances misses. Modes and momentum are as before afterwards.

    batches : tensors of inputs, or tuples that begin with them

    Raises
    ------
    DataError
        There is no batch.
    """
    layers = [m for m in module.modules() if isinstance(m, _BatchNorm) and m.running_mean is not None]
    pooled = {id(layer): _Pooled() for layer in layers}
    momenta = [layer.momentum for layer in layers]
    tracked = [None if layer.num_batches_tracked is None else layer.num_batches_tracked.clone() for layer in layers]
    rows = count = 0
    with modes_kept(module), ExitStack() as hooks:
        module.eval()
        for layer in layers:
            layer.train()
            layer.momentum = 0.0  # the running statistics stay until all batches are seen
            handle = layer.register_forward_pre_hook(partial(_watch, pooled[id(layer)]))
            hooks.callback(handle.remove)
        try:
            for batch in batches:
                x = batch if isinstance(batch, torch.Tensor) else batch[0]
                module(x if device is None else x.to(device))
                rows, count = rows + len(x), count + 1
        finally:
            for layer, momentum, before in zip(layers, momenta, tracked, strict=True):
                layer.momentum = momentum
                if layer.num_batches_tracked is not None and before is not None:
                    layer.num_batches_tracked.copy_(before)
    if not rows:
        raise DataError("there are no batches to learn running statistics from")
    for layer in layers:
        pooled[id(layer)].write(layer, count)
    return rows


class _Pooled:
    """Number, mean and sum of squared deviations of each channel, in double precision."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = self.squares = torch.zeros(())

    def add(self, x: torch.Tensor) -> None:
        wide = torch.float32 if x.device.type == "mps" else torch.float64  # which has no double precision
        values = x.detach().to(wide).transpose(0, 1).flatten(1)
        mean = values.mean(dim=1)
        squares = ((values - mean[:, None]) ** 2).sum(dim=1)
        new = values.shape[1]
        if self.count == 0:
            self.mean, self.squares = torch.zeros_like(mean), torch.zeros_like(mean)
        away = mean - self.mean
        total = self.count + new
        self.squares = self.squares + squares + away**2 * (self.count * new / total)
        self.mean = self.mean + away * (new / total)
        self.count = total

    def write(self, layer: _BatchNorm, batches: int) -> None:
        if self.count < 2 or layer.running_mean is None or layer.running_var is None:
            return  # a layer that these batches never reach keeps what it has
        layer.running_mean.copy_(self.mean)
        layer.running_var.copy_(self.squares / (self.count - 1))
        if layer.num_batches_tracked is not None:
            layer.num_batches_tracked.fill_(batches)


def _watch(pooled: _Pooled, layer: nn.Module, inputs: tuple[Any, ...]) -> None:
    pooled.add(inputs[0])
