"""What every penalty promises, tried on every penalty in the room."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit import catalog
from rightfit.contracts import Penalty, Problem
from rightfit.data.design import make_design
from rightfit.learners.linear import Linear
from rightfit.records import Resamples
from tests.laws.test_weights import target

CASES = [case for kind in catalog.everything("penalties").values() if kind.separable for case in kind.specimens(5)]
PATHS = [case for kind in catalog.everything("penalties").values() if kind.separable for case in kind.specimens(6)]


def named(penalty: Penalty) -> str:
    return f"{penalty.name}: {penalty.sentence()}"


def allowed(penalty: Penalty, coef: np.ndarray) -> np.ndarray:
    """``coef`` moved into the penalty's box, zero where it excludes."""
    unit = penalty.tangent(np.zeros(5), 1.0)
    return np.where(np.isinf(unit.l1), 0.0, np.clip(coef, unit.lower, unit.upper))


@pytest.mark.parametrize("penalty", CASES, ids=named)
def test_the_tangent_touches_and_lies_above(penalty: Penalty) -> None:
    rng = np.random.default_rng(0)
    for _ in range(30):
        at, other = (allowed(penalty, rng.normal(size=5)) for _ in range(2))
        tangent = penalty.tangent(at, 0.7)

        def net(b: np.ndarray, t=tangent) -> float:
            l1 = np.where(b == 0, 0.0, t.l1)  # an excluded column costs nothing at zero
            alone = float((l1 * np.abs(b) + t.l2 / 2 * b**2).sum())
            if t.groups is None:
                return alone
            return alone + float(t.norm @ np.sqrt(np.bincount(t.groups, b**2, len(t.norm))))

        touch = penalty.value(at, 0.7) - net(at)
        assert net(other) + touch >= penalty.value(other, 0.7) - 1e-12


@pytest.mark.parametrize("penalty", CASES, ids=named)
def test_the_penalty_grows_with_strength_from_zero(penalty: Penalty) -> None:
    coef = allowed(penalty, np.array([0.5, -1.0, 2.0, 0.0, 0.1]))
    values = [penalty.value(coef, s) for s in (0.0, 0.1, 1.0, 10.0)]
    assert values[0] == 0
    assert values == sorted(values)
    assert penalty.value(np.zeros(5), 1.0) == 0


@pytest.mark.parametrize("penalty", CASES, ids=named)
def test_the_box_contains_zero(penalty: Penalty) -> None:
    tangent = penalty.tangent(np.zeros(5), 1.0)
    assert (tangent.lower <= 0).all()
    assert (tangent.upper >= 0).all()
    assert (tangent.l1 >= 0).all()
    assert (tangent.l2 >= 0).all()


@pytest.mark.parametrize("penalty", PATHS, ids=named)
def test_weight_zero_is_the_row_left_out_and_weight_two_the_row_twice(penalty: Penalty) -> None:
    """Also for penalties that learn from a first fit, and for every tangent on the way."""
    rng = np.random.default_rng(11)
    X = rng.normal(size=(60, 6)) * np.geomspace(0.2, 5, 6) + 1
    times = rng.integers(0, 3, size=60)
    rows = np.repeat(np.arange(60), times)
    for loss in (catalog.find("losses", "squared")(), catalog.find("losses", "logistic")()):
        y = target(loss, 5 * (X[:, 0] - 1) - (X[:, 2] - 1), rng)
        learner = Linear(penalty, strengths=np.geomspace(0.3, 0.03, 3), tolerance=1e-13)
        one, two = (
            learner.fit_paths(Problem(make_design(X[some]), y[some], loss, np.zeros(len(some))), Resamples.full(weight))
            for some, weight in ((np.arange(60), times * 1.0), (rows, np.ones(len(rows))))
        )
        for k in range(3):
            a, b = one[0].trace(), two[0].trace()
            assert np.abs(a.coef(k) - b.coef(k)).max() <= 1e-6 * max(1.0, np.abs(b.coef(k)).max())
            assert np.abs(a.intercept[k] - b.intercept[k]).max() <= 1e-6 * max(1.0, np.abs(b.intercept[k]).max())
