"""One function a library and task: a workload and a tolerance in, an answer out. Only their calls are timed."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.linear_model import ElasticNet, ElasticNetCV, LogisticRegression, PoissonRegressor, Ridge, enet_path

import rightfit.learners.linear as linear
from benchmarks.accuracy import Answer
from benchmarks.workloads import Workload
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.penalties.elastic_net import ElasticNet as ElasticNetPenalty
from rightfit.records import Resamples

Contestant = Callable[[Workload, float], Answer]


def _fold_of_row(work: Workload) -> np.ndarray:
    """(n,) the same folds for both libraries: row i is held out by fold i mod folds."""
    return np.arange(len(work.y)) % max(work.folds, 1)


def walk(work: Workload, tolerance: float) -> tuple[Answer, np.ndarray]:
    """rightfit's path with its relative duality gaps; with folds, all of them are fitted and scored."""
    n = len(work.y)
    resamples = Resamples.full(np.ones(n))
    if work.folds:
        held = _fold_of_row(work) == np.arange(work.folds)[:, None]
        multiplicity = np.vstack([np.ones((1, n), np.uint8), (~held).astype(np.uint8)])
        resamples = Resamples(np.ones(n), multiplicity, np.vstack([np.zeros((1, n), bool), held]))
    learner = linear.Linear(
        penalty=ElasticNetPenalty(work.l1_ratio), strengths=work.strengths, standardize=False, tolerance=tolerance
    )
    design = make_design(work.X)
    paths = learner.fit_paths(Problem(design, work.loss.check(work.y), work.loss, np.zeros(n)), resamples)
    trace = paths[0].trace()
    coef = np.array([trace.coef(k)[:, 0] for k in range(len(trace))])
    steps = slice(None)
    if work.folds:
        held_out = np.zeros(len(trace))
        for k, path in enumerate(paths[1:], start=1):
            rows = np.flatnonzero(resamples.scored[k])
            eta = path.predict(design.take(rows))[..., 0]
            held_out += np.array([work.loss.value(work.y[rows], step).sum() for step in eta])
        best = int(np.argmin(held_out))
        steps = slice(best, best + 1)
    return Answer(trace.strengths[steps], coef[steps], trace.intercept[steps, 0]), trace.gap[steps]


def rightfit(work: Workload, tolerance: float) -> Answer:
    """rightfit, by its linear learner."""
    return walk(work, tolerance)[0]


def scikit_learn(work: Workload, tolerance: float) -> Answer:
    """The estimator that a user of scikit-learn would take, warm-started along the strengths where it can be."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if work.folds:
            return _cross_validated(work, tolerance)
        if work.loss.name == "squared" and work.l1_ratio > 0 and isinstance(work.X, np.ndarray):
            return _coordinate_descent(work, tolerance)
        return _one_by_one(work, tolerance)


def _cross_validated(work: Workload, tolerance: float) -> Answer:
    fold = _fold_of_row(work)
    splits = [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(work.folds)]
    model = ElasticNetCV(l1_ratio=work.l1_ratio, alphas=work.strengths, cv=splits, tol=tolerance, max_iter=100_000)
    model.fit(work.X, work.y)
    return Answer(np.array([model.alpha_]), model.coef_[None], np.array([model.intercept_]))


def _coordinate_descent(work: Workload, tolerance: float) -> Answer:
    mean, level = work.X.mean(axis=0), work.y.mean()
    _, coef, _ = enet_path(
        np.asfortranarray(work.X - mean),
        work.y - level,
        l1_ratio=work.l1_ratio,
        alphas=work.strengths,
        tol=tolerance,
        max_iter=100_000,
    )
    return Answer(work.strengths, coef.T, level - mean @ coef)


def _one_by_one(work: Workload, tolerance: float) -> Answer:
    n = len(work.y)
    model: Any
    if work.loss.name == "squared" and work.l1_ratio > 0:
        model = ElasticNet(l1_ratio=work.l1_ratio, tol=tolerance, warm_start=True, max_iter=100_000)
        name, values = "alpha", work.strengths
    elif work.loss.name == "squared":
        model, name, values = Ridge(tol=tolerance), "alpha", work.strengths * n
    elif work.loss.name == "poisson":
        model = PoissonRegressor(solver="newton-cholesky", tol=tolerance, warm_start=True, max_iter=1_000)
        name, values = "alpha", work.strengths
    else:
        solver = "newton-cholesky" if work.l1_ratio == 0 else "saga"
        model = LogisticRegression(
            l1_ratio=work.l1_ratio, solver=solver, tol=tolerance, warm_start=True, max_iter=100_000, random_state=0
        )
        name, values = "C", 1 / (work.strengths * n)
    coef, intercept = [], []
    for value in values:
        model.set_params(**{name: value}).fit(work.X, work.y)
        coef.append(np.ravel(model.coef_).copy())
        intercept.append(float(np.ravel(model.intercept_)[0]))
    return Answer(work.strengths, np.array(coef), np.array(intercept))
