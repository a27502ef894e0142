"""Where every net stops: its epochs are scored on unseen rows, and chosen by rows that do not score it.

All resamples of a rung walk in step, epoch by epoch, and each is judged on the rows that it leaves out. Resample k is
over when the mean over the judged rows that it does *not* judge has risen or levelled (`rightfit.learners._settling`),
and stops where that mean was least. So early stopping takes no row from those that teach, and no row has a say in the
epoch of the net that it scores. The full fit, which scores nothing, stops where the mean over all judged rows is least.
The best epoch so far is known at every moment, so that only one copy of each net is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from rightfit.contracts import Problem
from rightfit.learners._network.ground import Plot
from rightfit.learners._settling import HeldOut, settle
from rightfit.records import Resamples
from rightfit.rules._averages import Units

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
        seeds: int,
        fixed: Sequence[int | None],
    ):
        """``fixed`` (R,) epochs of rungs that no curve stops."""
        rungs = len(fixed)
        self.problem, self.resamples, self.fixed = problem, resamples, list(fixed)
        self.plots = [plots[k] for k in walking]
        self.held_out = [HeldOut(resamples) for _ in range(rungs)]
        self.stop = np.zeros((rungs, len(walking)), np.int64)
        """Best epochs so far."""
        self.alive = np.ones(rungs, bool)
        self.taught: list[np.ndarray] = []
        """(R,) mean losses on rows that taught, for each epoch that was seen."""
        self.lucky = np.zeros((rungs, len(walking), seeds))
        """Weighted sums of what each seed's own net loses at its stop."""
        judged = resamples.scored[list(walking)] & (resamples.weight > 0)
        self._weight = resamples.weight / np.maximum(judged.sum(axis=0), 1)
        self._over = np.zeros((rungs, len(walking)), bool)
        self._means: list[list[list[float]]] = [[[] for _ in walking] for _ in range(rungs)]
        self._others, self._units = [], []
        """Which of the judged rows a resample does not judge, as places among them; and as units."""
        unit = resamples.unit if len(resamples.unit) else np.arange(len(resamples.weight))
        rows = self.held_out[0].units.rows if self.held_out[0].units is not None else np.empty(0, np.int64)
        for own in judged:
            others = np.flatnonzero(~own[rows])
            self._others.append(others)
            self._units.append(Units.make(rows[others], resamples.weight, unit) if len(others) else None)

    def note(self, epoch: int, steps: np.ndarray, said: Sequence[np.ndarray], taught: np.ndarray) -> np.ndarray:
        """What each resample's nets (R, S, r, C) say of its judged rows after an epoch, of so many steps (R,) in all;
        returns (R, K) whether this is their best epoch so far."""
        lost = [self._lose(k, outputs.mean(axis=1)) for k, outputs in enumerate(said)]
        self.taught.append(taught)
        better = np.zeros(self.stop.shape, bool)
        for rung in map(int, np.flatnonzero(self.alive)):
            one = self.held_out[rung]
            if one.units is not None:
                one.add(epoch, [(plot.judged, loss[rung]) for plot, loss in zip(self.plots, lost, strict=True)])
            for k in np.flatnonzero(~self._over[rung]):
                better[rung, k], self._over[rung, k] = self._look(rung, int(k), epoch, YOUNG * epoch / steps[rung])
            done = self.fixed[rung] or one.units is None or one.settled(YOUNG * epoch / steps[rung])
            self.alive[rung] = not (done and self._over[rung].all())
        self.stop[better] = epoch
        for rung, k in np.argwhere(better):
            self.lucky[rung, k] = self._lose(k, said[k][rung]) @ self._weight[self.plots[k].judged]
        return better

    def _look(self, rung: int, k: int, epoch: int, least: float) -> tuple[bool, bool]:
        """Whether an epoch is the best so far for one resample, and whether it is over, by the rows of the others."""
        fixed = self.fixed[rung]
        if fixed is not None:
            return epoch == fixed, epoch >= fixed
        units, others, means = self._units[k], self._others[k], self._means[rung][k]
        if units is None:
            return epoch <= UNSETTLED or self.stop[rung, k] == 0, epoch >= UNSETTLED
        one = self.held_out[rung]
        means.append(float(units.share @ one.step(-1)[others]))
        over = bool(settle(units, one.rounds, means, lambda step: one.step(step)[others], least))
        return int(np.argmin(means)) == len(means) - 1, over

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
