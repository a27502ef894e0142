"""Two coefficients under gradient steps on the quadratic of a scene, P(b) = least + (b - m)' H (b - m) / 2.

With step length r and strength s, from b:

    squared penalty       b - r H (b - m) - r s b = (1 - r s) b - r H (b - m): weights shrink by a factor; for a penalty
                          written lambda * sum(b^2), s = 2 lambda and the factor is 1 - 2 r lambda
    absolute, subgradient b - r H (b - m) - r s sign(b): every weight moves by r s toward zero and beyond it
    absolute, proximal    soft(b - r H (b - m), r s): what lies within r s of zero is set to zero (Daubechies, Defrise
                          and De Mol 2004; Beck and Teboulle 2009)
    none                  b - r H (b - m) from 0, stopped early: after k steps (I - (I - r H)^k) m, near the ridge fit
                          of strength 1 / (k r) (Ali, Kolter and Tibshirani 2019)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from rightfit.records import Scene, Shape, Steps

COUNT = 60
Step: TypeAlias = Callable[[np.ndarray], np.ndarray]
_RATE = 0.15
"""Step length, in parts of 1 / (largest curvature)."""


def walk_steps(scene: Scene) -> tuple[Steps, ...]:
    """The four walks; the first three start at the fit without a penalty, the last one at zero."""
    lasso = next(shape for shape in scene.shapes if shape.name == "lasso")
    hessian, minimum = scene.hessian, scene.minimum
    size = np.linalg.eigvalsh(hessian)
    rate, shrink = _RATE / size[-1], float(size.mean() / 2)
    step = _one_is_zero(lasso)
    price = float(lasso.strengths[step])
    end = solve_lasso(hessian, minimum, price)
    ridge = _ridge(scene, shrink)

    def pull(at: np.ndarray) -> np.ndarray:
        return -rate * hessian @ (at - minimum)

    def walk(name: str, strength: float, start: np.ndarray, end: np.ndarray, step: Step) -> Steps:
        weights = [start]
        for _ in range(COUNT):
            weights.append(step(weights[-1]))
        pulls = np.array([pull(at) for at in weights[:-1]])
        steps = Steps(name, rate, strength, np.array(weights), pulls, end, "")
        return replace(steps, sentence=_say(scene, steps))

    return (
        walk("squared penalty", shrink, minimum, ridge, lambda b: (1 - rate * shrink) * b + pull(b)),
        walk("absolute penalty, subgradient", price, minimum, end, lambda b: b + pull(b) - rate * price * np.sign(b)),
        walk("absolute penalty, proximal", price, minimum, end, lambda b: _soft(b + pull(b), rate * price)),
        walk("no penalty, stopped early", 0.0, np.zeros(2), minimum, lambda b: b + pull(b)),
    )


def solve_lasso(hessian: np.ndarray, minimum: np.ndarray, strength: float) -> np.ndarray:
    """(2,) argmin of (b - m)' H (b - m) / 2 + strength (|b_1| + |b_2|), by trying every pattern of signs."""
    best, least = np.zeros(2), float(minimum @ hessian @ minimum / 2)
    for signs in ((1, 1), (1, -1), (-1, 1), (-1, -1), (1, 0), (-1, 0), (0, 1), (0, -1)):
        used = np.flatnonzero(signs)
        sign = np.array(signs, float)
        at = np.zeros(2)
        at[used] = np.linalg.solve(hessian[np.ix_(used, used)], (hessian @ minimum - strength * sign)[used])
        if (at * sign >= 0).all():
            value = (at - minimum) @ hessian @ (at - minimum) / 2 + strength * np.abs(at).sum()
            if value < least:
                best, least = at, float(value)
    return best


def _one_is_zero(lasso: Shape) -> int:
    """A step in the middle of those that hold exactly one weight at zero; the middle of the path where none does."""
    alone = np.flatnonzero((lasso.coef != 0).sum(axis=1) == 1)
    return int(alone[len(alone) // 2]) if len(alone) else len(lasso.strengths) // 2


def _soft(value: np.ndarray, by: float) -> np.ndarray:
    return np.asarray(np.sign(value) * np.maximum(np.abs(value) - by, 0.0))


def _say(scene: Scene, steps: Steps) -> str:
    """What a walk does, from its own numbers."""
    way, end, move = steps.weights, steps.end, steps.rate * steps.strength
    if steps.name == "squared penalty":
        return (
            f"Every step multiplies both weights by 1 - rate × strength = {1 - move:.3g} and adds the pull of the "
            "loss. A small weight is shrunk by little, so none is made zero: the walk ends at the ridge fit, "
            f"({end[0]:.3g}, {end[1]:.3g})."
        )
    if steps.name == "no penalty, stopped early":
        return (
            "Steps from zero without a penalty go nearly the way of ridge as its strength is lowered: none lies "
            f"farther from it than {100 * _apart(scene, way):.1f} % of the whole way. Step k is near strength 1 / (k × "
            "rate): to stop early is to penalize."
        )
    zero = next((k for k in range(2) if end[k] == 0), None)
    if steps.name == "absolute penalty, subgradient":
        words = f"Every step moves both weights by rate × strength = {move:.3g} toward zero, however small they are."
        if zero is None:
            return f"{words} Neither weight of the lasso fit is zero at this strength."
        last = way[-11:, zero]
        turns = int((np.diff(np.sign(last)) != 0).sum())
        return (
            f"{words} The lasso fit of {scene.features[zero]} is zero, yet its weight steps over zero and back: in the "
            f"last 10 steps it changed its sign {turns} times, and was {np.abs(last[1:]).mean():.2g} away on average."
        )
    words = f"After the loss has pulled, a weight within rate × strength = {move:.3g} of zero is set to zero, another"
    words += " moves by as much toward it."
    if zero is None:
        return f"{words} Neither weight ends at zero at this strength."
    moved = np.flatnonzero(way[:, zero] != 0)
    return f"{words} {scene.features[zero]} is exactly zero from step {moved[-1] + 1 if len(moved) else 0} on."


def _apart(scene: Scene, way: np.ndarray) -> float:
    """The largest distance of a step from the ridge path, in parts of the distance from 0 to the minimum."""
    strengths = np.geomspace(1e4, 1e-6, 600) * np.linalg.eigvalsh(scene.hessian)[-1]
    ridge = np.array([_ridge(scene, strength) for strength in strengths])
    distance = np.linalg.norm(way[:, None] - ridge[None], axis=2).min(axis=1)
    return float(distance.max() / max(float(np.linalg.norm(scene.minimum)), 1e-300))


def _ridge(scene: Scene, strength: float) -> np.ndarray:
    q = len(scene.minimum)
    return np.asarray(np.linalg.solve(scene.hessian + strength * np.eye(q), scene.hessian @ scene.minimum))
