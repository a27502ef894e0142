"""Small problems that nets learn, and one net trained alone by a plain loop."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch

from rightfit import catalog
from rightfit.contracts import Loss, Problem
from rightfit.data.design import make_design
from rightfit.learners._network import streams
from rightfit.learners._network.adam import BETAS, EPSILON
from rightfit.learners._network.cohort import count_batches
from rightfit.learners._network.perceptron import WINDOW
from rightfit.learners._network.rungs import Rung
from rightfit.records import Resamples

N, P = 90, 5


def make_loss(name: str) -> Loss:
    kind = catalog.find("losses", name)
    made = kind(classes=3) if name == "multinomial" else kind(delta=0.5) if name == "huber" else kind()
    assert isinstance(made, Loss)
    return made


def make_problem(name: str, rows: int = N, *, offset: bool = False, seed: int = 3) -> Problem:
    """Numbers with gaps and a curved signal."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, P)) * [1.0, 5.0, 0.1, 1.0, 30.0] + [0.0, 100.0, 0.0, -3.0, 0.0]
    signal = x[:, 0] + np.abs((x[:, 1] - 100) / 5) - 0.8
    x[rng.random(rows) < 0.1, 3] = np.nan
    noise = rng.normal(size=rows)
    y = {
        "squared": 10 + 3 * signal + noise,
        "huber": 10 + 3 * signal + noise,
        "logistic": (signal + noise > 0).astype(float),
        "multinomial": np.digitize(signal + 0.5 * noise, [-0.5, 0.7]).astype(float),
        "poisson": rng.poisson(np.exp(0.5 * signal)).astype(float),
    }[name]
    loss = make_loss(name)
    level = 0.3 * np.sin(np.arange(rows)) if offset else np.zeros(rows)
    return Problem(make_design(x, [f"x{j}" for j in range(P)]), loss.check(y), loss, level)


def folds(rows: int = N, count: int = 3, weight: np.ndarray | None = None) -> Resamples:
    scored = np.arange(rows) % count == np.arange(-1, count)[:, None]
    return Resamples(np.ones(rows) if weight is None else weight, (~scored).astype(np.uint8), scored)


def train_alone(
    problem: Problem,
    weight: np.ndarray,
    rung: Rung,
    *,
    hidden: tuple[int, ...],
    net: int,
    seed: int,
    dtype: torch.dtype,
    norm: str = "none",
) -> torch.nn.Sequential:
    """The averaged net of one rung, one resample and one seed: a plain loop over batches with torch's own layers, loss
    gradients by autograd, torch's AdamW and row weights (n,)."""
    rate, epochs = rung.learning_rate, rung.epochs
    assert epochs is not None
    rows = np.flatnonzero(weight)
    own = weight[rows] / weight[rows].mean()
    share = own / own.sum()
    x, y, offset = problem.design.collect(np.arange(P), np.full(P, np.nan))[rows], problem.y[rows], problem.offset[rows]
    known = ~np.isnan(x)
    mass = known * share[:, None]
    mean = np.nansum(mass * np.nan_to_num(x), axis=0) / mass.sum(axis=0)
    x = np.where(known, x, mean)
    z = (x - mean) / np.sqrt(share @ (x - mean) ** 2)
    inputs = torch.as_tensor(z / np.sqrt(1 + (z / 3) ** 2), dtype=dtype)
    constant = problem.constant(weight)
    number = problem.loss.predicts == "number"
    away = y - offset - constant[0]
    spread = np.sqrt(share @ away**2 - (share @ away) ** 2) if number else 1.0
    eta = offset[:, None] + constant
    slope = problem.loss.slope(y, eta if len(constant) > 1 else eta[:, 0]).reshape(eta.shape) * spread
    unit = float(np.sqrt((share @ slope**2).mean()))
    widths = [P, *hidden, len(constant)]
    shapes = list(pairwise(widths))
    layers: list[torch.nn.Module] = []
    for start in streams.start(seed, net, shapes):
        normed = norm != "none" and len(layers) < 3 * len(hidden)
        linear = torch.nn.Linear(*start.shape, bias=not normed, dtype=dtype)
        with torch.no_grad():
            linear.weight.copy_(start.T)
            if not normed:
                linear.bias.zero_()
        kind = Norm if norm == "batch" else LayerNorm
        layers += [linear, kind(start.shape[1], dtype), torch.nn.ReLU()] if normed else [linear, torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    norms = [layer for layer in model if isinstance(layer, Norm)]
    weights = [p for p in model.parameters() if p.ndim == 2]
    biases = [p for p in model.parameters() if p.ndim == 1]
    optimizer = torch.optim.AdamW(
        [{"params": weights, "weight_decay": rung.decay}, {"params": biases, "weight_decay": 0.0}],
        lr=rate,
        betas=BETAS,
        eps=EPSILON,
        foreach=False,
    )
    average = [p.detach().clone() for p in model.parameters()]
    luck = streams.Streams(seed, net + 1, "cpu")
    steps, size = count_batches(len(rows), rung.batch)
    done = 0
    for epoch in range(epochs):
        order = streams.order(seed, net, epoch, len(rows))
        for some in np.split(order, [len(rows) * t // steps for t in range(1, steps)]):
            kept = [luck.dropout(size, width)[net, : len(some)] >= rung.dropout for width in hidden]
            noise = luck.noise(size, P)[net, : len(some)].to(dtype) if rung.noise else 0.0
            partner = np.roll(some, -1)
            part = streams.share(seed, net, done, rung.mixup) if rung.mixup else 1.0
            shown = part * inputs[some] + (1 - part) * inputs[partner] + rung.noise * noise
            out, drops = shown, iter(kept)
            for layer in norms:
                layer.share = torch.as_tensor(own[some] / own[some].sum(), dtype=dtype)
            for layer in model:
                out = layer(out)
                if isinstance(layer, torch.nn.ReLU):
                    out = out * next(drops) / (1 - rung.dropout)
            loss = torch.zeros((), dtype=dtype)
            for rows_of, share_of in ((some, part), (partner, 1 - part)):
                at = out * spread + torch.as_tensor(constant) + torch.as_tensor(offset[rows_of, None])
                lost = lose(problem.loss, torch.as_tensor(y[rows_of]), at, rung.smoothing)
                loss = loss + share_of * (torch.as_tensor(own[rows_of]) * lost).sum() / len(some)
            optimizer.zero_grad()
            (loss / unit).backward()
            optimizer.step()
            done += 1
            with torch.no_grad():
                if rung.l1:
                    for w in weights:
                        w.copy_(torch.nn.functional.softshrink(w, rate * rung.l1))
                for a, p in zip(average, model.parameters(), strict=True):
                    a += (1 - (1 - 1 / done) ** WINDOW) * (p - a)
                    a *= (p != 0) | (p.ndim == 1) | (not rung.l1)
    with torch.no_grad():
        for a, p in zip(average, model.parameters(), strict=True):
            p.copy_(a)
        for layer in norms:  # what the layers are like on the rows that taught
            layer.share = torch.as_tensor(own / own.sum(), dtype=dtype)
        model(inputs)
        for layer in norms:
            layer.share = None
    return model


class Norm(torch.nn.Module):
    """Batch normalization with a shift and without a scale, for rows with shares of the weight; without shares it is
    that of the rows before."""

    def __init__(self, units: int, dtype: torch.dtype):
        super().__init__()
        self.bias = torch.nn.Parameter(torch.zeros(units, dtype=dtype))
        self.share: torch.Tensor | None = None

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        if self.share is not None:
            self.mean = self.share @ z
            self.variance = self.share @ (z - self.mean) ** 2
        return (z - self.mean) / torch.sqrt(self.variance + 1e-5) + self.bias


class LayerNorm(torch.nn.Module):
    """torch's own layer normalization, with a shift and without a scale."""

    def __init__(self, units: int, dtype: torch.dtype):
        super().__init__()
        self.bias = torch.nn.Parameter(torch.zeros(units, dtype=dtype))

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.layer_norm(z, z.shape[1:], bias=self.bias)


def lose(loss: Loss, y: torch.Tensor, eta: torch.Tensor, smoothing: float) -> torch.Tensor:
    """(r,) losses up to a constant, written with torch's own functions."""
    name, one = loss.name, eta[:, 0]
    if name == "squared":
        return 0.5 * (y - one) ** 2
    if name == "huber":
        return torch.nn.functional.huber_loss(one, y, reduction="none", delta=loss.delta)  # type: ignore[attr-defined]
    if name == "poisson":
        return torch.exp(one) - y * one
    if name == "logistic":
        target = y * (1 - smoothing) + smoothing / 2
        return torch.nn.functional.binary_cross_entropy_with_logits(one, target, reduction="none")
    return torch.nn.functional.cross_entropy(eta, y.long(), reduction="none", label_smoothing=smoothing)
