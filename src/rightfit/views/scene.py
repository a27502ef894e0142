"""A scene: the loss over two or three columns with others free, and the ways of lasso, ridge, elastic net and group
lasso through it.

Every way is the house's own path with a factor of 1 for the columns in focus and 0 for all others. Its bound t at a
strength is what the fit costs; the problem "smallest loss among all points that cost at most t" then has the same
solution (Lagrange; Osborne, Presnell and Turlach 2000 for the lasso).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from rightfit.catalog import find
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.records import Resamples, Scene, Shape
from rightfit.views.profile import Profile

STEPS = 60
POINTS = 31
"""Points of each axis at which a loss that is no quadratic is computed."""
_MARGIN = 0.25
"""Around the square, in parts of its side."""
Own: TypeAlias = tuple[str, float]
"""Name of the shape that is the run's own penalty, and the run's strength."""


def make_scene(profile: Profile, features: tuple[str, ...], scale: np.ndarray, ratio: float, own: Own) -> Scene:
    """The scene of the columns in focus, named ``features``, with standard deviations ``scale`` (q,). ``ratio`` is the
    elastic net's; ``own`` names the run's shape and its strength, or is ("", nan). FitError where the loss has no
    minimum."""
    minimum, others, least = profile.minimum()
    hessian = profile.hessian(minimum, others)
    shapes = tuple(_shape(profile, name, ratio, hessian, own) for name in ("lasso", "ridge", "elastic net", "group"))
    low, high = _window([minimum[None], *(shape.coef for shape in shapes)])
    exact = profile.loss.quadratic
    height = np.empty((0, 0)) if exact or len(minimum) > 2 else _survey(profile, low, high)
    return Scene(features, scale, hessian, minimum, least, exact, low, high, shapes, height)


def measure_bound(name: str, ratio: float, coef: np.ndarray) -> np.ndarray:
    """(K,) what points (K, q) cost, see `rightfit.records.Shape`."""
    if name == "ridge":
        return np.asarray(np.linalg.norm(coef, axis=1))
    if name == "group":
        return np.asarray(np.linalg.norm(coef[:, :2], axis=1))
    return np.asarray((ratio * np.abs(coef) + (1 - ratio) / 2 * coef**2).sum(axis=1))


def _shape(profile: Profile, name: str, ratio: float, hessian: np.ndarray, own: Own) -> Shape:
    q, r = profile.focus.shape[1], profile.others.shape[1]
    ratio = {"lasso": 1.0, "ridge": 0.0}.get(name, ratio)
    free = np.concatenate([np.ones(q), np.zeros(r)])
    penalty: Any
    if name == "group":
        groups = np.concatenate([[0, 0, 1][:q], np.arange(r) + 2])  # a third column follows freely, like the others
        factors = np.concatenate([[1.0], np.zeros(q - 2 + r)])
        penalty = find("penalties", "group")(groups=groups, factors=factors)
    else:
        penalty = find("penalties", "elastic_net")(l1_ratio=ratio, factors=free)
    columns = np.column_stack([profile.focus, profile.others])
    problem = Problem(make_design(columns), profile.y, profile.loss, profile.offset)
    full = Resamples.full(profile.weight)

    def walk(strengths: np.ndarray | None) -> Any:
        learner = find("learners", "linear")(
            penalty=penalty, strengths=strengths, count=2, standardize=False, intercept=False, tolerance=1e-10
        )
        return learner.fit_paths(problem, full)[0].trace()

    if name == "ridge":
        size = np.linalg.eigvalsh(hessian)
        strengths = np.geomspace(50 * size[-1], 0.01 * max(size[0], 1e-6 * size[-1]), STEPS - 1)
    else:
        strengths = float(walk(None).strengths[0]) * np.linspace(1, 0, STEPS)[:-1]
    step = -1
    if own[0] == name:
        strengths = np.unique(np.append(strengths, own[1]))[::-1]
        step = int(np.flatnonzero(strengths == own[1])[0])
    trace = walk(np.append(strengths, 0.0))
    every = np.array([trace.coef(k)[:, 0] for k in range(len(trace))])
    coef = every[:, :q]
    eta = profile.offset + every @ columns.T
    loss = np.array([profile.weight @ profile.loss.value(profile.y, row) for row in eta])
    return Shape(name, ratio, trace.strengths, coef, measure_bound(name, ratio, coef), loss, step)


def _window(ways: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """(q,) corners of a square around 0 and all points (K, q)."""
    points = np.concatenate([np.zeros((1, ways[0].shape[1])), *ways])
    low, high = points.min(axis=0), points.max(axis=0)
    half = (0.5 + _MARGIN) * (float((high - low).max()) or 1.0)
    middle = (low + high) / 2
    return middle - half, middle + half


def _survey(profile: Profile, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """(m, m) least loss at every pair of values, from the middle outwards; the others start at a neighbour's."""
    count, axes = POINTS, np.linspace(low, high, POINTS).T
    order = sorted(range(count), key=lambda k: abs(k - count // 2))
    height = np.full((count, count), np.nan)
    found: dict[tuple[int, int], np.ndarray] = {}
    for i in order:
        for j in order:
            near = (i, _inwards(j, count)) if j != count // 2 else (_inwards(i, count), j)
            height[i, j], found[i, j] = profile.least(np.array([axes[0, i], axes[1, j]]), found.get(near))
    return height


def _inwards(place: int, count: int) -> int:
    return place - int(np.sign(place - count // 2))
