"""What perceptrons say, with NumPy alone: several nets of one shape, whose outputs are averaged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Layers = tuple[tuple[np.ndarray, np.ndarray], ...]
"""Weights (S, in, out) and biases (S, out) of S nets, layer by layer."""
_BLOCK = 4_000_000
"""Numbers of one layer that are held together."""


def forward(layers: Layers, inputs: np.ndarray) -> np.ndarray:
    """(n, C) mean of the S nets' outputs, in float64; h <- max(0, h W + b) in all layers but the last."""
    out = np.zeros((len(inputs), layers[-1][0].shape[2]))
    widest = max(max(weight.shape[1:]) for weight, _ in layers)
    size = max(1, _BLOCK // widest)
    for start in range(0, len(inputs), size):
        rows = inputs[start : start + size]
        for net in _nets(layers):
            out[start : start + size] += _run(net, rows)
    return out / len(layers[0][0])


def slopes(layers: Layers, inputs: np.ndarray) -> np.ndarray:
    """(p,) mean absolute slope of the outputs in each input, over rows, outputs and nets."""
    total = np.zeros(inputs.shape[1])
    for net in _nets(layers):
        hidden, active = inputs, []
        for weight, bias in net[:-1]:
            hidden = np.maximum(hidden @ weight + bias, 0.0)
            active.append(hidden > 0)
        for output in range(net[-1][0].shape[1]):
            back = np.broadcast_to(net[-1][0][:, output], (len(inputs), len(net[-1][0])))
            for (weight, _), on in zip(net[-2::-1], active[::-1], strict=True):
                back = (back * on) @ weight.T
            total += np.abs(back).mean(axis=0)
    return total / len(layers[0][0])


def pull(layers: Layers, inputs: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """(n, p) slopes in the inputs of what has the slopes (n, C) in the mean of the nets' outputs."""
    total = np.zeros(inputs.shape)
    for net in _nets(layers):
        active, hidden = [], inputs
        for weight, bias in net[:-1]:
            hidden = np.maximum(hidden @ weight + bias, 0.0)
            active.append(hidden > 0)
        back = slope @ net[-1][0].T
        for (weight, _), on in zip(net[-2::-1], active[::-1], strict=True):
            back = (back * on) @ weight.T
        total += back
    return total / len(layers[0][0])


def count_weights(layers: Layers) -> float:
    """Weights of one net that are not zero, the mean over the nets."""
    return float(sum(np.count_nonzero(weight) for weight, _ in layers) / len(layers[0][0]))


def _nets(layers: Layers) -> Sequence[list[tuple[np.ndarray, np.ndarray]]]:
    """Each net by itself, in float64."""
    count = len(layers[0][0])
    return [[(w[s].astype(np.float64), b[s].astype(np.float64)) for w, b in layers] for s in range(count)]


def _run(net: list[tuple[np.ndarray, np.ndarray]], rows: np.ndarray) -> np.ndarray:
    hidden = rows
    for weight, bias in net[:-1]:
        hidden = np.maximum(hidden @ weight + bias, 0.0)
    return np.asarray(hidden @ net[-1][0] + net[-1][1])
