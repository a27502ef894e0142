"""Information through noisy units: channels whose capacity is known, and bounds on both sides of the estimate."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import norm

from rightfit.errors import OptionError
from rightfit.views.channel import Channel


def evenly(count: int, deviation: float) -> np.ndarray:
    """(count, 1) equally likely points that stand for a Gaussian."""
    return np.asarray(deviation * norm.ppf((np.arange(count) + 0.5) / count))[:, None]


def binary(noise: float) -> float:
    """I(X; T) of a fair sign with Gaussian noise, by quadrature, in nats."""
    t = np.linspace(-1 - 9 * noise, 1 + 9 * noise, 40_001)
    one, other = norm.pdf(t, 1, noise), norm.pdf(t, -1, noise)
    mixed = (one + other) / 2
    inner = np.where(one > 0, one * np.log(np.maximum(one, 1e-300) / np.maximum(mixed, 1e-300)), 0.0)
    return float(inner.sum() * (t[1] - t[0]))


@pytest.mark.parametrize("ratio", [0.3, 3.0, 30.0])
def test_a_gaussian_channel_has_the_capacity_of_shannon(ratio: float) -> None:
    channel = Channel(evenly(800, np.sqrt(ratio)), 1.0)
    told, error = channel.inputs(np.random.default_rng(0))
    low, high = channel.bounds()
    truth = 0.5 * np.log(1 + ratio)
    assert abs(told - truth) < 4 * error + 0.01 and error < 0.05
    assert low < truth < high
    # what the bounds are where inputs are Gaussian
    assert low == pytest.approx(0.5 * np.log(1 + ratio / 4) + ratio / (2 * (4 + ratio)), rel=0.02)
    assert high == pytest.approx(truth + ratio / (2 * (1 + ratio)), rel=0.02)


def test_units_by_themselves_add_up() -> None:
    sizes = np.array([1.0, 2.0, 0.5])
    x = np.random.default_rng(1).normal(size=(1500, 3)) * sizes
    channel = Channel(x, 1.0)
    told, error = channel.inputs(np.random.default_rng(2))
    truth = float(0.5 * np.log(1 + sizes**2).sum())
    assert abs(told - truth) < 4 * error + 0.03
    low, high = channel.bounds()
    assert low < told < high


@pytest.mark.parametrize("noise", [0.4, 1.0, 2.0])
def test_a_sign_with_noise_tells_what_quadrature_says(noise: float) -> None:
    signs = np.repeat([-1.0, 1.0], 500)[:, None]
    channel, rng = Channel(signs, noise), np.random.default_rng(3)
    truth = binary(noise)
    told, error = channel.inputs(rng)
    assert abs(told - truth) < 4 * error
    low, high = channel.bounds()
    # two points: the bounds are those of a single distance, d = 2 / noise
    assert low == pytest.approx(-np.log((1 + np.exp(-1 / (2 * noise**2))) / 2), rel=1e-3)
    assert high == pytest.approx(-np.log((1 + np.exp(-2 / noise**2)) / 2), rel=1e-3)
    bound, spread = channel.target((signs[:, 0] > 0).astype(np.int64), rng)
    assert truth - 0.03 - 4 * spread < bound < truth + 4 * spread


def test_a_dropped_unit_is_an_erasure() -> None:
    signs, rate = np.repeat([-1.0, 1.0], 300)[:, None], 0.3
    channel = Channel(signs, 0.01, rate)
    told, error = channel.inputs(np.random.default_rng(4))
    assert abs(told - (1 - rate) * np.log(2)) < 4 * error and error < 0.02
    low, high = channel.bounds()
    assert low < told < high + 1e-9


def test_dropout_and_noise_take_information_away() -> None:
    x = np.maximum(np.random.default_rng(5).normal(size=(300, 6)), 0)
    told = [
        Channel(x, noise, rate).inputs(np.random.default_rng(6)) for noise, rate in ((0.2, 0), (0.2, 0.5), (1, 0.5))
    ]
    assert all(a[0] - b[0] > 4 * np.hypot(a[1], b[1]) for a, b in pairwise(told))
    for noise, rate in ((0.2, 0.0), (0.2, 0.5), (1.0, 0.5)):
        low, high = Channel(x, noise, rate).bounds()
        assert 0 <= low < Channel(x, noise, rate).inputs(np.random.default_rng(6))[0] < high <= np.log(300) + 1e-9


def test_no_target_is_told_where_there_is_none() -> None:
    rng = np.random.default_rng(7)
    told = []
    for seed in range(8):
        x = rng.normal(size=(200, 3))
        told.append(Channel(x, 0.5).target(rng.integers(3, size=200), np.random.default_rng(seed))[0])
    assert np.mean(told) < 0.01  # a bound from below, not flattered by its choices


def test_a_decoder_finds_lines_and_clusters() -> None:
    rng = np.random.default_rng(8)
    x = rng.normal(size=(500, 4))
    line = (x @ [2.0, -1.0, 1.0, 0.0] > 0).astype(np.int64)
    rings = (np.linalg.norm(x[:, :2], axis=1) > 1.1).astype(np.int64)
    assert Channel(x, 0.1).target(line, rng)[0] > 0.55
    assert Channel(x[:, :2], 0.1).target(rings, rng)[0] > 0.4


@pytest.mark.parametrize(
    ("noise", "rate", "words"), [(0.0, 0.5, "without noise"), (-1.0, 0, "noise above 0"), (1.0, 1.0, "rate")]
)
def test_a_layer_without_noise_is_refused(noise: float, rate: float, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        Channel(np.zeros((3, 1)), noise, rate)
