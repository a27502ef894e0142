"""What the losses of amounts and centres promise beyond the laws: no cancellation, ends of the range, known values."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import brentq

from rightfit.contracts import Loss
from rightfit.losses._centre import find_centre, robust_spread
from rightfit.losses.gamma import Gamma
from rightfit.losses.huber import Huber
from rightfit.losses.poisson import Poisson
from rightfit.losses.quantile import Quantile
from rightfit.losses.tweedie import Tweedie

Y = np.array([0.3, 1.0, 2.5, 40.0])
ETA = np.array([0.5, -1.0, 1.2, 3.0])
MANY: list[Loss] = [Gamma(), *(Tweedie(p) for p in (1.01, 1.1, 1.5, 1.9, 1.99)), Huber(0.7), Quantile(0.8, 50.0)]


@pytest.mark.parametrize("loss", MANY, ids=repr)
@pytest.mark.parametrize("left", [1e-2, 1e-4])
def test_the_excess_of_a_small_scaling_does_not_cancel(loss: Loss, left: float) -> None:
    """Near scale 1 it is ((1 - scale) slope)^2 / 2 / second derivative, relative to first order in 1 - scale."""
    slope, bend = loss.slope(Y, ETA), loss.second_derivative(Y, ETA)
    rows = bend > 0
    found = loss.young(Y, ETA, 1 - left)[rows]
    np.testing.assert_allclose(found, (0.5 * (left * slope) ** 2)[rows] / bend[rows], rtol=40 * left)


@pytest.mark.parametrize("power", [1.01, 1.2, 1.5, 1.8, 1.99])
@pytest.mark.parametrize("scale", [0.0, 0.3, 0.999, 1 - 1e-9])
def test_the_dual_point_of_tweedie_is_found_by_any_root_finder(power: float, scale: float) -> None:
    loss = Tweedie(power)
    y = np.array([1e-8, 0.3, 2.5, 1e6])
    for shift in (-8.0, -0.1, 0.0, 1e-7, 0.1, 8.0):
        eta = np.log(y) + shift
        found = loss.young(y, eta, scale)
        for i in range(len(y)):
            one, at = y[i : i + 1], eta[i : i + 1]
            target = scale * loss.slope(one, at)[0]
            ends = sorted((np.log(y[i]) - 1e-3, eta[i] + 1e-3 * np.sign(shift)))

            def left(e: float, one: np.ndarray = one, target: float = target) -> float:
                return float(loss.slope(one, np.array([e]))[0] - target)

            if left(ends[0]) * left(ends[1]) > 0:
                continue
            root = brentq(left, *ends, xtol=1e-15, rtol=1e-15)
            value = loss.value(one, at)[0] - loss.value(one, np.array([root]))[0] - target * (eta[i] - root)
            assert found[i] == pytest.approx(value, rel=1e-6, abs=1e-13 * max(1.0, loss.value(one, at)[0]))


def test_tweedie_lies_between_counts_and_gamma() -> None:
    """At powers near 1 and 2 its values are Poisson's and gamma's."""
    np.testing.assert_allclose(Tweedie(1 + 1e-7).value(Y, ETA), Poisson().value(Y, ETA), rtol=1e-5)
    np.testing.assert_allclose(Tweedie(2 - 1e-7).value(Y, ETA), Gamma().value(Y, ETA), rtol=1e-5)


@pytest.mark.parametrize("loss", [Gamma(), Tweedie(1.3), Tweedie(1.7)], ids=repr)
def test_amounts_of_any_size(loss: Loss) -> None:
    y = np.array([1e-150, 1e-20, 1.0, 1e20, 1e150])
    with np.errstate(all="raise", under="ignore"):
        null = loss.null(y, np.full(5, 0.2), np.zeros(5))
        assert null[0] == pytest.approx(np.log(0.2e150), abs=1e-9)
        np.testing.assert_allclose(loss.value(y, np.log(y)), 0, atol=1e-12)
        for eta in (np.log(y), np.full(5, null[0]), np.zeros(5)):
            for found in (loss.value(y, eta), loss.slope(y, eta), loss.curvature(y, eta), loss.young(y, eta, 0.5)):
                assert np.isfinite(found).all()
        assert (loss.curvature(y, np.log(y)) > 0).all()


def test_all_amounts_zero_have_no_finite_constant() -> None:
    assert Tweedie(1.5).null(np.zeros(3), np.full(3, 1 / 3), np.zeros(3))[0] == -np.inf


def test_a_centre_by_any_root_finder() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        n = int(rng.integers(1, 30))
        z = rng.standard_t(1, n).round(int(rng.integers(0, 4)))  # ties included
        weight = rng.exponential(size=n) * (rng.random(n) < 0.8)
        weight[0] += 0.1
        weight /= weight.sum()
        width, tilt = float(rng.choice([1e-3, 0.3, 5.0])), float(rng.uniform(-0.95, 0.95))
        b = find_centre(z, weight, width, tilt)
        assert weight @ np.clip((z - b) / width, -1, 1) == pytest.approx(tilt, abs=1e-12)


def test_a_centre_that_is_not_unique_is_the_middle() -> None:
    two, even = np.array([0.0, 10.0]), np.array([0.5, 0.5])
    assert find_centre(two, even, 1.0) == 5.0
    assert find_centre(np.array([7.0]), np.ones(1), 0.5) == 7.0


def test_a_narrow_quantile_of_rows_is_the_quantile() -> None:
    y = np.random.default_rng(1).normal(size=999)
    for level in (0.1, 0.5, 0.77):
        best = Quantile(level, width=1e-9).null(y, np.full(999, 1 / 999), np.zeros(999))[0]
        assert best == pytest.approx(np.quantile(y, level, method="inverted_cdf"), abs=1e-8)


def test_the_smoothed_loss_exceeds_the_pinball_loss_by_a_quarter_of_the_width_at_most() -> None:
    y, eta = np.zeros(401), np.linspace(-2, 2, 401)
    above = Quantile(0.3, 0.8).value(y, eta) - np.maximum(0.3 * -eta, -0.7 * -eta)
    assert above.min() >= -1e-15 and above.max() == pytest.approx(0.2)
    assert (above[np.abs(eta) > 0.8 + 1e-9] == 0).all()


def test_losses_are_convex_and_their_slopes_grow() -> None:
    grid = np.linspace(-6, 6, 501)
    for loss in MANY:
        slope = loss.slope(np.full(501, 1.3), grid)
        assert all(a <= b + 1e-12 for a, b in pairwise(slope))


def test_the_robust_spread_of_normal_errors_is_their_deviation() -> None:
    y = np.random.default_rng(2).normal(3, 5, 20_000)
    assert robust_spread(y, np.ones(20_000)) == pytest.approx(5, rel=0.02)
    spoiled = np.where(np.arange(20_000) % 10 == 0, 1e9, y)
    assert robust_spread(spoiled, np.ones(20_000)) == pytest.approx(5.8, rel=0.05)
    assert robust_spread(np.array([1.0, 2.0, 9.0]), np.array([2.0, 1.0, 0.0])) == robust_spread(
        np.array([1.0, 1.0, 2.0]), np.ones(3)
    )
    assert robust_spread(np.full(5, 3.0), np.ones(5)) == 1.0
