"""24 random small problems of survival times against a conic solver: objectives agree to 1e-7 of the null deviance.

Ties of both kinds, strata, weights, entry, bounds, penalty factors. Both solutions are put into the same objective,
whose loss is the slow twin of tests/laws/test_coupled_losses.py. Ours must not lie above the conic one by more than
1e-7, and the conic one, a feasible point, must not lie below ours by more than the certificate that we gave.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.learners.linear import Linear
from rightfit.losses.cox import Cox
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples
from tests.laws.test_coupled_losses import SHAPES, slow, times

cp = pytest.importorskip("cvxpy", reason="cvxpy is not installed")

ACCURACY = 1e-7


def conic_loss(y: np.ndarray, weight: np.ndarray, eta: Any, ties: str) -> Any:
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


@pytest.mark.parametrize("seed", range(24))
def test_objectives_agree(seed: int) -> None:
    rng = np.random.default_rng([9, seed])
    n, p = int(rng.integers(10, 26)), int(rng.integers(2, 15))
    ties, shape = ("breslow", "efron")[seed % 2], SHAPES[seed // 2 % len(SHAPES)]
    loss = Cox(ties)
    y = loss.check(times(shape, n, seed))
    x = rng.standard_normal((n, p)) * np.exp(rng.uniform(-1, 1, p)) + rng.uniform(-2, 2, p)
    weight = rng.exponential(size=n) + 0.1 if rng.random() < 0.5 else np.ones(n)
    if rng.random() < 0.3:
        weight[-2:] = 0.0
    share = weight / weight.sum()
    factors = rng.choice([0.3, 1.0, 2.0], p) if rng.random() < 0.5 else np.ones(p)
    lower, upper = np.full(p, -np.inf), np.full(p, np.inf)
    if rng.random() < 0.4:
        lower, upper = rng.choice([-np.inf, -0.2, 0.0], p), rng.choice([np.inf, 0.1, 0.3], p)
    ratio, strength = float(rng.choice([0.0, 0.3, 1.0])), float(np.exp(rng.uniform(np.log(0.005), np.log(0.3))))
    scale = np.sqrt(share @ (x - share @ x) ** 2)

    def objective(b: np.ndarray) -> float:
        cost = factors @ (ratio * scale * np.abs(b) + 0.5 * (1 - ratio) * scale**2 * b**2)
        return float(share @ slow(y, x @ b, share, ties) + strength * cost)

    coef = cp.Variable(p)
    centred = x - x.mean(axis=0)  # a constant changes nothing
    cost = ratio * (factors * scale) @ cp.abs(coef) + 0.5 * (1 - ratio) * (factors * scale**2) @ coef**2
    bounds = [coef[np.isfinite(lower)] >= lower[np.isfinite(lower)]] if np.isfinite(lower).any() else []
    bounds += [coef[np.isfinite(upper)] <= upper[np.isfinite(upper)]] if np.isfinite(upper).any() else []
    cp.Problem(cp.Minimize(conic_loss(y, share, centred @ coef, ties) + strength * cost), bounds).solve(
        solver=cp.CLARABEL, tol_gap_abs=1e-11, tol_gap_rel=1e-11, tol_feas=1e-11
    )
    theirs = objective(np.clip(np.asarray(coef.value), lower, upper))
    penalty = ElasticNet(ratio, factors=factors, lower=lower, upper=upper)
    learner = Linear(penalty, strengths=np.array([strength]), tolerance=1e-9)
    trace = learner.fit_paths(Problem(make_design(x), y, loss, np.zeros(n)), Resamples.full(weight))[0].trace()
    ours, null = objective(trace.coef(0)[:, 0]), objective(np.zeros(p))
    assert ours - theirs <= ACCURACY * null
    assert theirs - ours >= -(trace.gap[0] + 1e-12) * null
    assert trace.gap[0] <= 1e-9
