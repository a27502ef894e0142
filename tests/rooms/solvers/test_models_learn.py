"""Quadratic models that learn from steps, and what is expected of them on the next way."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.catalog import find
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.learners.linear import Linear
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples
from rightfit.solvers import newton
from rightfit.solvers.curvature import OwnCurvature
from rightfit.solvers.drift import Drift
from rightfit.solvers.rows import Rows
from rightfit.solvers.setting import Setting, prepare


def _problem(n: int, p: int, outputs: int) -> Problem:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, p)) + np.linspace(-1, 2, p)
    y = rng.integers(0, max(outputs, 2), n).astype(float)
    y[X[:, 0] > 0] = 0
    loss = find("losses", "multinomial")(outputs) if outputs > 1 else find("losses", "logistic")()
    return Problem(make_design(X), y, loss, np.zeros(n))


def _all_rows(n: int, folds: int = 0) -> Resamples:
    scored = np.arange(n) % max(folds, 1) == np.arange(-1, folds)[:, None]
    return Resamples(np.ones(n), (~scored).astype(np.uint8), scored)


def _setting(problem: Problem, *, intercept: bool) -> Setting:
    return prepare(problem, _all_rows(problem.design.n), ElasticNet(), standardize=True, intercept=intercept)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("outputs", [1, 3])
def test_a_model_foresees_the_step_that_it_learned_from(outputs: int, intercept: bool) -> None:
    setting = _setting(_problem(200, 6, outputs), intercept=intercept)
    rows, rng = Rows(setting.loss, setting.y, setting.weight, setting.frozen), np.random.default_rng(1)
    X, tasks = setting.design.dot(np.eye(6), setting.fill[:, 0]), np.array([0])
    source = OwnCurvature(setting, 0, rows.curvatures(0, np.zeros((outputs, 200))), np.zeros((outputs, 200)))
    source.hold(np.arange(6))
    model = source.model(0)
    step = rng.normal(size=(4, outputs))
    shift = rng.normal(size=outputs) * intercept
    columns = np.array([0, 2, 3, 5])
    eta = (X[:, columns] @ step + shift).T[None]
    dual = rows.dual(tasks, np.zeros_like(eta)) - rows.dual(tasks, eta)
    change, total = (X.T @ dual[0].T)[columns], dual[0].sum(axis=1) * intercept
    before = model.along(columns, step[None], shift[None])[0][0]
    assert np.abs(before - change).max() > 0.01
    model.revise(columns, step, shift, change, total)
    after, after_total = (part[0] for part in model.along(columns, step[None], shift[None]))
    np.testing.assert_allclose(after, change, atol=1e-12)
    np.testing.assert_allclose(after_total, total, atol=1e-12)
    spectrum = np.linalg.eigvalsh(model.matrix(np.arange(6)))
    assert spectrum[0] > -1e-12
    assert np.isclose(spectrum[0], 0, atol=1e-9) == (outputs > 1)  # a constant added to all outputs changes nothing


def test_an_impossible_change_teaches_nothing() -> None:
    setting = _setting(_problem(100, 4, 1), intercept=True)
    rows = Rows(setting.loss, setting.y, setting.weight, setting.frozen)
    source = OwnCurvature(setting, 0, rows.curvatures(0, np.zeros((1, 100))), np.zeros((1, 100)))
    source.hold(np.arange(4))
    model, before = source.model(0), source.model(0).matrix(np.arange(4)).copy()
    step = np.ones((4, 1))
    foreseen, total = (part[0] for part in model.along(np.arange(4), step[None], np.zeros((1, 1))))
    for factor in (-1.0, 0.0, 1e-3, 1e3, np.nan):
        model.revise(np.arange(4), step, np.zeros(1), factor * foreseen, factor * total)
        np.testing.assert_array_equal(model.matrix(np.arange(4)), before)


@pytest.mark.parametrize("folds", [0, 4])
@pytest.mark.parametrize("outputs", [1, 3])
def test_expecting_and_learning_spare_steps_and_change_no_answer(
    outputs: int, folds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, resamples = _problem(4_000, 20, outputs), _all_rows(4_000, folds)
    steps = [0]
    step = newton.NewtonWalk._step

    def counted(walk: newton.NewtonWalk, pending: np.ndarray, *rest: object, **named: object) -> object:
        steps[0] += len(pending)
        return step(walk, pending, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(newton.NewtonWalk, "_step", counted)
    monkeypatch.setattr(
        newton.NewtonWalk, "_poor", lambda walk, *_: np.zeros(walk.setting.tasks, bool)
    )  # no new models
    learner = Linear(ElasticNet(), count=40, tolerance=1e-8)
    paths = learner.fit_paths(problem, resamples)
    with_both, steps[0] = steps[0], 0
    monkeypatch.setattr(Drift, "foresee", lambda drift, t, model, columns, pull, total: (pull, total))
    monkeypatch.setattr(newton, "learn", lambda *_: None)
    plain = learner.fit_paths(problem, resamples)
    assert with_both < steps[0]
    for one, other in zip(paths, plain, strict=True):
        assert one.trace().gap.max() <= 1e-8
        for k in range(40):
            np.testing.assert_allclose(one.trace().coef(k), other.trace().coef(k), atol=2e-3)
