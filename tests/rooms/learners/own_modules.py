"""Modules of a user's own, and one of them trained alone by a plain loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import numpy as np
import torch
from torch import nn

from rightfit.contracts import Problem
from rightfit.learners._network import streams
from rightfit.learners._network.adam import BETAS, EPSILON
from rightfit.learners._network.cohort import count_batches
from rightfit.learners._network.inputs import Inputs, spread_of
from rightfit.learners._network.perceptron import WINDOW
from rightfit.learners._network.rungs import Rung
from tests.rooms.learners.network_problems import P, lose


def dense(inputs: int, outputs: int) -> nn.Module:
    return nn.Sequential(
        nn.Linear(inputs, 8), nn.LayerNorm(8), nn.GELU(), nn.Dropout(0.5), nn.Linear(8, 6), nn.Tanh(),
        nn.Linear(6, outputs),
    )  # fmt: skip


class Convolutional(nn.Module):
    """Columns as a signal of one channel; channels are dropped whole, by a function that ``forward`` calls itself."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.first, self.norm = nn.Conv1d(1, 4, 3, padding=1), nn.GroupNorm(2, 4)
        self.last = nn.Linear(4 * inputs, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = torch.relu(self.norm(self.first(x[:, None])))
        return self.last(nn.functional.dropout1d(hidden, 0.2, self.training).flatten(1))


class Attentive(nn.Module):
    """A token for each column: its sign chooses a row of an embedding, to which its value is added."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.sign = nn.Embedding(2, 4)
        self.place = nn.Parameter(0.1 * torch.randn(1, inputs, 4))
        self.attention = nn.MultiheadAttention(4, 2, dropout=0.1)
        self.norm, self.last = nn.LayerNorm(4), nn.Linear(4, outputs)
        self.register_buffer("unit", torch.ones(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        tokens = self.sign((x > 0).long()) + self.place * x[:, :, None] * self.unit
        along = tokens.transpose(0, 1)
        padding = (torch.arange(tokens.shape[1]) == 1).expand(len(x), -1)
        said, _ = self.attention(along, along, along, key_padding_mask=padding)
        return self.last(self.norm(tokens + said.transpose(0, 1)).mean(1))


def encoder(inputs: int, outputs: int) -> nn.Module:
    """torch's own encoder layer, with dropout in four places."""
    layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.3, batch_first=True)
    return nn.Sequential(
        nn.Unflatten(1, (inputs, 1)), nn.Linear(1, 4), layer, nn.Flatten(), nn.Linear(4 * inputs, outputs)
    )


def normal(inputs: int, outputs: int) -> nn.Module:
    return nn.Sequential(
        nn.Linear(inputs, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 6), nn.BatchNorm1d(6),
        nn.ReLU(), nn.Linear(6, outputs),
    )  # fmt: skip


class Recurrent(nn.Module):
    """Which vmap cannot run."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.cells, self.last, self.drop = nn.GRU(1, 4, batch_first=True), nn.Linear(4, outputs), nn.Dropout(0.2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.drop(self.cells(x[:, :, None])[0][:, -1]))


FACTORIES: dict[str, Callable[[int, int], nn.Module]] = {
    "dense": dense,
    "convolution": Convolutional,
    "attention": Attentive,
    "encoder": encoder,
    "normal": normal,
    "recurrent": Recurrent,
}


def start(factory: Any, seed: int, net: int, inputs: int, outputs: int, dtype: torch.dtype) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(streams.start_number(seed, net))
        return factory(inputs, outputs).to(dtype)


def decayed(module: nn.Module) -> list[nn.Parameter]:
    """Weights of layers, written out: no biases, normalizations, embeddings."""
    free = (nn.LayerNorm, nn.GroupNorm, nn.BatchNorm1d, nn.Embedding)
    owners = {id(p): m for m in module.modules() for p in m.parameters(recurse=False)}
    return [
        p
        for name, p in module.named_parameters()
        if not isinstance(owners[id(p)], free) and "bias" not in name and name != "place"
    ]


@contextmanager
def dropped(rate: float, drawn: list[torch.Tensor], rows: int) -> Iterator[None]:
    """torch's dropout takes the numbers of a batch that is filled up, ``drawn``, for its first ``rows`` rows; without
    a rate nothing is dropped."""
    numbers = iter(drawn)

    def drop(x: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> torch.Tensor:
        if not training or not p or not rate:
            return x
        one = next(numbers)
        return x * (one[:rows].reshape(-1, *one.shape[-x.ndim + 1 :]) >= rate) / (1 - rate)

    def attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: Any = None, p: float = 0.0, *_: Any) -> Any:
        assert mask is None
        return drop(torch.softmax(q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5, -1), p) @ v

    swaps = {"dropout": drop, "dropout1d": drop, "scaled_dot_product_attention": attend}
    with mock.patch.multiple("torch.nn.functional", **swaps):
        yield


def train_alone(
    problem: Problem,
    weight: np.ndarray,
    rung: Rung,
    factory: Any,
    shapes: list[tuple[int, ...]],
    *,
    net: int,
    seed: int,
    dtype: torch.dtype,
) -> nn.Module:
    """The averaged net of one rung, one resample and one seed: a plain loop over its batches, with autograd and torch's
    AdamW. ``shapes`` are those of the numbers that decide on dropout."""
    rate = rung.learning_rate
    rows = np.flatnonzero(weight)
    own = weight[rows] / weight[rows].mean()
    share = weight / weight.sum()
    constant = problem.constant(weight)
    spread = float(spread_of(problem, share, constant)[0])
    x = Inputs.of(problem.design, share[:, None])[0].read(problem.design.take(rows))
    inputs, y = torch.as_tensor(x, dtype=dtype), torch.as_tensor(problem.y[rows])
    eta = np.zeros((len(rows), 1)) + constant
    slope = problem.loss.slope(problem.y[rows], eta if len(constant) > 1 else eta[:, 0]).reshape(eta.shape) * spread
    unit = float(np.sqrt((share[rows] @ slope**2).mean()))
    module = start(factory, seed, net, P, len(constant), dtype).train()
    weights = decayed(module)
    free = [p for p in module.parameters() if not any(p is w for w in weights)]
    groups = [{"params": weights, "weight_decay": rung.decay}, {"params": free, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=rate, betas=BETAS, eps=EPSILON, foreach=False)
    average = [p.detach().clone() for p in module.parameters()]
    luck = streams.Streams(seed, net + 1, "cpu")
    steps, size = count_batches(len(rows), rung.batch)
    done = 0
    for epoch in range(rung.epochs or 0):
        order = streams.order(seed, net, epoch, len(rows))
        for some in np.split(order, [len(rows) * t // steps for t in range(1, steps)]):
            drawn = [luck.dropout(*shape)[net] for shape in shapes] if rung.dropout else []
            noise = luck.noise(size, P)[net, : len(some)].to(dtype) if rung.noise else 0.0
            with dropped(rung.dropout, drawn, len(some)):
                out = module(inputs[some] + rung.noise * noise)
            at = out * spread + torch.as_tensor(constant)
            lost = (torch.as_tensor(own[some]) * lose(problem.loss, y[some], at, rung.smoothing)).sum() / len(some)
            optimizer.zero_grad()
            (lost / unit).backward()
            optimizer.step()
            done += 1
            with torch.no_grad():
                for w in weights:
                    w.copy_(nn.functional.softshrink(w, rate * rung.l1))
                for a, p in zip(average, module.parameters(), strict=True):
                    a += (1 - (1 - 1 / done) ** WINDOW) * (p - a)
                    a *= (p != 0) | (not rung.l1)
    with torch.no_grad():
        for a, p in zip(average, module.parameters(), strict=True):
            p.copy_(a)
        norms = [m for m in module.modules() if isinstance(m, nn.BatchNorm1d)]
        for norm in norms:
            norm.momentum = 1.0
        with dropped(0.0, [], 0):
            module(inputs)  # what the averaged net's layers are like on the rows that taught
        for norm in norms:
            norm.running_var *= 1 - 1 / len(rows)
    return module.eval()
