"""Noise and mixtures for tables: what was asked for, from a seed, without touching what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.augmentation.tables import add_noise, mix_rows
from rightfit.errors import DataError, OptionError

CHANCE = np.random.default_rng(0)
X = CHANCE.normal(size=(4000, 3)) * [1.0, 100.0, 0.01] + [5.0, -3.0, 0.0]


def test_noise_has_the_share_of_each_deviation() -> None:
    noisy = add_noise(X, 0.2, seed=1)
    np.testing.assert_allclose((noisy - X).std(axis=0) / X.std(axis=0), 0.2, rtol=0.05)
    assert np.array_equal(noisy, add_noise(X, 0.2, seed=1))
    assert not np.array_equal(noisy, add_noise(X, 0.2, seed=2))


def test_noise_leaves_gaps_constants_and_other_columns_alone() -> None:
    table = X[:50].copy()
    table[3, 0], table[:, 1] = np.nan, 7.0
    before = table.copy()
    noisy = add_noise(table, 0.2, columns=[0, 1])
    np.testing.assert_array_equal(table, before)
    assert np.isnan(noisy[3, 0]) and np.isnan(noisy).sum() == 1
    np.testing.assert_array_equal(noisy[:, 1:], table[:, 1:])
    assert (noisy[:, 0] != table[:, 0]).all()


def test_mixtures_lie_between_two_rows_with_the_same_share_for_y() -> None:
    y = X @ [1.0, 2.0, 3.0] + 4.0  # what is linear in X stays so
    mixed, targets = mix_rows(X, y, alpha=0.4, copies=2, seed=3)
    assert mixed.shape == (8000, 3) and targets.shape == (8000,)
    np.testing.assert_allclose(targets, mixed @ [1.0, 2.0, 3.0] + 4.0, rtol=0, atol=1e-9)
    assert (mixed.min(axis=0) >= X.min(axis=0)).all() and (mixed.max(axis=0) <= X.max(axis=0)).all()
    # variance of t x + (1 - t) x' is E[t^2 + (1 - t)^2] = (a + 1) / (2 a + 1) of that of x
    np.testing.assert_allclose(mixed.var(axis=0) / X.var(axis=0), 1.4 / 1.8, rtol=0.05)
    again = mix_rows(X, np.eye(4)[np.arange(4000) % 4], seed=3)[1]
    np.testing.assert_allclose(again.sum(axis=1), 1.0)
    assert np.array_equal(mix_rows(X, y, seed=5)[0], mix_rows(X, y, seed=5)[0])


def test_mistakes_are_named() -> None:
    for mistake in (
        lambda: add_noise(X, -1),
        lambda: add_noise(X, columns=[3]),
        lambda: mix_rows(X, X[:, 0], alpha=0),
        lambda: mix_rows(X, X[:, 0], copies=0),
    ):
        with pytest.raises(OptionError):
            mistake()
    with pytest.raises(DataError, match="column of 0 and 1"):
        mix_rows(X, np.full(4000, "a"))
    with pytest.raises(DataError, match="4,000 rows"):
        mix_rows(X, np.ones(3))
    with pytest.raises(DataError, match="numbers"):
        add_noise(X[:, 0])
