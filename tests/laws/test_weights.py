"""The law of resamples: a weight of zero is the row left out, a weight of two is the row twice."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from rightfit import catalog
from rightfit.contracts import Loss, Problem
from rightfit.data import stacked_design
from rightfit.data.design import make_design, stack_designs
from rightfit.learners.linear import Linear, LinearPath
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples

LOSSES = list(dict.fromkeys(loss for kind in catalog.everything("losses").values() for loss, _ in kind.specimens()))
SHAPES = ["dense", "dense_c32", "sparse", "missing", "stacked", "compact"]
STRENGTHS = np.geomspace(0.3, 0.01, 3)


@pytest.fixture(autouse=True)
def as_it_is(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small mixed tables are fitted as dense copies; only the shape ``compact`` wants that here."""
    if "compact" not in request.node.name:
        monkeypatch.setattr(stacked_design, "SMALL", 0)


def target(loss: Loss, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A target that the loss accepts, related to eta."""
    if loss.predicts == "risk":
        time = np.ceil(20 * rng.exponential(size=len(eta)) * np.exp(-np.clip(eta, -3, 3)))
        return loss.check(np.column_stack([time, rng.random(len(eta)) < 0.7]))
    if loss.predicts == "number" and loss.outputs > 1:
        return np.outer(eta, np.linspace(1, -0.5, loss.outputs)) + rng.normal(size=(len(eta), loss.outputs))
    if loss.predicts == "number":
        return eta + rng.normal(size=len(eta))
    if loss.predicts == "amount":
        paid = np.exp(np.clip(eta, -3, 3)) * rng.gamma(2.0, 0.5, len(eta))
        return paid if loss.name == "gamma" else paid * (rng.random(len(eta)) < 0.7)
    if loss.outputs > 1:
        noisy = np.outer(eta, np.linspace(-1, 1, loss.outputs)) + rng.gumbel(size=(len(eta), loss.outputs))
        return noisy.argmax(axis=1).astype(float)
    if loss.name == "logistic":
        return (rng.random(len(eta)) < 1 / (1 + np.exp(-eta))).astype(float)
    return rng.poisson(np.exp(np.clip(eta, -3, 3))).astype(float)


def finest(loss: Loss) -> float:
    """A gap that is never reached, so that every fit goes on until it stands still; sums over risk sets are rounded too
    much for that."""
    return 1e-16 if loss.coupled else 1e-20


def columns(shape: str, rng: np.random.Generator, n: int) -> object:
    """A matrix (or a pair of them) of the shape's kind with columns of very different scales."""
    X = rng.normal(size=(n, 6)) * [1, 10, 0.01, 3, 1, 1] + [0, 50, 0, -3, 1, 0]
    if shape == "dense":
        return np.asfortranarray(X)
    if shape == "dense_c32":
        return np.ascontiguousarray(X, dtype=np.float32)
    if shape in ("missing", "compact"):
        X[rng.random(X.shape) < 0.1] = np.nan
    if shape == "missing":
        return X
    S = sparse.random(n, 5, density=0.4, random_state=rng, format="csc")
    return S if shape == "sparse" else (X, S)


def design(X: object, rows: np.ndarray):
    parts = X if isinstance(X, tuple) else (X,)
    return stack_designs([make_design(part.tocsr()[rows] if sparse.issparse(part) else part[rows]) for part in parts])


def fit(loss: Loss, X: object, y: np.ndarray, rows: np.ndarray, weight: np.ndarray, l1_ratio: float) -> LinearPath:
    learner = Linear(ElasticNet(l1_ratio), strengths=STRENGTHS, tolerance=finest(loss))
    offset = 0.1 * np.cos(np.arange(len(y)))[rows]
    return learner.fit_paths(Problem(design(X, rows), y[rows], loss, offset), Resamples.full(weight))[0]


def assert_same(loss: Loss, one: LinearPath, two: LinearPath) -> None:
    for k in range(len(STRENGTHS)):
        a, b = one.trace().coef(k), two.trace().coef(k)
        if loss.relative and loss.outputs == 2:  # a lasso leaves open how two classes share their difference
            a, b = np.diff(a), np.diff(b)
        assert np.abs(a - b).max() <= 1e-8 * max(1.0, np.abs(b).max()), f"step {k}"
        assert np.abs(one.trace().intercept[k] - two.trace().intercept[k]).max() <= 1e-8 * max(
            1, np.abs(one.trace().intercept[k]).max()
        )


@pytest.mark.parametrize("l1_ratio", [1.0, 0.5, 0.0])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: f"{loss.name}{loss.outputs}")
def test_weight_zero_is_the_row_left_out_and_weight_two_the_row_twice(loss: Loss, shape: str, l1_ratio: float) -> None:
    rng = np.random.default_rng(7)
    n = 60
    X = columns(shape, rng, n)
    dense = X[0] if isinstance(X, tuple) else X.toarray() if sparse.issparse(X) else X
    y = target(loss, np.nan_to_num(dense[:, 0] * 1.0), rng)
    counts_rows = getattr(loss, "ties", "") == "efron"  # of tied events, whatever they weigh: only zeros are tried
    times = rng.integers(0, 2 if counts_rows else 3, size=n)
    base = rng.uniform(0.5, 2.0, size=n)
    weighted = fit(loss, X, y, np.arange(n), base * times, l1_ratio)
    repeated = np.repeat(np.arange(n), times)
    assert_same(loss, weighted, fit(loss, X, y, repeated, base[repeated], l1_ratio))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: f"{loss.name}{loss.outputs}")
def test_all_folds_in_one_call_equal_each_fold_alone(loss: Loss, shape: str) -> None:
    rng = np.random.default_rng(8)
    n = 60
    X = columns(shape, rng, n)
    dense = X[0] if isinstance(X, tuple) else X.toarray() if sparse.issparse(X) else X
    y = target(loss, np.nan_to_num(dense[:, 0] * 1.0), rng)
    scored = np.zeros((3, n), bool)
    for k in (1, 2):
        scored[k, k - 1 :: 4] = True
    weight = rng.uniform(0.5, 2.0, size=n)
    learner = Linear(ElasticNet(0.8), strengths=STRENGTHS, tolerance=finest(loss))
    problem = Problem(design(X, np.arange(n)), y, loss, 0.1 * np.cos(np.arange(n)))
    together = learner.fit_paths(problem, Resamples(weight, (~scored).astype(np.uint8), scored))
    for k, path in enumerate(together):
        rows = np.flatnonzero(~scored[k])
        assert_same(loss, path, fit_rows(learner, X, y, loss, rows, weight))


def fit_rows(learner: Linear, X: object, y: np.ndarray, loss: Loss, rows: np.ndarray, weight: np.ndarray) -> LinearPath:
    offset = 0.1 * np.cos(np.arange(len(y)))[rows]
    return learner.fit_paths(Problem(design(X, rows), y[rows], loss, offset), Resamples.full(weight[rows]))[0]
