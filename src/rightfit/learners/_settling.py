"""When have held-out curves of rounds or epochs said all they have to say? Their losses themselves answer.

Let m_k be the mean held-out loss after k rounds, b the best round so far, K the last one. Growing ends when

    risen      m_K - m_b > 2 e(K, b)                       the curve has risen beyond its minimum by more than noise
    levelled   m_h - m_b <= max( e(h, b) / 2, e(b) / 20 )  doubling the rounds gained too little; h <= K / 2 is the best
                                                           of the first half

with e(i, j) the standard error of the mean *paired* difference between two rounds on the same rows, and e(b) that of
the mean loss itself, a small part of which matters to nobody, however many rows prove it. So the smallest improvement
that is worth waiting for follows from the noise of the curve, not from a number that somebody must guess, and there is
no evaluation set: rows judge models that have not seen them, and no model depends on where growing ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import final

import numpy as np

from rightfit.records import Resamples
from rightfit.rules._averages import Units

RISEN = 2.0
"""Paired standard errors above the best round."""
WORTH = 0.5
"""Paired standard errors that a doubling of the rounds must gain."""
SEEN = 0.05
"""Standard errors of the mean loss that it must gain as well."""


@final
class HeldOut:
    """Held-out losses of one setting, a column for every step so far."""

    def __init__(self, resamples: Resamples):
        judged = resamples.scored[1:] & (resamples.weight > 0)
        self._times = judged.sum(axis=0)
        rows = np.flatnonzero(self._times)
        unit = resamples.unit if len(resamples.unit) else np.arange(len(resamples.weight))
        self.units = Units.make(rows, resamples.weight, unit) if len(rows) else None
        self.rounds: list[int] = []
        self.mean: list[float] = []
        self._columns: list[np.ndarray] = []

    def add(self, rounds: int, judged: Iterable[tuple[np.ndarray, np.ndarray]]) -> None:
        """Rows and their losses after so many rounds, of each resample that judged some."""
        assert self.units is not None
        rows, total = self.units.rows, np.zeros(len(self._times))
        for part, loss in judged:
            total[part] += loss
        lost = np.where(np.isnan(total[rows]), np.inf, total[rows]) / self._times[rows]
        self.rounds.append(rounds)
        self.mean.append(float(self.units.share @ lost))
        self._columns.append(lost.astype(np.float32))

    @property
    def best(self) -> int:
        """The step that loses least, the earliest of equal ones."""
        return int(np.argmin(self.mean))

    @property
    def column(self) -> np.ndarray:
        """(r,) losses of the judged rows at the best step."""
        return self._columns[self.best]

    def settled(self, least: float) -> str:
        """`settle` of all judged rows."""
        assert self.units is not None
        return settle(self.units, self.rounds, self.mean, self._columns.__getitem__, least)

    def step(self, number: int) -> np.ndarray:
        """(r,) losses of the judged rows at a step."""
        return self._columns[number]


def settle(
    units: Units, rounds: Sequence[int], mean: Sequence[float], column: Callable[[int], np.ndarray], least: float
) -> str:
    """``"risen"`` or ``"levelled"``; empty where the rounds must go on. A curve cannot have levelled before ``least``
    rounds: until then a model has not had the time to learn. ``column`` gives the losses of the units' rows."""
    if not rounds:
        return ""
    best, last = int(np.argmin(mean)), len(mean) - 1

    def beyond(step: int, width: float) -> bool:
        difference, error = compare_columns(units, column(step), column(best))
        return difference > width * error

    if best < last and beyond(last, RISEN):
        return "risen"
    half = [k for k, r in enumerate(rounds) if 2 * r <= rounds[last]]
    if rounds[last] < least or not half:
        return ""
    before = min(half, key=lambda k: mean[k])
    spread = units.mean(column(best))[1]
    visible = mean[before] - mean[best] > SEEN * (spread if np.isfinite(spread) else 0.0)
    return "" if visible and beyond(before, WORTH) else "levelled"


def compare_columns(units: Units | None, one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Mean paired difference of two columns of losses and its standard error, 0 where there is none."""
    assert units is not None
    with np.errstate(invalid="ignore"):
        difference, error = units.mean(one.astype(np.float64) - other)
    return difference, error if np.isfinite(error) else 0.0
