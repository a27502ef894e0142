"""24 random small problems of survival times against a conic solver: objectives agree to 1e-7 of the null deviance.

Ties of both kinds, strata, weights, entry, bounds, penalty factors. Both solutions are put into the same objective,
whose loss is the slow twin of tests/laws/test_coupled_losses.py. Ours must not lie above the conic one by more than
1e-7, and the conic one, a feasible point, must not lie below ours by more than the certificate that we gave.
"""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.learners.linear import Linear
from rightfit.losses.cox import Cox
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples
from tests.laws.test_coupled_losses import SHAPES, slow, times
from tests.rooms.solvers.conic import ACCURACY, Conic


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

    penalty = ElasticNet(ratio, factors=factors, lower=lower, upper=upper)
    conic = Conic.of(loss, penalty, x, y, weight, np.zeros(n), strength)
    conic.solve()
    theirs = objective(conic.coef.value[:, 0])
    learner = Linear(penalty, strengths=np.array([strength]), tolerance=1e-9)
    trace = learner.fit_paths(Problem(make_design(x), y, loss, np.zeros(n)), Resamples.full(weight))[0].trace()
    ours, null = objective(trace.coef(0)[:, 0]), objective(np.zeros(p))
    assert ours - theirs <= ACCURACY * null
    assert theirs - ours >= -(trace.gap[0] + 1e-12) * null
    assert trace.gap[0] <= 1e-9
