"""Ridge in closed form against refits: paths, leave-one-out in both senses, degrees of freedom, GCV."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.learners.linear import Linear
from rightfit.losses.squared import Squared
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples
from rightfit.solvers.ridge import decompose, gcv

STRENGTHS = np.array([10.0, 0.3, 1e-3])


def _rows(n: int, p: int, kind: str) -> tuple[object, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(10 * n + p)
    X = generator.normal(size=(n, p)) + 5.0
    y = X[:, 0] - 2 * X[:, 1] + generator.normal(size=n)
    weight = np.ones(n)
    if "weighted" in kind:
        weight = generator.integers(0, 3, n) + 0.25 * (np.arange(n) % 2)
    if "constant" in kind:
        X[:, 2] = 7.0
        X[:, 3] = X[:, 1]
    if "missing" in kind:
        X[::4, 0] = np.nan
    if "sparse" in kind:
        return sparse.csr_array(np.where(generator.random((n, p)) < 0.7, 0.0, X)), y, weight
    return X, y, weight


def _refit(X: object, y: np.ndarray, weight: np.ndarray, strength: float, intercept: bool) -> np.ndarray:
    """Predictions for all rows."""
    design = make_design(X)
    learner = Linear(
        ElasticNet(0.0), strengths=np.array([strength]), standardize=False, intercept=intercept, tolerance=1e-16
    )
    problem = Problem(design, y, Squared(), np.zeros(len(y)))
    return learner.fit_paths(problem, Resamples.full(weight))[0].predict(design)[0, :, 0]


kinds = pytest.mark.parametrize("kind", ["plain", "weighted", "constant weighted", "sparse weighted"])
sizes = pytest.mark.parametrize(("n", "p"), [(30, 6), (14, 25), (12, 12)], ids=["tall", "wide", "square"])
intercepts = pytest.mark.parametrize("intercept", [True, False], ids=["intercept", "origin"])


@sizes
@kinds
@intercepts
def test_the_path_is_that_of_the_iterative_solver(n: int, p: int, kind: str, intercept: bool) -> None:
    X, y, weight = _rows(n, p, kind)
    design = make_design(X)
    coef, constant = decompose(design, y[:, None], weight, intercept=intercept).coef(STRENGTHS)
    for k, strength in enumerate(STRENGTHS):
        mine = design.dot(coef[k], np.zeros(p))[:, 0] + constant[k]
        np.testing.assert_allclose(mine, _refit(X, y, weight, strength, intercept), rtol=1e-6, atol=1e-6)


@sizes
@kinds
@intercepts
@pytest.mark.parametrize("fixed", ["sum", "mean"])
def test_leave_one_out_equals_refits(n: int, p: int, kind: str, intercept: bool, fixed: str) -> None:
    """With the amount of penalty fixed against the sum of losses (scikit-learn's alpha), or against their mean."""
    X, y, weight = _rows(n, p, kind)
    design = make_design(X)
    share = weight / weight.sum()
    amounts = STRENGTHS if fixed == "sum" else STRENGTHS * (1 - share[:, None])
    found = decompose(design, y[:, None], weight, intercept=intercept).leave_one_out(design, y[:, None], amounts)
    for i in range(n):
        others = np.where(np.arange(n) == i, 0.0, share)
        for k, strength in enumerate(STRENGTHS):
            own = strength / others.sum() if fixed == "sum" else strength
            expected = y[i] - decompose_and_predict(X, y, others, own, intercept)[i]
            assert found[i, k, 0] == pytest.approx(expected, rel=1e-8, abs=1e-8)


def decompose_and_predict(X: object, y: np.ndarray, weight: np.ndarray, strength: float, intercept: bool) -> np.ndarray:
    """Normal equations written out: centre, solve, predict."""
    dense = X.toarray() if sparse.issparse(X) else np.asarray(X)
    u = weight / weight.sum()
    center, middle = (u @ dense, u @ y) if intercept else (np.zeros(dense.shape[1]), 0.0)
    away = dense - center
    b = np.linalg.solve(away.T @ (u[:, None] * away) + strength * np.eye(len(center)), away.T @ (u * (y - middle)))
    return middle + away @ b


@sizes
def test_leave_one_out_equals_refits_of_the_learner(n: int, p: int) -> None:
    X, y, weight = _rows(n, p, "weighted")
    design = make_design(X)
    strength = 0.5
    share = weight / weight.sum()
    amounts = strength * (1 - share[:, None])
    found = decompose(design, y[:, None], weight, intercept=True).leave_one_out(design, y[:, None], amounts)
    for i in np.flatnonzero(weight)[:4]:
        others = np.where(np.arange(n) == i, 0.0, weight)
        assert found[i, 0, 0] == pytest.approx(y[i] - _refit(X, y, others, strength, True)[i], rel=1e-8, abs=1e-8)


@sizes
def test_degrees_of_freedom_and_gcv(n: int, p: int) -> None:
    X, y, _ = _rows(n, p, "plain")
    design = make_design(X)
    found = decompose(design, y[:, None], np.ones(n), intercept=True)
    away = np.asarray(X) - np.asarray(X).mean(axis=0)
    for k, strength in enumerate(STRENGTHS):
        hat = away @ np.linalg.solve(away.T @ away / n + strength * np.eye(p), away.T) / n
        freedom = np.trace(hat)
        assert found.complexity(STRENGTHS)[k] == pytest.approx(freedom, rel=1e-8)
        residual = (y - y.mean()) - hat @ (y - y.mean())
        expected = np.mean(residual**2) / (1 - (1 + freedom) / n) ** 2
        assert gcv(found, design, y[:, None], STRENGTHS)[k, 0] == pytest.approx(expected, rel=1e-6)


def test_missing_values_are_the_mean_of_the_rows_of_the_fit() -> None:
    X, y, weight = _rows(30, 6, "weighted missing")
    hole = np.isnan(X)
    means = np.array([np.average(c[~h], weights=weight[~h]) for c, h in zip(np.asarray(X).T, hole.T, strict=True)])
    filled = np.where(hole, means, X)
    coef, constant = decompose(make_design(X), y[:, None], weight, intercept=True).coef(STRENGTHS)
    same, also = decompose(make_design(filled), y[:, None], weight, intercept=True).coef(STRENGTHS)
    np.testing.assert_allclose(coef, same, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(constant, also, rtol=1e-9, atol=1e-10)


def test_strength_zero_is_the_shortest_least_squares_solution() -> None:
    X, y, _ = _rows(14, 25, "plain")
    coef, _ = decompose(make_design(X), y[:, None], np.ones(14), intercept=True).coef(np.zeros(1))
    away = np.asarray(X) - np.asarray(X).mean(axis=0)
    np.testing.assert_allclose(coef[0, :, 0], np.linalg.pinv(away) @ (y - y.mean()), atol=1e-9)


def test_tiny_strengths_with_more_columns_than_rows() -> None:
    """Residual and 1 - leverage both vanish; their ratio does not."""
    X, y, _ = _rows(14, 25, "plain")
    design = make_design(X)
    found = decompose(design, y[:, None], np.ones(14), intercept=True)
    small = found.leave_one_out(design, y[:, None], np.array([1e-13]))
    limit = found.leave_one_out(design, y[:, None], np.array([1e-9]))
    np.testing.assert_allclose(small, limit, rtol=1e-5)


@pytest.mark.parametrize("strength", [0.0, 1e-10, 1e-3])
def test_nearly_equal_columns_of_very_different_scales(strength: float) -> None:
    """Second moments would square a condition of 1e9; an augmented least-squares problem does not."""
    generator = np.random.default_rng(0)
    X = generator.normal(size=(2500, 5))
    X[:, 1] = X[:, 0] + 1e-5 * X[:, 1]
    X = X * [1, 1, 1e4, 1e-4, 1] + [0, 0, 1e6, 0, 0]
    y = X[:, 0] + generator.normal(size=2500)
    away = (X - X.mean(axis=0)) / np.sqrt(2500)
    rows = np.vstack([away, np.sqrt(strength) * np.eye(5)])
    expected = np.linalg.lstsq(rows, np.append((y - y.mean()) / np.sqrt(2500), np.zeros(5)), rcond=None)[0]
    coef, _ = decompose(make_design(X), y[:, None], np.ones(2500), intercept=True).coef(np.array([strength]))
    np.testing.assert_allclose(coef[0, :, 0], expected, rtol=1e-5)


@sizes
@pytest.mark.parametrize("intercept", [True, False])
def test_one_amount_for_all_rows_gives_what_one_a_row_gives(n: int, p: int, intercept: bool) -> None:
    X, y, weight = _rows(n, p, "weighted")
    design, targets = make_design(X), np.column_stack([y, y**2])
    found = decompose(design, targets, weight, intercept=intercept)
    common = found.leave_one_out(design, targets, STRENGTHS)
    each = found.leave_one_out(design, targets, np.tile(STRENGTHS, (n, 1)))
    np.testing.assert_allclose(common, each, rtol=1e-9, atol=1e-12 * np.abs(each).max())
