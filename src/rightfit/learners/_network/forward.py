"""What perceptrons say, with NumPy alone: several nets of one shape, whose outputs are averaged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Layers = tuple[tuple[np.ndarray, np.ndarray], ...]
"""Weights (S, in, out) and biases (S, out) of S nets, layer by layer."""
_BLOCK = 4_000_000
"""Numbers of one layer that are held together."""
EPSILON = 1e-5
"""Least variance of what is normalized."""


def forward(layers: Layers, inputs: np.ndarray, *, normalized: bool = False) -> np.ndarray:
    """(n, C) mean of the S nets' outputs, in float64; h <- max(0, h W + b) in all layers but the last, or with layer
    normalization max(0, (h W - mean) / deviation + b), of each row over its units."""
    out = np.zeros((len(inputs), layers[-1][0].shape[2]))
    widest = max(max(weight.shape[1:]) for weight, _ in layers)
    size = max(1, _BLOCK // widest)
    for start in range(0, len(inputs), size):
        rows = inputs[start : start + size]
        for net in _nets(layers):
            out[start : start + size] += _run(net, rows, normalized)[0]
    return out / len(layers[0][0])


def slopes(layers: Layers, inputs: np.ndarray, *, normalized: bool = False) -> np.ndarray:
    """(p,) mean absolute slope of the outputs in each input, over rows, outputs and nets."""
    total = np.zeros(inputs.shape[1])
    for net in _nets(layers):
        way = _run(net, inputs, normalized)[1]
        for output in range(net[-1][0].shape[1]):
            back = np.broadcast_to(net[-1][0][:, output], (len(inputs), len(net[-1][0])))
            total += np.abs(_back(net, way, back)).mean(axis=0)
    return total / len(layers[0][0])


def pull(layers: Layers, inputs: np.ndarray, slope: np.ndarray, *, normalized: bool = False) -> np.ndarray:
    """(n, p) slopes in the inputs of what has the slopes (n, C) in the mean of the nets' outputs."""
    total = np.zeros(inputs.shape)
    for net in _nets(layers):
        total += _back(net, _run(net, inputs, normalized)[1], slope @ net[-1][0].T)
    return total / len(layers[0][0])


def count_weights(layers: Layers) -> float:
    """Weights of one net that are not zero, the mean over the nets."""
    return float(sum(np.count_nonzero(weight) for weight, _ in layers) / len(layers[0][0]))


def _nets(layers: Layers) -> Sequence[list[tuple[np.ndarray, np.ndarray]]]:
    """Each net by itself, in float64."""
    count = len(layers[0][0])
    return [[(w[s].astype(np.float64), b[s].astype(np.float64)) for w, b in layers] for s in range(count)]


_Way = list[tuple[np.ndarray, np.ndarray | None, np.ndarray | None]]
"""Of each hidden layer: where units are active, and normalized values with their deviations."""


def _run(net: list[tuple[np.ndarray, np.ndarray]], rows: np.ndarray, normalized: bool) -> tuple[np.ndarray, _Way]:
    hidden, way = rows, _Way()
    for weight, bias in net[:-1]:
        z, values, deviation = hidden @ weight, None, None
        if normalized:
            away = z - z.mean(axis=1, keepdims=True)
            deviation = np.sqrt((away**2).mean(axis=1, keepdims=True) + EPSILON)
            z = values = away / deviation
        hidden = np.maximum(z + bias, 0.0)
        way.append((hidden > 0, values, deviation))
    return np.asarray(hidden @ net[-1][0] + net[-1][1]), way


def _back(net: list[tuple[np.ndarray, np.ndarray]], way: _Way, back: np.ndarray) -> np.ndarray:
    """(n, p) slopes in the inputs, of those (n, units) in what the last hidden layer says."""
    for (weight, _), (on, values, deviation) in zip(net[-2::-1], way[::-1], strict=True):
        back = back * on
        if values is not None and deviation is not None:
            along = (back * values).mean(axis=1, keepdims=True)
            back = (back - back.mean(axis=1, keepdims=True) - values * along) / deviation
        back = back @ weight.T
    return back
