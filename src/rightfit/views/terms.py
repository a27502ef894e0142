"""The parts of every row's loss, gathered from the models of many resamples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from rightfit.contracts import Path, Problem
from rightfit.records import Resamples
from rightfit.views.crossed import crossed_error
from rightfit.views.decompose import Split, Tally, count_votes

BATCHES = 10
"""Parts of a bootstrap whose differences tell how much hangs on the models that were drawn."""
Moments: TypeAlias = tuple[np.ndarray, np.ndarray]
"""(K,) means and (K,) standard errors."""


@dataclass(frozen=True)
class Terms:
    """M terms: a row's split by some models."""

    row: np.ndarray
    """(M,) place among the judged rows."""
    model: np.ndarray
    """(M,) number of the models that made it."""
    split: Split
    """(K, M) each."""

    def share(self, weight: np.ndarray) -> np.ndarray:
        """(M,) every row's weight (r,), divided evenly among its terms; sums to one."""
        share = weight[self.row] / np.bincount(self.row)[self.row]
        return np.asarray(share / share.sum())


@dataclass(frozen=True)
class Gathered:
    """The terms of one target."""

    whole: Terms
    """What the means are of."""
    cells: Terms
    """What the errors are of: the same where models come in pairs, those of the batches of a bootstrap."""

    def total(self, weight: np.ndarray, unit: np.ndarray) -> Moments:
        return self._moments(self.whole.split.total, self.cells.split.total, weight, unit)

    def central(self, weight: np.ndarray, unit: np.ndarray) -> Moments:
        return self._moments(self.whole.split.central, self.cells.split.central, weight, unit)

    def variance(self, weight: np.ndarray, unit: np.ndarray) -> Moments:
        return self._moments(self.whole.split.variance, self.cells.split.variance, weight, unit)

    def above(self, other: Gathered, weight: np.ndarray, unit: np.ndarray) -> Moments:
        """The central part less that of another target of the same rows."""
        whole = self.whole.split.central - other.whole.split.central
        return self._moments(whole, self.cells.split.central - other.cells.split.central, weight, unit)

    def _moments(self, whole: np.ndarray, cells: np.ndarray, weight: np.ndarray, unit: np.ndarray) -> Moments:
        """Rows (r,) have weights and units."""
        error = crossed_error(cells, self.cells.share(weight), unit[self.cells.row], self.cells.model)
        return whole @ self.whole.share(weight), error


def gather(
    problem: Problem,
    targets: Sequence[np.ndarray],
    paths: Sequence[Path],
    resamples: Resamples,
    judged: np.ndarray,
) -> tuple[list[Gathered], np.ndarray]:
    """The terms of every target (n,) on the judged rows (r,), and the models' votes (K, r, C) for classes.

    Models that share a deal of rows are split together: the two of a pair, a tenth of a bootstrap (all of it for the
    means). A row that fewer than two models of a batch scored has no term there.
    """
    steps, design = len(paths[0].strengths), problem.design.take(judged)
    offset, own = problem.offset[judged], [target[judged] for target in targets]
    votes = np.zeros((steps, len(judged), max(2, problem.loss.outputs)), np.uint16)
    everything = [Tally(problem.loss, y, steps) for y in own]
    cells: list[list[Terms]] = [[] for _ in own]
    paired = are_pairs(resamples)
    for number, members in enumerate(_batches(resamples, paired=paired)):
        batch = [Tally(problem.loss, y, steps) for y in own]
        for k in members:
            rows = np.flatnonzero(resamples.scored[k, judged])
            eta = paths[k].predict(design.take(rows), offset[rows])
            for tally in batch if paired else [*batch, *everything]:
                tally.add(rows, eta)
            votes[:, rows] += count_votes(eta)
        for place, tally in enumerate(batch):
            cells[place].append(_terms(tally, number))
    gathered = []
    for place, tally in enumerate(everything):
        joined = _join(cells[place])
        gathered.append(Gathered(joined if paired else _terms(tally, 0), joined))
    return gathered, votes


def are_pairs(resamples: Resamples) -> bool:
    """The resamples come two by two, each two scoring the same rows and sharing none that they were taught by."""
    first, second = slice(1, None, 2), slice(2, None, 2)
    if len(resamples) < 3 or len(resamples) % 2 == 0:
        return False
    same = np.array_equal(resamples.scored[first], resamples.scored[second])
    return same and not (resamples.multiplicity[first] * resamples.multiplicity[second]).any()


def _batches(resamples: Resamples, *, paired: bool) -> list[list[int]]:
    count = len(resamples) - 1
    parts = np.array_split(np.arange(1, count + 1), count // 2 if paired else min(BATCHES, max(1, count // 8)))
    return [part.tolist() for part in parts]


def _terms(tally: Tally, number: int) -> Terms:
    rows = np.flatnonzero(tally.models > 1)
    return Terms(rows, np.full(len(rows), number), tally.split(rows))


def _join(terms: Sequence[Terms]) -> Terms:
    return Terms(
        np.concatenate([term.row for term in terms]),
        np.concatenate([term.model for term in terms]),
        Split(
            np.concatenate([term.split.central for term in terms], axis=1),
            np.concatenate([term.split.variance for term in terms], axis=1),
        ),
    )
