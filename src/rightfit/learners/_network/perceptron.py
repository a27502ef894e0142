"""Some nets of a ladder as one batched module: one step of all of them costs a few batched products.

With h_0 the inputs, and for each of the nets m by itself

    z_l = h_{l-1} W_l + b_l          h_l = max(0, z_l) * kept_l / (1 - dropout)
    d_L = weight * slope(y, eta)     d_l = d_{l+1} W'_{l+1} / (1 - dropout) where h_l > 0
    gradient of W_l = h'_{l-1} d_l   of b_l = the sum of d_l over the batch

which is all that backpropagation is here. Then a step of AdamW (Loshchilov and Hutter 2019): weights shrink by learning
rate * decay, biases never. After it weights are softened by learning rate * l1, the proximal step of the absolute
penalty, decoupled from Adam's metric as the decay is: in that metric a weight whose gradients are small, as all are at
the start, would be wiped out before it learned anything.

What predicts is an average over the way, which falls behind less than an average of fixed length at the start and is
as smooth at the end: average <- average + (1 - (1 - 1/t)^10) (weights - average), about the last tenth of all steps
(Karras and others 2024, equation 2 of Analyzing and improving the training dynamics of diffusion models). Under an
absolute penalty a weight that is 0 is 0 in the average too.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import final

import numpy as np
import torch

from rightfit.learners._network import norms
from rightfit.learners._network.forward import Layers
from rightfit.learners._network.members import Members
from rightfit.learners._network.products import multiply
from rightfit.learners._network.rungs import Rung

WINDOW = 10.0
BETAS = (0.9, 0.999)
EPSILON = 1e-8
LINE, UNITS = 32, 16
"""Numbers that vectors, and lines of memory, divide; of a row of units."""


@final
@dataclass(frozen=True)
class Falling:
    """What falls on the nets in one step; None where nothing does on any of them."""

    kept: list[torch.Tensor] | None
    """(S, b, units) uniform numbers of each hidden layer."""
    noise: torch.Tensor | None
    """(S, b, p) normal numbers."""


@final
class Block(Members):
    """The nets of some rungs on some resamples, (rungs, resamples, seeds) in this order: M in all.

    A net is one row of a matrix: its layers' weights, then its biases, each filled up to a multiple of `LINE` numbers,
    and hidden layers to a multiple of `UNITS` units, of which those without weights stay so. So every product finds its
    matrices equally aligned, and every loop over numbers ends on a whole vector: libraries round the odd ends
    differently, and a net's bits would depend on its neighbours.
    """

    def __init__(
        self,
        rungs: Sequence[Rung],
        first: Sequence[list[torch.Tensor]],
        resamples: int,
        like: torch.Tensor,
        *,
        norm: bool = False,
    ):
        """``rungs`` have one learning rate; ``first`` are the weights that each seed's nets start from, ``like`` is a
        tensor of the device and type; with ``norm`` hidden layers are normalized over the rows of a batch."""
        self.rungs, self.resamples, self.seeds, self.rate = list(rungs), resamples, len(first), rungs[0].learning_rate
        self.nets = len(rungs) * resamples * len(first)
        self.steps = 0
        self._real = [tuple(weight.shape) for weight in first[0]]
        self._shapes = _fill_hidden(self._real)
        places = [*self._shapes, *((1, out) for _, out in self._shapes)]
        self._starts = np.cumsum([0, *(_fill(a * b) for a, b in places)]).tolist()
        self._own = self._starts[len(self._shapes)]
        """Where the biases begin."""
        self.values = torch.nn.Parameter(like.new_zeros(self.nets, self._starts[-1]), requires_grad=False)
        self.values.grad = torch.zeros_like(self.values)
        self.weights, self.biases = self._split(self.values)
        self._weight_slopes, self._bias_slopes = self._split(self.values.grad)
        for layer, weight in enumerate(self.weights):
            real, out = self._real[layer]
            drawn = torch.stack([weights[layer] for weights in first])
            weight.view(-1, self.seeds, *weight.shape[1:])[:, :, :real, :out].copy_(drawn)
        self.averaged = self.values.clone()
        self._scales = [norms.measure_nothing(self.values, out) for _, out in self._shapes[:-1]] if norm else []
        """Means and deviations of the averaged nets' hidden layers, where they are normalized."""
        self.optimizer = torch.optim.AdamW(
            [self.values], lr=self.rate, betas=BETAS, eps=EPSILON, weight_decay=0.0, fused=True
        )
        each = self.nets // len(rungs)
        self._shrink = _column([1.0 - self.rate * rung.decay for rung in rungs], like).repeat_interleave(each, 0)
        self._l1 = _column([rung.l1 for rung in rungs], like).repeat_interleave(each, 0)
        self._kept = _column([1.0 - rung.dropout for rung in rungs], like)[:, None, None]
        self._noise = _column([rung.noise for rung in rungs], like)[:, None, None, None]
        self._decays, self._sparse = any(r.decay for r in rungs), any(r.l1 for r in rungs)
        self._drops, self._noisy = any(r.dropout for r in rungs), any(r.noise for r in rungs)

    def step(
        self,
        inputs: torch.Tensor,
        weight: torch.Tensor,
        slope: Callable[[torch.Tensor], torch.Tensor],
        falling: Falling,
    ) -> None:
        """One step of all nets on their batches, inputs (resamples * seeds, b, p), or (M, b, p) where rungs see
        different ones, and ``weight`` (resamples * seeds, b) of the rows; ``slope`` (M, b, C) -> (M, b, C) is the
        gradient of the mean loss in the outputs."""
        hidden = [self._receive(inputs, falling.noise)]
        last = len(self.weights) - 1
        share = norms.share_of(weight, len(self.rungs)) if self._scales else None
        normal: list[norms.Normal] = []
        for layer in range(last):
            if share is None:
                z = multiply(hidden[-1], self.weights[layer], self.biases[layer]).relu_()
            else:
                normal.append(norms.normalize(multiply(hidden[-1], self.weights[layer], None), share))
                z = (normal[layer].values + self.biases[layer]).relu_()
            if self._drops and falling.kept is not None:
                self._drop(z, falling.kept[layer])
            hidden.append(z)
        back = slope(multiply(hidden[-1], self.weights[last], self.biases[last]))
        for layer in range(last, -1, -1):
            self._bias_slopes[layer].copy_(back.sum(1, keepdim=True))
            if share is not None and layer < last:
                back = norms.lean(normal[layer], share, back)
            self._weight_slopes[layer].copy_(multiply(hidden[layer].transpose(1, 2), back))
            if layer:
                across = self.weights[layer].transpose(1, 2)
                back = back * across if back.shape[2] == 1 else multiply(back, across)
                back = torch.ops.aten.threshold_backward(back, hidden[layer], 0.0)
                if self._drops:
                    back.view(len(self.rungs), -1, *back.shape[1:]).div_(self._kept)
        self._move()

    def outputs(self, inputs: torch.Tensor) -> torch.Tensor:
        """(M, b, C) of the averaged nets."""
        weights, biases = self._plain()
        hidden = self._receive(inputs, None)
        for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
            hidden = multiply(hidden, weight, bias).relu_()
        return multiply(hidden, weights[-1], biases[-1])

    def settle(self, inputs: torch.Tensor, weight: torch.Tensor) -> None:
        """What the hidden layers of the averaged nets are like on rows that taught, inputs (resamples * seeds, r, p)
        with weights (resamples * seeds, r): by this they are normalized when nets predict."""
        if not self._scales:
            return
        share = norms.share_of(weight, len(self.rungs))
        weights, biases = self._split(self.averaged)
        hidden = self._receive(inputs, None)
        for layer in range(len(weights) - 1):
            found = norms.normalize(multiply(hidden, weights[layer], None), share)
            self._scales[layer] = (found.mean, found.deviation)
            hidden = (found.values + biases[layer]).relu_()

    def _plain(self, nets: slice = slice(None)) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """Layers of the averaged nets that need no normalization: it is a part of their weights and biases."""
        weights, biases = self._split(self.averaged[nets])
        for layer, (mean, deviation) in enumerate(self._scales):
            weights[layer] = weights[layer] / deviation[nets]
            biases[layer] = biases[layer] - mean[nets] / deviation[nets]
        return weights, biases

    def layers(self, nets: slice) -> Layers:
        """Weights and biases of some of the averaged nets."""
        weights, biases = self._plain(nets)
        found = []
        for weight, bias, (real, out) in zip(weights, biases, self._real, strict=True):
            found.append((weight[:, :real, :out].numpy(force=True).copy(), bias[:, 0, :out].numpy(force=True).copy()))
        return tuple(found)

    def _receive(self, inputs: torch.Tensor, noise: torch.Tensor | None) -> torch.Tensor:
        """(M, b, p)"""
        if len(inputs) < self.nets:
            inputs = inputs.repeat(len(self.rungs), 1, 1)
        if not self._noisy or noise is None:
            return inputs
        shape = (len(self.rungs), self.resamples, self.seeds, *inputs.shape[1:])
        return (inputs.view(shape) + self._noise * noise).view(inputs.shape)

    def _drop(self, hidden: torch.Tensor, drawn: torch.Tensor) -> None:
        kept = (drawn >= 1.0 - self._kept).to(hidden.dtype).div_(self._kept)
        kept = torch.nn.functional.pad(kept, (0, hidden.shape[-1] - kept.shape[-1]))
        hidden.view(len(self.rungs), self.resamples, self.seeds, *hidden.shape[1:]).mul_(kept[:, None])

    def _move(self) -> None:
        self.steps += 1
        if self._decays:
            self.values[:, : self._own].mul_(self._shrink)
        self.optimizer.step()
        if self._sparse:
            self._soften()
        part = 1.0 - (1.0 - 1.0 / self.steps) ** WINDOW
        self.averaged.add_(torch.sub(self.values, self.averaged).mul_(part))
        if self._sparse:
            self.averaged[:, : self._own].mul_(self.values[:, : self._own] != 0)

    def _soften(self) -> None:
        """The proximal step of the absolute penalty."""
        weights = self.values[:, : self._own]
        weights.copy_(torch.sign(weights) * (weights.abs() - self.rate * self._l1).clamp_(min=0.0))

    def _split(self, values: torch.Tensor) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """Views (M, in, out) and (M, 1, out) of rows of numbers, layer by layer."""
        count = len(self._shapes)
        places = [*self._shapes, *((1, out) for _, out in self._shapes)]
        views = [
            values[:, start : start + a * b].view(-1, a, b) for start, (a, b) in zip(self._starts, places, strict=False)
        ]
        return views[:count], views[count:]


def _fill_hidden(shapes: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Shapes (in, out) of layers whose hidden units are filled up."""
    ends = [shapes[0][0], *(UNITS * ceil(out / UNITS) for _, out in shapes[:-1]), shapes[-1][1]]
    return list(itertools.pairwise(ends))


def _fill(count: int) -> int:
    return LINE * ceil(count / LINE)


def _column(values: list[float], like: torch.Tensor) -> torch.Tensor:
    """(R, 1)"""
    return torch.tensor(values, dtype=torch.float64).to(like)[:, None]
