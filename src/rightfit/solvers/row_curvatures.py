"""The curvatures of rows as weights of second moments, each pair of outputs once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import final

import numpy as np


@final
@dataclass(frozen=True)
class RowCurvatures:
    """Row curvatures, weighted, as m non-negative vectors of weights (m, n): an output's own is >= 0, between two
    outputs it is the negative, which is <= 0."""

    weights: np.ndarray
    outputs: int
    level: bool = False
    """A constant added to all outputs changes nothing: an output's own follow from the others, and are left out."""

    @staticmethod
    def of(curvature: np.ndarray) -> RowCurvatures:
        """Of curvatures (C, C, n)."""
        first, then, _ = _pairs(len(curvature), level=False)
        return RowCurvatures(np.abs(curvature[first, then]), len(curvature))

    @property
    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """(m,) and (m,) outputs of each."""
        return _pairs(self.outputs, level=self.level)[:2]

    def whole(self) -> np.ndarray:
        """(C, C) sums over all rows."""
        return self.spread(self.weights.sum(axis=1))

    def totals(self, part: np.ndarray, count: int) -> np.ndarray:
        """(count, C, C) sums over each part of the rows, which ``part`` (n,) numbers."""
        return np.array([self.spread(sums) for sums in (self.weights @ (part[:, None] == np.arange(count))).T])

    def spread(self, moments: np.ndarray) -> np.ndarray:
        """(C, C, ...) of moments (m, ...) under the weights."""
        if self.outputs == 1:
            return moments[None]
        first, then, signs = _pairs(self.outputs, level=self.level)
        sign = signs.reshape(-1, *(1 for _ in moments.shape[1:]))
        out = np.zeros((self.outputs, self.outputs, *moments.shape[1:]))
        out[first, then] = sign * moments
        out[then, first] = out[first, then]
        if self.level:
            own = np.arange(self.outputs)
            out[own, own] = -out.sum(axis=1)
        return out


@cache
def _pairs(outputs: int, *, level: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(m,) and (m,) outputs of each pair, and the sign of its curvature."""
    first, then = np.tril_indices(outputs, -1 if level else 0)
    return first, then, np.where(first == then, 1.0, -1.0)
