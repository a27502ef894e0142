"""Whatever is inferred from weighted rows: rows of weight zero, and the unit of the weights, change nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rightfit.contracts import Problem
from rightfit.data.bootstrap import make_bootstrap
from rightfit.evidence.approximate_leave_one_out import approximate_leave_one_out
from rightfit.evidence.bootstrap_632 import bootstrap_632
from rightfit.evidence.bootstrap_paths import bootstrap_paths
from rightfit.evidence.debiased import debias
from rightfit.evidence.false_discovery import find_false_discoveries
from rightfit.evidence.knockoffs import select_by_knockoffs
from rightfit.evidence.stability import select_stable
from rightfit.learners.linear import Linear
from rightfit.losses.squared import Squared
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples
from tests.rooms.evidence.stand_in import make_problem

G = np.random.default_rng(4)
X = G.normal(size=(60, 8))
Y = X[:, 0] - X[:, 1] + G.normal(size=60)
WEIGHT = G.uniform(0.5, 2, 60)
WEIGHT[[0, 7, 33, 59]] = 0.0
LIVE = WEIGHT > 0
STRENGTHS = np.geomspace(0.8, 0.02, 8)
LASSO = Linear(ElasticNet(1.0), strengths=STRENGTHS, tolerance=1e-11)


def _trace(problem: Problem, weight: np.ndarray) -> Any:
    return LASSO.fit_paths(problem, Resamples.full(weight))[0].trace()


def _mean(evidence: Any) -> np.ndarray:
    scored = evidence.rows
    return np.average(evidence.loss[scored], axis=0, weights=evidence.weight[scored])


WAYS: dict[str, Callable[[Problem, np.ndarray], np.ndarray]] = {
    "leave-one-out": lambda p, w: _mean(approximate_leave_one_out(p, w, LASSO)),
    ".632+": lambda p, w: _mean(bootstrap_632(p, make_bootstrap(len(w), count=10, weight=w), LASSO)[1]),
    "bootstrap": lambda p, w: bootstrap_paths(p, w, LASSO, count=10, level=0.8).upper,
    "stability": lambda p, w: select_stable(p, w, LASSO, pairs=4, errors=4.0).share,
    "knockoffs": lambda p, w: select_by_knockoffs(p, w, LASSO).statistic,
    "debiased": lambda p, w: np.concatenate(
        [getattr(debias(p, w, LASSO, _trace(p, w), 5), e) for e in ("lower", "upper")]
    ),
    "false discovery": lambda p, w: find_false_discoveries(p, w, LASSO, _trace(p, w), 5).statistic,
}


@pytest.mark.parametrize("way", WAYS)
def test_rows_of_weight_zero_change_nothing(way: str) -> None:
    wild = np.where(LIVE[:, None], X, 1e3 * X)
    whole = WAYS[way](make_problem(wild, np.where(LIVE, Y, 1e6), Squared()), WEIGHT)
    alone = WAYS[way](make_problem(X[LIVE], Y[LIVE], Squared()), WEIGHT[LIVE])
    np.testing.assert_allclose(whole, alone, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("way", WAYS)
def test_the_unit_of_the_weights_changes_nothing(way: str) -> None:
    problem = make_problem(X, Y, Squared())
    np.testing.assert_allclose(WAYS[way](problem, WEIGHT), WAYS[way](problem, 5 * WEIGHT), rtol=1e-5, atol=1e-6)
