"""Small problems for the Bayesian view, and paths walked on them."""

from __future__ import annotations

import numpy as np

from rightfit.catalog import find
from rightfit.contracts import Problem
from rightfit.learners.linear import Linear
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples, Trace
from rightfit.views.centred_rows import CentredRows, centre_rows
from rightfit.views.penalized_fit import PenalizedFit, at_step
from tests.rooms.evidence.stand_in import make_problem


def draw(loss: str = "squared", n: int = 60, p: int = 5, seed: int = 0) -> tuple[Problem, np.ndarray]:
    """Correlated columns in different units, of which the first two matter."""
    g = np.random.default_rng(seed)
    X = (g.normal(size=(n, p)) + 0.6 * g.normal(size=(n, 1))) * np.geomspace(0.2, 20, p) + np.arange(p)
    eta = X[:, 0] * 4 - (X[:, 1] * 0.8 if p > 1 else 0.0)
    eta = eta - eta.mean()
    y = {
        "squared": lambda: eta + 3 + 1.5 * g.normal(size=n),
        "logistic": lambda: (g.random(n) < 1 / (1 + np.exp(-eta))).astype(float),
        "poisson": lambda: g.poisson(np.exp(0.5 + eta / 2)).astype(float),
        "gamma": lambda: np.exp(eta / 2) * g.gamma(3.0, 1 / 3.0, n),
    }[loss]()
    return make_problem(X, y, find("losses", loss)()), X


def walk(
    problem: Problem, ratio: float, strengths: list[float], *, weight: np.ndarray | None = None, **options: object
) -> tuple[Trace, Linear]:
    """The full fit's path, near enough to its optimum to compare digits."""
    weight = np.ones(len(problem.y)) if weight is None else weight
    factors = options.pop("factors", None)
    learner = Linear(ElasticNet(ratio, factors=factors), strengths=np.array(strengths), tolerance=1e-14, **options)  # type: ignore[arg-type]
    return learner.fit_paths(problem, Resamples.full(weight))[0].trace(), learner


def fit(
    loss: str = "squared", ratio: float = 0.0, strengths: tuple[float, ...] = (0.3,), step: int = -1, **options: object
) -> PenalizedFit:
    """One step of such a path."""
    told = options.pop("noise", None)
    problem, _ = draw(loss, **{k: options.pop(k) for k in ("n", "p", "seed") if k in options})  # type: ignore[arg-type]
    trace, learner = walk(problem, ratio, list(strengths), **options)  # type: ignore[arg-type]
    return at_step(
        problem,
        np.ones(len(problem.y)),
        trace,
        step % len(trace),
        learner.penalty,  # type: ignore[arg-type]
        standardize=learner.standardize,
        intercept=learner.intercept,
        noise=told,  # type: ignore[arg-type]
    )


def centre(
    X: np.ndarray, y: np.ndarray, *, scale: np.ndarray | None = None, weight: np.ndarray | None = None,
    flat: list[int] | None = None, intercept: bool = True,
) -> CentredRows:  # fmt: skip
    """Rows of plain arrays, columns in units of ``scale`` (their deviations where not given)."""
    n, p = X.shape
    weight = np.ones(n) if weight is None else weight
    return centre_rows(
        make_problem(X, y, find("losses", "squared")()),
        weight,
        y,
        scale=X.std(axis=0) if scale is None else scale,
        fill=np.average(X, axis=0, weights=weight),
        flat=np.isin(np.arange(p), flat or []),
        excluded=np.zeros(p, bool),
        intercept=intercept,
    )
