"""Thinned nets: what dropout makes of one net, mask by mask, with NumPy alone.

A mask keeps each hidden unit with probability 1 - rate, and a kept unit counts 1 / (1 - rate) times, as in training.
With h units in all there are 2^h thinned nets; a mask that drops k of them has probability rate^k (1 - rate)^(h - k).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from rightfit.learners._network.forward import Layers

MOST_UNITS = 12
"""Hidden units of a net whose masks are all averaged."""
_BLOCK = 2_000_000
"""Numbers that are held together."""


def list_masks(units: int, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """(2^units, units) bool, and their probabilities (2^units,)."""
    kept = (np.arange(2**units)[:, None] >> np.arange(units)) & 1 == 1
    count = kept.sum(axis=1)
    return kept, (1 - rate) ** count * rate ** (units - count)


def draw_masks(units: int, rate: float, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(count, units) bool, of equal weight (count,)."""
    return rng.random((count, units)) >= rate, np.full(count, 1 / count)


def run_masks(layers: Layers, inputs: np.ndarray, masks: np.ndarray, rate: float) -> Iterator[tuple[slice, np.ndarray]]:
    """Blocks of masks (M, units of all layers) with what the first net of ``layers`` says under each, (m, n, C). Masks
    that agree in all layers but the last share their way there."""
    net = [(weight[0].astype(np.float64), bias[0].astype(np.float64)) for weight, bias in layers]
    widths = [weight.shape[1] for weight, _ in net[:-1]]
    last = len(widths) - 1
    ends = np.cumsum([0, *widths])
    weight, bias = net[-1]
    block = max(1, _BLOCK // (len(inputs) * weight.shape[1]))
    before: tuple[bytes, np.ndarray] | None = None
    starts = _alike(masks[:, : ends[last]], block)
    for start, stop in itertools.pairwise(starts):
        way = masks[start, : ends[last]]
        if before is None or before[0] != way.tobytes():
            hidden = inputs
            for layer in range(last + 1):
                hidden = np.maximum(hidden @ net[layer][0] + net[layer][1], 0.0)
                if layer < last:
                    hidden = hidden * (way[ends[layer] : ends[layer + 1]] / (1 - rate))
            parts = (hidden.T[:, :, None] / (1 - rate)) * weight[:, None, :]  # what each unit of the last layer adds
            before = (way.tobytes(), parts.reshape(len(parts), -1))
        said = masks[start:stop, ends[last] :].astype(np.float64) @ before[1]
        yield slice(start, stop), said.reshape(stop - start, len(inputs), -1) + bias


def run_drawn(
    layers: Layers, inputs: np.ndarray, rate: float, count: int, rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """(n, C) of ``count`` passes in which every row has a mask of its own, as in training."""
    net = [(weight[0].astype(np.float64), bias[0].astype(np.float64)) for weight, bias in layers]
    first = np.maximum(inputs @ net[0][0] + net[0][1], 0.0)
    for _ in range(count):
        hidden = first
        for layer in range(len(net) - 1):
            hidden = hidden if layer == 0 else np.maximum(hidden @ net[layer][0] + net[layer][1], 0.0)
            hidden = hidden * ((rng.random(hidden.shape) >= rate) / (1 - rate))
        yield hidden @ net[-1][0] + net[-1][1]


def _alike(ways: np.ndarray, block: int) -> list[int]:
    """Where runs of equal rows begin and end, each at most a block long."""
    changes = np.flatnonzero((ways[1:] != ways[:-1]).any(axis=1)) + 1 if ways.shape[1] else np.empty(0, np.int64)
    edges = [0, *changes.tolist(), len(ways)]
    return sorted({*edges, *(k for a, b in itertools.pairwise(edges) for k in range(a, b, block))})
