"""A problem made ready for solving: weights normalized, means, scales and null models of every resample.

Standardization never touches the columns. A coefficient b_j of a column with standard deviation s_j is
penalized as s_j b_j, so each resample's own scales end up in its penalty, and everything is solved and
returned on the original scale.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rightfit.contracts import Design, Loss, Penalty, Problem, ProxPenalty, Tangent
from rightfit.errors import DataError, FitError, RowError
from rightfit.records import Resamples
from rightfit.solvers.boxes import Boxes
from rightfit.solvers.quadratic import Box

UNSEEN = 20.0
"""What stands for an infinite intercept in a resample that lacks a class or an event: odds of exp(-20)."""
SMALLEST = 1e-140
"""Targets whose norms can be told from 0."""


@dataclass(frozen=True)
class Setting:
    """T tasks (resamples) of one problem, all arrays ready."""

    design: Design
    y: np.ndarray
    loss: Loss
    offset: np.ndarray
    penalties: tuple[Penalty | ProxPenalty, ...]
    """T: the same for all, unless a pilot has taught each task its own."""
    intercept: bool
    weight: np.ndarray
    """(T, n), each row sums to one."""
    rows: np.ndarray
    """(T,) rows that teach, each as often as it is repeated; weights that are whole numbers are repetitions."""
    fill: np.ndarray
    """(p, T) means of the fit's own rows."""
    scale: np.ndarray
    """(p, T) standard deviations of the fit's own rows."""
    divisor: np.ndarray
    """(p, T) what coefficients are multiplied by before they are penalized: scale, or 1."""
    excluded: np.ndarray
    """(p, T) columns that cannot enter: they do not vary there, or the penalty excludes them."""
    null_intercept: np.ndarray
    """(T, C)"""
    frozen: np.ndarray
    """(T, C) outputs that this resample cannot teach (a class or an event it has not seen): they keep the
    null intercept and no coefficients."""
    null_loss: np.ndarray
    """(T,) mean loss of the constant model, the unit of all gaps; > 0."""

    @property
    def tasks(self) -> int:
        return len(self.weight)

    @property
    def outputs(self) -> int:
        return self.loss.outputs

    @property
    def penalty(self) -> Penalty | ProxPenalty:
        """The full fit's."""
        return self.penalties[0]

    @property
    def grouped(self) -> bool:
        """The penalty has norms of groups."""
        if not isinstance(self.penalty, Penalty):
            return False
        return self.penalty.tangent(np.zeros((self.design.p, self.outputs)), 1.0).groups is not None

    def only(self, task: int) -> Setting:
        """The same problem with one task."""
        return self.some(slice(task, task + 1))

    def some(self, t: slice) -> Setting:
        """The same problem with some of the tasks."""
        weight = self.weight[t]
        return replace(
            self,
            loss=self.loss.bind(weight[0]) if len(weight) == 1 else self.loss,
            penalties=self.penalties[t],
            weight=weight,
            rows=self.rows[t],
            fill=self.fill[:, t],
            scale=self.scale[:, t],
            divisor=self.divisor[:, t],
            excluded=self.excluded[:, t],
            null_intercept=self.null_intercept[t],
            frozen=self.frozen[t],
            null_loss=self.null_loss[t],
        )

    def box(self, coef: np.ndarray, strength: float) -> Box:
        """(T, p) the penalties' tangents at ``coef`` of standardized columns, (p, C) for all tasks or (T, p, C), on
        the original scale."""
        return self.boxes(coef, strength).take(np.arange(self.tasks), np.arange(self.design.p))

    def boxes(self, coef: np.ndarray, strength: float) -> Boxes:
        """The same, not made before it is asked for."""
        return Boxes(self._tangent(coef, strength), self.divisor, self.excluded)

    def _tangent(self, coef: np.ndarray, strength: float) -> Tangent:
        """One tangent of (p,) where all tasks share it, else of (T, p)."""
        penalties = [_separable(penalty) for penalty in self.penalties]
        if coef.ndim == 2 and all(penalty is penalties[0] for penalty in penalties):
            return penalties[0].tangent(coef, strength)
        points = np.broadcast_to(coef, (len(penalties), *coef.shape[-2:]))
        each = [penalty.tangent(at, strength) for penalty, at in zip(penalties, points, strict=True)]
        return Tangent(
            l1=np.stack([tangent.l1 for tangent in each]),
            l2=np.stack([tangent.l2 for tangent in each]),
            lower=np.stack([tangent.lower for tangent in each]),
            upper=np.stack([tangent.upper for tangent in each]),
        )

    def norms(self, strength: float) -> np.ndarray:
        """(p,) what the penalty asks for the norm of each column's group, 0 where nothing is grouped."""
        tangent = _separable(self.penalty).tangent(np.zeros((self.design.p, self.outputs)), strength)
        if tangent.groups is None or tangent.norm is None:
            return np.zeros(self.design.p)
        return np.asarray(tangent.norm[tangent.groups])

    def cost(self, coef: np.ndarray, strength: float) -> np.ndarray:
        """(T,) the penalties' values at coefficients (T, p, C) of standardized columns."""
        return np.array([p.value(at, strength) for p, at in zip(self.penalties, coef, strict=True)])

    def reported_intercept(self, t: int, intercept: np.ndarray) -> np.ndarray:
        """(C,) task t's intercept with mean zero where a constant common to all outputs changes nothing. Frozen outputs
        keep their distance from the others in the null model."""
        out, frozen = intercept.copy(), self.frozen[t]
        if self.loss.relative:
            null = self.null_intercept[t]
            out[~frozen] -= out[~frozen].mean()
            out[frozen] = null[frozen] - null[~frozen].mean()
        return out

    def fills(self, tasks: np.ndarray) -> np.ndarray:
        """(p, len(tasks) * C) fill for the columns of a product over tasks and outputs; (p,) where nothing is missing,
        so that it does not matter."""
        return self.fill[:, 0] if self.design.complete else np.repeat(self.fill[:, tasks], self.outputs, axis=1)


def prepare(
    problem: Problem, resamples: Resamples, penalty: Penalty | ProxPenalty, *, standardize: bool, intercept: bool
) -> Setting:
    """Check what only the whole can tell, and compute what every solver needs.

    Raises
    ------
    DataError, RowError
        Lengths that do not agree, weights that are negative, not finite or all zero.
    FitError
        The target has no best constant: one class only, or no events at all.
    """
    design, loss = problem.design.compact(), problem.loss
    intercept = intercept or loss.level_free  # it centres the columns, and is set apart from that
    y = loss.check(problem.y)
    if len(y) != design.n:
        raise DataError(f"the target has {len(y)} rows, the columns have {design.n}")
    offset = _finite(np.asarray(problem.offset, float), design.n, "offset")
    _finite(np.asarray(resamples.weight, float), design.n, "weight", least=0.0)
    weight = np.array([resamples.weights(k) for k in range(len(resamples))], dtype=float)
    weight /= np.maximum(weight.max(axis=1, keepdims=True), 1e-300)  # so that no sum overflows
    total = weight.sum(axis=1, keepdims=True)
    if not np.all(total > 0):
        empty = int(np.flatnonzero(total[:, 0] <= 0)[0])
        raise DataError("all row weights are zero" if empty == 0 else f"resample {empty} has no rows to learn from")
    weight /= total
    fill, scale = _moments(design, weight)
    stuck = np.zeros(design.p, bool)
    if penalty.separable:
        tangent = _separable(penalty).tangent(np.zeros((design.p, loss.outputs)), 1.0)
        stuck = np.isinf(tangent.l1) | ((tangent.lower == 0) & (tangent.upper == 0))
        if tangent.norm is not None and loss.quadratic and 0 < np.abs(y.T - offset).max() < SMALLEST:
            raise DataError(
                f"all values of the target are below {SMALLEST:g}, so that their squares vanish: multiply it by a "
                "power of ten"
            )
    still = scale == 0 if intercept or standardize else (scale == 0) & (fill == 0)
    null_intercept = np.zeros((len(weight), loss.outputs))
    frozen = np.zeros_like(null_intercept, dtype=bool)
    for t, w in enumerate(weight):
        if intercept:
            null_intercept[t], frozen[t] = _null(loss, y, w, offset, strict=t == 0)
    return Setting(
        design=design,
        y=y,
        loss=loss,
        offset=offset,
        penalties=(penalty,) * len(weight),
        intercept=intercept,
        weight=weight,
        rows=_count_rows(resamples),
        fill=fill,
        scale=scale,
        divisor=scale if standardize else np.broadcast_to(1.0, scale.shape),
        excluded=still | stuck[:, None],
        null_intercept=null_intercept,
        frozen=frozen,
        null_loss=null_losses(loss, y, offset, weight, null_intercept),
    )


def null_losses(loss: Loss, y: np.ndarray, offset: np.ndarray, weight: np.ndarray, intercept: np.ndarray) -> np.ndarray:
    """(T,) mean losses of the constant models (T, C) under weights (T, n)."""
    out = np.zeros(len(weight))
    for t, w in enumerate(weight):
        eta = offset[:, None] + intercept[t]
        out[t] = w @ loss.bind(w).value(y, eta if loss.outputs > 1 else eta[:, 0])
    return _unit(out, loss, y, offset)


def _separable(penalty: Penalty | ProxPenalty) -> Penalty:
    """The penalty as one that has tangents."""
    if not isinstance(penalty, Penalty):
        raise TypeError(f"penalty {penalty.name!r} has no tangent: it needs the proximal solver")
    return penalty


def _count_rows(resamples: Resamples) -> np.ndarray:
    weight = np.asarray(resamples.weight, float)
    whole = (weight == np.round(weight)).all() and weight.max() < 2**31
    copies = weight if whole else (weight > 0).astype(float)
    return np.asarray(resamples.multiplicity @ copies, dtype=float)


def _unit(null_loss: np.ndarray, loss: Loss, y: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """The null losses; where the constant model is perfect within rounding, the size of the target instead, so
    that gaps have a unit."""
    if loss.level_free:
        size = 1.0  # a target of times has a unit that the loss does not know
    else:
        size = float(np.abs(y.T - offset).max() ** 2 if loss.quadratic else np.abs(y).max())
    rounding = 1e-29 if loss.quadratic else 1e-13
    return np.where(null_loss <= rounding * size, size or 1.0, null_loss)


def _moments(design: Design, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(p, T) means and deviations; a few tasks at a time, so that no large temporary is made."""
    parts = [design.moments(np.ascontiguousarray(weight[a : a + 16].T)) for a in range(0, len(weight), 16)]
    return np.hstack([mean for mean, _ in parts]), np.hstack([deviation for _, deviation in parts])


def _null(
    loss: Loss, y: np.ndarray, weight: np.ndarray, offset: np.ndarray, *, strict: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The best constant, and which outputs have none: a resample that lacks a class gives it a very small
    probability instead of zero."""
    best = loss.null(y, weight, offset)
    infinite = np.isinf(best)
    if infinite.any() and strict:
        raise FitError(
            "the target takes a single extreme value in all rows of positive weight (one class only, or no events), "
            "so no finite intercept fits it; supply rows of the other kind"
        )
    if infinite.all():
        return np.clip(best, -UNSEEN, UNSEEN), infinite
    return np.where(infinite, best[~infinite].min() - UNSEEN, best), infinite


def _finite(values: np.ndarray, n: int, what: str, least: float = -np.inf) -> np.ndarray:
    if values.shape != (n,):
        raise DataError(f"{what} must have one value for each of the {n} rows, its shape is {values.shape}")
    bad = np.flatnonzero(~(np.isfinite(values) & (values >= least)))
    if len(bad):
        wants = "a finite number" if np.isinf(least) else "a finite number of 0 or more"
        raise RowError(f"{what} in row {bad[0]} is {values[bad[0]]}: expected {wants}")
    return values
