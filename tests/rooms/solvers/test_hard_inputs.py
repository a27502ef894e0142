"""Targets, rows and classes on which fits go wrong: the exact answer, or a status or error that says why not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rightfit.records import Status
from tests.golden.deadline import deadline  # noqa: F401
from tests.golden.exact import FINE, has_no_optimum, last, make, optimal, same
from tests.golden.walk import walk

pytestmark = pytest.mark.usefixtures("deadline")


@pytest.mark.parametrize("n", [4, 20, 200])
def test_separable_classes_without_penalty(n: int) -> None:
    x = np.linspace(-1, 1, n)[:, None]
    has_no_optimum("binomial", x, (x[:, 0] > 0) * 1.0, [0.1, 0.0])


def test_separable_classes_with_a_penalty() -> None:
    x = np.linspace(-1, 1, 30)[:, None]
    for strength in (0.1, 1e-4):
        optimal("binomial", x, (x[:, 0] > 0) * 1.0, strength)
        optimal("binomial", x, (x[:, 0] > 0) * 1.0, strength, l1_ratio=0.0)


def test_classes_that_touch_in_one_point() -> None:
    """Quasi-complete separation: the slope still runs away."""
    x = np.array([-2.0, -1, 0, 0, 1, 2])[:, None]
    has_no_optimum("binomial", x, np.array([0.0, 0, 0, 1, 1, 1]), [0.1, 0.0])


def test_an_unpenalized_column_separates() -> None:
    x, y = make(family="binomial")
    x[:, 2] = y * 2 - 1
    has_no_optimum("binomial", x, y, [0.3, 0.1], factors=np.array([1.0, 1, 0, 1, 1]))


def test_more_columns_than_rows_separate() -> None:
    x, y = make(20, 40, family="binomial")
    has_no_optimum("binomial", x, y, [0.1, 0.0])


def test_separable_multinomial() -> None:
    x = np.repeat(np.eye(3), 5, axis=0)
    y = np.repeat([0.0, 1, 2], 5)
    has_no_optimum("multinomial", x, y, [0.1, 0.0])
    optimal("multinomial", x, y, 0.01, l1_ratio=0.5)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_one_class_only(value: float) -> None:
    x, y = make()
    has_no_optimum("binomial", x, np.full(len(y), value), [0.1, 0.01])


def test_one_class_only_but_no_intercept() -> None:
    x, y = make()
    optimal("binomial", x + 0.5, np.ones(len(y)), 0.05, intercept=False, standardize=False)


def test_one_class_left_by_the_weights() -> None:
    x, y = make(family="binomial")
    has_no_optimum("binomial", x, y, [0.1, 0.01], weight=y)


def test_a_class_without_rows() -> None:
    x, y = make(family="multinomial")
    has_no_optimum("multinomial", x, y, [0.1, 0.01], classes=4)


def test_no_counts_at_all() -> None:
    x, y = make()
    has_no_optimum("poisson", x, np.zeros(len(y)), [0.1, 0.01])
    optimal("poisson", x + 0.5, np.zeros(len(y)), 0.05, intercept=False, standardize=False)


def test_counts_that_vanish_where_a_column_lives() -> None:
    x, y = make(family="poisson")
    x[:, 0] = np.arange(len(y)) < 10
    y[:10] = 0
    has_no_optimum("poisson", x, y, [0.1, 0.0])
    optimal("poisson", x, y, 0.01)


@pytest.mark.parametrize("strength", [1.0, 0.0])
def test_one_row(strength: float) -> None:
    x = np.array([[1.0, -2.0, 3.0]])
    for family, y, intercept in (("gaussian", 5.0, 5.0), ("poisson", 3.0, np.log(3))):
        found, coef = last(family, x, np.array([y]), strength)
        assert not coef.any()
        np.testing.assert_allclose(found, intercept, rtol=1e-9)
    has_no_optimum("binomial", x, np.array([1.0]), [strength])


def test_one_row_without_intercept() -> None:
    _, coef = last("gaussian", np.array([[2.0]]), np.array([3.0]), 0.5, intercept=False, standardize=False)
    np.testing.assert_allclose(coef, (2 * 3 - 0.5) / 4, rtol=1e-9)


def test_two_rows() -> None:
    x, y = np.array([[0.0], [2.0]]), np.array([1.0, 5.0])
    for strength in (0.5, 0.0):  # slope on the standardized column is 2, its deviation 1
        intercept, coef = last("gaussian", x, y, strength)
        np.testing.assert_allclose(coef, 2 - strength, rtol=1e-9)
        np.testing.assert_allclose(intercept, 3 - coef[0], rtol=1e-9)
    has_no_optimum("binomial", x, np.array([0.0, 1.0]), [0.1, 0.0])
    optimal("binomial", x, np.array([0.0, 1.0]), 0.1)


@pytest.mark.parametrize("value", [0.0, 7.0, 0.1, -1e9])
def test_a_constant_target(value: float) -> None:
    x, y = make()
    choices: list[dict[str, Any]] = [{}, {"strengths": np.array([0.1, 0.0])}]
    for options in choices:
        trace = walk("gaussian", x, np.full(len(y), value), **options).trace()
        assert {Status(s) for s in trace.status} <= FINE
        assert np.abs(np.stack([trace.coef(k) for k in range(len(trace))])).max() < 1e-12 * max(1, abs(value))
        np.testing.assert_allclose(trace.intercept, value, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("scale", [1e-100, 1e20, 1e100, 1e149])
def test_targets_of_extreme_size(scale: float) -> None:
    x, y = make()
    y = y / np.abs(y).max()
    for l1_ratio in (1.0, 0.5) if scale < 1 else (1.0,):
        # strength * l1 grows with y, strength * l2 does not: beyond 1e16 one l1_ratio cannot hold both
        l1, l2 = 0.05 * l1_ratio, 0.05 * (1 - l1_ratio)
        intercept, coef = last("gaussian", x, y, 0.05, l1_ratio=l1_ratio)
        strength = l1 * scale + l2
        found = last("gaussian", x, y * scale, strength, l1_ratio=l1 * scale / strength)
        same((found[0] / scale, found[1] / scale), (intercept, coef), 1e-6)


def test_large_counts() -> None:
    x, y = make(family="poisson")
    intercept, coef = last("poisson", x, y, 0.01)
    found = last("poisson", x, y * 1e12, 0.01 * 1e12)
    same((found[0] - np.log(1e12), found[1]), (intercept, coef), 1e-6)


@pytest.mark.parametrize("family", ["gaussian", "binomial", "poisson"])
def test_a_large_constant_offset_moves_the_intercept_alone(family: str) -> None:
    x, y = make(family=family)
    intercept, coef = last(family, x, y, 0.02)
    for shift in (1000.0, -1000.0):
        found = last(family, x, y, 0.02, offset=np.full(len(y), shift))
        same((found[0] + shift, found[1]), (intercept, coef))


@pytest.mark.parametrize("scale", [1.0, 1e-6])
def test_a_target_of_zeros_and_an_offset(scale: float) -> None:
    """What there is to explain lies in the offset alone."""
    x, y = make()
    intercept, coef = last("gaussian", x, y, 0.05)
    found = last("gaussian", x, np.zeros(len(y)), 0.05 * scale, offset=-y * scale)
    same((found[0] / scale, found[1] / scale), (intercept, coef), 1e-6)


@pytest.mark.parametrize("scale", [1e-300, 1e-12, 1e12, 1e300, 1e307])
def test_the_size_of_the_weights_does_not_matter(scale: float) -> None:
    x, y = make(family="binomial")
    weight = np.linspace(0.1, 2, len(y))
    same(last("binomial", x, y, 0.02, weight=weight * scale), last("binomial", x, y, 0.02, weight=weight))


def test_one_row_outweighs_all_others() -> None:
    x, y = make()
    weight = np.ones(len(y))
    weight[4] = 1e9
    optimal("gaussian", x, y, 1e-3 / len(y), l1_ratio=0.5, weight=weight, standardize=False)


@pytest.mark.parametrize("family", ["gaussian", "binomial", "poisson"])
def test_nearly_dependent_columns(family: str) -> None:
    """Powers of one variable: the certificate holds, or the status says that it does not."""
    t = np.linspace(0, 1, 60)
    x = t[:, None] ** np.arange(1, 13)
    y = {"gaussian": np.sin(6 * t), "binomial": (np.sin(9 * t) > 0) * 1.0, "poisson": np.round(3 + 3 * np.sin(6 * t))}[
        family
    ]
    trace = walk(family, x, y, strengths=np.geomspace(0.1, 1e-7, 10)).trace()
    for gap, status in zip(trace.gap, trace.status, strict=True):
        assert (gap <= 1e-6) == (Status(status) in FINE)
