"""Every pair of a loss and a convex penalty against a conic solver, on random small problems: objectives agree to 1e-7
of the null deviance, and the conic one, a feasible point, is not below ours by more than the certificate that we gave.

`make test` tries 3 problems of every pair; for 20 of each, run

    SWEEP=20 python -m pytest -n 4 tests/rooms/solvers/test_every_pair_against_cvxpy.py
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import pytest
from scipy.sparse import csr_array

from rightfit import catalog
from rightfit.contracts import Loss, Penalty, Problem, ProxPenalty
from rightfit.data.design import make_design
from rightfit.errors import OptionError
from rightfit.learners.linear import Linear
from rightfit.records import Resamples, Status
from tests.laws.test_coupled_losses import SHAPES, times
from tests.laws.test_weights import target
from tests.rooms.solvers.conic import ACCURACY, Conic

SEEDS = int(os.environ.get("SWEEP", "3"))
LOSSES = tuple(catalog.names("losses"))
PENALTIES = tuple(name for name, kind in catalog.everything("penalties").items() if kind.convex)
JUMPS = ("huber", "quantile")
"""Losses whose second derivative jumps."""
Array = Any


@dataclass(frozen=True)
class Case:
    loss: Loss
    penalty: Penalty | ProxPenalty
    x: Array
    y: Array
    weight: Array
    offset: Array
    strength: float
    standardize: bool
    intercept: bool
    sparse: bool
    free: bool
    """Some column costs nothing."""


def make_loss(name: str, rng: Any) -> Loss:
    """With random parameters."""
    given = {
        "tweedie": lambda: {"power": rng.uniform(1.1, 1.9)},
        "huber": lambda: {"delta": rng.uniform(0.2, 2)},
        "quantile": lambda: {"level": rng.uniform(0.1, 0.9), "width": rng.uniform(0.05, 1)},
        "multinomial": lambda: {"classes": int(rng.integers(3, 5))},
        "multi_squared": lambda: {"responses": int(rng.integers(2, 5))},
        "cox": lambda: {"ties": str(rng.choice(["efron", "breslow"]))},
    }.get(name, dict)
    loss: Loss = catalog.find("losses", name)(**given())
    return loss


def make_penalty(name: str, p: int, outputs: int, rng: Any, *, free: bool) -> Penalty | ProxPenalty:
    """With random options; a price of 0 where ``free``."""

    def prices(count: int) -> Array | None:
        if rng.random() < 0.4 and not free:
            return None
        out = rng.choice([0.3, 1.0, 2.0], count)
        if count > 2:
            out[rng.integers(count)] = np.inf
        if free:
            out[rng.integers(count)] = 0.0
        return out

    ratio = float(rng.choice([0.0, 0.3, 0.7, 1.0]))
    kind: Any = catalog.find("penalties", name)
    if name in ("elastic_net", "adaptive"):
        bounds: dict[str, Array] = {}
        if rng.random() < 0.4:
            bounds = {"lower": rng.choice([-np.inf, -0.2, 0.0], p), "upper": rng.choice([np.inf, 0.1, 0.3], p)}
        if name == "elastic_net":
            return kind(ratio, prices(p), **bounds)
        weights = rng.exponential(size=p)
        weights[rng.random(p) < 0.2] = np.inf
        return kind(1.0, ratio or 0.5, prices(p), weights=weights, **bounds)
    if name in ("group", "sparse_group"):
        groups = np.unique(rng.integers(0, max(p // 2, 2), p), return_inverse=True)[1]
        alone = rng.random() < 0.3
        count = p if alone else int(groups.max()) + 1
        shared = {"groups": None if alone else groups, "l1_ratio": ratio, "factors": prices(count)}
        return kind(**shared) if name == "group" else kind(sparsity=float(rng.choice([0.0, 0.3, 0.8, 1.0])), **shared)
    if name == "slope":
        given = np.sort(rng.exponential(size=p * outputs))[::-1]
        return kind(weights=given) if rng.random() < 0.5 else kind(float(rng.uniform(0.05, 0.5)))
    order = rng.permutation(p) if rng.random() < 0.5 else None
    return kind(float(rng.choice([0.2, 0.7, 1.0])), order)


def make_case(loss_name: str, penalty_name: str, seed: int) -> Case:
    """A random problem that has a finite optimum; every option occurs."""
    rng = np.random.default_rng([crc32(loss_name.encode()), crc32(penalty_name.encode()), seed])
    loss = make_loss(loss_name, rng)
    n, p = int(rng.integers(12, 36)), int(rng.integers(2, 13))
    if loss.outputs > 1:
        n, p = max(n, 18), min(p, 7)
    sparse = bool(rng.random() < 0.3)
    x = rng.standard_normal((n, p)) + 0.7 * rng.standard_normal((n, 1))
    if sparse:
        x *= rng.random((n, p)) < 0.4
        x[:2] = rng.standard_normal((2, p))
    x = x * np.exp(rng.uniform(-1, 1, p)) + (0 if sparse else rng.uniform(-2, 2, p))
    eta = np.clip((x - x.mean(axis=0)) / x.std(axis=0) @ (rng.standard_normal(p) * (rng.random(p) < 0.5)), -2, 2)
    y = target(loss, eta, rng)
    if loss.name == "cox":
        y = loss.check(times(SHAPES[seed % len(SHAPES)], n, seed))
    elif loss.predicts in ("probability", "class"):
        y[: max(loss.outputs, 2)] = np.arange(max(loss.outputs, 2))
    elif loss.predicts in ("amount", "count"):
        y[0] = 2.0
    weight = rng.exponential(size=n) + 0.1 if rng.random() < 0.5 else np.ones(n)
    if rng.random() < 0.3:
        weight[-2:] = 0.0
    # with few rows an unpenalized column may tell every target
    free = bool(n >= 25 and loss.always_optimal and rng.random() < 0.7)
    return Case(
        loss,
        make_penalty(penalty_name, p, loss.outputs, rng, free=free),
        x,
        y,
        weight,
        offset=0.5 * rng.standard_normal(n) if rng.random() < 0.4 else np.zeros(n),
        strength=float(np.exp(rng.uniform(np.log(0.01), np.log(0.3)))),
        standardize=bool(rng.random() < 0.6),
        intercept=bool(rng.random() < 0.8),
        sparse=sparse,
        free=free,
    )


def refused(loss: str, penalty: str) -> bool:
    """Pairs that there are not: see tests/laws/test_pairs.py."""
    return loss == "cox" and not catalog.find("penalties", penalty).separable


PAIRS = [(loss, penalty) for loss in LOSSES for penalty in PENALTIES if not refused(loss, penalty)]


def cases() -> Iterator[Case]:
    for loss, penalty in PAIRS:
        yield from (make_case(loss, penalty, seed) for seed in range(3))


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize(("loss", "penalty"), PAIRS)
def test_objective_agrees(loss: str, penalty: str, seed: int, record_property: Any) -> None:
    case = make_case(loss, penalty, seed)
    options: dict[str, bool] = {"standardize": case.standardize, "intercept": case.intercept}
    strengths = np.array([case.strength * 5, case.strength])
    learner = Linear(case.penalty, strengths=strengths, tolerance=1e-9, **options)
    design = make_design(csr_array(case.x) if case.sparse else case.x)
    problem = Problem(design, case.loss.check(case.y), case.loss, case.offset)
    trace = learner.fit_paths(problem, Resamples.full(case.weight))[0].trace()
    assert trace.status[1] in (Status.CONVERGED, Status.NOT_UNIQUE)
    assert 0 <= trace.gap[1] <= 1e-9
    conic = Conic.of(case.loss, case.penalty, case.x, problem.y, case.weight, case.offset, case.strength, **options)
    mine = conic.value(trace.coef(1), trace.intercept[1] if not case.loss.level_free else np.zeros(1))
    np.testing.assert_allclose(conic.coef.value, trace.coef(1), rtol=0, atol=1e-12)  # it lies in the box
    theirs, null = conic.solve(), null_loss(case)
    record_property("excess", (mine - theirs) / null)
    assert theirs - mine < ACCURACY * null, "the conic solver is not accurate enough to compare with"
    assert mine - theirs <= ACCURACY * null
    # what unpenalized columns could still gain is an estimate where the second derivative jumps
    certain = 2 if case.loss.name in JUMPS and case.free else 1
    assert mine - theirs <= (certain * trace.gap[1] + 1e-10) * null


def null_loss(case: Case) -> float:
    """Mean loss of the best constant."""
    share, loss = case.weight / case.weight.sum(), case.loss.bind(case.weight / case.weight.sum())
    level = loss.null(case.y, share, case.offset) if case.intercept else np.zeros(loss.outputs)
    eta = case.offset[:, None] + level
    return float(share @ loss.value(case.y, eta if loss.outputs > 1 else eta[:, 0]))


def test_there_are_pairs_and_options_enough() -> None:
    every = list(cases())
    assert len(every) >= 150
    assert len(PAIRS) == len(LOSSES) * len(PENALTIES) - 2
    for option in ("standardize", "intercept", "sparse"):
        assert {getattr(case, option) for case in every} == {True, False}
    assert sum(case.free for case in every) > 10
    assert sum((case.weight == 0).any() for case in every) > 20
    assert sum(case.offset.any() for case in every) > 20
    penalties: list[Any] = [case.penalty for case in every]
    assert sum(getattr(one, "lower", None) is not None for one in penalties) > 10
    assert sum(np.isinf(one.factors).any() for one in penalties if getattr(one, "factors", None) is not None) > 20
    assert {one.l1_ratio for one in penalties if hasattr(one, "l1_ratio")} >= {0.0, 0.3, 0.7, 1.0}


def test_the_comparison_can_fail() -> None:
    """A solution of the wrong strength is told apart."""
    case = make_case("logistic", "group", 0)
    of = (case.loss, case.penalty, case.x, case.y, case.weight, case.offset)
    right, wrong = Conic.of(*of, case.strength), Conic.of(*of, case.strength * 1.05)
    best = right.solve()
    wrong.solve()
    assert right.value(wrong.coef.value, wrong.intercept.value[0]) > best + ACCURACY * null_loss(case)


@pytest.mark.parametrize("penalty", ["slope", "fused"])
def test_pairs_that_there_are_not_are_refused(penalty: str) -> None:
    case = make_case("cox", "elastic_net", 0)
    with pytest.raises(OptionError, match=f"penalty {penalty} does not work with the cox loss"):
        Linear(catalog.find("penalties", penalty)()).fit_paths(
            Problem(make_design(case.x), case.y, case.loss, case.offset), Resamples.full(case.weight)
        )
