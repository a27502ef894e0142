"""Group lasso and group elastic net against frozen fits of adelie, celer and skglm (made by make_groups.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rightfit import catalog
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.learners.linear import Linear
from rightfit.records import Resamples

FIXTURES = sorted((Path(__file__).resolve().parent / "groups").glob("*.json"))
NAMES = {"gaussian": "squared", "binomial": "logistic", "poisson": "poisson"}


def test_there_are_fixtures_of_three_peers() -> None:
    assert len(FIXTURES) >= 6
    assert len({path.name.split("_")[0] for path in FIXTURES}) == 3


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_coefficients_are_theirs(path: Path, record_property: Any) -> None:
    given = json.loads(path.read_text(encoding="utf-8"))
    arrays = {name: np.array(value) for name, value in given.items() if isinstance(value, list)}
    loss = catalog.find("losses", NAMES[given["family"]])()
    groups, factors = arrays["groups"], arrays["factors"]
    penalty = catalog.find("penalties", "group")(groups, given["l1_ratio"], factors)
    learner = Linear(
        penalty, strengths=arrays["strengths"], standardize=False, intercept=given["intercept"], tolerance=1e-13
    )
    problem = Problem(make_design(arrays["x"]), loss.check(arrays["y"]), loss, np.zeros(len(arrays["y"])))
    trace = learner.fit_paths(problem, Resamples.full(arrays["weight"]))[0].trace()
    for k in range(len(arrays["strengths"])):
        error = np.abs(trace.coef(k) - arrays["coef"][k]).max()
        record_property(f"error {k}", float(error))
        assert error <= 1e-6
        assert np.abs(trace.intercept[k] - arrays["intercepts"][k]).max() <= 1e-6
