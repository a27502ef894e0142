"""The unit of the target is nobody's business: where every cost has it, a path in another unit is the same path."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.catalog import find
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.learners.linear import Linear
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples, Trace

SHAPES = {"long": (50, 7), "wide": (30, 45)}


def trace(penalty: ElasticNet, shape: str, unit: float, **options: bool) -> Trace:
    n, p = SHAPES[shape]
    rng = np.random.default_rng(8)
    X = rng.normal(size=(n, p)) * np.geomspace(0.1, 10, p) + 1
    y = X[:, 0] * 3 + X[:, 1] + rng.normal(size=n) + 4
    weight, offset = rng.uniform(0.5, 2, n), rng.normal(size=n)
    learner = Linear(penalty=penalty, count=8, tolerance=1e-12, **options)  # type: ignore[arg-type]
    problem = Problem(make_design(X), unit * y, find("losses", "squared")(), unit * offset)
    return learner.fit_paths(problem, Resamples.full(weight))[0].trace()


def coefficients(found: Trace) -> np.ndarray:
    return np.array([found.coef(k)[:, 0] for k in range(len(found))])


@pytest.mark.parametrize("unit", [1e-6, 37.0, 1e7])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("options", [{}, {"standardize": False}, {"intercept": False}, {"unpenalized": True}], ids=str)
def test_ridge_has_the_same_strengths_in_every_unit(options: dict[str, bool], shape: str, unit: float) -> None:
    if shape == "wide" and "unpenalized" in options:
        pytest.skip("more columns than rows need a penalty")
    one, other = (trace(ElasticNet(0.0), shape, u, **options) for u in (1.0, unit))
    np.testing.assert_allclose(other.strengths, one.strengths, rtol=1e-10)
    np.testing.assert_allclose(coefficients(other), unit * coefficients(one), rtol=1e-6, atol=1e-9 * unit)
    np.testing.assert_allclose(other.explained, one.explained, atol=1e-9)
    assert one.explained[0] < one.explained[-1] - 0.05


@pytest.mark.parametrize("factors", [[1.0] * 7, [0.0, 1.0, 2.0, 0.5, 1.0, np.inf, 1.0]])
def test_factors_of_ridge_have_no_unit_either(factors: list[float]) -> None:
    penalty = ElasticNet(0.0, factors=np.array(factors))
    one, other = (trace(penalty, "long", u) for u in (1.0, 1e4))
    np.testing.assert_allclose(other.strengths, one.strengths, rtol=1e-9)


@pytest.mark.parametrize("unit", [1e-6, 1e7])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_lassos_strengths_grow_with_the_unit(shape: str, unit: float) -> None:
    one, other = (trace(ElasticNet(1.0), shape, u) for u in (1.0, unit))
    np.testing.assert_allclose(other.strengths, unit * one.strengths, rtol=1e-10)
    np.testing.assert_allclose(coefficients(other), unit * coefficients(one), rtol=1e-5, atol=1e-6 * unit)


@pytest.mark.parametrize("share", [1e-6, 1e-4, 0.3, 1.0])
def test_any_absolute_share_starts_where_all_are_zero(share: float) -> None:
    found = trace(ElasticNet(share), "long", 5.0)
    assert found.nonzero()[0] == 0 and found.nonzero()[1] > 0
