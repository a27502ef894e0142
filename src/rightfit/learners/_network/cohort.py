"""Nets that walk in step: all rungs and seeds on resamples with as many batches an epoch.

An epoch shows a net each of its resample's teaching rows once, in an order of its own seed: T = rows / batch steps, to
the nearest whole number, of rows / T rows each. The mean loss of a batch is taken over its rows with their weights.
Batches are filled up to a multiple of 16 with rows of weight zero. Nets of one resample and one seed share their
batches whatever their rung, so that rows are gathered and brought to size once for a whole ladder.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from math import ceil
from typing import final

import numpy as np
import torch

from rightfit.learners._network import streams
from rightfit.learners._network.batch import Batch
from rightfit.learners._network.bodies import Body, Nets
from rightfit.learners._network.ground import Ground
from rightfit.learners._network.perceptron import Falling
from rightfit.learners._network.rungs import Rung
from rightfit.solvers.watch import tell

CACHED = 500_000
"""Numbers of one layer that nets in a block may hold together, so that they stay near the processor."""
LINE = 16
"""Rows of a batch are a multiple of it, so that all products find their matrices aligned alike."""
_READ = 4_000_000
"""Inputs that are read together to be predicted."""


def count_batches(rows: int, batch: int) -> tuple[int, int]:
    """Steps of an epoch, and rows of a batch with those that fill it up."""
    steps = max(1, round(rows / batch))
    return steps, LINE * ceil(ceil(rows / steps) / LINE)


@final
class Cohort:
    """The nets of ``rungs`` x ``resamples`` x seeds."""

    def __init__(
        self,
        ground: Ground,
        rungs: Sequence[Rung],
        resamples: Sequence[int],
        *,
        body: Body,
        batch: int,
        rate: float,
        seeds: int,
        seed: int,
    ):
        self.ground, self.rungs, self.resamples = ground, list(rungs), list(resamples)
        self.seeds, self.seed, self.epoch, self._step = seeds, seed, 0, 0
        self.batches, self.size = count_batches(len(ground.plots[resamples[0]].rows), batch)
        self._place = torch.tensor([k for k in resamples for _ in range(seeds)], device=ground.device)
        self._streams = streams.Streams(seed, seeds, ground.device)
        mould = body.mould(ground, self.size, seeds, seed, rate)
        self._dropped = mould.drops
        cached = CACHED // mould.widest if ground.device == "cpu" else 1 << 30
        self.blocks = [
            (some, part, mould.cast([self.rungs[r] for r in some], len(part)))
            for some, part in _divide(len(rungs), len(resamples), seeds, cached)
        ]
        self._drops, self._noisy = any(r.dropout for r in rungs), any(r.noise for r in rungs)
        self._mixes = any(r.mixup for r in rungs)

    @torch.no_grad()
    def advance(self, alive: np.ndarray) -> None:
        """One epoch of the nets on rungs that are ``alive`` (R,), and of those that share a block with one."""
        blocks = [block for block in self.blocks if alive[list(block[0])].any()]
        for rows, weight, partner in self._deal():
            tell(0.0)
            x = self.ground.read(rows, self._place)
            falling = Falling(
                [self._streams.dropout(*shape) for shape in self._dropped] if self._drops else None,
                self._streams.noise(self.size, x.shape[2]) if self._noisy else None,
            )
            batch = Batch(self.ground, self._place, rows, weight, x, partner, self._shares())
            for some, part, block in blocks:
                groups = slice(part.start * self.seeds, part.stop * self.seeds)
                inputs, slope = batch.of(self.rungs[some.start : some.stop], some, groups)
                block.step(inputs, slope, falling)
            self._step += 1
        self.epoch += 1

    def _deal(self) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]]:
        """Rows (G, b) of each batch of the epoch, their weights over the number of rows, and their partners' places."""
        device, count = self.ground.device, self.batches * self.size
        place = np.zeros((len(self.resamples), self.seeds, count), np.int64)
        weight = np.zeros((len(self.resamples), self.seeds, count))
        partner = np.tile(np.arange(self.size), (len(self.resamples), self.seeds, self.batches))
        for j, k in enumerate(self.resamples):
            plot = self.ground.plots[k]
            ends = np.arange(self.batches + 1) * len(plot.rows) // self.batches
            batch = np.repeat(np.arange(self.batches), np.diff(ends))
            within = np.arange(len(plot.rows)) - ends[batch]
            cell = batch * self.size + within
            rows_in = np.diff(ends)[batch]
            for s in range(self.seeds):
                drawn = streams.order(self.seed, s, self.epoch, len(plot.rows))
                place[j, s] = plot.rows[0]
                place[j, s, cell] = plot.rows[drawn]
                weight[j, s, cell] = plot.weight[drawn] / rows_in
                partner[j, s, cell] = (within + 1) % rows_in
        shape = (len(self.resamples) * self.seeds, self.batches, self.size)
        rows = torch.as_tensor(place.reshape(shape)).to(device)
        weights = self.ground.tensor(weight.reshape(shape))
        partners = torch.as_tensor(partner.reshape(shape)).to(device) if self._mixes else None
        for t in range(self.batches):
            yield rows[:, t], weights[:, t], None if partners is None else partners[:, t]

    def _shares(self) -> torch.Tensor | None:
        """(R, G) weights of rows against their partners in this step, 1 on rungs without mixup."""
        if not self._mixes:
            return None
        drawn = [
            [streams.share(self.seed, s, self._step, r.mixup) if r.mixup else 1.0 for s in range(self.seeds)]
            for r in self.rungs
        ]
        return self.ground.tensor(np.tile(np.array(drawn), len(self.resamples)))

    @torch.no_grad()
    def outputs(self, rows: Sequence[np.ndarray], alive: np.ndarray) -> list[np.ndarray]:
        """For each resample (R, S, r, C) float64, the averaged nets' outputs on its ``rows``; NaN on other rungs."""
        longest = max(len(some) for some in rows)
        outputs = self.ground.outputs
        found = [np.full((len(self.rungs), self.seeds, len(some), outputs), np.nan) for some in rows]
        width = max(8, _READ // (self.ground.table.shape[1] * len(self._place)))
        for start in range(0, longest, width):
            part = [some[start : start + width] for some in rows]
            count = LINE * ceil(max(len(some) for some in part) / LINE)
            place = np.zeros((len(rows), count), np.int64)
            for j, some in enumerate(part):
                place[j, : len(some)] = some
            index = torch.as_tensor(place).repeat_interleave(self.seeds, 0).to(self.ground.device)
            x = self.ground.read(index, self._place)
            for some_rungs, resamples, block in self.blocks:
                if not alive[list(some_rungs)].any():
                    continue
                out = block.outputs(x[resamples.start * self.seeds : resamples.stop * self.seeds])
                shape = (len(some_rungs), len(resamples), self.seeds, count, outputs)
                said = np.asarray(out.cpu(), np.float64).reshape(shape)
                for place_in, j in enumerate(resamples):
                    length = len(part[j])
                    found[j][list(some_rungs), :, start : start + length] = said[:, place_in, :, :length]
        return found

    def layers(self, rung: int, resample: int) -> Nets:
        """The averaged nets of all seeds at one place; ``resample`` counts those of the cohort."""
        for some, part, block in self.blocks:
            if rung in some and resample in part:
                first = ((rung - some.start) * len(part) + resample - part.start) * self.seeds
                return block.layers(slice(first, first + self.seeds))
        raise IndexError((rung, resample))


def _divide(rungs: int, resamples: int, seeds: int, cached: int) -> Iterator[tuple[range, range]]:
    """Rungs and resamples of each block, of at most about ``cached`` nets and at least the seeds of one resample."""
    if rungs * resamples * seeds <= cached or resamples * seeds <= cached:
        each = max(1, min(rungs, cached // (resamples * seeds)))
        for start in range(0, rungs, each):
            yield range(start, min(rungs, start + each)), range(resamples)
        return
    pieces = ceil(resamples / max(1, cached // seeds))
    ends = [j * resamples // pieces for j in range(pieces + 1)]
    for rung in range(rungs):
        for a, b in itertools.pairwise(ends):
            yield range(rung, rung + 1), range(a, b)
