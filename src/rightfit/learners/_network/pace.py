"""How far a ladder has come, of which nobody knows how long it will be.

A rung is expected to be over at twice its best epoch so far, as a curve that levels needs that long to be believed
(`rightfit.learners._settling`), and not before `YOUNG` steps. With w the work of the epochs that come now, and r the
work that is expected after them, they are w / (w + r) of what is left to be told: what is told never goes back, and
when nets take longer than expected it goes on more slowly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from rightfit.learners._network.cohort import Cohort
from rightfit.learners._network.watch import YOUNG, Watch
from rightfit.solvers.watch import tell


@final
class Pace:
    """Hands cohorts what their batches are worth; all of it together are ``steps``."""

    def __init__(self, steps: float, *, full: bool):
        """``full`` where the full fit is trained too."""
        self._left, self.full = steps, full

    def plan(self, cohorts: Sequence[Cohort], alive: np.ndarray, epochs: int, after: float) -> None:
        """For so many epochs of the nets on rungs that are ``alive``, where the epochs of nets that come ``after``
        count one each."""
        nets = [len(cohort.resamples) * float(alive[cohort.numbers].sum()) for cohort in cohorts]
        worth = self._left / max(1.0, epochs * sum(nets) + after)
        for cohort, count in zip(cohorts, nets, strict=True):
            cohort.worth = worth * count / cohort.batches
        self._left -= worth * epochs * sum(nets)

    def end(self) -> None:
        """Whatever has not been told."""
        tell(self._left)
        self._left = 0.0


def expect_after(watch: Watch, cohorts: Sequence[Cohort], epoch: int, last: int, *, full: bool) -> float:
    """Epochs of single nets after ``epoch``, with ``full`` those of the full fit too."""
    found = 0.0
    for cohort in cohorts:
        for rung in map(int, cohort.numbers):
            one, young = watch.held_out[rung], YOUNG / cohort.batches
            best = one.rounds[one.best] if one.rounds else 0
            end = watch.fixed[rung] or min(last, max(young, 2.0 * best))
            found += len(cohort.resamples) * max(0.0, end - epoch) * float(watch.alive[rung])
    whole = [watch.fixed[r] or (one.rounds[one.best] if one.rounds else 1) for r, one in enumerate(watch.held_out)]
    return found + float(sum(whole)) * full
