"""Where every net stops: its epochs are scored on unseen rows, and chosen by rows that do not score it.

All resamples of a rung walk in step, epoch by epoch, and each is judged on the rows that it leaves out. Resample k
stops where the mean over the rows that the *others* judge, and k does not, is least. So early stopping takes no row
from those that teach, and no row has a say in the epoch of the net that it scores. The full fit, which scores nothing,
stops where the mean over all judged rows is least. The best epoch so far is known at every moment, so that only one
copy of each net is kept.

A rung is over when its curve has risen or levelled, see `rightfit.learners._settling`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from rightfit.contracts import Problem
from rightfit.learners._network.ground import Plot
from rightfit.learners._settling import HeldOut
from rightfit.records import Resamples

UNSETTLED = 50
"""Epochs of a resample that no other rows can stop."""
YOUNG = 200
"""Steps before which no curve can have levelled."""


@final
class Watch:
    """Held-out losses of the rungs of one ladder, epoch by epoch."""

    def __init__(
        self,
        problem: Problem,
        resamples: Resamples,
        plots: Sequence[Plot],
        walking: Sequence[int],
        rungs: int,
        seeds: int,
        fixed: int | None,
    ):
        self.problem, self.resamples, self.walking, self.fixed = problem, resamples, list(walking), fixed
        self.plots = [plots[k] for k in walking]
        self.held_out = [HeldOut(resamples) for _ in range(rungs)]
        self.stop = np.zeros((rungs, len(walking)), np.int64)
        """Best epochs so far."""
        self.alive = np.ones(rungs, bool)
        self.taught: list[np.ndarray] = []
        """(R,) mean losses on rows that taught, for each epoch that was seen."""
        self.lucky = np.zeros((rungs, len(walking), seeds))
        """Weighted sums of what each seed's own net loses at its stop."""
        self._least = np.full((rungs, len(walking)), np.inf)
        judged = resamples.scored[list(walking)] & (resamples.weight > 0)
        times = np.maximum(judged.sum(axis=0), 1)
        self._weight = resamples.weight / times
        self._others = [(~judged[:, plot.judged]) * self._weight[plot.judged] for plot in self.plots]
        """For each resample (K, r): weights of its rows where another resample does not judge them."""
        self._total = np.sum([others.sum(axis=1) for others in self._others], axis=0)

    def note(self, epoch: int, steps: int, said: Sequence[np.ndarray], taught: np.ndarray) -> np.ndarray:
        """What each resample's nets (R, S, r, C) say of its judged rows after an epoch of so many steps in all;
        returns (R, K) whether this is their best epoch so far."""
        lost = [self._lose(k, outputs.mean(axis=1)) for k, outputs in enumerate(said)]
        self.taught.append(taught)
        for rung in np.flatnonzero(self.alive) if self.held_out[0].units is not None else ():
            judged = [(plot.judged, loss[rung]) for plot, loss in zip(self.plots, lost, strict=True)]
            self.held_out[rung].add(epoch, judged)
        better = self._improve(epoch, lost)
        self.stop[better] = epoch
        for rung, k in np.argwhere(better):
            own = self._weight[self.plots[k].judged]
            self.lucky[rung, k] = self._lose(k, said[k][rung]) @ own
        for rung in np.flatnonzero(self.alive):
            self.alive[rung] = not self._over(int(rung), epoch, steps)
        return better

    def _improve(self, epoch: int, lost: list[np.ndarray]) -> np.ndarray:
        if self.fixed is not None:
            return np.tile((self.alive & (epoch == self.fixed))[:, None], len(self.plots))
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.sum([others @ loss.T for others, loss in zip(self._others, lost, strict=True)], axis=0).T
            mean = np.where(self._total > 0, mean / self._total, UNSETTLED - epoch)
        better: np.ndarray = self.alive[:, None] & ((mean < self._least) | (self.stop == 0))
        self._least[better] = mean[better]
        return better

    def _over(self, rung: int, epoch: int, steps: int) -> bool:
        if self.fixed is not None:
            return epoch >= self.fixed
        return bool(self.held_out[rung].settled(YOUNG * epoch / steps))

    def _lose(self, k: int, outputs: np.ndarray) -> np.ndarray:
        """(..., r) losses on the rows that a resample judges, of outputs (..., r, C)."""
        plot = self.plots[k]
        return lose(self.problem, plot, plot.judged, outputs)

    @property
    def luck(self) -> np.ndarray:
        """(S, 1 + R) mean held-out loss of the constant model, and of the nets of each seed alone."""
        own = [self._weight[plot.judged] for plot in self.plots]
        nothing = [np.zeros((len(plot.judged), len(plot.constant))) for plot in self.plots]
        constant = sum(float(self._lose(k, nothing[k]) @ own[k]) for k in range(len(own)))
        found = np.vstack([np.full(self.lucky.shape[2], constant), self.lucky.sum(axis=1)])
        return np.asarray(found.T / sum(float(weight.sum()) for weight in own))


def lose(problem: Problem, plot: Plot, rows: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """(..., r) losses of rows at nets' outputs (..., r, C); what is no number is infinite."""
    eta = outputs * plot.spread + plot.constant + problem.offset[rows, None]
    flat = eta.reshape(-1, *eta.shape[-2:])
    with np.errstate(over="ignore", invalid="ignore"):
        lost = np.array([problem.lose(rows, one) for one in flat]).reshape(eta.shape[:-1])
    return np.where(np.isnan(lost), np.inf, lost)
