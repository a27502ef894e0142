"""Columns of a design as a net wants them: of one size, and never far out.

    z = (x - mean) / deviation        of the fit's own rows; a missing value is the mean, z = 0
    input = z / sqrt(1 + (z / 3)^2)   which is z near 0 and never beyond 3

so that neither a heavy tail nor a level that one row in a thousand has can push a net around (the smooth clipping of
Holzmueller, Grinsztajn and Steinwart 2024, Better by default, section 3). A column that does not vary in the fit's
rows says nothing: its inputs are 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from rightfit.contracts import Design, Problem
from rightfit.errors import DataError

BEND = 3.0
"""Deviations that no input exceeds."""


@final
@dataclass(frozen=True)
class Inputs:
    """How a fit's own rows measure the columns."""

    mean: np.ndarray
    """(p,) weighted means of the observed values."""
    scale: np.ndarray
    """(p,) 1 / weighted standard deviation; 0 for columns that do not vary."""

    @staticmethod
    def of(design: Design, weight: np.ndarray) -> list[Inputs]:
        """One for each column of weights (n, m) that sum to one."""
        mean, deviation = design.moments(weight)
        with np.errstate(divide="ignore"):
            scale = np.where(deviation > 0, 1.0 / deviation, 0.0)
        return [Inputs(mean[:, k].copy(), scale[:, k].copy()) for k in range(weight.shape[1])]

    def read(self, design: Design) -> np.ndarray:
        """(n, p) float64."""
        return bend(self.standardize(design))

    def standardize(self, design: Design) -> np.ndarray:
        """(n, p) values less their means, in deviations; 0 where they are missing."""
        if design.p != len(self.mean):
            raise DataError(f"the model has {len(self.mean)} columns, the table has {design.p}")
        every = np.arange(design.p)
        values = np.ascontiguousarray(design.collect(every, self.mean))
        values += design.shift(every) - self.mean
        values *= self.scale
        return values


def bend(z: np.ndarray) -> np.ndarray:
    """z / sqrt(1 + (z / 3)^2)."""
    return np.asarray(BEND * z / np.hypot(BEND, z))


def spread_of(problem: Problem, share: np.ndarray, constant: np.ndarray) -> np.ndarray:
    """(C,) what one unit of a net's output is for the predictor: the deviation of targets that are numbers from the
    constant, else 1; ``share`` (n,) are weights that sum to one."""
    if problem.loss.predicts != "number":
        return np.ones(len(constant))
    rows = np.flatnonzero(share > 0)
    away = problem.y[rows].reshape(len(rows), -1) - problem.offset[rows, None] - constant
    spread = np.sqrt(np.maximum(share[rows] @ away**2 - (share[rows] @ away) ** 2, 0.0))
    return np.where(spread > 0, spread, 1.0)
