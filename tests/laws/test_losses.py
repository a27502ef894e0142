"""What every loss promises, tried on every loss in the room."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit import catalog
from rightfit.contracts import Loss
from rightfit.errors import DataError, RowError

CASES = [case for kind in catalog.everything("losses").values() for case in kind.specimens()]


APART = [case for case in CASES if not case[0].coupled]
"""Losses whose rows have nothing to do with each other; the others have laws of their own, test_coupled_losses.py"""


def named(value: object) -> str:
    return value.name if isinstance(value, Loss) else ""


def predictors(loss: Loss, n: int, seed: int = 0) -> np.ndarray:
    eta = np.random.default_rng(seed).normal(scale=2, size=(n, loss.outputs))
    return eta[:, 0] if loss.outputs == 1 else eta


@pytest.mark.parametrize(("loss", "y"), APART, ids=named)
def test_derivatives_are_those_of_the_value_and_the_curvature_is_no_less(loss: Loss, y: np.ndarray) -> None:
    eta, h = predictors(loss, len(y)), 1e-6
    slope = loss.slope(y, eta).reshape(len(y), -1)
    curvature = loss.second_derivative(y, eta).reshape(len(y), loss.outputs, loss.outputs)
    for c in range(loss.outputs):
        step = np.zeros_like(eta.reshape(len(y), -1))
        step[:, c] = h
        step = step.reshape(eta.shape)
        value = (loss.value(y, eta + step) - loss.value(y, eta - step)) / (2 * h)
        np.testing.assert_allclose(slope[:, c], value, rtol=1e-6, atol=1e-7)
        change = (loss.slope(y, eta + step) - loss.slope(y, eta - step)).reshape(len(y), -1) / (2 * h)
        np.testing.assert_allclose(curvature[:, :, c], change, rtol=1e-6, atol=1e-7)
    assert np.linalg.eigvalsh(curvature).min() >= -1e-12
    above = loss.curvature(y, eta).reshape(curvature.shape) - curvature
    assert np.linalg.eigvalsh(above).min() >= -1e-12


@pytest.mark.parametrize(("loss", "y"), CASES, ids=named)
def test_value_is_never_negative(loss: Loss, y: np.ndarray) -> None:
    for seed in range(20):
        assert loss.value(y, predictors(loss, len(y), seed)).min() >= -1e-14


@pytest.mark.parametrize(("loss", "y"), APART, ids=named)
def test_derivatives_together_are_the_derivatives(loss: Loss, y: np.ndarray) -> None:
    eta = predictors(loss, len(y))
    slope, curvature = loss.derivatives(y, eta)
    np.testing.assert_allclose(slope, loss.slope(y, eta), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(curvature, loss.curvature(y, eta), rtol=1e-12, atol=1e-15)
    between = loss.between(eta)
    if between is not None:
        first, then = np.tril_indices(loss.outputs, -1)
        np.testing.assert_allclose(between, -curvature[:, first, then].T, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(curvature.sum(axis=2), 0, atol=1e-14)


def test_losses_of_several_outputs_tell_what_is_between_them() -> None:
    assert {loss.name for loss, y in APART if loss.between(predictors(loss, len(y))) is not None} == {"multinomial"}


@pytest.mark.parametrize(("loss", "y"), [case for case in APART if case[0].steady], ids=named)
def test_what_scaling_a_steady_losss_dual_costs_is_bounded(loss: Loss, y: np.ndarray) -> None:
    for seed in range(20):
        eta = 2 * predictors(loss, len(y), seed)
        slope, curvature = loss.derivatives(y, eta)
        lever = slope**2 / curvature if loss.outputs == 1 else loss.lever(y, slope)
        for scale in (0.9999, 0.99, 0.9, 0.5, 0.1):
            bound = (1 - scale) ** 2 / (2 * scale) * lever
            assert (loss.young(y, eta, np.asarray(scale)) <= bound * (1 + 1e-9) + 1e-12).all()


@pytest.mark.parametrize(("loss", "y"), APART, ids=named)
def test_young_is_the_excess_over_the_tangent_of_a_scaled_slope(loss: Loss, y: np.ndarray) -> None:
    """value(eta) + conjugate(u) - u eta, with conjugate(u) = max over e of u e - value(e), found by search."""
    eta = predictors(loss, len(y))
    assert np.abs(loss.young(y, eta, 1.0)).max() <= 1e-12
    for scale in (0.9, 0.5, 0.1):
        excess = loss.young(y, eta, scale)
        assert (excess >= -1e-14).all()
        dual = scale * loss.slope(y, eta)
        row_sum = (lambda a: a) if loss.outputs == 1 else (lambda a: a.sum(axis=1))
        # any other predictor gives a lower bound of the conjugate, the maximizer attains it
        rng = np.random.default_rng(1)
        for _ in range(50):
            other = eta + rng.normal(size=eta.shape)
            bound = loss.value(y, eta) - loss.value(y, other) + row_sum(dual * (other - eta))
            assert (excess >= bound - 1e-12).all()
        best = eta.copy()
        for _ in range(400):
            curvature = loss.curvature(y, best)
            gradient = loss.slope(y, best) - dual
            if loss.outputs == 1:
                best = best - np.clip(gradient / np.maximum(curvature, 1e-9), -1, 1)
            else:
                best = best - np.clip(np.einsum("ncd,nd->nc", np.linalg.pinv(curvature, rcond=1e-9), gradient), -1, 1)
        attained = loss.value(y, eta) - loss.value(y, best) + row_sum(dual * (best - eta))
        np.testing.assert_allclose(excess, attained, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("loss", "y"), CASES, ids=named)
def test_null_is_the_best_constant(loss: Loss, y: np.ndarray) -> None:
    rng = np.random.default_rng(2)
    weight = rng.uniform(0.5, 2, size=len(y))
    weight /= weight.sum()
    offset = rng.normal(size=len(y)) if loss.outputs == 1 else np.zeros(len(y))
    best = loss.null(y, weight, offset)
    eta = offset + best[0] if loss.outputs == 1 else offset[:, None] + best
    slope = weight @ loss.bind(weight).slope(y, eta).reshape(len(y), -1)
    np.testing.assert_allclose(slope, 0, atol=1e-12)


@pytest.mark.parametrize(("loss", "y"), CASES, ids=named)
def test_response_at_the_null_is_the_mean_of_the_target(loss: Loss, y: np.ndarray) -> None:
    if not loss.mean:
        pytest.skip("its response is not the mean")
    weight = np.full(len(y), 1 / len(y))
    best = loss.null(y, weight, np.zeros(len(y)))
    expected = (
        y.mean(axis=0)
        if loss.predicts == "number" or loss.outputs == 1
        else np.bincount(y.astype(int), minlength=loss.outputs) / len(y)
    )
    np.testing.assert_allclose(loss.response(best if loss.outputs > 1 else best[0]), expected, rtol=1e-12)


@pytest.mark.parametrize(("loss", "y"), CASES, ids=named)
def test_impossible_targets_are_refused_by_row(loss: Loss, y: np.ndarray) -> None:
    for bad in (np.nan, np.inf, -np.inf):
        broken = y.copy()
        broken[3] = bad
        with pytest.raises(RowError, match="row 3"):
            loss.check(broken)
    with pytest.raises(DataError, match="numbers"):
        loss.check(np.full(y.shape, "a", dtype=object))
    with pytest.raises(DataError, match="dimension"):
        loss.check(np.zeros((3, 2, 2)))
