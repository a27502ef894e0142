"""Pictured fits are where contours touch: the constrained problem, solved by another program, has the same point."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rightfit
from rightfit.catalog import find
from rightfit.errors import ColumnError, FitError, OptionError
from rightfit.records import Geometry, Scene
from rightfit.views.profile import Profile, independent
from rightfit.views.scene import make_scene
from rightfit.views.steps import solve_lasso, walk_steps

N = 90


def profile_of(loss: str = "squared", q: int = 2) -> tuple[Profile, np.ndarray]:
    """A profile over q of six correlated columns, and the other columns."""
    rng = np.random.default_rng(8)
    x = rng.normal(size=(N, 6)) + 0.8 * rng.normal(size=(N, 1))
    mean = x[:, :3] @ np.array([1.0, 0.35, -0.3]) + 0.4 * x[:, 4]
    weight = rng.uniform(0.5, 1.5, N)
    weight /= weight.sum()
    x = (x - weight @ x) / np.sqrt(weight @ (x - weight @ x) ** 2)
    y = {
        "squared": mean + rng.normal(size=N),
        "logistic": (rng.random(N) < 1 / (1 + np.exp(-mean))).astype(float),
        "poisson": rng.poisson(np.exp(mean / 2)).astype(float),
    }[loss]
    kind = find("losses", loss)()
    return Profile(kind, kind.check(y), np.zeros(N), weight, x[:, :q], independent(x[:, q:], weight)), x[:, q:]


@lru_cache(maxsize=8)
def scene_of(loss: str = "squared", q: int = 2) -> Scene:
    return make_scene(profile_of(loss, q)[0], tuple("abc"[:q]), np.ones(q), 0.6, ("lasso", 0.1))


def constrained(loss: str, q: int, name: str, ratio: float, bound: float) -> np.ndarray:
    """argmin of the mean loss over all coefficients and the constant, where the q in focus cost at most ``bound``."""
    cvxpy = pytest.importorskip("cvxpy")
    profile, others = profile_of(loss, q)
    b, c, constant = cvxpy.Variable(q), cvxpy.Variable(others.shape[1]), cvxpy.Variable()
    eta = profile.focus @ b + others @ c + constant
    y, w = profile.y, profile.weight
    value = {
        "squared": lambda: w @ (cvxpy.square(y - eta) / 2),
        "logistic": lambda: w @ (cvxpy.logistic(eta) - cvxpy.multiply(y, eta)),
        "poisson": lambda: w @ (cvxpy.exp(eta) - cvxpy.multiply(y, eta)),
    }[loss]()
    if name == "group":
        cost = cvxpy.norm(b[:2])
    elif name == "ridge":
        cost = cvxpy.norm(b)
    else:
        cost = ratio * cvxpy.norm1(b) + (1 - ratio) / 2 * cvxpy.sum_squares(b)
    cvxpy.Problem(cvxpy.Minimize(value), [cost <= bound]).solve(
        solver="CLARABEL", tol_gap_abs=1e-10, tol_gap_rel=1e-10, tol_feas=1e-10
    )
    return np.asarray(b.value)


@pytest.mark.filterwarnings("ignore:Solution may be inaccurate")
@pytest.mark.parametrize(("loss", "q"), [("squared", 2), ("squared", 3), ("logistic", 2), ("poisson", 2)])
def test_the_constrained_problem_has_the_same_point(loss: str, q: int) -> None:
    scene = scene_of(loss, q)
    for shape in scene.shapes:
        for k in (8, 40):
            point = constrained(loss, q, shape.name, shape.l1_ratio, float(shape.bound[k]))
            np.testing.assert_allclose(shape.coef[k], point, atol=2e-4 * scene.high.max(), err_msg=f"{shape.name} {k}")


@pytest.mark.parametrize("q", [2, 3])
def test_the_quadratic_is_the_loss(q: int) -> None:
    profile, _ = profile_of("squared", q)
    scene = scene_of("squared", q)
    rng = np.random.default_rng(1)
    for at in rng.normal(size=(4, q)):
        away = at - scene.minimum
        assert profile.least(at)[0] == pytest.approx(scene.least + away @ scene.hessian @ away / 2, rel=1e-10)
    for shape in scene.shapes:
        away = shape.coef - scene.minimum
        np.testing.assert_allclose(
            shape.loss, scene.least + np.einsum("kq,qr,kr->k", away, scene.hessian, away) / 2, rtol=1e-9
        )
        assert shape.loss[-1] == pytest.approx(scene.least, rel=1e-9)
        assert (np.diff(shape.bound) > -1e-9).all()


def test_heights_are_fits_of_the_others() -> None:
    from scipy.optimize import minimize

    profile, others = profile_of("logistic")
    scene = scene_of("logistic")
    axes = np.linspace(scene.low, scene.high, len(scene.height))
    for i, j in ((3, 25), (15, 15), (29, 12)):
        fixed = profile.focus @ np.array([axes[i, 0], axes[j, 1]])

        def value(c: np.ndarray, fixed: np.ndarray = fixed) -> float:
            return float(profile.weight @ profile.loss.value(profile.y, fixed + others @ c[1:] + c[0]))

        best = minimize(value, np.zeros(1 + others.shape[1]), method="BFGS", options={"gtol": 1e-9}).fun
        assert scene.height[i, j] == pytest.approx(best, rel=1e-7)
    assert scene.height.min() >= scene.least - 1e-12


def test_a_loss_without_a_minimum_says_so() -> None:
    profile, _ = profile_of("logistic")
    perfect = replace(profile, y=(profile.focus[:, 0] > 0).astype(float))
    with pytest.raises(FitError, match="no finite optimum"):
        perfect.minimum()


def test_steps_shrink_hover_and_land() -> None:
    scene = scene_of()
    squared, subgradient, proximal, early = walk_steps(scene)
    for steps in (squared, subgradient, proximal, early):
        np.testing.assert_allclose(
            steps.pull, -steps.rate * (steps.weights[:-1] - scene.minimum) @ scene.hessian, atol=1e-12
        )
    # the penalty lambda * sum(w^2), lambda = strength / 2, shrinks weights by 1 - 2 rate lambda
    factor = (squared.weights[1:] - squared.pull) / squared.weights[:-1]
    np.testing.assert_allclose(factor, 1 - 2 * squared.rate * (squared.strength / 2), rtol=1e-9)
    ridge = np.linalg.solve(scene.hessian + squared.strength * np.eye(2), scene.hessian @ scene.minimum)
    np.testing.assert_allclose(squared.weights[-1], ridge, atol=1e-3 * scene.high.max())
    zero = int(np.flatnonzero(subgradient.end == 0)[0])
    late = subgradient.weights[30:, zero]
    assert (late != 0).all() and np.abs(np.diff(np.sign(late))).sum() >= 4  # it hovers
    assert (proximal.weights[30:, zero] == 0).all()  # it lands
    np.testing.assert_allclose(proximal.weights[-1], proximal.end, atol=1e-3 * scene.high.max())
    np.testing.assert_allclose(
        early.weights[17],
        (np.eye(2) - np.linalg.matrix_power(np.eye(2) - early.rate * scene.hessian, 17)) @ scene.minimum,
        atol=1e-12,
    )


def test_lasso_of_two_columns_is_that_of_the_path() -> None:
    scene = scene_of()
    lasso = scene.shapes[0]
    for k in range(0, len(lasso.strengths), 7):
        found = solve_lasso(scene.hessian, scene.minimum, float(lasso.strengths[k]))
        np.testing.assert_allclose(found, lasso.coef[k], atol=1e-5)
    assert lasso.strengths[lasso.step] == 0.1 and scene.shapes[1].step == -1


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(N, 4))
    kind = rng.choice(["red", "green", "blue"], N)
    y = 2 * x[:, 0] - x[:, 1] + (kind == "red") + rng.normal(size=N)
    return {"first": x[:, 0], "second": x[:, 1], "third": x[:, 2], "copy": x[:, 3], "kind": kind, "y": y}


def test_a_run_has_a_geometry(table: dict[str, Any], tmp_path: Path) -> None:
    saved = rightfit.fit(table, target="y", penalty="lasso", strengths=30).geometry(table)
    geometry = saved.run.views.geometry
    assert isinstance(geometry, Geometry)
    assert geometry.plane.features == ("first", "second") and geometry.solid is not None
    lasso = geometry.plane.shapes[0]
    assert lasso.strengths[lasso.step] == saved.run.choice.strength
    saved.save(tmp_path / "seen.rightfit")
    again = rightfit.load(tmp_path / "seen.rightfit").run.views.geometry
    assert again is not None and again.sentences == geometry.sentences
    np.testing.assert_array_equal(again.plane.shapes[2].coef, geometry.plane.shapes[2].coef)
    named = saved.geometry(table, columns=("third", "kind = red")).run.views.geometry
    assert named is not None and named.plane.features == ("third", "kind = red") and named.solid is None
    with pytest.raises(ColumnError, match=r"no column 'thrid'; did you mean 'third'"):
        saved.geometry(table, columns=("first", "thrid"))
    with pytest.raises(OptionError, match="two or three"):
        saved.geometry(table, columns=("first",))


def test_what_has_no_plane_says_why(table: dict[str, Any]) -> None:
    tree = rightfit.fit(table, target="y", learners="tree")
    with pytest.raises(OptionError, match="needs coefficients"):
        tree.geometry(table)
    twins = table | {"copy": table["first"]}
    lasso = rightfit.fit(twins, target="y", penalty="lasso", strengths=10)
    with pytest.raises(OptionError, match="told by the others"):
        lasso.geometry(twins, columns=("first", "copy"))
