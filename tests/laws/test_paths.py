"""What every linear path promises, and every fast lane against a slow twin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from rightfit import catalog
from rightfit.contracts import Loss, Penalty, Problem
from rightfit.data.design import make_design
from rightfit.learners.linear import Linear, restore
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples, Status
from rightfit.solvers import by_columns, choose, proposals
from rightfit.solvers.freedom import degrees_of_freedom
from tests.laws.test_weights import target

LOSSES = list(dict.fromkeys(loss for kind in catalog.everything("losses").values() for loss, _ in kind.specimens()))
PENALTIES = [p for kind in catalog.everything("penalties").values() if kind.separable for p in kind.specimens(7)]


def title(penalty: Penalty) -> str:
    given = [name for name in ("lower", "factors", "groups") if getattr(penalty, name, None) is not None]
    return "-".join([penalty.sentence(), *given])


def problem(loss: Loss, n: int = 80, p: int = 7, seed: int = 3) -> Problem:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) * np.geomspace(0.1, 10, p) + rng.normal(size=p)
    signal = (X[:, 0] - X[:, 0].mean()) * 10
    return Problem(make_design(X), target(loss, signal, rng), loss, np.zeros(n))


@pytest.mark.parametrize("penalty", PENALTIES, ids=title)
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: f"{loss.name}{loss.outputs}")
def test_a_path_keeps_its_promises(loss: Loss, penalty: Penalty) -> None:
    task = problem(loss)
    path = Linear(penalty, count=6).fit_paths(task, Resamples.full(np.ones(80)))[0]
    trace = path.trace()
    assert (np.diff(trace.strengths) < 0).all()
    assert set(trace.status) == {Status.CONVERGED if penalty.convex else Status.STATIONARY}
    assert trace.gap.max() <= 1e-6
    if penalty.convex:
        assert (np.diff(trace.explained) >= -1e-6).all()
    unit = penalty.tangent(np.zeros(7), 1.0)
    price = unit.l1 if unit.groups is None else unit.l1 + unit.norm[unit.groups]
    free = (price == 0) & (unit.l2 == 0)
    if (price > 0).any() and (penalty.convex or loss.mean):  # a concave penalty may outweigh a nearly straight loss
        # unpenalized columns are fitted to the tolerance only, of second order, and the others with them
        assert np.abs(trace.coef(0)[~free] * trace.scale[~free, None]).max() <= 1e-3 * free.any()
    if (price[np.isfinite(price) & ~free] > 0).all():
        assert trace.coef(1)[~free].any()
    for k in (0, 3, 5):
        coef = trace.coef(k)
        assert not coef[np.isinf(unit.l1)].any()
        assert (coef >= unit.lower[:, None]).all()
        assert (coef <= unit.upper[:, None]).all()


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: f"{loss.name}{loss.outputs}")
def test_a_path_predicts_as_its_models_and_a_stored_model_as_itself(loss: Loss) -> None:
    task = problem(loss)
    path = Linear(ElasticNet(0.5), count=6).fit_paths(task, Resamples.full(np.ones(80)))[0]
    offset = np.linspace(0, 1, 80)
    together = path.predict(task.design, offset)
    for k in range(6):
        model = path.model(k)
        np.testing.assert_allclose(together[k], model.predict(task.design, offset), rtol=0, atol=1e-12)
        again = restore(model.fitted()).predict(task.design, offset)
        assert again.tobytes() == model.predict(task.design, offset).tobytes()


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: f"{loss.name}{loss.outputs}")
def test_the_same_bytes_for_any_number_of_threads(loss: Loss) -> None:
    task = problem(loss)
    scored = np.arange(80) % 3 == np.arange(-1, 3)[:, None]
    resamples = Resamples(np.ones(80), (~scored).astype(np.uint8), scored)
    one, four = (Linear(ElasticNet(0.9), count=5, threads=t).fit_paths(task, resamples) for t in (1, 4))
    for a, b in zip(one, four, strict=True):
        assert a.trace().values.tobytes() == b.trace().values.tobytes()


def same_paths(one: object, two: object) -> None:
    for a, b in zip(one, two, strict=True):
        for k in range(len(a.trace())):
            scale = max(1.0, np.abs(b.trace().coef(k)).max())
            assert np.abs(a.trace().coef(k) - b.trace().coef(k)).max() <= 1e-7 * scale
            assert np.abs(a.trace().intercept[k] - b.trace().intercept[k]).max() <= 1e-6 * scale


LEARNER = Linear(ElasticNet(0.6), strengths=np.geomspace(0.5, 0.01, 3), tolerance=1e-18)


def folds(n: int) -> Resamples:
    scored = np.arange(n) % 4 == np.arange(-1, 2)[:, None]
    return Resamples(np.ones(n), (~scored).astype(np.uint8), scored)


@pytest.mark.parametrize("penalty", PENALTIES, ids=title)
def test_second_moments_give_what_newton_gives(penalty: Penalty, monkeypatch: pytest.MonkeyPatch) -> None:
    task = problem(catalog.find("losses", "squared")())
    learner = replace(LEARNER, penalty=penalty)
    fast = learner.fit_paths(task, folds(80))
    monkeypatch.setattr(choose, "LARGEST_GRAM", 0)
    same_paths(fast, learner.fit_paths(task, folds(80)))


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("form", ["dense", "sparse", "missing"])
@pytest.mark.parametrize("loss", [x for x in LOSSES if x.outputs == 1], ids=lambda loss: loss.name)
def test_columns_give_what_second_moments_give(
    loss: Loss, form: str, intercept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(5)
    X = rng.normal(size=(60, 9))
    X += np.array([0, 5, 0, 0, 0, 0, 0, 0, -3])
    y = target(loss, X[:, 0], rng)
    if form == "missing":
        X[rng.random(X.shape) < 0.1] = np.nan
    design = make_design(sparse.csc_array(np.where(np.abs(X) > 0.5, X, 0)) if form == "sparse" else X)
    task = Problem(design, y, loss, np.zeros(60))
    learner = replace(LEARNER, intercept=intercept)
    monkeypatch.setattr(choose, "LARGEST_GRAM", 0)
    fast = learner.fit_paths(task, folds(60))
    monkeypatch.setattr(by_columns, "MOST_MOMENTS", 0)
    same_paths(learner.fit_paths(task, folds(60)), fast)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: f"{loss.name}{loss.outputs}")
def test_rotated_ridge_gives_what_newton_gives(loss: Loss, intercept: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(6)
    X = rng.normal(size=(24, 40)) + 1
    X[3, 5] = np.nan
    task = Problem(make_design(X), target(loss, np.nan_to_num(X[:, 0]), rng), loss, np.zeros(24))
    factors = np.linspace(0.5, 2, 40)
    learner = replace(LEARNER, penalty=ElasticNet(0.0, factors=factors), intercept=intercept)
    monkeypatch.setattr(choose, "LARGEST_GRAM", 0)
    fast = learner.fit_paths(task, folds(24))
    monkeypatch.setattr(choose.rotate, "applies", lambda setting: False)
    same_paths(fast, learner.fit_paths(task, folds(24)))


def test_large_working_sets_are_solved_by_each_tasks_own_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    task = problem(catalog.find("losses", "multinomial")())
    whole = LEARNER.fit_paths(task, folds(80))
    monkeypatch.setattr(proposals, "SMALL", 0)
    same_paths(LEARNER.fit_paths(task, folds(80)), whole)


def test_degrees_of_freedom_are_the_trace_of_the_hat_matrix() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 6)) * np.geomspace(1e-3, 1e3, 6)
    M = X.T @ X
    for strength in (0.0, 1e-3, 1.0, 1e3):
        ridge = strength * np.diag(M)
        hat = X @ np.linalg.solve(M + np.diag(ridge), X.T)
        np.testing.assert_allclose(degrees_of_freedom(M, ridge), np.trace(hat), rtol=1e-6)
    twice = np.hstack([X, X[:, :2]])
    np.testing.assert_allclose(degrees_of_freedom(twice.T @ twice, np.zeros(8)), 6, rtol=1e-5)
