"""Averages of a net's weights along training: exponential (EMA) or equal (SWA)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, final

import torch
from torch import nn

from rightfit.errors import FitError, OptionError
from rightfit.torch.checks import check_range


@final
class WeightAverage:
    """The average of what the weights were at every `update`.

        average = WeightAverage(net, decay=0.999)
        for x, y in batches:
            ...
            optimizer.step()
            average.update()
        with average.applied():
            predict(net)

    With ``decay`` b the k-th last update has weight ``(1 - b) b**k / (1 - b**t)`` after t updates: the exponential
    average without the bias to where it began. Without, all updates count alike (stochastic weight averaging, Izmailov
    et al. 2018, algorithm 1): update once an epoch, at a constant or cyclic learning rate, after the net has settled.

    The net itself is never copied and goes on training. Running statistics are averaged too; those of equal averages
    belong to no net that was trained, so call `rightfit.torch.update_batch_norm` inside ``applied``. Averages of half
    precision are kept in single precision, where a step of 0.001 is not rounded away.

    Raises
    ------
    OptionError
        A decay that is not above 0 and below 1.
    """

    def __init__(self, module: nn.Module, *, decay: float | None = 0.999) -> None:
        self.module = module
        self.decay = None if decay is None else check_range("decay", decay, 0, 1, ends="()")
        self.updates = 0
        self._tensors: dict[str, torch.Tensor] = {}

    @torch.no_grad()
    def update(self) -> None:
        """Takes the weights as they are now."""
        self.updates += 1
        share = 1 / self.updates if self.decay is None else (1 - self.decay) / (1 - self.decay**self.updates)
        for name, tensor in _tensors(self.module).items():
            kept = self._tensors.get(name)
            if kept is None or not (tensor.is_floating_point() or tensor.is_complex()):
                self._tensors[name] = tensor.detach().clone().to(_wide(tensor))
            else:
                kept.lerp_(tensor.to(kept), share)

    @contextmanager
    def applied(self) -> Iterator[nn.Module]:
        """The net with averaged weights inside; with its own ones afterwards.

        What `update_batch_norm` learns inside is kept with the average.
        """
        own = {name: tensor.detach().clone() for name, tensor in _tensors(self.module).items()}
        buffers = {name for name, _ in self.module.named_buffers()}
        self.copy_to(self.module)
        try:
            yield self.module
        finally:
            with torch.no_grad():
                for name, tensor in _tensors(self.module).items():
                    if name in buffers:
                        self._tensors[name] = tensor.detach().clone().to(_wide(tensor))
                    tensor.copy_(own[name])

    @torch.no_grad()
    def copy_to(self, module: nn.Module) -> None:
        """Writes the averages into a net of the same make.

        Raises
        ------
        FitError
            There was no update yet.
        OptionError
            Another net.
        """
        if not self.updates:
            raise FitError("there is nothing to average yet: call update after optimizer.step()")
        theirs = _tensors(module)
        if theirs.keys() != self._tensors.keys():
            odd = sorted(theirs.keys() ^ self._tensors.keys())
            raise OptionError(f"the net has other parameters than the averaged one: {', '.join(odd[:4])}")
        for name, tensor in theirs.items():
            tensor.copy_(self._tensors[name])

    def state_dict(self) -> dict[str, Any]:
        """All that a resumed training needs."""
        return {"updates": self.updates, "tensors": {name: t.clone() for name, t in self._tensors.items()}}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from a saved state."""
        self.updates = int(state["updates"])
        self._tensors = {name: tensor.clone() for name, tensor in state["tensors"].items()}


def _tensors(module: nn.Module) -> dict[str, torch.Tensor]:
    """Live tensors of parameters and kept buffers."""
    return {name: value for name, value in module.state_dict().items() if isinstance(value, torch.Tensor)}


def _wide(tensor: torch.Tensor) -> torch.dtype:
    return torch.float32 if tensor.dtype in (torch.float16, torch.bfloat16) else tensor.dtype
