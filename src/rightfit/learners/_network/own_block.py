"""Some nets of a ladder that are modules of a user's: stacked and run together by `torch.func.vmap`, or one by one.

Gradients are autograd's. All else is as in `rightfit.learners._network.perceptron`: AdamW with a decay that is
decoupled, soft thresholds for the absolute penalty, and an average over about the last tenth of the way, which is what
predicts. Decay and absolute penalty fall on the weights of layers; biases, normalizations and embeddings are free, see
`rightfit.torch.groups`. Buffers of numbers are averaged as parameters are, but for those of batch normalization, which
are measured with the averaged net.

Modules that vmap cannot run (recurrent layers, ways that depend on values) are run one by one, which takes longer and
comes to the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import final

import torch
from torch.func import vmap

from rightfit.learners._network import streams
from rightfit.learners._network.adam import Adam
from rightfit.learners._network.ground import Ground
from rightfit.learners._network.members import Members
from rightfit.learners._network.moulds import Mould
from rightfit.learners._network.own_module import OwnModule, State, seeded, state_of
from rightfit.learners._network.own_nets import OwnNets
from rightfit.learners._network.perceptron import WINDOW, Falling
from rightfit.learners._network.rungs import Rung
from rightfit.torch.groups import parameter_groups

SPREAD = 8
"""So many times as many numbers as of perceptrons may be held together: one step has many functions, and each costs."""


@final
class OwnMould(Mould):
    """Modules of one factory."""

    def __init__(self, own: OwnModule, ground: Ground, size: int, seeds: int, seed: int):
        self.own, self.seed, self.like = own, seed, ground.table
        modules = [own.make(seed, net).to(ground.table) for net in range(seeds)]
        self.first = [state_of(module) for module in modules]
        placed = parameter_groups(modules[0], 1.0, decay_embeddings=False).parameters
        self.trained = [p.name for p in placed if p.trained]
        self.decays = [p.name for p in placed if p.trained and p.weight_decay]
        found = own.probe(size, ground.table)
        widest = max(1, found.widest // SPREAD, size * own.columns // SPREAD)
        self.drops, self.settles, self.widest = found.shapes, found.normalizes, widest
        self.together = self._runs_together(size)

    def alike(self, rung: Rung) -> object:
        return rung.learning_rate

    def cast(self, rungs: Sequence[Rung], resamples: int) -> Members:
        return OwnBlock(self, rungs, resamples)

    def _runs_together(self, size: int) -> bool:
        """Whether vmap can run such modules, there and back."""
        rungs = [Rung(dropout=0.5)]
        block = OwnBlock(self, rungs, 1, together=True)
        x = self.like.new_zeros(len(self.first), size, self.like.shape[1])
        kept = [self.like.new_zeros(len(self.first), *shape) for shape in self.drops]
        share = self.like.new_ones(x.shape[:2])
        try:
            with torch.enable_grad():
                torch.autograd.backward(block.run(x, kept, share, train=True).sum())
            with torch.no_grad():
                block.settle(x, share)
                block.outputs(x)
        except (RuntimeError, ValueError, NotImplementedError, TypeError):
            return False
        return True


@final
class OwnBlock(Members):
    """Modules of some rungs on some resamples; each parameter and buffer is one tensor (M, ...)."""

    def __init__(self, mould: OwnMould, rungs: Sequence[Rung], resamples: int, together: bool | None = None):
        self.mould, self.rungs, self.resamples, self.seeds = mould, list(rungs), resamples, len(mould.first)
        self.together = mould.together if together is None else together
        self.rate = self.rungs[0].learning_rate
        self.nets, self.steps = len(rungs) * resamples * self.seeds, 0
        each = [[first[name] for first in mould.first] for name in mould.first[0]]
        stacked = (torch.stack(one).repeat(len(rungs) * resamples, *[1] * one[0].ndim) for one in each)
        self.state: State = dict(zip(mould.first[0], stacked, strict=True))
        self.averaged: State = {
            name: tensor.detach().clone() for name, tensor in self.state.items() if tensor.is_floating_point()
        }
        self.optimizer = Adam([torch.nn.Parameter(self.state[name]) for name in mould.trained], self.rate)
        self.state.update(zip(mould.trained, self.optimizer.parameters, strict=True))
        self._shrink = self._column([1.0 - self.rate * rung.decay for rung in rungs])
        self._cost = self._column([self.rate * rung.l1 for rung in rungs])
        self._rate = self._column([rung.dropout for rung in rungs])
        self._noise = self._column([rung.noise for rung in rungs])
        self._decays, self._sparse = any(r.decay for r in rungs), any(r.l1 for r in rungs)
        self._drops, self._noisy = any(r.dropout for r in rungs), any(r.noise for r in rungs)

    def step(
        self,
        inputs: torch.Tensor,
        weight: torch.Tensor,
        slope: Callable[[torch.Tensor], torch.Tensor],
        falling: Falling,
    ) -> None:
        x = self._receive(inputs)
        if self._noisy and falling.noise is not None:
            x = x + self._shaped(self._noise, x) * self._repeated(falling.noise)
        kept = falling.kept if self._drops else None
        self.optimizer.forget()
        with torch.enable_grad():
            drawn = None if kept is None else [self._repeated(one) for one in kept]
            outputs = self.run(x, drawn, self._share(weight), train=True)
        torch.autograd.backward(outputs, slope(outputs.detach()))
        self._move()

    def outputs(self, inputs: torch.Tensor) -> torch.Tensor:
        with self._averages():
            return self.run(self._receive(inputs), None, None, train=False)

    def settle(self, inputs: torch.Tensor, weight: torch.Tensor) -> None:
        if self.mould.settles:
            with self._averages(), torch.no_grad():
                self.run(self._receive(inputs), None, self._share(weight), train=True, settles=True)

    @contextmanager
    def _averages(self) -> Iterator[None]:
        """The averaged nets are those that run."""
        now, self.state = self.state, {**self.state, **self.averaged}
        try:
            yield
        finally:
            self.state = now

    def layers(self, nets: slice) -> OwnNets:
        state = {**self.state, **self.averaged}
        arrays = {name: tensor[nets].numpy(force=True).copy() for name, tensor in state.items()}
        return OwnNets(self.mould.own, arrays)

    def run(
        self,
        x: torch.Tensor,
        kept: list[torch.Tensor] | None,
        share: torch.Tensor | None,
        *,
        train: bool,
        settles: bool = False,
    ) -> torch.Tensor:
        """(M, b, C) outputs of inputs (M, b, p) with shares (M, b), with numbers (M, ...) of each place that drops."""
        own = self.mould.own
        own.template.train(train)
        drawn = None if kept is None else tuple(kept)
        shares = x.new_ones(x.shape[:2]) if share is None else share
        if self.together:
            dims = (0, 0, None if drawn is None else 0, 0, 0)
            run = vmap(partial(own.run, settles=settles), in_dims=dims, randomness="error")
            return run(self.state, x, drawn, self._rate, shares)
        names, parts = list(self.state), [tensor.unbind(0) for tensor in self.state.values()]
        said = []
        for net in range(self.nets):
            state = dict(zip(names, (part[net] for part in parts), strict=True))
            fallen = None if drawn is None else tuple(one[net] for one in drawn)
            with seeded(streams.other_number(self.mould.seed, net % self.seeds, self.steps)):
                said.append(own.run(state, x[net], fallen, self._rate[net], shares[net], settles=settles))
        return torch.stack(said)

    def _share(self, weight: torch.Tensor) -> torch.Tensor:
        """(M, b) weights that sum to one of rows with ``weight`` (resamples * seeds, b)."""
        return (weight / weight.sum(1, keepdim=True)).repeat(len(self.rungs), 1)

    def _receive(self, inputs: torch.Tensor) -> torch.Tensor:
        """(M, b, p)"""
        return inputs if len(inputs) == self.nets else inputs.repeat(len(self.rungs), 1, 1)

    def _repeated(self, drawn: torch.Tensor) -> torch.Tensor:
        """(M, ...) of what each seed has drawn, (S, ...)."""
        return drawn.repeat(self.nets // self.seeds, *[1] * (drawn.ndim - 1)).to(self.mould.like.dtype)

    @torch.no_grad()
    def _move(self) -> None:
        self.steps += 1
        if self._decays:
            for name in self.mould.decays:
                self.state[name].mul_(self._shaped(self._shrink, self.state[name]))
        self.optimizer.step()
        if self._sparse:
            for name in self.mould.decays:
                value = self.state[name]
                value.copy_(torch.sign(value) * (value.abs() - self._shaped(self._cost, value)).clamp_(min=0.0))
        part = 1.0 - (1.0 - 1.0 / self.steps) ** WINDOW
        for name, average in self.averaged.items():
            average.add_(torch.sub(self.state[name], average).mul_(part))
        if self._sparse:
            for name in self.mould.decays:
                self.averaged[name].mul_(self.state[name] != 0)

    def _column(self, values: list[float]) -> torch.Tensor:
        """(M,) of one number a rung."""
        made = torch.tensor(values, dtype=torch.float64).to(self.mould.like)
        return made.repeat_interleave(self.nets // len(values))

    def _shaped(self, column: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
        return column.view(-1, *[1] * (like.ndim - 1))
