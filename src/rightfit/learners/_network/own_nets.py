"""Trained modules of a user's: what several nets of one structure say, and how they lean on their inputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import numpy as np
import torch

from rightfit.learners._network.own_module import OwnModule, State

_BLOCK = 1_000_000
"""Inputs that are read together."""


@final
class OwnNets:
    """S nets; ``arrays`` are their parameters and buffers by name, (S, ...)."""

    def __init__(self, own: OwnModule, arrays: dict[str, np.ndarray]):
        """ValueError where the arrays are not those of such modules."""
        wanted = dict([*own.template.named_parameters(), *own.template.named_buffers()])
        counts = {len(array) if array.ndim else 0 for array in arrays.values()}
        if set(arrays) != set(wanted) or len(counts) != 1 or 0 in counts:
            raise ValueError("the arrays of a network are not those that its module has")
        for name, array in arrays.items():
            if array.shape[1:] != wanted[name].shape:
                raise ValueError(f"{name} of a network has shape {array.shape[1:]}, its module {wanted[name].shape}")
        self.own, self.arrays = own, arrays

    def say(self, inputs: np.ndarray) -> np.ndarray:
        """(n, C) float64, the mean of the nets' outputs at inputs (n, p)."""
        out = np.zeros((len(inputs), self.own.outputs))
        size = max(1, _BLOCK // max(1, inputs.shape[1]))
        for state, like in self._states():
            for start in range(0, len(inputs), size):
                x = torch.as_tensor(inputs[start : start + size]).to(like)
                with torch.no_grad():
                    out[start : start + size] += self._run(state, x).double().numpy(force=True)
        return out / self._count

    def slopes(self, inputs: np.ndarray) -> np.ndarray:
        """(p,) mean absolute slope of the outputs in each input, over rows, outputs and nets."""
        total = np.zeros(inputs.shape[1])
        for state, like in self._states():
            x = torch.as_tensor(inputs).to(like).requires_grad_()
            with torch.enable_grad():
                said = self._run(state, x).sum(0)
                for output in said:
                    (slope,) = torch.autograd.grad(output, x, retain_graph=True)
                    total += slope.abs().mean(0).double().numpy(force=True)
        return total / self._count

    def pull(self, inputs: np.ndarray, slope: np.ndarray) -> np.ndarray:
        """(n, p) slopes in the inputs of what has the slopes (n, C) in the mean of the nets' outputs."""
        total = np.zeros(inputs.shape)
        for state, like in self._states():
            x = torch.as_tensor(inputs).to(like).requires_grad_()
            with torch.enable_grad():
                (found,) = torch.autograd.grad(self._run(state, x), x, torch.as_tensor(slope).to(like))
            total += found.double().numpy(force=True)
        return total / self._count

    def count(self) -> tuple[int, float]:
        """Nets, and the numbers of one that are parameters and not zero."""
        names = dict(self.own.template.named_parameters())
        return self._count, sum(np.count_nonzero(self.arrays[name]) for name in names) / self._count

    @property
    def _count(self) -> int:
        return len(next(iter(self.arrays.values())))

    def _states(self) -> Iterator[tuple[State, torch.Tensor]]:
        """Each net's own, with a tensor of its type."""
        for net in range(self._count):
            state = {name: torch.as_tensor(array[net]) for name, array in self.arrays.items()}
            floats = [tensor for tensor in state.values() if tensor.is_floating_point()]
            yield state, torch.zeros((), dtype=floats[0].dtype)

    def _run(self, state: State, x: torch.Tensor) -> torch.Tensor:
        self.own.template.eval()
        return self.own.run(state, x, None, torch.zeros(()), torch.ones(len(x)))
