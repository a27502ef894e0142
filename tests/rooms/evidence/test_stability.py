"""Stability selection: counts by hand, error control by simulation, and the bounds against distributions."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.data.bootstrap import make_halves
from rightfit.errors import OptionError
from rightfit.evidence.stability import find_entries, select_stable
from rightfit.evidence.stability_bounds import BOUNDS, bound_false_selections, largest_selection, largest_tail
from rightfit.learners.linear import Linear
from rightfit.losses.logistic import Logistic
from rightfit.losses.multinomial import Multinomial
from rightfit.losses.squared import Squared
from rightfit.penalties.elastic_net import ElasticNet
from tests.rooms.evidence.stand_in import make_problem

LASSO = Linear(ElasticNet(1.0), count=25, ratio=0.1, tolerance=1e-4)


def draw(seed: int, n: int = 100, p: int = 40, signals: int = 4):
    g = np.random.default_rng(seed)
    X = g.normal(size=(n, p)) + 0.4 * g.normal(size=(n, 1))
    return X, X[:, :signals].sum(axis=1) * 0.7 + g.normal(size=n)


def test_shares_are_counts_over_the_halves():
    X, y = draw(0)
    problem = make_problem(X, y, Squared())
    found = select_stable(problem, np.ones(100), LASSO, pairs=10, errors=2.0)
    traces = [path.trace() for path in LASSO.fit_paths(problem, make_halves(100, count=10))[1:]]
    share, frequency = np.zeros(40), np.zeros((25, 40))
    for trace in traces:
        used = np.array([trace.coef(k)[:, 0] != 0 for k in range(25)])
        frequency += used / 20
        union = np.logical_or.accumulate(used, axis=0)
        good = np.flatnonzero(union.sum(axis=1) <= found.most)
        share += union[good[-1]] / 20
    np.testing.assert_allclose(found.share, share)
    np.testing.assert_allclose(found.frequency, frequency)
    np.testing.assert_array_equal(found.selected, share >= 0.75)
    assert found.selected[:4].all() and found.bound <= 2.0 and found.average <= found.most
    assert f"{int(found.selected.sum())} of 40 features" in found.sentence


def test_false_selections_stay_below_the_bound():
    false = []
    for seed in range(25):
        X, y = draw(seed, n=80, p=30, signals=3)
        found = select_stable(make_problem(X, y, Squared()), np.ones(80), LASSO, pairs=12, errors=0.5, seed=seed)
        assert found.bound <= 0.5
        false.append(found.selected[3:].sum())
    assert np.mean(false) <= 0.5 + 2 * np.std(false) / 5


def test_classes_weights_and_groups():
    X, y = draw(1)
    weight = np.ones(100)
    weight[:10] = 0
    group = np.arange(100) // 2
    found = select_stable(make_problem(X, (y > 0).astype(float), Logistic()), weight, LASSO, pairs=5, group=group)
    assert found.share.shape == (40,) and set(np.unique(found.share * 10).round(9)) <= set(np.arange(11.0))
    three = make_problem(X, np.digitize(y, [-0.5, 0.5]).astype(float), Multinomial(3))
    assert select_stable(three, weight, Linear(ElasticNet(1.0), count=10, ratio=0.3), pairs=3).frequency.shape == (
        10,
        40,
    )


def test_entries():
    X, y = draw(2)
    trace = LASSO.fit_paths(make_problem(X, y, Squared()), make_halves(100, count=1))[0].trace()
    used = np.array([trace.coef(k)[:, 0] != 0 for k in range(25)])
    np.testing.assert_array_equal(find_entries(trace), np.where(used.any(axis=0), used.argmax(axis=0), 25))


def test_refusals():
    X, y = draw(3)
    problem = make_problem(X, y, Squared())
    with pytest.raises(OptionError, match="coefficients to zero"):
        select_stable(problem, np.ones(100), Linear(ElasticNet(0.0), count=5), pairs=2)
    for wrong in ({"threshold": 0.5}, {"errors": 0.0}, {"assumption": "luck"}, {"errors": 1e-6}):
        with pytest.raises(OptionError, match=next(iter(wrong))):
            select_stable(problem, np.ones(100), LASSO, pairs=2, **wrong)


def test_bounds_against_their_formulas():
    assert bound_false_selections(10, 100, 0.75, 50) == pytest.approx(100 / (100 * 0.5))
    assert bound_false_selections(10, 100, 0.7, 50, "unimodal") == pytest.approx(1 / (2 * (0.4 - 0.01)))
    assert bound_false_selections(10, 100, 0.9, 50, "unimodal") == pytest.approx(4 * (0.1 + 0.01) / 1.02)
    for p, t in ((50, 0.6), (1000, 0.9)):
        bounds = [bound_false_selections(np.sqrt(p), p, t, 50, a) for a in BOUNDS]
        assert bounds[0] > bounds[1] > bounds[2] > 0
        most = [largest_selection(1.0, p, t, 50, a) for a in BOUNDS]
        assert most == sorted(most)
        for a, q in zip(BOUNDS, most, strict=True):
            assert bound_false_selections(q, p, t, 50, a) <= 1 < bound_false_selections(q + 1, p, t, 50, a)


@pytest.mark.parametrize("r", [-0.5, -0.25])
def test_no_r_concave_distribution_has_a_larger_tail(r: float):
    g, count, nearest = np.random.default_rng(0), 10, 0.0
    i = np.arange(count + 1)
    for _ in range(60):
        # f^r convex: a convex, positive function to the power 1/r
        convex = g.exponential(1) + np.maximum(0, i[:, None] - g.uniform(0, count, 3)) @ g.exponential(1, 3) * g.choice(
            [0, 1, 30]
        )
        convex = convex + g.exponential(2) * i
        mass = convex ** (1 / r) * (i <= g.integers(2, count + 1))
        mass /= mass.sum()
        mean = float(i @ mass) / count
        for start in (4, 7):
            tail, bound = float(mass[start:].sum()), largest_tail(mean, start, count, r)
            assert tail <= bound + 1e-9
            nearest = max(nearest, tail / bound)
    assert nearest > 0.9, "the bound is attained by some"
