"""Every loss and every convex penalty written for cvxpy, from their formulas alone: nothing here asks the library for a
value, a slope or a tangent. One home for all comparisons with a conic solver."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from rightfit.contracts import Loss, Penalty, ProxPenalty

cp = pytest.importorskip("cvxpy", reason="cvxpy is not installed")

ACCURACY = 1e-7
"""Of an objective, in shares of the constant model's loss."""
Array = Any


def conic_loss(loss: Loss, y: Array, share: Array, eta: Any) -> Any:
    """The mean loss under weights that sum to one, up to a constant; eta (n, C) an expression."""
    settings: Any = loss
    one = eta[:, 0]
    if loss.name == "squared":
        return 0.5 * cp.sum_squares(cp.multiply(np.sqrt(share), y - one))
    if loss.name == "multi_squared":
        return 0.5 * cp.sum_squares(cp.multiply(np.repeat(np.sqrt(share)[:, None], y.shape[1], axis=1), y - eta))
    if loss.name == "logistic":
        return share @ cp.logistic(one) - (share * y) @ one
    if loss.name == "poisson":
        return share @ cp.exp(one) - (share * y) @ one
    if loss.name == "gamma":
        return share @ one + (share * y) @ cp.exp(-one)
    if loss.name == "tweedie":
        a, b = 2 - settings.power, settings.power - 1
        return share @ cp.exp(a * one) / a + (share * y) @ cp.exp(-b * one) / b
    if loss.name == "huber":
        return 0.5 * (share @ cp.huber(y - one, settings.delta))  # cvxpy's is twice the loss of that name
    if loss.name == "quantile":
        rest = (settings.level - 0.5) * (share @ (y - one)) + settings.width / 4
        return (share @ cp.huber(y - one, settings.width)) / (4 * settings.width) + rest
    if loss.name == "multinomial":
        chosen = np.eye(loss.outputs)[y.astype(int)] * share[:, None]
        return share @ cp.log_sum_exp(eta, axis=1) - cp.sum(cp.multiply(chosen, eta))
    if loss.name == "cox":
        return partial_likelihood(y, share, one, settings.ties)
    raise AssertionError(f"write {loss.name} here")


def partial_likelihood(y: Array, weight: Array, eta: Any, ties: str) -> Any:
    """The weighted total as a sum of log-sum-exps, less what depends on the weights alone."""
    time, event, entry, stratum = y.T
    total: Any = 0.0
    for t, s in {(time[i], stratum[i]) for i in range(len(y)) if event[i] == 1 and weight[i] > 0}:
        risk = np.flatnonzero((stratum == s) & (entry < t) & (t <= time) & (weight > 0))
        tied = (event[risk] == 1) & (time[risk] == t)
        W, d = weight[risk][tied].sum(), int(tied.sum())
        for k in range(d if ties == "efron" else 1):
            part = k / d
            inside = np.log(weight[risk] * np.where(tied, 1 - part, 1.0))
            price = W / d if ties == "efron" else W
            total += price * (cp.log_sum_exp(eta[risk] + inside) - np.log(W * (1 - part)))
        total -= weight[risk][tied] @ eta[risk[tied]]
    return total


def conic_cost(penalty: Penalty | ProxPenalty, coef: Any, scale: Array) -> tuple[Any, Array, Array]:
    """What coefficients (p, C), an expression on the original scale, cost at strength 1 (columns times ``scale`` (p,)
    are penalized), and the box (p,) in which they lie; 0 to 0 for what is excluded."""
    p, outputs = coef.shape
    b, of = cp.multiply(np.repeat(scale[:, None], outputs, axis=1), coef), _numbers(penalty, p)
    if penalty.name in ("elastic_net", "adaptive"):
        out = np.isinf(of["factors"]) | (np.isinf(of["weights"]) & (of["factors"] > 0))
        factors, weights = np.where(out, 0.0, of["factors"]), np.where(np.isinf(of["weights"]), 0.0, of["weights"])
        cost = of["l1_ratio"] * ((factors * weights) @ cp.sum(cp.abs(b), axis=1))
        cost += (1 - of["l1_ratio"]) / 2 * (factors @ cp.sum(cp.square(b), axis=1))
        return cost, np.where(out, 0.0, of["lower"]), np.where(out, 0.0, of["upper"])
    if penalty.name in ("group", "sparse_group"):
        cost, names, own = 0.0, *np.unique(of["groups"], return_inverse=True)
        prices = of["factors"][: len(names)]
        for g in np.flatnonzero(np.isfinite(prices)):
            some = b[np.flatnonzero(own == g), :]
            length = (1 - of["sparsity"]) * np.sqrt(some.shape[0]) * cp.norm(cp.vec(some, order="C"), 2)
            length += of["sparsity"] * cp.sum(cp.abs(some))
            cost += prices[g] * (of["l1_ratio"] * length + (1 - of["l1_ratio"]) / 2 * cp.sum_squares(some))
        edge = np.where(np.isinf(prices), 0.0, np.inf)[own]
        return cost, -edge, edge
    free = np.full(p, np.inf)
    if penalty.name == "slope":
        m = p * outputs
        given = of["weights"] if len(of["weights"]) else norm.isf(np.arange(1, m + 1) * of["q"] / (2 * m))
        steps, flat = given - np.append(given[1:], 0), cp.abs(cp.vec(b, order="C"))
        cost = sum(float(s) * cp.sum_largest(flat, k) for k, s in enumerate(steps[:-1], 1))
        return cost + float(steps[-1]) * cp.sum(flat), -free, free
    if penalty.name == "fused":
        lines, share = b[of["order"], :], of["fusion"]
        return share * cp.sum(cp.abs(lines[1:, :] - lines[:-1, :])) + (1 - share) * cp.sum(cp.abs(b)), -free, free
    raise AssertionError(f"write {penalty.name} here")


def _numbers(penalty: Any, p: int) -> dict[str, Any]:
    """The options of a penalty, with what None stands for."""
    usual = {"lower": np.full(p, -np.inf), "upper": np.full(p, np.inf), "order": np.arange(p), "groups": np.arange(p)}
    given = {"factors": np.ones(p), "weights": np.ones(p), "sparsity": 0.0, "l1_ratio": 1.0}
    fields = {name: getattr(penalty, name) for name in penalty.__dataclass_fields__}
    if penalty.name == "slope" and fields["weights"] is None:
        fields["weights"] = np.zeros(0)
    return usual | given | {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True)
class Conic:
    """A problem that both solvers solve; what either found is put into one expression."""

    coef: Any
    intercept: Any
    lower: Array
    upper: Array
    problem: Any

    @staticmethod
    def of(
        loss: Loss,
        penalty: Penalty | ProxPenalty,
        x: Array,
        y: Array,
        weight: Array,
        offset: Array,
        strength: float,
        *,
        standardize: bool = True,
        intercept: bool = True,
    ) -> Conic:
        """Rows of weight zero are left out."""
        rows, outputs = weight > 0, loss.outputs
        x, y, offset, share = x[rows], y[rows], offset[rows], weight[rows] / weight.sum()
        scale = np.sqrt(share @ (x - share @ x) ** 2) if standardize else np.ones(x.shape[1])
        coef, constant = cp.Variable((x.shape[1], outputs)), cp.Variable((1, outputs))
        level = x.mean(axis=0) if loss.level_free else 0.0  # a constant changes nothing there, and numbers stay small
        eta = (x - level) @ coef + np.ones((len(x), 1)) @ constant + np.repeat(offset[:, None], outputs, axis=1)
        cost, lower, upper = conic_cost(penalty, coef, scale)
        low, high = np.flatnonzero(np.isfinite(lower)), np.flatnonzero(np.isfinite(upper) & (upper > lower))
        limits = [coef[j, :] >= lower[j] if upper[j] > lower[j] else coef[j, :] == lower[j] for j in low]
        limits += [coef[j, :] <= upper[j] for j in high]
        if not intercept or loss.level_free:
            limits.append(constant == 0)
        objective = cp.Minimize(conic_loss(loss, y, share, eta) + strength * cost)
        return Conic(coef, constant, lower[:, None], upper[:, None], cp.Problem(objective, limits))

    def solve(self) -> float:
        """The optimum that an interior point method found, moved into the box. How accurate it is, is judged by its
        objective."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Solution may be inaccurate")
            self.problem.solve(solver=cp.CLARABEL, tol_gap_abs=1e-11, tol_gap_rel=1e-11, tol_feas=1e-11, max_iter=200)
        return self.value(self.coef.value, self.intercept.value[0])

    def value(self, coef: Array, intercept: Array) -> float:
        """The objective at a point in the box, from which rounding may have moved it."""
        self.coef.value, self.intercept.value = np.clip(coef, self.lower, self.upper), np.asarray(intercept)[None]
        return float(self.problem.objective.value)
