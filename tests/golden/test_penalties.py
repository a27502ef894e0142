"""Frozen fits of skglm, sortedl1 and cvxpy (make_penalties.py): the same coefficients, or a smaller objective."""

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

FIXTURES = sorted((Path(__file__).resolve().parent / "penalties").glob("*.json"))


def read(path: Path) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(path.read_text())
    raw["options"] = {k: np.array(v) if isinstance(v, list) else v for k, v in raw["options"].items()}
    return raw | {k: np.array(raw[k], float) for k in ("x", "y", "coef")}


def objective(fixture: dict[str, Any], coef: np.ndarray, intercept: float) -> float:
    """Written down once more, from the formulas of the papers."""
    x, y, options, s = fixture["x"], fixture["y"], fixture["options"], fixture["strength"]
    eta, size = x @ coef + intercept, np.abs(coef)
    loss = {
        "gaussian": lambda: (y - eta) ** 2 / 2,
        "binomial": lambda: np.logaddexp(0, eta) - y * eta,
        "poisson": lambda: np.exp(eta) - y * eta,
    }[fixture["family"]]().mean()
    if fixture["penalty"] == "mcp":
        g = options["gamma"]
        cost = np.where(size <= g * s, s * size - size**2 / (2 * g), g * s**2 / 2).sum()
    elif fixture["penalty"] == "scad":
        a = options["a"]
        middle = (2 * a * s * size - size**2 - s**2) / (2 * (a - 1))
        cost = np.where(size <= s, s * size, np.where(size <= a * s, middle, s**2 * (a + 1) / 2)).sum()
    elif fixture["penalty"] == "slope":
        cost = s * np.asarray(fixture.get("lambdas", options.get("weights"))) @ np.sort(size)[::-1]
    elif fixture["penalty"] == "fused":
        line = coef[options.get("order", np.arange(len(coef)))]
        cost = s * (options["fusion"] * np.abs(np.diff(line)).sum() + (1 - options["fusion"]) * size.sum())
    else:
        cost = s * options["weights"] @ size
    return float(loss + cost)


def test_there_are_enough_fixtures() -> None:
    fixtures = [read(path) for path in FIXTURES]
    assert len(fixtures) >= 18
    assert {f["penalty"] for f in fixtures} == {"mcp", "scad", "slope", "fused", "adaptive"}
    assert {f["made_by"].split()[0] for f in fixtures} == {"skglm", "sortedl1", "cvxpy"}


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.stem)
def test_ours_is_theirs(path: Path) -> None:
    fixture = read(path)
    loss = catalog.find(
        "losses", {"gaussian": "squared", "binomial": "logistic", "poisson": "poisson"}[fixture["family"]]
    )()
    penalty = catalog.find("penalties", fixture["penalty"])(**fixture["options"])
    learner = Linear(
        penalty, strengths=np.array([fixture["strength"]]), standardize=False, intercept=fixture["fit_intercept"],
        tolerance=1e-13,
    )  # fmt: skip
    problem = Problem(make_design(fixture["x"]), loss.check(fixture["y"]), loss, np.zeros(len(fixture["y"])))
    trace = learner.fit_paths(problem, Resamples.full(np.ones(len(fixture["y"]))))[0].trace()
    coef, intercept = trace.coef(0)[:, 0], trace.intercept[0, 0]
    ours, theirs = objective(fixture, coef, intercept), objective(fixture, fixture["coef"], fixture["intercept"])
    assert ours <= theirs * (1 + 1e-10)
    assert theirs <= ours * (1 + 1e-7)
    np.testing.assert_allclose(coef, fixture["coef"], rtol=0, atol=1e-6 if "cvxpy" not in fixture["made_by"] else 1e-4)
