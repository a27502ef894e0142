"""The rows of a problem as boosters want them: read once, and binned once for each resample, for all settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np

from rightfit.contracts import Loss, Problem
from rightfit.learners._boosting.columns import Columns
from rightfit.learners._boosting.library import kinds, load
from rightfit.learners._boosting.objective import Objective, objective_for
from rightfit.records import Resamples
from rightfit.trees.rows import count_copies


@final
@dataclass(frozen=True)
class Plot:
    """What one resample teaches and judges."""

    columns: Columns
    loss: Loss
    """Bound to the weights of the teaching rows where rows depend on each other."""
    constant: np.ndarray
    """(C,) the best constant of the teaching rows: step 0."""
    rows: np.ndarray
    """Teaching rows; rows of weight zero are none."""
    weight: np.ndarray
    """(r,) theirs."""
    matrix: Any
    """XGBoost's, binned."""
    start: np.ndarray
    """(r, C) float32 margins that they start from there."""
    judged: np.ndarray
    """Rows that this resample judges."""
    watched: np.ndarray
    """Rows to predict while growing: the judged ones, with the teaching ones where losses are coupled."""
    watched_matrix: Any
    """XGBoost's; None without rows."""
    complete: np.ndarray
    """(q,) columns without a missing value among the teaching rows."""
    surprising: bool
    """A watched row has a missing value in one of these."""


@final
class Ground:
    """A problem and its resamples."""

    def __init__(self, problem: Problem, resamples: Resamples, bins: int):
        self.problem, self.resamples, self.bins = problem, resamples, bins
        self.objective: Objective = objective_for(problem.loss)
        self.columns = Columns.of(problem.design.p, problem.levels)
        self.values = self.columns.read(problem.design)
        self.weight = count_copies(resamples.weight)
        self._plots: dict[int, Plot] = {}

    def plot(self, k: int) -> Plot:
        """Resample k; kept, so that several settings share the bins."""
        if k not in self._plots:
            self._plots[k] = self._make(k)
        return self._plots[k]

    def forget(self) -> None:
        """All but the full fit."""
        self._plots = {k: plot for k, plot in self._plots.items() if k == 0}

    def _make(self, k: int) -> Plot:
        problem, weight = self.problem, self.weight * self.resamples.multiplicity[k]
        rows = np.flatnonzero(weight > 0)
        own, y, offset = weight[rows], problem.y[rows], problem.offset[rows]
        constant = problem.constant(weight)
        values = self.values[rows]
        columns = self.columns.thin_by(values)
        judging = self.resamples.scored[k] & (self.resamples.weight > 0)
        judged = watched = np.flatnonzero(judging)
        if problem.loss.coupled and len(judged):
            watched = np.flatnonzero(judging | (weight > 0))
        loss = problem.loss.bind(own)
        complete = ~np.isnan(values).any(axis=0)
        complete[: len(columns.plain)] &= ~columns.thin
        y, start = self._begin(y, offset[:, None] + constant)
        matrix = kinds()[1](
            columns.thinned(values),
            label=y.astype(np.float32),
            weight=own.astype(np.float32),
            base_margin=_margin(start),
            feature_types=columns.types,
            enable_categorical=True,
            max_bin=self.bins,
            nthread=1,
        )
        seen = columns.thinned(self.values[watched])
        surprising = bool(np.isnan(seen[:, complete]).any())
        watched_matrix = make_matrix(columns, seen, problem.loss.outputs) if len(watched) else None
        return Plot(
            columns, loss, constant, rows, own, matrix, start, judged, watched, watched_matrix, complete, surprising
        )

    def _begin(self, y: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows start (r, C) from the constant and the offset: as margins, or taken off the target."""
        if self.objective.native and not self.objective.centred:
            return y, start.astype(np.float32)
        target = y - start[:, 0] if self.objective.centred else np.zeros(len(y))
        return target, np.zeros(start.shape, np.float32)


def make_matrix(columns: Columns, values: np.ndarray, outputs: int) -> Any:
    """Rows to predict from margins of 0, as `Columns.read` gave them."""
    start = _margin(np.zeros((len(values), outputs), np.float32))
    types = columns.types
    return load().DMatrix(values, base_margin=start, feature_types=types, enable_categorical=True, nthread=1)


def sum_rounds(booster: Any, matrix: Any, rounds: int, outputs: int) -> np.ndarray:
    """(n, C) float32: the sum of the booster's first rounds for the rows of `make_matrix`. XGBoost keeps what it said
    last of a matrix: where the rounds asked for rise, only further trees are walked. It adds tree by tree in float32,
    so that the bits are those of all trees at once."""
    if rounds == 0:
        return np.zeros((matrix.num_row(), outputs), np.float32)
    grown = booster.predict(matrix, output_margin=True, iteration_range=(0, rounds), validate_features=False)
    return np.asarray(grown, np.float32).reshape(-1, outputs)


def teaching_share(resamples: Resamples) -> float:
    """Weight of all rows over the largest weight that teaches a resample: K / (K - 1) for K folds. Windows that grow
    with time are measured by the last one, which is most like the full fit."""
    taught = [float(resamples.weights(k).sum()) for k in range(1, len(resamples))]
    return max(1.0, float(resamples.weights(0).sum()) / max(taught)) if taught else 1.0


def _margin(values: np.ndarray) -> np.ndarray:
    """As XGBoost wants it: (n,) for one output."""
    single = np.ascontiguousarray(values, np.float32)
    return single[:, 0] if single.shape[1] == 1 else single
