"""Several responses, each column a group over all of them: against R's glmnet (``mgaussian``) and scikit-learn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csc_array
from sklearn.linear_model import MultiTaskElasticNet

from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.learners.linear import Linear
from rightfit.losses.multi_squared import MultiSquared
from rightfit.losses.squared import Squared
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.penalties.group import Group
from rightfit.records import Resamples, Trace

FIXTURES = sorted((Path(__file__).resolve().parent / "responses").glob("*.json"))


def read(path: Path) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(path.read_text())
    return {k: np.asarray(v, dtype=float) if isinstance(v, list) else v for k, v in raw.items()}


def walk(fixture: dict[str, Any]) -> Trace:
    x = csc_array(fixture["x"]) if fixture["sparse"] else fixture["x"]
    penalty = Group(None, fixture["alpha"], fixture["factors"])
    same = {key: fixture[key] for key in ("strengths", "standardize", "intercept")}
    problem = Problem(make_design(x), fixture["y"], MultiSquared(fixture["y"].shape[1]), fixture["offset"])
    learner = Linear(penalty, tolerance=1e-15, **same)
    return learner.fit_paths(problem, Resamples.full(fixture["weight"]))[0].trace()


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.stem)
def test_the_fixture_is_optimal(path: Path) -> None:
    """The reference itself meets the optimality conditions of the stated objective (NumPy alone)."""
    f = read(path)
    share = f["weight"] / f["weight"].sum()
    centred = f["x"] - share @ f["x"]
    scale = np.sqrt(share @ centred**2) if f["standardize"] else np.ones(f["x"].shape[1])
    live = np.isfinite(f["factors"])
    for strength, intercept, coef in zip(f["strengths"], f["glmnet_intercept"], f["glmnet_coef"], strict=True):
        residual = share[:, None] * (f["y"] - f["offset"][:, None] - intercept - f["x"] @ coef)
        price = strength * np.where(live, f["factors"], 0.0)
        pull = f["x"].T @ residual / scale[:, None] - (price * (1 - f["alpha"]) * scale)[:, None] * coef
        size = np.linalg.norm(coef, axis=1)
        active = size > 0
        away = pull[active] - (price * f["alpha"] / np.where(active, size, 1.0))[active, None] * coef[active]
        assert np.abs(away).max(initial=0.0) < 1e-9
        assert (np.linalg.norm(pull, axis=1)[live & ~active] <= (price * f["alpha"])[live & ~active] * (1 + 1e-9)).all()
        assert not active[~live].any()
        assert np.abs(residual.sum(axis=0)).max() < 1e-9 or not f["intercept"]


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.stem)
def test_coefficients_agree_with_glmnet(path: Path, record_property: Any) -> None:
    fixture = read(path)
    trace = walk(fixture)
    found = []
    for k in range(len(trace)):
        expected = fixture["glmnet_coef"][k]
        away = np.abs(trace.coef(k) - expected).max(), np.abs(trace.intercept[k] - fixture["glmnet_intercept"][k]).max()
        found.append(max(away) / max(1.0, np.abs(expected).max()))
    record_property("largest_error", float(max(found)))
    assert max(found) < 1e-7, f"errors by strength: {found}"


@pytest.mark.parametrize("l1_ratio", [1.0, 0.4])
@pytest.mark.parametrize("responses", [2, 5])
def test_coefficients_agree_with_scikit_learn(responses: int, l1_ratio: float) -> None:
    rng = np.random.default_rng(responses)
    x = rng.normal(size=(50, 8)) + rng.normal(size=(50, 1))
    y = x @ (rng.normal(size=(8, responses)) * (np.arange(8) < 4)[:, None]) + rng.normal(size=(50, responses)) + 3
    learner = Linear(Group(None, l1_ratio), strengths=np.array([1.0, 0.3, 0.1]), standardize=False, tolerance=1e-16)
    problem = Problem(make_design(x), y, MultiSquared(responses), np.zeros(50))
    trace = learner.fit_paths(problem, Resamples.full(np.ones(50)))[0].trace()
    for k, alpha in enumerate(trace.strengths):
        other = MultiTaskElasticNet(alpha, l1_ratio=l1_ratio, tol=1e-14, max_iter=100_000).fit(x, y)
        np.testing.assert_allclose(trace.coef(k), other.coef_.T, rtol=0, atol=1e-7)
        np.testing.assert_allclose(trace.intercept[k], other.intercept_, rtol=0, atol=1e-7)


def test_without_a_tie_each_response_is_fitted_by_itself() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(60, 7))
    y = x[:, :3] @ rng.normal(size=(3, 4)) + rng.normal(size=(60, 4))
    scored = np.arange(60) % 3 == np.arange(-1, 3)[:, None]
    folds = Resamples(rng.uniform(0.5, 2, 60), (~scored).astype(np.uint8), scored)
    learner = Linear(ElasticNet(0.7), strengths=np.array([0.3, 0.1, 0.01, 0.0]), tolerance=1e-12)
    together = learner.fit_paths(Problem(make_design(x), y, MultiSquared(4), np.zeros(60)), folds)
    for c in range(4):
        alone = learner.fit_paths(Problem(make_design(x), y[:, c], Squared(), np.zeros(60)), folds)
        for one, all_of in zip(alone, together, strict=True):
            for k in range(4):
                np.testing.assert_allclose(all_of.trace().coef(k)[:, c], one.trace().coef(k)[:, 0], rtol=0, atol=1e-12)
                np.testing.assert_allclose(all_of.trace().intercept[k, c], one.trace().intercept[k, 0], rtol=1e-12)
