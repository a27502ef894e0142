"""The rows of a problem on the device, and what each resample's own rows say of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np
import torch

from rightfit.contracts import Problem
from rightfit.learners._network.inputs import BEND, Inputs, spread_of
from rightfit.learners._network.slopes import indicate, slope_of
from rightfit.records import Resamples
from rightfit.solvers.watch import tell

HUGE = 1e30
"""A square beyond which an input is as far out as it can be; float32 holds it."""


@final
@dataclass(frozen=True)
class Plot:
    """What one resample teaches and judges."""

    rows: np.ndarray
    """(r,) teaching rows; rows of weight zero are none."""
    weight: np.ndarray
    """(r,) theirs, with mean one."""
    judged: np.ndarray
    """Rows that this resample judges."""
    inputs: Inputs
    constant: np.ndarray
    """(C,) the best constant of the teaching rows: where every net starts."""
    spread: np.ndarray
    """(C,) what one unit of a net's output is for the predictor: the target's deviation for numbers, else 1."""
    unit: float
    """Root mean square, over rows and outputs, of the loss's slopes in a net's outputs at the constant: gradients are
    measured in it, so that no setting depends on the unit of the target."""


@final
class Ground:
    """A problem and its resamples. Tables are kept less a typical value of each column, so that float32 keeps what
    tells rows apart; targets that are numbers likewise, less their offsets, since only differences matter there."""

    def __init__(
        self,
        problem: Problem,
        resamples: Resamples,
        device: str,
        dtype: torch.dtype = torch.float32,
        measure: Callable[[list[Inputs]], list[Inputs]] = list,
    ):
        """``measure`` says how columns are brought to size, of what each resample's rows say of each by itself."""
        self.problem, self.resamples, self.device, self.dtype = problem, resamples, device, dtype
        self.slope = slope_of(problem.loss, device)
        tell(0.0)
        self.plots = _make_plots(problem, resamples, measure)
        tell(0.0)
        design, every = problem.design, np.arange(problem.design.p)
        self.shift = design.shift(every)
        values = np.ascontiguousarray(design.collect(every, self.shift))
        if not design.complete:
            holes = design.holes().tocoo()
            values[holes.row, holes.col] = np.nan
        tell(0.0)
        self.table = self.tensor(values)
        self.outputs = problem.loss.outputs
        number = problem.loss.predicts == "number"
        self.centre = self.plots[0].constant if number else np.zeros(self.outputs)
        offset = problem.offset[:, None]
        target = problem.y.reshape(len(problem.y), -1)
        self.target = self.tensor(target - offset - self.centre if number else target)
        self.offset = None if number or not problem.offset.any() else self.tensor(offset)
        self.mean = self.tensor(np.stack([plot.inputs.mean - self.shift for plot in self.plots]))
        self.scale = self.tensor(np.stack([plot.inputs.scale for plot in self.plots]))
        self.constant = self.tensor(np.stack([plot.constant - self.centre for plot in self.plots]))
        self.spread = self.tensor(np.stack([plot.spread for plot in self.plots]))
        self.unit = self.tensor(np.array([plot.unit for plot in self.plots]))

    def indicate(self, target: torch.Tensor) -> torch.Tensor:
        """(..., C) ones where a row is of the class."""
        return indicate(self.problem.loss, target)

    def tensor(self, values: np.ndarray) -> torch.Tensor:
        """Numbers on the device."""
        return torch.as_tensor(values, dtype=self.dtype).to(self.device)

    def read(self, rows: torch.Tensor, resample: torch.Tensor) -> torch.Tensor:
        """(G, b, p) inputs of rows (G, b), as each resample (G,) measures them."""
        return self.measure(self.take(rows), resample)

    def take(self, rows: torch.Tensor) -> torch.Tensor:
        """(G, b, p) the columns of rows (G, b), less a typical value of each."""
        return self.table[rows]

    def measure(self, x: torch.Tensor, resample: torch.Tensor) -> torch.Tensor:
        """Columns (G, b, p) as each resample (G,) measures them, in their place."""
        x -= self.mean[resample, None]
        x *= self.scale[resample, None]
        x *= torch.rsqrt(torch.square(x / BEND).clamp_(max=HUGE).add_(1.0))
        return x if self.problem.design.complete else torch.nan_to_num_(x)


def _make_plots(problem: Problem, resamples: Resamples, measure: Callable[[list[Inputs]], list[Inputs]]) -> list[Plot]:
    weight = np.column_stack([resamples.weights(k) for k in range(len(resamples))]).astype(np.float64)
    weight /= weight.sum(axis=0)
    inputs = measure(Inputs.of(problem.design, weight))
    plots = []
    for k, own in enumerate(inputs):
        rows = np.flatnonzero(weight[:, k] > 0)
        share = weight[rows, k]
        constant = problem.constant(weight[:, k])
        judged = np.flatnonzero(resamples.scored[k] & (resamples.weight > 0))
        spread = spread_of(problem, weight[:, k], constant)
        unit = _find_unit(problem, rows, share, constant, spread)
        plots.append(Plot(rows, share * len(rows), judged, own, constant, spread, unit))
    return plots


def _find_unit(
    problem: Problem, rows: np.ndarray, share: np.ndarray, constant: np.ndarray, spread: np.ndarray
) -> float:
    """`Plot.unit`."""
    eta = problem.offset[rows, None] + constant
    slope = problem.loss.slope(problem.y[rows], eta if problem.loss.outputs > 1 else eta[:, 0]).reshape(eta.shape)
    unit = float(np.sqrt((share @ (slope * spread) ** 2).mean()))
    return unit if unit > 0 else 1.0
