"""Relaxed fits of glmnet (made by `Rscript tests/golden/relaxed.R tests/golden/relaxed`) at every strength and gamma.

glmnet's refit keeps a trace of its penalty (a gradient of about 1e-6 of the strength's unit is left), so that its own
coefficients are exact to 1e-5 only; ours are held against the optimality conditions as well.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rightfit.catalog import find
from rightfit.learners.linear import Linear
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples
from tests.rooms.evidence.stand_in import make_problem

FIXTURES = sorted((Path(__file__).resolve().parent / "relaxed").glob("*.json"))
LOSSES = {"gaussian": "squared", "binomial": "logistic", "poisson": "poisson"}


def test_there_are_fixtures() -> None:
    assert len(FIXTURES) == 6


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.stem)
def test_coefficients_are_those_of_glmnet(path: Path) -> None:
    raw = json.loads(path.read_text())
    l1, l2 = np.array(raw["l1"]), np.array(raw["l2"])
    problem = make_problem(np.array(raw["x"]), np.array(raw["y"]), find("losses", LOSSES[raw["family"]])())
    penalty = ElasticNet(float(l1[0] / (l1[0] + l2[0])))
    for gamma, expected in zip(raw["gamma"], np.array(raw["coef"]), strict=True):
        learner = Linear(penalty, strengths=l1 + l2, standardize=raw["standardize"], tolerance=1e-14, relax=1.0 - gamma)
        trace = learner.fit_paths(problem, Resamples.full(np.array(raw["weight"])))[0].trace()
        for k in range(len(l1)):
            ours = np.r_[trace.intercept[k, 0], trace.coef(k)[:, 0]]
            if gamma == 0:
                used, weight = np.flatnonzero(ours[1:]), np.array(raw["weight"]) / np.sum(raw["weight"])
                eta = ours[0] + np.array(raw["x"]) @ ours[1:]
                pull = weight * problem.loss.slope(problem.y, eta)
                assert np.abs(np.r_[pull.sum(), np.array(raw["x"])[:, used].T @ pull]).max() < 1e-9
            error = np.abs(ours - expected[k]).max() / max(1.0, np.abs(expected[k]).max())
            assert error < (1e-7 if gamma == 1 else 2e-5), f"gamma {gamma}, strength {l1[k] + l2[k]:g}: {error:.1e}"
