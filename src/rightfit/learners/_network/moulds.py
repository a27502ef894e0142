"""Where blocks of nets are cast: what a cohort must know of its nets, whatever they are made of."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import final

from rightfit.learners._network import streams
from rightfit.learners._network.ground import Ground
from rightfit.learners._network.members import Members
from rightfit.learners._network.perceptron import Block
from rightfit.learners._network.products import Room
from rightfit.learners._network.rungs import Rung


class Mould(ABC):
    """Casts blocks."""

    drops: list[tuple[int, ...]]
    """Shapes of what dropout falls on in one net, batches included."""
    widest: int
    """Numbers that one net holds together for one batch, at most."""

    settles: bool
    """Its nets must find out what their layers are like before they are judged or taken."""

    @abstractmethod
    def alike(self, rung: Rung) -> object:
        """What rungs of one block must have in common."""

    @abstractmethod
    def cast(self, rungs: Sequence[Rung], resamples: int) -> Members:
        """The nets of these rungs, which are `alike`, on so many resamples, where they start."""


@final
class DenseMould(Mould):
    """Perceptrons."""

    def __init__(self, hidden: tuple[int, ...], norm: str, ground: Ground, size: int, seeds: int, seed: int):
        widths = [ground.problem.design.p, *hidden, ground.outputs]
        shapes = list(itertools.pairwise(widths))
        self.drops = [(size, units) for units in hidden]
        self.widest = size * max(widths[1:])
        self._first = [streams.start(seed, net, shapes) for net in range(seeds)]
        self.settles, self._like, self._norm = norm == "batch", ground.table, norm
        self._room = Room()

    def alike(self, rung: Rung) -> object:
        return rung.learning_rate, rung.dropout

    def cast(self, rungs: Sequence[Rung], resamples: int) -> Members:
        return Block(rungs, self._first, resamples, self._like, norm=self._norm, room=self._room)
