"""Frozen fits of R's survival and glmnet. Made by make_survival.py, which needs R; this file does not.

survival   coefficients without a penalty, log partial likelihood, standard errors, Harrell's concordance
glmnet     coefficients of ridge, lasso and elastic net, deviances, where the path starts, held-out deviances
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.evidence.crossfit import crossfit
from rightfit.learners.linear import Linear, LinearPath
from rightfit.losses.cox import Cox
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples

FIXTURES = sorted((Path(__file__).resolve().parent / "survival").glob("*.json"))
SURVIVAL = [path for path in FIXTURES if path.stem.startswith("coxph")]
GLMNET = [path for path in FIXTURES if path.stem.startswith("glmnet")]

by_survival = pytest.mark.parametrize("path", SURVIVAL, ids=lambda p: p.stem)
by_glmnet = pytest.mark.parametrize("path", GLMNET, ids=lambda p: p.stem)


def read(path: Path) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(path.read_text())
    return {k: np.asarray(v, dtype=float) if isinstance(v, list) else v for k, v in raw.items()}


def times(f: dict[str, Any]) -> np.ndarray:
    return np.column_stack([f["time"], f["status"], f["entry"], f["strata"]])


def problem(f: dict[str, Any]) -> Problem:
    loss = Cox(ties=f["ties"])
    return Problem(make_design(f["x"]), loss.check(times(f)), loss, np.zeros(len(f["time"])))


def penalty(f: dict[str, Any]) -> ElasticNet:
    return ElasticNet(f["alpha"], factors=f["factors"], lower=f["lower"], upper=f["upper"])


def fit(f: dict[str, Any], resamples: Resamples | None = None) -> list[LinearPath]:
    learner = Linear(penalty(f), strengths=f["lambda"], standardize=f["standardize"], tolerance=1e-13)
    return list(learner.fit_paths(problem(f), resamples or Resamples.full(f["weight"])))


def test_there_are_enough_fixtures() -> None:
    assert len(SURVIVAL) >= 10
    assert len(GLMNET) >= 10
    for some in (SURVIVAL, GLMNET):
        read_in = [read(path) for path in some]
        assert any(np.ptp(f["weight"]) > 0 and np.ptp(f["strata"]) > 0 and np.ptp(f["entry"]) > 0 for f in read_in)
        assert any(len(np.unique(f["time"])) > 0.9 * len(f["time"]) for f in read_in)


@by_survival
def test_coefficients_without_a_penalty_agree_with_survival(path: Path) -> None:
    f = read(path)
    learner = Linear(ElasticNet(1.0), strengths=np.zeros(1), tolerance=1e-18)
    trace = learner.fit_paths(problem(f), Resamples.full(f["weight"]))[0].trace()
    assert np.abs(trace.coef(0)[:, 0] - f["coef"]).max() < 1e-7 * max(1.0, np.abs(f["coef"]).max())


@by_survival
def test_the_loss_and_its_second_derivative_agree_with_survival(path: Path) -> None:
    """Twice the difference of the losses at 0 and at the optimum is that of the log partial likelihoods, and the
    inverse of the second derivative is survival's covariance of the coefficients."""
    f = read(path)
    loss, y = Cox(ties=f["ties"]).bind(f["weight"]), problem(f).y
    eta = f["x"] @ f["coef"]
    gained = f["weight"] @ (loss.value(y, np.zeros(len(y))) - loss.value(y, eta))
    np.testing.assert_allclose(gained, f["loglik"][1] - f["loglik"][0], rtol=1e-9)
    shared = loss.shared(y, eta, f["x"])
    second = (f["x"].T * (f["weight"] * loss.curvature(y, eta))) @ f["x"] - shared.T @ shared
    np.testing.assert_allclose(np.linalg.inv(second), f["variance"], rtol=1e-5, atol=1e-7 * np.abs(f["variance"]).max())


@by_survival
def test_concordance_agrees_with_survival(path: Path) -> None:
    f = read(path)
    loss, y = Cox(), problem(f).y
    found = loss.measures(y, f["x"] @ f["coef"], f["weight"], np.zeros(len(y)))["concordance"]
    np.testing.assert_allclose(found, f["concordance"], rtol=1e-10)


@by_glmnet
def test_penalized_coefficients_agree_with_glmnet(path: Path) -> None:
    f = read(path)
    trace = fit(f)[0].trace()
    for k, expected in enumerate(f["coef"]):
        assert np.abs(trace.coef(k)[:, 0] - expected).max() < 1e-6 * max(1.0, np.abs(expected).max()), k


@by_glmnet
def test_deviances_agree_with_glmnet(path: Path) -> None:
    f = read(path)
    loss, y = Cox(ties="breslow").bind(f["weight"]), problem(f).y
    null = 2 * f["weight"] @ loss.value(y, np.zeros(len(y)))
    np.testing.assert_allclose(null, f["null_deviance"], rtol=1e-9)
    explained = [1 - 2 * f["weight"] @ loss.value(y, f["x"] @ coef) / null for coef in f["coef"]]
    np.testing.assert_allclose(explained, f["explained"], rtol=1e-6, atol=1e-9)


@by_glmnet
def test_the_path_starts_where_glmnets_does(path: Path) -> None:
    f = read(path)
    if not f["factors"].all():
        pytest.skip(
            "glmnet looks at the gradient before unpenalized columns are fitted, where nothing has left zero yet"
        )
    learner = Linear(penalty(f), standardize=f["standardize"], count=2)
    start = learner.fit_paths(problem(f), Resamples.full(f["weight"]))[0].strengths[0]
    np.testing.assert_allclose(start * max(f["alpha"], 1e-3), f["steepest"] * max(f["alpha"], 1e-3), rtol=1e-4)


@by_glmnet
def test_held_out_deviances_agree_with_glmnets_grouped_ones(path: Path) -> None:
    f = read(path)
    scored = f["fold"] == np.arange(5)[:, None]
    resamples = Resamples(f["weight"], (~scored).astype(np.uint8), scored)
    learner = Linear(penalty(f), strengths=f["lambda"], standardize=f["standardize"], tolerance=1e-13)
    _, evidence = crossfit(problem(f), resamples, learner)
    for k, expected in enumerate(f["added"], start=1):
        rows = f["fold"] == k
        found = 2 * f["weight"][rows] @ evidence.loss[rows].astype(float)
        np.testing.assert_allclose(found, expected, rtol=1e-5)
