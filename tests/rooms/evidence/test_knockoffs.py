"""Knockoffs: moments that a swap does not change, thresholds by hand, and the false discovery rate by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.errors import OptionError
from rightfit.evidence import knockoffs
from rightfit.evidence import separation as separation_of
from rightfit.evidence.knockoffs import draw_knockoffs, find_threshold, select_by_knockoffs, shrink_covariance
from rightfit.evidence.separation import equal_separation, largest_separation
from rightfit.learners.linear import Linear
from rightfit.losses.logistic import Logistic
from rightfit.losses.squared import Squared
from rightfit.penalties.elastic_net import ElasticNet
from tests.rooms.evidence.stand_in import make_problem

LASSO = Linear(ElasticNet(1.0), count=20, ratio=0.02, tolerance=1e-4)


def draw(seed: int, n: int = 150, p: int = 30, signals: int = 10, size: float = 0.5):
    g = np.random.default_rng(seed)
    X = g.normal(size=(n, p)) + 0.5 * g.normal(size=(n, 1))
    true = np.zeros(p, bool)
    true[g.choice(p, signals, replace=False)] = True
    return X, X @ np.where(true, size * g.choice([-1, 1], p), 0) + g.normal(size=n), true


def test_a_swap_changes_no_moment():
    g = np.random.default_rng(0)
    X = g.normal(size=(20_000, 6)) @ np.linalg.cholesky(0.5 * np.eye(6) + 0.5).T
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    share = np.full(20_000, 1 / 20_000)
    copies, separation = draw_knockoffs(X, share)
    covariance = np.cov(np.hstack([X, copies]).T)
    S = shrink_covariance(X, share)
    np.testing.assert_allclose(covariance[:6, :6], S, atol=0.03)
    np.testing.assert_allclose(covariance[6:, 6:], S, atol=0.03)
    np.testing.assert_allclose(covariance[:6, 6:], S - np.diag(separation), atol=0.03)
    assert ((separation > 0.8) & (separation <= 1)).all()


def correlations(seed: int, q: int = 12) -> np.ndarray:
    """Of columns some of which are nearly one another."""
    g = np.random.default_rng(seed)
    rows = g.normal(size=(q, q // 2)) @ g.normal(size=(q // 2, 60 * q)) + g.normal(size=(q, 60 * q))
    rows[1] = rows[0] + 0.1 * g.normal(size=60 * q)
    return np.corrcoef(rows)


@pytest.mark.parametrize("seed", range(4))
def test_separations_are_as_large_as_they_can_be(seed):
    S = correlations(seed)
    q, equal, largest = len(S), equal_separation(S), largest_separation(S)
    for s in (equal, largest):
        D = np.diag(s)
        joint = np.block([[S, S - D], [S - D, S]])
        assert np.linalg.eigvalsh(joint)[0] >= -1e-12
        assert ((s >= 0) & (s <= 1)).all()
    assert largest.sum() > 3 * equal.sum()  # one pair of like columns holds all equal ones down
    cp = pytest.importorskip("cvxpy")
    s = cp.Variable(q)
    program = cp.Problem(cp.Maximize(cp.sum(s)), [s >= 0, s <= 1, 2 * S - cp.diag(s) >> 0])
    program.solve(solver=cp.CLARABEL)
    assert program.value * (1 - 3e-3) <= largest.sum() <= program.value * (1 + 1e-6)


def test_many_columns_have_equal_separations(monkeypatch):
    monkeypatch.setattr(separation_of, "MOST", 5)
    S = correlations(0)
    np.testing.assert_array_equal(largest_separation(S), equal_separation(S))


def test_power_is_at_least_that_of_equal_separations(monkeypatch):
    """Two columns that are nearly one another leave the others alone."""

    def find(seed: int) -> tuple[float, float]:
        g = np.random.default_rng(seed)
        X = g.normal(size=(300, 30)) + g.normal(size=(300, 1))
        true = np.arange(31) % 5 < 2
        true[30] = False
        y = X @ np.where(true[:30], 0.2 * g.choice([-1, 1], 30), 0) + g.normal(size=300)
        X = np.column_stack([X, X[:, 0] + 0.05 * g.normal(size=300)])
        kept = select_by_knockoffs(make_problem(X, y, Squared()), np.ones(300), LASSO, target=0.2, seed=seed).selected
        return (kept & true).sum() / true.sum(), (kept & ~true).sum() / max(1, kept.sum())

    largest = np.mean([find(seed) for seed in range(6)], axis=0)
    monkeypatch.setattr(knockoffs, "largest_separation", equal_separation)
    equal = np.mean([find(seed) for seed in range(6)], axis=0)
    print(f"power {largest[0]:.2f} with the largest separations, {equal[0]:.2f} with equal ones")
    assert largest[0] >= equal[0] + 0.2
    assert largest[1] <= 0.3


def test_shrinkage_is_that_of_ledoit_and_wolf():
    reference = pytest.importorskip("sklearn.covariance")
    X = np.random.default_rng(1).normal(size=(40, 25))
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    expected, _ = reference.ledoit_wolf(X, assume_centered=True)
    np.testing.assert_allclose(shrink_covariance(X, np.full(40, 1 / 40)), expected, atol=1e-10)


def test_threshold_by_hand():
    statistic = np.array([5.0, 4, 3, 2, 1.5, -1, 0.5, 0, -0.2])
    assert find_threshold(statistic, 0.2) == 1.5  # (1 + 0) / 5
    assert find_threshold(statistic, 0.34) == 0.5  # (1 + 1) / 6
    assert find_threshold(statistic, 0.1) == np.inf


def test_the_false_discovery_rate_is_kept_and_signals_are_found():
    false, found = [], []
    for seed in range(60):
        X, y, true = draw(seed)
        chosen = select_by_knockoffs(make_problem(X, y, Squared()), np.ones(150), LASSO, target=0.2, seed=seed).selected
        false.append((chosen & ~true).sum() / max(1, chosen.sum()))
        found.append((chosen & true).sum() / true.sum())
    print(f"false discovery rate {np.mean(false):.3f} at a target of 0.2, power {np.mean(found):.2f}")
    assert np.mean(false) <= 0.2 + 2 * np.std(false) / np.sqrt(60)
    assert np.mean(found) > 0.6


def test_nothing_to_find_is_hardly_ever_found():
    some = []
    for seed in range(8):
        X, y, _ = draw(seed, p=15, signals=0)
        kept = select_by_knockoffs(
            make_problem(X, (y > 0).astype(float), Logistic()), np.ones(150), LASSO, target=0.2, seed=seed
        )
        some.append(kept.selected.any())
    assert np.mean(some) <= 0.2 + 2 * np.sqrt(0.16 / 8)


def test_levels_say_at_which_target_a_feature_is_selected():
    X, y, _ = draw(3)
    X[:, 7] = 1.0
    problem = make_problem(X, y, Squared())
    found = select_by_knockoffs(problem, np.ones(150), LASSO, target=0.2)
    np.testing.assert_array_equal(found.selected, found.level <= 0.2)
    assert found.statistic[7] == 0 and not found.selected[7]
    again = select_by_knockoffs(problem, np.ones(150), LASSO, target=0.2)
    np.testing.assert_array_equal(found.statistic, again.statistic)
    assert str(found.selected.sum()) in found.sentence
    with pytest.raises(OptionError, match="target"):
        select_by_knockoffs(problem, np.ones(150), LASSO, target=10)
