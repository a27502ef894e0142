"""The kernel's exp, sigmoid, softplus and softmax against those of SciPy and NumPy, everywhere."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import expit, log_softmax
from scipy.special import softmax as slow_softmax

from rightfit.elementary import exp, sigmoid, softmax, softplus

RANGE = np.concatenate(
    [np.linspace(-745, 720, 200_001), np.geomspace(1e-300, 700, 5_000), -np.geomspace(1e-300, 700, 5_000)]
)


def _softplus(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


@pytest.mark.parametrize(("fast", "slow"), [(exp, np.exp), (sigmoid, expit), (softplus, _softplus)])
def test_within_few_units_in_the_last_place(
    fast: Callable[[np.ndarray], np.ndarray], slow: Callable[[np.ndarray], np.ndarray]
) -> None:
    with np.errstate(over="ignore"):
        truth = slow(RANGE)
    normal = np.isfinite(truth) & (truth > 1e-307)
    np.testing.assert_allclose(fast(RANGE)[normal], truth[normal], rtol=7e-16)
    # what is smaller than any normal number may be zero
    assert (fast(RANGE)[truth <= 1e-307] <= 1e-307).all()


@pytest.mark.parametrize(("fast", "ends"), [(exp, (0.0, np.inf)), (sigmoid, (0.0, 1.0)), (softplus, (0.0, np.inf))])
def test_the_ends_and_what_is_no_number(fast: Callable[[np.ndarray], np.ndarray], ends: tuple[float, float]) -> None:
    low, high, none = fast(np.array([-np.inf, np.inf, np.nan]))
    assert (low, high) == ends
    assert np.isnan(none)


def test_any_shape_and_layout() -> None:
    x = np.asfortranarray(np.linspace(-3, 3, 24).reshape(2, 3, 4))[:, ::2]
    np.testing.assert_array_equal(exp(x), exp(x.ravel()).reshape(x.shape))
    assert exp(np.zeros((0, 3))).shape == (0, 3)


@pytest.mark.parametrize("outputs", [1, 2, 5])
@pytest.mark.parametrize("order", ["C", "F"])
def test_softmax(outputs: int, order: str) -> None:
    x = np.random.default_rng(outputs).normal(scale=40, size=(5_003, outputs))
    x = np.asfortranarray(x) if order == "F" else x
    x[:4] = [[-800.0], [800.0], [0.0], [1e-300]]
    share, log_sum = softmax(x)
    np.testing.assert_allclose(share, slow_softmax(x, axis=1), rtol=1e-14, atol=1e-307)
    np.testing.assert_allclose(x - log_sum[:, None], log_softmax(x, axis=1), rtol=1e-14, atol=1e-12)
    x[7] = np.nan
    assert np.isnan(softmax(x)[0][7]).all()
