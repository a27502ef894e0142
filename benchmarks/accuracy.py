"""How far an answer can be from the optimum, whoever gave it: rightfit's own certificate on anybody's coefficients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.ours import make_loss
from benchmarks.workloads import Workload
from rightfit.contracts import Loss
from rightfit.solvers.certificate import duality_gaps
from rightfit.solvers.quadratic import Box
from rightfit.solvers.rows import Rows


@dataclass(frozen=True)
class Certified:
    """Objectives and duality gaps (m,), and the loss of the constant model, the unit of both gap and excess."""

    objective: np.ndarray
    gap: np.ndarray
    null: float

    @property
    def lower(self) -> np.ndarray:
        """(m,) no point has a smaller objective."""
        return self.objective - self.gap

    def largest_gap(self) -> float:
        """Relative to the constant model."""
        return float(np.max(self.gap) / self.null)

    def excess(self, lower: np.ndarray) -> float:
        """The largest distance from the best known lower bounds, relative to the constant model."""
        return float(np.max(self.objective - lower) / self.null)


def certify(work: Workload, strengths: np.ndarray, coef: np.ndarray, intercept: np.ndarray, *, free: bool) -> Certified:
    """Certificates of coefficients (m, p, C) and intercepts (m, C) at ``strengths`` (m,).

    With a ``free`` intercept the gap is that of the best intercept for these coefficients, plus what the given one
    costs more: the certificate wants it settled.
    """
    loss, n = make_loss(work), len(work.y)
    steps, p, outputs = coef.shape
    flat = coef.transpose(1, 0, 2).reshape(p, steps * outputs)
    eta = np.asarray(work.X @ flat).reshape(n, steps, outputs).transpose(1, 0, 2)
    objective = np.array([_value(loss, work.y, e + b) for e, b in zip(eta, intercept, strict=True)])
    settled = np.stack([e + (_settle(loss, work.y, e, b) if free else b) for e, b in zip(eta, intercept, strict=True)])
    extra = objective - np.array([_value(loss, work.y, e) for e in settled])
    prices = np.array([_price(work, s, c) for s, c in zip(strengths, coef, strict=True)])
    weight, task = np.full((1, n), 1 / n), np.zeros(1, int)
    rows = Rows(loss, work.y, weight, np.zeros((1, outputs), bool))
    dual = np.concatenate([rows.dual(task, e.T[None]) for e in settled])
    pull = np.asarray(work.X.T @ dual.reshape(-1, n).T).reshape(p, steps, outputs).transpose(1, 0, 2)
    gap = np.empty(steps)
    for k, strength in enumerate(strengths):
        if work.group:
            gap[k] = _grouped(work, strength, coef[k], pull[k], settled[k].T, rows)
            continue
        flat_box = [np.full((1, p), v) for v in (strength * work.l1_ratio, strength * (1 - work.l1_ratio), np.inf)]
        box = Box(flat_box[0], flat_box[1], -flat_box[2], flat_box[2])
        gap[k] = duality_gaps(
            rows, task, settled[k].T[None], coef[k][None], pull[k][None], box, np.zeros(1), np.full(1, np.nan)
        )[0]
    null = loss.null(work.y, weight[0], np.zeros(n)) if free else np.zeros(outputs)
    unit = _value(loss, work.y, np.tile(null, (n, 1))) - _saturated(loss, work.y)
    return Certified(objective + prices, gap + np.maximum(extra, 0.0), unit)


def _value(loss: Loss, y: np.ndarray, eta: np.ndarray) -> float:
    return float(loss.value(y, eta if loss.outputs > 1 else eta[:, 0]).mean())


def _saturated(loss: Loss, y: np.ndarray) -> float:
    """The loss of a model that knows every answer: not zero for counts without their constant."""
    if loss.name != "poisson":
        return 0.0
    seen = y[y > 0]
    return float(loss.value(seen, np.log(seen)).sum() / len(y)) if len(seen) else 0.0


def _settle(loss: Loss, y: np.ndarray, eta: np.ndarray, start: np.ndarray) -> np.ndarray:
    """(C,) the best intercept for these predictors, by Newton's method."""
    best = np.array(start, float)
    for _ in range(50):
        now = eta + best
        single = loss.outputs == 1
        slope = np.atleast_2d(loss.slope(y, now[:, 0] if single else now).T).mean(axis=1)
        if np.abs(slope).max() < 1e-15:
            break
        curvature = loss.curvature(y, now[:, 0] if single else now).mean(axis=0).reshape(loss.outputs, loss.outputs)
        best -= np.linalg.pinv(curvature, rcond=1e-12, hermitian=True) @ slope
    return best


def _price(work: Workload, strength: float, coef: np.ndarray) -> float:
    size = np.abs(coef).sum()
    if work.group:
        size = np.sqrt(work.group) * np.sqrt(np.add.reduceat((coef**2).sum(axis=1), work.starts)).sum()
    return float(strength * (work.l1_ratio * size + (1 - work.l1_ratio) / 2 * (coef**2).sum()))


def _grouped(work: Workload, strength: float, coef: np.ndarray, pull: np.ndarray, eta: np.ndarray, rows: Rows) -> float:
    """The same certificate for a group lasso: every group's pull scaled into the ball of its price."""
    price = strength * np.sqrt(work.group)
    length = np.sqrt(np.add.reduceat((pull**2).sum(axis=1), work.starts))
    scale = min(1.0, price / max(length.max(), 1e-300))
    size = np.sqrt(np.add.reduceat((coef**2).sum(axis=1), work.starts)).sum()
    young = float(rows.young(np.zeros(1, int), eta[None], np.array([scale]))[0]) if scale < 1 else 0.0
    return max(young, 0.0) + max(float(price * size - scale * (coef * pull).sum()), 0.0)
