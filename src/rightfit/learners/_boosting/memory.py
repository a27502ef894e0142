"""What a booster has said of rows while it grew, so that nobody need send them down its trees again."""

from __future__ import annotations

from typing import final

import numpy as np

from rightfit.contracts import Problem

KEPT = 32_000_000
"""Numbers in float32 that all boosters of one walk may keep together; where there are more, nothing is kept."""


@final
class Memory:
    """Margins of some rows of a problem at every step of a path, the first of which is the constant."""

    def __init__(self, problem: Problem, rows: np.ndarray, constant: np.ndarray):
        """``rows`` (r,) in the order in which margins come; ``constant`` (C,) is where these start from."""
        self._design, self._constant = problem.design, constant
        self._order = np.argsort(rows, kind="stable")
        self._rows = rows[self._order]
        self._margins = [np.zeros((len(rows), len(constant)), np.float32)]

    def add(self, margins: np.ndarray) -> None:
        """(r, C) float32 of the next step."""
        self._margins.append(margins)

    def forget_after(self, steps: int) -> None:
        """Steps that are none of the path."""
        del self._margins[steps:]

    def add_to(self, eta: np.ndarray, problem: Problem, rows: np.ndarray) -> bool:
        """Add the predictors, without the offset, to ``eta`` (K, r, C); False where a row, or the problem, was not
        seen."""
        if problem.design is not self._design or not len(self._rows):
            return False
        place = np.minimum(np.searchsorted(self._rows, rows), len(self._rows) - 1)
        if (self._rows[place] != rows).any():
            return False
        place = self._order[place]
        for step, margins in enumerate(self._margins):
            eta[step] += np.take(margins, place, axis=0) + self._constant
        return True
