"""Which columns may have to leave zero, told by the loudest pull of each: computed once a pass over the columns, not at
every question."""

from __future__ import annotations

import numpy as np

from rightfit.solvers.boxes import Boxes
from rightfit.solvers.setting import Setting

BLOCK = 1 << 16
"""Pulls that are looked at together."""


class Screen:
    """The pulls on all columns, in units of what each task multiplies a coefficient by before it is penalized."""

    def __init__(self, setting: Setting):
        with np.errstate(divide="ignore"):
            self._unit = np.where(setting.excluded, 0.0, 1 / setting.divisor).T
        self._usable = ~setting.excluded.all(axis=1)
        self._loudest = np.zeros((2, setting.design.p))
        """the lowest and the highest pull in any task"""

    def look(self, pull: np.ndarray, columns: np.ndarray | None = None) -> None:
        """The pulls (T, p, C) have changed, of some columns or of all."""
        tasks, p, C = pull.shape
        step = max(BLOCK // (tasks * C), 1)
        for a in range(0, p if columns is None else len(columns), step):
            some = slice(a, a + step) if columns is None else columns[a : a + step]
            low, high = self._extremes(pull[:, some], some)
            self._loudest[0, some] = low.min(axis=0)
            self._loudest[1, some] = high.max(axis=0)

    def loudest(self) -> np.ndarray:
        """(p,) the size of the loudest pull on each column."""
        return np.maximum(-self._loudest[0], self._loudest[1])

    def louder(self, boxes: Boxes, pull: np.ndarray, share: float) -> np.ndarray:
        """(p,) columns that some task pulls out of zero with this share of their l1 or more."""
        tangent = boxes.tangent
        low, high = self._extremes(pull, slice(None)) if tangent.l1.ndim > 1 else self._loudest
        push = np.maximum(np.where(tangent.lower < 0, -low, 0.0), np.where(tangent.upper > 0, high, 0.0))
        loud = np.atleast_2d(push >= tangent.l1 * share if share > 0 else np.isfinite(tangent.l1))
        return np.asarray(loud.any(axis=0) & self._usable)

    def _extremes(self, pull: np.ndarray, some: slice | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(T, q) the lowest and the highest of the outputs."""
        unit = self._unit[:, some]
        if pull.shape[2] == 1:
            only = pull[:, :, 0] * unit
            return only, only
        return pull.min(axis=2) * unit, pull.max(axis=2) * unit
