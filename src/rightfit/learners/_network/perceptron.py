"""Some nets of a ladder as one batched module: one step of all of them costs a few batched products.

With h_0 the inputs, and for each of the nets m by itself

    z_l = h_{l-1} W_l + b_l          h_l = max(0, z_l) * kept_l / (1 - dropout)
    d_L = weight * slope(y, eta)     d_l = d_{l+1} W'_{l+1} / (1 - dropout) where h_l > 0
    gradient of W_l = h'_{l-1} d_l   of b_l = the sum of d_l over the batch

which is all that backpropagation is here. A unit that is left out has a bias of minus infinity, and 1 / (1 - dropout)
is the factor of a product, so that dropout costs no way through the numbers of its own.

Then a step of AdamW (Loshchilov and Hutter 2019): weights shrink by learning rate * decay, biases never. After it
weights are softened by learning rate * l1, the proximal step of the absolute penalty, decoupled from Adam's metric as
the decay is: in that metric a weight whose gradients are small, as all are at the start, would be wiped out before it
learned anything.

What predicts is an average over the way, which falls behind less than an average of fixed length at the start and is
as smooth at the end: average <- average + (1 - (1 - 1/t)^10) (weights - average), about the last tenth of all steps
(Karras and others 2024, equation 2 of Analyzing and improving the training dynamics of diffusion models). Under an
absolute penalty a weight that is 0 is 0 in the average too.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil, inf
from typing import final

import torch

from rightfit.learners._network import norms
from rightfit.learners._network.adam import Adam
from rightfit.learners._network.forward import Layers
from rightfit.learners._network.members import Members
from rightfit.learners._network.products import Room, multiply
from rightfit.learners._network.rungs import Rung

WINDOW = 10.0
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
    _left_out: dict[tuple[int, float], torch.Tensor] = field(default_factory=dict)

    def leave_out(self, layer: int, rate: float, units: int, like: torch.Tensor) -> torch.Tensor | None:
        """(S, b, units) minus infinity where a unit is left out at this rate, else 0; None where none is. Blocks of one
        rate share it."""
        if self.kept is None or not rate:
            return None
        found = self._left_out.get((layer, rate))
        if found is None:
            drawn = self.kept[layer]
            found = torch.zeros_like(drawn, dtype=like.dtype).masked_fill_(drawn < rate, -inf)
            found = self._left_out[layer, rate] = torch.nn.functional.pad(found, (0, units - found.shape[2]))
        return found


@final
class Block(Members):
    """The nets of some rungs on some resamples, (rungs, resamples, seeds) in this order: M in all.

    Weights of one layer stand together, then those of the next, then biases; what a net owns of each is filled up to a
    multiple of `LINE` numbers, and hidden layers to a multiple of `UNITS` units, of which those without weights stay
    so. So every product finds its matrices equally aligned, and every loop over numbers ends on a whole vector:
    libraries round the odd ends differently, and a net's bits would depend on its neighbours.
    """

    def __init__(
        self,
        rungs: Sequence[Rung],
        first: Sequence[list[torch.Tensor]],
        resamples: int,
        like: torch.Tensor,
        *,
        norm: str = "none",
        room: Room | None = None,
    ):
        """``rungs`` have one learning rate and one dropout; ``first`` are the weights that each seed's nets start from,
        ``like`` is a tensor of the device and type; ``norm`` is "batch" or "layer" where hidden layers are normalized;
        blocks that take turns share a ``room``."""
        self.rungs, self.resamples, self.seeds, self.rate = list(rungs), resamples, len(first), rungs[0].learning_rate
        self.nets = len(rungs) * resamples * len(first)
        self.steps = 0
        self._room, self._like = room or Room(), like
        self._real = [tuple(weight.shape) for weight in first[0]]
        self._shapes = _fill_hidden(self._real)
        self._places = [*self._shapes, *((1, out) for _, out in self._shapes)]
        count = self.nets * sum(_fill(a * b) for a, b in self._places)
        self.values = torch.nn.Parameter(like.new_zeros(count), requires_grad=False)
        self.values.grad = torch.zeros_like(self.values)
        self.weights, self.biases = self._split(self.values)
        self._weight_slopes, self._bias_slopes = self._split(self.values.grad)
        for layer, weight in enumerate(self.weights):
            real, out = self._real[layer]
            drawn = torch.stack([weights[layer] for weights in first])
            weight.view(-1, self.seeds, *weight.shape[1:])[:, :, :real, :out].copy_(drawn)
        self.averaged = self.values.clone()
        units = [out for _, out in self._real[:-1]]
        self._norms: list[norms.Norm] = []
        if norm != "none":
            self._norms = [norms.OverRows() if norm == "batch" else norms.OverUnits(out) for out in units]
        self._scales = [norms.measure_nothing(like, self.nets, out) for _, out in self._shapes[:-1]]
        """Means and deviations of the averaged nets' hidden layers, by which they are normalized when they predict."""
        self._settles = norm == "batch"
        self.optimizer = Adam([self.values], self.rate)
        each = self.nets // len(rungs)
        self._shrink = _column([1.0 - self.rate * rung.decay for rung in rungs], like).repeat_interleave(each, 0)
        self._l1 = _column([rung.l1 for rung in rungs], like).repeat_interleave(each, 0)
        self._dropout = rungs[0].dropout
        self._noise = _column([rung.noise for rung in rungs], like)[:, None, None, None]
        self._decays, self._sparse = any(r.decay for r in rungs), any(r.l1 for r in rungs)
        self._noisy = any(r.noise for r in rungs)

    def step(
        self,
        inputs: torch.Tensor,
        weight: torch.Tensor,
        slope: Callable[[torch.Tensor], torch.Tensor],
        falling: Falling,
    ) -> None:
        hidden = [self._receive(inputs, falling.noise)]
        last = len(self.weights) - 1
        share = norms.share_of(weight, len(self.rungs)) if self._norms else weight
        normal: list[norms.Normal] = []
        for layer in range(last):
            z = self._take("forward", layer, hidden[-1])
            out = falling.leave_out(layer, self._dropout, z.shape[2], self._like)
            bias = self.biases[layer], out
            if self._norms:
                multiply(hidden[-1], self.weights[layer], z, scale=self._scale(layer))
                normal.append(self._norms[layer].normalize(z, share))
                hidden.append(self._add(normal[layer].values, bias, z).relu_())
            else:
                self._add(None, bias, z)
                hidden.append(multiply(hidden[-1], self.weights[layer], z, add=True, scale=self._scale(layer)).relu_())
        out = self._take("forward", last, hidden[-1]).copy_(self.biases[last])
        back = slope(multiply(hidden[-1], self.weights[last], out, add=True, scale=self._scale(last)))
        for layer in range(last, -1, -1):
            torch.sum(back, 1, keepdim=True, out=self._bias_slopes[layer])
            if self._norms and layer < last:
                back = self._norms[layer].lean(normal[layer], share, back)
            multiply(hidden[layer].transpose(1, 2), back, self._weight_slopes[layer], scale=self._scale(layer))
            if layer:
                back = self._pull(back, layer, hidden[layer])
        self._move()

    def _scale(self, layer: int) -> float:
        """How many times what comes into a layer counts, for what was left out of it."""
        return 1.0 / (1.0 - self._dropout) if layer else 1.0

    def _take(self, name: str, layer: int, like: torch.Tensor) -> torch.Tensor:
        """Room for what a layer says of (M, b, in)."""
        return self._room.take(name, layer, (self.nets, like.shape[1], self._shapes[layer][1]), self._like)

    def _add(
        self, values: torch.Tensor | None, bias: tuple[torch.Tensor, torch.Tensor | None], out: torch.Tensor
    ) -> torch.Tensor:
        """``out`` (M, b, units) becomes values and biases (M, 1, units), with what is added to those of each row where
        units are left out, (S, b, units)."""
        own, left_out = bias
        if values is not None:
            torch.add(values, own, out=out)
            own = out
        if left_out is None:
            return out.copy_(own)
        torch.add(own.view(-1, self.seeds, *own.shape[1:]), left_out, out=out.view(-1, self.seeds, *out.shape[1:]))
        return out

    def _pull(self, back: torch.Tensor, layer: int, hidden: torch.Tensor) -> torch.Tensor:
        """Slopes in what a layer before says, of those in what ``layer`` says."""
        across = self.weights[layer].transpose(1, 2)
        out = self._take("backward", layer - 1, hidden)
        if back.shape[2] == 1:
            torch.mul(back, across * self._scale(layer), out=out)
        else:
            multiply(back, across, out, scale=self._scale(layer))
        return torch.ops.aten.threshold_backward.grad_input(out, hidden, 0.0, grad_input=out)

    def outputs(self, inputs: torch.Tensor) -> torch.Tensor:
        weights, biases = self._plain()
        hidden = self._receive(inputs, None)
        for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
            last = layer == len(weights) - 1
            z = self._take("forward", layer, hidden)
            if self._norms and not self._settles and not last:
                z = self._norms[layer].normalize(multiply(hidden, weight, z), z).values.add_(bias)
            else:
                z = multiply(hidden, weight, z.copy_(bias), add=True)
            hidden = z if last else z.relu_()
        return hidden

    def settle(self, inputs: torch.Tensor, weight: torch.Tensor) -> None:
        if not self._settles:
            return
        share = norms.share_of(weight, len(self.rungs))
        weights, biases = self._split(self.averaged)
        hidden = self._receive(inputs, None)
        for layer, norm in enumerate(self._norms):
            found = norm.normalize(multiply(hidden, weights[layer], self._take("forward", layer, hidden)), share)
            self._scales[layer] = (found.mean, found.deviation)
            hidden = (found.values + biases[layer]).relu_()

    def _plain(self) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """Layers of the averaged nets; batch normalization is a part of their weights and biases."""
        weights, biases = self._split(self.averaged)
        if self._settles:
            for layer, (mean, deviation) in enumerate(self._scales):
                weights[layer] = weights[layer] / deviation
                biases[layer] = biases[layer] - mean / deviation
        return weights, biases

    def layers(self, nets: slice) -> Layers:
        """Weights and biases of some of the averaged nets."""
        weights, biases = self._plain()
        found = []
        for weight, bias, (real, out) in zip(weights, biases, self._real, strict=True):
            own = (weight[nets, :real, :out], bias[nets, 0, :out])
            found.append((own[0].numpy(force=True).copy(), own[1].numpy(force=True).copy()))
        return tuple(found)

    def _receive(self, inputs: torch.Tensor, noise: torch.Tensor | None) -> torch.Tensor:
        """(M, b, p)"""
        if len(inputs) < self.nets:
            room = self._room.take("inputs", 0, (self.nets, *inputs.shape[1:]), self._like)
            room.view(len(self.rungs), *inputs.shape).copy_(inputs)
            inputs = room
        if not self._noisy or noise is None:
            return inputs
        shape = (len(self.rungs), self.resamples, self.seeds, *inputs.shape[1:])
        return (inputs.view(shape) + self._noise * noise).view(inputs.shape)

    def _move(self) -> None:
        self.steps += 1
        if self._decays:
            for weight in self._owned(self.values):
                weight.mul_(self._shrink)
        self.optimizer.step()
        if self._sparse:
            for weight in self._owned(self.values):  # the proximal step of the absolute penalty
                weight.copy_(torch.sign(weight) * (weight.abs() - self.rate * self._l1).clamp_(min=0.0))
        self.averaged.lerp_(self.values, 1.0 - (1.0 - 1.0 / self.steps) ** WINDOW)
        if self._sparse:
            for average, weight in zip(self._owned(self.averaged), self._owned(self.values), strict=True):
                average.mul_(weight != 0)

    def _owned(self, values: torch.Tensor) -> list[torch.Tensor]:
        """(M, numbers) what each net owns of the weights of each layer, filled up."""
        return self._cut(values)[: len(self._shapes)]

    def _split(self, values: torch.Tensor) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """Views (M, in, out) and (M, 1, out), layer by layer."""
        cut = zip(self._cut(values), self._places, strict=True)
        views = [own[:, : a * b].view(-1, a, b) for own, (a, b) in cut]
        return views[: len(self._shapes)], views[len(self._shapes) :]

    def _cut(self, values: torch.Tensor) -> list[torch.Tensor]:
        """(M, numbers) views of every layer's weights, then of their biases."""
        parts = torch.split(values, [self.nets * _fill(a * b) for a, b in self._places])
        return [part.view(self.nets, -1) for part in parts]


def _fill_hidden(shapes: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Shapes (in, out) of layers whose hidden units are filled up."""
    ends = [shapes[0][0], *(UNITS * ceil(out / UNITS) for _, out in shapes[:-1]), shapes[-1][1]]
    return list(itertools.pairwise(ends))


def _fill(count: int) -> int:
    return LINE * ceil(count / LINE)


def _column(values: list[float], like: torch.Tensor) -> torch.Tensor:
    """(R, 1)"""
    return torch.tensor(values, dtype=torch.float64).to(like)[:, None]
