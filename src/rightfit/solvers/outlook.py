"""Which columns may be pulled out of zero, told without a pass over all of them.

Since the last pass the dual d of a task has changed by some e, and no pull by more than

    |x_j' e| <= s_j ||e / sqrt(w)|| + |m_j sum(e)|

(Cauchy and Schwarz) for the column's mean m_j and standard deviation s_j under the task's row weights w. A column whose
pull was so weak that this does not bring it to its l1 stays at zero; the other ones are asked (in the spirit of gap
safe rules, Ndiaye, Fercoq, Gramfort and Salmon 2017, with a sphere around the last dual point).
"""

from __future__ import annotations

import numpy as np

from rightfit.solvers.boxes import Boxes
from rightfit.solvers.setting import Setting

LEAST = 1000
"""Columns of which a pass takes longer than telling."""
MOST, MOST_PICKED = 0.25, 0.03
"""Share of doubtful columns from which a pass over all is the better way; the same where they are picked out first."""
ROUNDING = 1e-9
"""Relative room for rounding."""


class Outlook:
    """What a pass over all columns for all tasks has left to tell."""

    def __init__(self, setting: Setting):
        # rows of weight 0 have no part in any bound; a coupled loss pulls by them too
        self.serves = setting.design.p >= LEAST and setting.design.complete and not setting.loss.coupled
        """whether passes are worth remembering"""
        self._most = MOST_PICKED if setting.design.in_place() is None else MOST
        if not self.serves:
            return
        with np.errstate(divide="ignore", invalid="ignore"):
            unit = np.where(setting.excluded, 0.0, 1 / setting.divisor)
            self._away = np.where(setting.weight > 0, 1 / np.sqrt(setting.weight), 0.0)[:, None]
        self._spread = (unit * setting.scale).max(axis=1)
        self._level = (unit * np.abs(setting.fill)).max(axis=1)
        self._dual = self._total = self._loudest = np.full((), np.nan)

    def remember(self, dual: np.ndarray, total: np.ndarray, loudest: np.ndarray) -> None:
        """After a pass at the dual (T, C, n) and its sums (T, C): the loudest pull (p,) on each column."""
        self._dual, self._total, self._loudest = dual.copy(), total.copy(), loudest

    def doubtful(self, boxes: Boxes, dual: np.ndarray, total: np.ndarray) -> np.ndarray | None:
        """The columns that a task may pull out of zero now, None where only a pass over all can tell."""
        if not self.serves or boxes.tangent.l1.ndim > 1:
            return None
        change = np.sqrt(((dual - self._dual) ** 2 * self._away**2).sum(axis=2)).max()
        drift = np.abs(total - self._total).max()
        most = (self._loudest + self._spread * change + self._level * drift) * (1 + ROUNDING)
        out = np.flatnonzero(~(most < boxes.tangent.l1))
        return out if len(out) <= self._most * len(most) else None
