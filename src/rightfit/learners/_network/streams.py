"""Luck, by the number of a seed: where a net starts, in which order it sees its rows, and what noise falls on it.

A stream is known by (seed, number of the net, purpose) alone, and what is drawn from it depends on the net's own rows
at most. So a net is the same whatever trains beside it; and nets that differ in their strengths, or in which rows they
leave out, share their luck, so that they can be compared as pairs.
"""

from __future__ import annotations

import numpy as np
import torch

_START, _ORDER, _DROPOUT, _NOISE, _MIXUP, _OTHER, _IMAGE = range(7)


def start(seed: int, net: int, shapes: list[tuple[int, int]]) -> list[torch.Tensor]:
    """Weights (in, out) of a net's layers: normal with variance 2 / in (He and others 2015), zero in the last layer,
    so that a net starts at the constant model."""
    stream = _generator(seed, net, _START, "cpu")
    drawn = [torch.randn(shape, generator=stream) * (2.0 / shape[0]) ** 0.5 for shape in shapes]
    return [*drawn[:-1], torch.zeros_like(drawn[-1])]


def start_number(seed: int, net: int) -> int:
    """From which a module of a user's own draws its first weights."""
    return _number(seed, net, _START)


def other_number(seed: int, net: int, step: int) -> int:
    """From which a module draws in a step what is no dropout."""
    return _number(seed, net, _OTHER, step)


def order(seed: int, net: int, epoch: int, rows: int) -> np.ndarray:
    """(rows,) in which order so many rows are seen in an epoch."""
    return np.random.default_rng([seed, net, _ORDER, epoch]).permutation(rows)


def share(seed: int, net: int, step: int, concentration: float) -> float:
    """The weight of a row against its partner in mixup: Beta(c, c)."""
    return float(np.random.default_rng([seed, net, _MIXUP, step]).beta(concentration, concentration))


class Streams:
    """What falls on hidden units and inputs, step by step, for the nets of several seeds."""

    def __init__(self, seed: int, nets: int, device: str):
        self._dropout = [_generator(seed, net, _DROPOUT, device) for net in range(nets)]
        self._noise = [_generator(seed, net, _NOISE, device) for net in range(nets)]
        self.images = [_generator(seed, net, _IMAGE, "cpu") for net in range(nets)]
        """What moves images and covers them."""
        self._device = device

    def dropout(self, *shape: int) -> torch.Tensor:
        """(S, *shape) uniform numbers: a unit is dropped where its number is below the rate."""
        return torch.stack([torch.rand(*shape, generator=g, device=self._device) for g in self._dropout])

    def noise(self, rows: int, columns: int) -> torch.Tensor:
        """(S, rows, columns) normal numbers."""
        return torch.stack([torch.randn(rows, columns, generator=g, device=self._device) for g in self._noise])


def _generator(seed: int, net: int, purpose: int, device: str) -> torch.Generator:
    return torch.Generator(device).manual_seed(_number(seed, net, purpose))


def _number(*known_by: int) -> int:
    state = np.random.SeedSequence(known_by).generate_state(1, np.uint64)[0]
    return int(state >> np.uint64(1))
