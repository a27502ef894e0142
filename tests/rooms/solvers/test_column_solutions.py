"""Quadratics by their columns: in step, with factors that are kept, and alone from second moments."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csc_array

from rightfit.solvers.quadratic import ActiveFactor, Box, column_solutions, gram_solution

N, Q = 60, 70


def moments(X: np.ndarray, h: np.ndarray, u: np.ndarray, intercept: bool) -> tuple[np.ndarray, np.ndarray]:
    """The slow twin's second moments and pull, the intercept profiled out."""
    gram, pull = X.T @ (h[:, None] * X), X.T @ u
    if intercept:
        first = X.T @ h
        return gram - np.outer(first, first) / h.sum(), pull - first * u.sum() / h.sum()
    return gram, pull


def draw(tasks: int, seed: int = 0, *, repeats: bool = True) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns, some of which may repeat others, weights with some zeros, and what the rows pull."""
    rng = np.random.default_rng(seed)
    X = np.asfortranarray(rng.normal(size=(N, Q)) + rng.normal(size=(N, 1)))
    if repeats:
        X[:, 7] = X[:, 3]
        X[:, 11] = X[:, 4] + X[:, 5]
    h = rng.uniform(0.5, 1.5, (tasks, N)) * (rng.random((tasks, N)) > 0.1)
    return X, h / h.sum(axis=1, keepdims=True), h * rng.normal(size=(tasks, N)) / N


def box_of(tasks: int, l1: float, l2: float, *, lower: float = -np.inf) -> Box:
    whole = np.ones((tasks, Q))
    box = Box(l1 * whole, l2 * whole, lower * whole, np.inf * whole)
    box.l1[:, 20] = np.inf  # left out
    box.l1[:, 21] = 0.0
    return box


def solve(
    X: np.ndarray,
    h: np.ndarray,
    u: np.ndarray,
    box: Box,
    *,
    start: np.ndarray | None = None,
    factors: list[ActiveFactor] | None = None,
    exact: bool = False,
    intercept: bool = True,
    thin: int = 0,
    threads: int = 1,
) -> np.ndarray:
    """All tasks; the last ``thin`` columns as sparse ones. ``u`` belongs to coefficients zero."""
    tasks = len(h)
    here = np.zeros((tasks, Q)) if start is None else start
    away = here @ X.T
    if intercept:
        away = away - ((h * away).sum(axis=1) / h.sum(axis=1))[:, None]
    shift = u.sum(axis=1, keepdims=True) / h.sum(axis=1, keepdims=True) * intercept
    pull = u - h * (away + shift) if start is not None else u
    coef, moved = column_solutions(
        X,
        np.arange(Q - thin),
        csc_array(X[:, Q - thin :]),
        h,
        pull,
        box,
        start=here,
        intercept=intercept,
        small=np.full(tasks, 1e-18),
        names=np.arange(Q),
        factors=factors or [],
        exact=exact,
        means=np.full((tasks, Q), np.nan),
        curvatures=np.full((tasks, Q), np.nan),
        threads=threads,
    )
    left = pull - h * ((coef - here) @ X.T + moved[:, None])
    assert np.abs(left.sum(axis=1) if intercept else moved).max() <= 1e-12 * np.abs(pull).sum(axis=1).max()
    return coef


def objective(gram: np.ndarray, pull: np.ndarray, box: Box, t: int, coef: np.ndarray) -> float:
    l1 = np.where(np.isinf(box.l1[t]), 0.0, box.l1[t])
    return float(coef @ gram @ coef / 2 - pull @ coef + l1 @ np.abs(coef) + box.l2[t] @ coef**2 / 2)


@pytest.mark.parametrize("tasks", [1, 3, 13])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize(("l2", "lower"), [(0.0, -np.inf), (0.1, -np.inf), (0.0, 0.0), (0.02, -0.05)])
@pytest.mark.parametrize("kept", ["factors", "none", "thin", "none thin"])
def test_a_path_by_columns_has_the_objective_of_second_moments(
    tasks: int, intercept: bool, l2: float, lower: float, kept: str
) -> None:
    X, h, u = draw(tasks, repeats="none" not in kept)
    factors = [ActiveFactor() for _ in range(tasks)] if "none" not in kept else None
    start: np.ndarray | None = None
    # without a factor, what is nearly saturated takes long
    for l1 in (0.08, 0.04, 0.02) if "none" in kept else (0.02, 0.01, 0.004, 0.002):
        box = box_of(tasks, l1, l2 * l1, lower=lower)
        start = solve(
            X,
            h,
            u,
            box,
            start=start,
            factors=factors,
            exact=l2 == 0,
            intercept=intercept,
            thin=30 if "thin" in kept else 0,
        )
        assert (start[:, 20] == 0).all()
        assert (start >= lower).all()
        for t in range(tasks):
            gram, pull = moments(X, h[t], u[t], intercept)
            one = Box(*(part[t] for part in (box.l1, box.l2, box.lower, box.upper)))
            twin = gram_solution(gram, pull, one, start=np.zeros(Q), small=1e-22)
            best = objective(gram, pull, box, t, twin)
            assert objective(gram, pull, box, t, start[t]) <= best + 1e-9 * abs(best)


def test_threads_change_no_bit() -> None:
    X, h, u = draw(19)
    box = box_of(19, 0.004, 0.0)

    def solved(threads: int) -> np.ndarray:
        return solve(X, h, u, box, factors=[ActiveFactor() for _ in range(19)], exact=True, threads=threads)

    whole = solved(1)
    for threads in (2, 4):
        assert (solved(threads) == whole).all()


def test_factors_follow_coefficients_that_come_and_go() -> None:
    X, h, u = draw(2, seed=1)
    factors = [ActiveFactor() for _ in range(2)]
    start: np.ndarray | None = None
    for l1 in (0.003, 0.02, 0.001, 0.01, 0.002):
        box = box_of(2, l1, 0.0)
        start = solve(X, h, u, box, start=start, factors=factors, exact=True)
        fresh = solve(X, h, u, box)
        for t in range(2):
            gram, pull = moments(X, h[t], u[t], True)
            values = [objective(gram, pull, box, t, coef[t]) for coef in (start, fresh)]
            assert values[0] == pytest.approx(values[1], rel=1e-9)


@pytest.mark.parametrize("exact", [True, False])
def test_tasks_of_different_columns_walk_alone(exact: bool) -> None:
    """To the last bit as if nobody walked beside them, the others' columns untouched."""
    tasks = 5
    X, h, u = draw(tasks, 4, repeats=False)
    box = box_of(tasks, 0.02, 0.0 if exact else 0.1)
    own = np.arange(Q) % tasks == np.arange(tasks)[:, None]
    box = Box(np.where(own, box.l1, np.inf), box.l2, box.lower, box.upper)
    factors = [ActiveFactor() for _ in range(tasks)]
    together = solve(X, h, u, box, factors=factors, exact=exact)
    assert not together[~own].any()
    assert (together != 0).any(axis=1).all()
    for t in range(tasks):
        alone = solve(X, h[[t]], u[[t]], box.of(np.array([t])), factors=[ActiveFactor()], exact=exact)
        np.testing.assert_array_equal(together[t], alone[0])
