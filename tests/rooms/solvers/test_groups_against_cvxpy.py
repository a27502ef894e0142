"""64 random small problems with norms of groups against a conic solver: objectives agree to 1e-7 of the null deviance.

Both solutions are put into one NumPy objective. Ours must not lie above the conic one by more than 1e-7, and the conic
one must not lie below ours by more than the certificate that we gave.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from rightfit import catalog
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.learners.linear import Linear
from rightfit.records import Resamples
from tests.golden.objective import Objective
from tests.rooms.solvers.test_against_cvxpy import ACCURACY, null_deviance

cp = pytest.importorskip("cvxpy", reason="cvxpy is not installed")

FAMILIES = ("gaussian", "binomial", "poisson", "multinomial")
NAMES = {"gaussian": "squared", "binomial": "logistic", "poisson": "poisson", "multinomial": "multinomial"}


@dataclass(frozen=True)
class Case:
    plain: Objective
    """The loss; its own penalty is zero."""
    groups: Any
    prices: Any
    """(G,) factors"""
    strength: float
    l1_ratio: float
    sparsity: float
    sparse: bool

    def cost(self, coef: Any) -> float:
        total = 0.0
        for g, price in enumerate(self.prices):
            if not np.isfinite(price):
                continue
            b = coef[self.groups == g] * self.plain.scale[self.groups == g][:, None]
            size = (1 - self.sparsity) * np.sqrt(len(b)) * np.sqrt((b**2).sum()) + self.sparsity * np.abs(b).sum()
            total += price * (self.l1_ratio * size + (1 - self.l1_ratio) / 2 * (b**2).sum())
        return float(self.strength * total)

    def value(self, intercept: Any, coef: Any) -> float:
        return self.plain.value(intercept, coef) + self.cost(coef)


def make_case(family: str, seed: int) -> Case:
    """A random problem that has a finite optimum; every option of the penalties occurs."""
    rng = np.random.default_rng([FAMILIES.index(family), seed, 7])
    n, p = int(rng.integers(12, 41)), int(rng.integers(4, 21))
    if family == "multinomial":
        n, p = max(n, 15), min(p, 10)
    sparse = rng.random() < 0.3
    x = rng.standard_normal((n, p)) + 0.7 * rng.standard_normal((n, 1))
    if sparse:
        x *= rng.random((n, p)) < 0.4
    x = x * np.exp(rng.uniform(-1.5, 1.5, p)) + (0 if sparse else rng.uniform(-2, 2, p))
    groups = np.unique(rng.integers(0, max(p // 3, 2), p), return_inverse=True)[1]
    count = int(groups.max()) + 1
    outputs = 3 if family == "multinomial" else 1
    spread = np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
    truth = rng.standard_normal((p, outputs)) * (rng.random(count) < 0.4)[groups][:, None] / spread[:, None]
    offset = 0.5 * rng.standard_normal(n) if rng.random() < 0.4 else np.zeros(n)
    eta = np.clip((x - x.mean(axis=0)) @ truth * 0.7, -3, 3) + 0.3
    if family == "gaussian":
        y = eta[:, 0] + rng.standard_normal(n)
    elif family == "binomial":
        y = (rng.random(n) < 1 / (1 + np.exp(-eta[:, 0]))) * 1.0
        y[:2] = [0, 1]
    elif family == "poisson":
        y = rng.poisson(np.exp(eta[:, 0])) * 1.0
        y[0] = 2
    else:
        y = (eta + rng.gumbel(size=eta.shape)).argmax(axis=1) * 1.0
        y[:3] = [0, 1, 2]
    weight = rng.exponential(size=n) + 0.1 if rng.random() < 0.5 else np.ones(n)
    if rng.random() < 0.3:
        weight[-2:] = 0.0
    prices = np.ones(count)
    if rng.random() < 0.5:
        prices = rng.choice([0.3, 1.0, 2.0], count)
        if count > 2:
            prices[rng.integers(count)] = np.inf
        if n >= 30 and family == "gaussian":  # with few rows an unpenalized group may tell every target
            prices[rng.integers(count)] = 0.0
    free = np.full(p, np.inf)
    plain = Objective(
        family,
        x,
        y,
        weight,
        offset,
        np.where(np.isinf(prices), np.inf, 0.0)[groups],
        -free,
        free,
        l1=0.0,
        l2=0.0,
        standardize=bool(rng.random() < 0.6),
        intercept=bool(rng.random() < 0.8),
    )
    return Case(
        plain,
        groups,
        prices,
        strength=float(np.exp(rng.uniform(np.log(0.003), np.log(0.3)))),
        l1_ratio=float(rng.choice([0.0, 0.5, 1.0, 1.0])),
        sparsity=float(rng.choice([0.0, 0.0, 0.3, 0.8])),
        sparse=sparse,
    )


def solve_conic(case: Case) -> tuple[Any, Any]:
    """The minimizer by an interior point method."""
    o = case.plain
    rows = o.weight > 0
    x, y, offset, share = o.x[rows], o.y[rows], o.offset[rows], o.share[rows]
    p, outputs = x.shape[1], o.outputs
    coef, intercept = cp.Variable((p, outputs)), cp.Variable((1, outputs))
    eta = x @ coef + np.ones((len(y), 1)) @ intercept + np.repeat(offset[:, None], outputs, axis=1)
    if o.family == "gaussian":
        loss = 0.5 * cp.sum_squares(cp.multiply(np.sqrt(share), y - eta[:, 0]))
    elif o.family == "binomial":
        loss = share @ cp.logistic(eta[:, 0]) - (share * y) @ eta[:, 0]
    elif o.family == "poisson":
        loss = share @ cp.exp(eta[:, 0]) - (share * y) @ eta[:, 0]
    else:
        chosen = np.eye(outputs)[y.astype(int)] * share[:, None]
        loss = share @ cp.log_sum_exp(eta, axis=1) - cp.sum(cp.multiply(chosen, eta))
    cost, limits = 0, []
    for g, price in enumerate(case.prices):
        columns = np.flatnonzero(case.groups == g)
        if np.isinf(price):
            limits.append(coef[columns, :] == 0)
            continue
        b = cp.multiply(np.repeat(o.scale[columns][:, None], outputs, axis=1), coef[columns, :])
        size = (1 - case.sparsity) * np.sqrt(len(columns)) * cp.norm(cp.vec(b, order="C"), 2)
        size += case.sparsity * cp.sum(cp.abs(b))
        cost += case.strength * price * (case.l1_ratio * size + (1 - case.l1_ratio) / 2 * cp.sum_squares(b))
    if not o.intercept:
        limits.append(intercept == 0)
    problem = cp.Problem(cp.Minimize(loss + cost), limits)
    problem.solve(solver=cp.CLARABEL, tol_gap_abs=1e-11, tol_gap_rel=1e-11, tol_feas=1e-11, max_iter=200)
    found = coef.value.copy()
    found[np.isinf(o.factors)] = 0.0
    return (intercept.value[0] if o.intercept else np.zeros(outputs)), found


@pytest.mark.filterwarnings("ignore:Solution may be inaccurate")  # judged below, by its objective
@pytest.mark.parametrize("seed", range(16))
@pytest.mark.parametrize("family", FAMILIES)
def test_objective_agrees(family: str, seed: int, record_property: Any) -> None:
    from scipy.sparse import csr_array

    case = make_case(family, seed)
    o = case.plain
    null = null_deviance(o)
    loss = catalog.find("losses", NAMES[family])()
    if case.sparsity:
        penalty = catalog.find("penalties", "sparse_group")(case.groups, case.sparsity, case.l1_ratio, case.prices)
    else:
        penalty = catalog.find("penalties", "group")(case.groups, case.l1_ratio, case.prices)
    learner = Linear(
        penalty,
        strengths=np.array([case.strength * 5, case.strength]),
        standardize=o.standardize,
        intercept=o.intercept,
        tolerance=1e-9,
    )
    design = make_design(csr_array(o.x) if case.sparse else o.x)
    problem = Problem(design, loss.check(o.y), loss, o.offset)
    trace = learner.fit_paths(problem, Resamples.full(o.weight))[0].trace()
    coef, intercept = trace.coef(1), trace.intercept[1]
    assert not coef[np.isinf(o.factors)].any()
    assert o.intercept or not intercept.any()
    assert 0 <= trace.gap[1] <= 1e-9

    mine, conic = case.value(intercept, coef), case.value(*solve_conic(case))
    record_property("excess", float((mine - conic) / null))
    assert conic - mine < ACCURACY * null, "the conic solver is not accurate enough to compare with"
    assert mine <= conic + ACCURACY * null
    assert conic >= mine - (trace.gap[1] + 1e-12) * null
    # what is penalized by norms alone enters or stays out as a whole
    if case.sparsity == 0:
        for g in range(len(case.prices)):
            member = coef[(case.groups == g) & (o.scale > 1e-12)]
            assert member.all() or not member.any()


def test_the_cases_cover_every_option() -> None:
    cases = [make_case(family, seed) for family in FAMILIES for seed in range(16)]
    assert {case.l1_ratio for case in cases} == {0.0, 0.5, 1.0}
    assert {case.sparsity for case in cases} == {0.0, 0.3, 0.8}
    assert {case.sparse for case in cases} == {case.plain.standardize for case in cases} == {True, False}
    assert sum(np.isinf(case.prices).any() for case in cases) > 10
    assert sum((case.prices == 0).any() for case in cases) > 2
    assert sum((case.plain.weight == 0).any() for case in cases) > 8


def test_the_comparison_can_fail() -> None:
    """A solution of the wrong strength is told apart."""
    case = next(c for c in (make_case("binomial", seed) for seed in range(16)) if c.sparsity and c.l1_ratio)
    wrong = replace(case, strength=case.strength * 1.05 + 1e-3)
    assert case.value(*solve_conic(wrong)) > case.value(*solve_conic(case)) + ACCURACY * null_deviance(case.plain)
