"""Nets that walk in step: rungs with one size of batches and all seeds, on resamples with as many batches an epoch.

An epoch shows a net each of its resample's teaching rows once, in an order of its own seed: T = rows / batch steps,
rounded up, of rows / T rows each. The mean loss of a batch is taken over its rows with their weights.
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
from rightfit.learners._network.augment import Augment
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
SETTLING = 2048
"""Rows of each resample by which nets that normalize find out what their layers are like."""
_READ = 4_000_000
"""Inputs that are read together to be predicted."""
READ = 128
"""Rows that are predicted together, or those of a batch where it is larger, so that they stay near the processor."""


def count_batches(rows: int, batch: int) -> tuple[int, int]:
    """Steps of an epoch, and rows of a batch with those that fill it up."""
    steps = ceil(rows / batch)
    return steps, LINE * ceil(ceil(rows / steps) / LINE)


@final
class Cohort:
    """The nets of some rungs x ``resamples`` x seeds; ``numbers`` are those of its rungs in the whole ladder, by which
    all its methods count them."""

    def __init__(
        self,
        ground: Ground,
        rungs: Sequence[Rung],
        numbers: Sequence[int],
        resamples: Sequence[int],
        *,
        body: Body,
        augment: Augment,
        seeds: int,
        seed: int,
    ):
        self.ground, self.rungs, self.resamples = ground, [rungs[r] for r in numbers], list(resamples)
        self.numbers = np.array(numbers)
        self.worth = 0.0
        """Steps that a batch is told to be."""
        self.seeds, self.seed, self.epoch, self._step = seeds, seed, 0, 0
        self.batches, self.size = count_batches(len(ground.plots[resamples[0]].rows), self.rungs[0].batch)
        self._place = torch.tensor([k for k in resamples for _ in range(seeds)], device=ground.device)
        self._streams = streams.Streams(seed, seeds, ground.device)
        self._augment = augment.meet(ground)
        mould = body.mould(ground, self.size, seeds, seed)
        self._dropped = mould.drops
        cached = CACHED // mould.widest if ground.device == "cpu" else 1 << 30
        self.blocks = [
            (some, part, mould.cast([self.rungs[r] for r in some], len(part)))
            for some, part in _divide([mould.alike(rung) for rung in self.rungs], len(resamples), seeds, cached)
        ]
        self._sample = self._draw_sample() if mould.settles else None
        self._drops, self._noisy = any(r.dropout for r in self.rungs), any(r.noise for r in self.rungs)
        self._mixes = any(r.mixup for r in self.rungs)

    @torch.no_grad()
    def advance(self, alive: np.ndarray) -> None:
        """One epoch of the nets on rungs that are ``alive`` (R,), and of those that share a block with one."""
        blocks = [block for block in self.blocks if alive[self.numbers[list(block[0])]].any()]
        for rows, weight, partner in self._deal():
            tell(self.worth)
            x = self._augment.read(self.ground, rows, self._place, self._streams.images)
            falling = Falling(
                [self._streams.dropout(*shape) for shape in self._dropped] if self._drops else None,
                self._streams.noise(self.size, x.shape[2]) if self._noisy else None,
            )
            batch = Batch(self.ground, self._place, rows, weight, x, partner, self._shares())
            for some, part, block in blocks:
                groups = slice(part.start * self.seeds, part.stop * self.seeds)
                inputs, slope = batch.of(self.rungs[some.start : some.stop], some, groups)
                block.step(inputs, weight[groups], slope, falling)
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
    def settle(self, alive: np.ndarray) -> None:
        """To be called before nets are judged or taken: those that normalize find out what their layers are like."""
        if self._sample is None:
            return
        rows, weight = self._sample
        x = self.ground.read(rows, self._place)
        for some, part, block in self.blocks:
            if alive[self.numbers[list(some)]].any():
                groups = slice(part.start * self.seeds, part.stop * self.seeds)
                block.settle(x[groups], weight[groups])

    def _draw_sample(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Rows (G, r) that taught, at most `SETTLING` for each resample, spread evenly, and their weights."""
        plots = [self.ground.plots[k] for k in self.resamples]
        some = [spread_evenly(len(plot.rows), SETTLING) for plot in plots]
        count = LINE * ceil(max(map(len, some)) / LINE)
        rows, weight = np.zeros((len(plots), count), np.int64), np.zeros((len(plots), count))
        for j, (plot, part) in enumerate(zip(plots, some, strict=True)):
            rows[j], rows[j, : len(part)] = plot.rows[0], plot.rows[part]
            weight[j, : len(part)] = plot.weight[part]
        place = torch.as_tensor(rows).to(self.ground.device)
        return place.repeat_interleave(self.seeds, 0), self.ground.tensor(weight).repeat_interleave(self.seeds, 0)

    @torch.no_grad()
    def outputs(self, rows: Sequence[np.ndarray], alive: np.ndarray) -> list[np.ndarray]:
        """For each resample (R of the cohort, S, r, C) float64, the averaged nets' outputs on its ``rows``; NaN on
        rungs that are not ``alive``."""
        longest = max(len(some) for some in rows)
        outputs = self.ground.outputs
        found = [np.full((len(self.rungs), self.seeds, len(some), outputs), np.nan) for some in rows]
        width = min(max(8, _READ // (self.ground.table.shape[1] * len(self._place))), max(READ, self.size))
        for start in range(0, longest, width):
            part = [some[start : start + width] for some in rows]
            count = LINE * ceil(max(len(some) for some in part) / LINE)
            place = np.zeros((len(rows), count), np.int64)
            for j, some in enumerate(part):
                place[j, : len(some)] = some
            index = torch.as_tensor(place).repeat_interleave(self.seeds, 0).to(self.ground.device)
            x = self.ground.read(index, self._place)
            for some_rungs, resamples, block in self.blocks:
                if not alive[self.numbers[list(some_rungs)]].any():
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
        own = list(self.numbers).index(rung)
        for some, part, block in self.blocks:
            if own in some and resample in part:
                first = ((own - some.start) * len(part) + resample - part.start) * self.seeds
                return block.layers(slice(first, first + self.seeds))
        raise IndexError((rung, resample))


def spread_evenly(count: int, most: int) -> np.ndarray:
    """At most so many places of ``count``."""
    return np.unique(np.linspace(0, count - 1, min(most, count)).astype(np.int64))


def _divide(alike: Sequence[object], resamples: int, seeds: int, cached: int) -> Iterator[tuple[range, range]]:
    """Rungs and resamples of each block: rungs that are ``alike``, at most about ``cached`` nets and at least the
    seeds of one resample."""
    pieces = ceil(resamples / max(1, cached // seeds))
    ends = [j * resamples // pieces for j in range(pieces + 1)]
    each = max(1, cached // (resamples * seeds)) if pieces == 1 else 1
    start = 0
    while start < len(alike):
        stop = start + 1
        while stop < len(alike) and stop - start < each and alike[stop] == alike[start]:
            stop += 1
        for a, b in itertools.pairwise(ends):
            yield range(start, stop), range(a, b)
        start = stop
