"""Columns on which fits go wrong: the exact answer, or a status that says why there is none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from rightfit import catalog
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.learners.linear import Linear
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples, Status
from tests.golden.deadline import deadline  # noqa: F401
from tests.golden.exact import FINE, last, make, optimal, same
from tests.golden.walk import walk

pytestmark = pytest.mark.usefixtures("deadline")


@pytest.mark.parametrize("family", ["gaussian", "binomial", "poisson", "multinomial"])
@pytest.mark.parametrize("value", [0.0, 1.0, -3e8, 0.1])
def test_a_constant_column_changes_nothing(family: str, value: float) -> None:
    x, y = make(family=family)
    wide = np.insert(x, 2, value, axis=1)
    for matrix in (wide, sparse.csc_array(wide)):
        for strength in (0.02, 0.0) if family != "multinomial" else (0.02,):
            intercept, coef = last(family, matrix, y, strength)
            assert not coef[2].any()
            same((intercept, np.delete(coef, 2, axis=0)), last(family, x, y, strength))


def test_a_constant_column_without_intercept_works_as_one() -> None:
    x, y = make()
    x[:, 1] = 2.0
    _, coef = optimal("gaussian", x, y + 5, 0.05, intercept=False, standardize=False)
    assert coef[1, 0] > 1


def test_nothing_but_constant_columns() -> None:
    _, y = make()
    intercept, coef = last("gaussian", np.ones((len(y), 3)), y, 0.1)
    assert not coef.any()
    np.testing.assert_allclose(intercept, y.mean(), atol=1e-12)


@pytest.mark.parametrize("l1_ratio", [1.0, 0.5, 0.0])
@pytest.mark.parametrize("copies", [2, 2000])
def test_copies_of_one_column(copies: int, l1_ratio: float) -> None:
    """m copies share the one slope b: l1 |b| + l2/2 b^2 / m, so b is a soft threshold in closed form."""
    rng = np.random.default_rng(3)
    z = rng.standard_normal(50)
    y = 2 * z + rng.standard_normal(50)
    z = (z - z.mean()) / z.std()
    slope = z @ y / 50
    for strength in (0.5, 0.01):
        expected = (slope - strength * l1_ratio) / (1 + strength * (1 - l1_ratio) / copies)
        _, coef = last("gaussian", np.repeat(z[:, None], copies, axis=1), y, strength, l1_ratio=l1_ratio)
        np.testing.assert_allclose(coef.sum(), expected, rtol=1e-6)
        if l1_ratio < 1:
            np.testing.assert_allclose(coef[:, 0], expected / copies, rtol=1e-4)


@pytest.mark.parametrize("copies", [2, 2000])
def test_copies_without_penalty_predict_as_one_column(copies: int) -> None:
    rng = np.random.default_rng(3)
    z = rng.standard_normal(50)
    y = 2 * z + rng.standard_normal(50)
    trace = walk("gaussian", np.repeat(z[:, None], copies, axis=1), y, strengths=np.array([0.1, 0.0])).trace()
    assert Status(trace.status[1]) in FINE
    np.testing.assert_allclose(trace.coef(1).sum(), np.polyfit(z, y, 1)[0], rtol=1e-3)


@pytest.mark.parametrize("family", ["binomial", "poisson", "multinomial"])
def test_copies_under_a_curved_loss(family: str) -> None:
    x, y = make(60, 3, family=family)
    single = last(family, x, y, 0.02)
    intercept, coef = last(family, np.hstack([x, x, x]), y, 0.02)
    same((intercept, coef[:3] + coef[3:6] + coef[6:]), single, 1e-5)


def test_more_columns_than_rows_without_penalty() -> None:
    x, y = make(10, 30)
    trace = walk("gaussian", x, y, strengths=np.array([0.01, 0.0])).trace()
    assert Status(trace.status[1]) in FINE
    np.testing.assert_allclose(trace.intercept[1] + x @ trace.coef(1)[:, 0], y, atol=1e-2)


@pytest.mark.parametrize("family", ["gaussian", "binomial", "poisson", "multinomial"])
def test_columns_of_all_scales(family: str) -> None:
    x, y = make(60, 5, family=family)
    scales = np.array([1e-10, 1e-5, 1.0, 1e5, 1e10])
    for strength in (0.05, 0.001):
        intercept, coef = last(family, x, y, strength, l1_ratio=0.7)
        for matrix in (x * scales, sparse.csr_array(x * scales)):
            found = last(family, matrix, y, strength, l1_ratio=0.7)
            same((found[0], found[1] * scales[:, None]), (intercept, coef))


@pytest.mark.parametrize("scale", [1e-100, 1e100, 1e140])
def test_extreme_scales(scale: float) -> None:
    x, y = make()
    intercept, coef = last("gaussian", x, y, 0.05)
    found = last("gaussian", x * scale, y, 0.05)
    same((found[0], found[1] * scale), (intercept, coef))


@pytest.mark.parametrize("kind", ["dense", "fortran", "float32", "sparse"])
@pytest.mark.parametrize("family", ["gaussian", "binomial"])
def test_means_a_million_times_the_spread(family: str, kind: str) -> None:
    """All numbers are exact in the format, so the shift costs nothing but care."""
    x, y = make(80, 4, family=family)
    grid, shift = (8.0, 2.0**20) if kind == "float32" else (2.0**20, 2.0**20)
    x = np.round(x * grid) / grid
    far = {
        "dense": np.ascontiguousarray,
        "fortran": np.asfortranarray,
        "float32": np.float32,
        "sparse": sparse.csc_array,
    }[kind](x + shift)
    for strength in (0.05, 0.0):
        intercept, coef = last(family, x, y, strength)
        found = last(family, far, y, strength)
        np.testing.assert_allclose(found[1], coef, rtol=0, atol=1e-6)
        np.testing.assert_allclose(found[0] + shift * found[1].sum(axis=0), intercept, rtol=0, atol=1e-6)


def test_no_columns_at_all() -> None:
    _, y = make(30)
    weight = np.linspace(0.5, 2, 30)
    for empty in (np.empty((30, 0)), sparse.csr_array((30, 0))):
        intercept, coef = last("gaussian", empty, y, 0.1, weight=weight)
        assert coef.shape == (0, 1)
        np.testing.assert_allclose(intercept, np.average(y, weights=weight), rtol=1e-12)


def test_no_columns_and_no_strengths() -> None:
    _, y = make(30)
    trace = walk("gaussian", np.empty((30, 0)), y).trace()
    np.testing.assert_allclose(trace.intercept, y.mean(), rtol=1e-12)


def test_missing_cells_are_the_mean_of_the_fit() -> None:
    x, y = make()
    weight = np.linspace(0, 2, len(y))
    x[3, 1] = x[7, 1] = x[8, 4] = np.nan
    filled = x.copy()
    for j in (1, 4):
        seen = ~np.isnan(x[:, j])
        filled[~seen, j] = np.average(x[seen, j], weights=weight[seen])
    same(last("gaussian", x, y, 0.02, weight=weight), last("gaussian", filled, y, 0.02, weight=weight))
    x[:, 2] = np.nan
    intercept, coef = last("gaussian", x, y, 0.02, weight=weight)
    assert coef[2, 0] == 0
    same(
        (intercept, np.delete(coef, 2, axis=0)), last("gaussian", np.delete(filled, 2, axis=1), y, 0.02, weight=weight)
    )


@pytest.mark.parametrize("family", ["gaussian", "binomial", "poisson", "multinomial"])
def test_all_columns_excluded(family: str) -> None:
    x, y = make(family=family)
    for strengths in (np.array([0.1, 0.0]), None):
        trace = walk(family, x, y, strengths=strengths, factors=np.full(5, np.inf)).trace()
        assert not len(trace.values)
        same((trace.intercept[-1],), last(family, x[:, :0], y, 0.1, classes=3)[:1])


@pytest.mark.parametrize("family", ["gaussian", "binomial", "poisson"])
def test_all_columns_unpenalized(family: str) -> None:
    """Factors of zero: the strength has no say."""
    x, y = make(60, 4, family=family)
    exact = optimal(family, x, y, 0.0)
    for strengths in (np.array([7.0, 0.1]), None):
        trace = walk(family, x, y, strengths=strengths, factors=np.zeros(4), tolerance=1e-12).trace()
        for k in range(len(trace)):
            same((trace.intercept[k], trace.coef(k)), exact)
    if family == "gaussian":
        full = np.column_stack([np.ones(60), x])
        np.testing.assert_allclose(np.append(*exact), np.linalg.lstsq(full, y)[0], atol=1e-8)


def test_a_box_of_nothing() -> None:
    """lower = upper = 0 excludes as an infinite factor does."""
    x, y = make()
    zero = np.array([-np.inf, 0, 0, 0, -np.inf])
    found = last("gaussian", x, y, 0.02, lower=zero, upper=-zero)
    same(found, last("gaussian", x, y, 0.02, factors=np.array([1, np.inf, np.inf, np.inf, 1])))


@pytest.mark.parametrize("seed", [1, 2, 7, 8])
@pytest.mark.parametrize("family", ["gaussian", "binomial", "poisson"])
def test_an_unpenalized_column_comes_twice(family: str, seed: int) -> None:
    """The two share one slope in any way; with l2 on the others, nothing may be divided by their zero curvature."""
    x, y = make(40, 3, seed, family=family)
    single = last(family, x, y, 0.02, l1_ratio=0.5, factors=np.array([0.0, 1, 1]))
    intercept, coef = last(family, x[:, [0, 1, 2, 0]], y, 0.02, l1_ratio=0.5, factors=np.array([0.0, 1, 1, 0]))
    coef[0] += coef[3]
    same((intercept, coef[:3]), single, 1e-6)


@pytest.mark.parametrize("seed", [1, 7, 8, 14])
@pytest.mark.parametrize("l1_ratio", [0.0, 0.7, 1.0])
def test_an_unpenalized_column_of_several_classes(l1_ratio: float, seed: int) -> None:
    """Adding a constant to its coefficients over the classes changes nothing: a flat direction that no l2 lifts."""
    x, y = make(40, 2, seed, family="multinomial")
    factors = np.array([0.0, 1.0])
    optimal("multinomial", x, y, 0.005, l1_ratio=l1_ratio, factors=factors)
    trace = walk("multinomial", x, y, strengths=np.array([0.05, 0.005]), l1_ratio=l1_ratio, factors=factors).trace()
    assert {Status(status) for status in trace.status} <= FINE


def test_columns_that_are_nearly_one_another_reach_the_optimum() -> None:
    """Smooth curves read at 80 places, as spectra are: their moments have a condition of 1e12 and more."""
    rng = np.random.default_rng(0)
    places = np.linspace(0, 1, 80)
    waves = np.exp(-((places - np.linspace(0.1, 0.9, 9)[:, None]) ** 2) / 0.05)
    X = rng.normal(size=(150, 9)) @ waves + 3 + 1e-5 * rng.normal(size=(150, 80))
    y = 5 * X[:, 20] - 4 * X[:, 24] + X[:, 60] + 0.1 * rng.normal(size=150)
    scored = np.arange(150) % 5 == np.arange(-1, 5)[:, None]
    resamples = Resamples(np.ones(150), (~scored).astype(np.uint8), scored)
    task = Problem(make_design(X), y, catalog.find("losses", "squared")(), np.zeros(150))
    for path in Linear(ElasticNet(1.0)).fit_paths(task, resamples):
        assert (path.status == Status.CONVERGED).all()
        assert path.trace().gap.max() <= 1e-6
