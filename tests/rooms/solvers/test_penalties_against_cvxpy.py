"""Tangents of MCP and SCAD against a conic solver: the weighted lasso that a tangent is, to 1e-7 of the null loss. The
convex penalties are in test_every_pair_against_cvxpy.py."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.penalties.adaptive import Adaptive
from rightfit.penalties.mcp import Mcp
from rightfit.penalties.scad import Scad
from rightfit.records import Resamples
from rightfit.solvers.newton import NewtonWalk
from rightfit.solvers.setting import prepare
from tests.rooms.solvers.conic import ACCURACY, Conic
from tests.rooms.solvers.test_every_pair_against_cvxpy import make_case

LOSSES = ["squared", "logistic", "poisson"]


@pytest.mark.parametrize("penalty", [Mcp(), Scad()], ids=lambda p: p.name)
@pytest.mark.parametrize("seed", range(6))
def test_tangent_problems_are_cvxpys(seed: int, penalty: Any) -> None:
    """One round: the weighted lasso that the tangent at a random point is."""
    case = make_case(LOSSES[seed % 3], "elastic_net", seed)
    rng, p = np.random.default_rng(seed), case.x.shape[1]
    problem = Problem(make_design(case.x), case.y, case.loss, case.offset)
    setting = prepare(problem, Resamples.full(case.weight), penalty, standardize=False, intercept=True)
    tangent = penalty.tangent(rng.normal(size=(p, 1)) * 0.3, 0.2)
    walk = NewtonWalk(setting, 1e-10, 1)
    walk.solve(0.2, setting.boxes(rng.normal(size=(p, 1)), 0.2))
    gap, _ = walk.solve(0.2, replace(setting.boxes(np.zeros((p, 1)), 0.2), tangent=tangent))
    coef = np.zeros((p, 1))
    coef[walk.columns] = walk.coef[0]
    lasso = Adaptive(weights=tangent.l1)
    conic = Conic.of(case.loss, lasso, case.x, case.y, case.weight, case.offset, 1.0, standardize=False)
    ours = conic.value(coef, walk.intercept[0])
    assert gap[0] <= 1e-9 * setting.null_loss[0]
    assert abs(ours - conic.solve()) <= ACCURACY * setting.null_loss[0]
