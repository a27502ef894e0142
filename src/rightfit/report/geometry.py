"""Loss and penalty as shapes: what the page's scripts draw, and a still of the plane."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from rightfit.records import Geometry, Scene, Shape, Steps
from rightfit.report.figures import numbers
from rightfit.report.legible import legible
from rightfit.report.numbers import PAGE
from rightfit.report.scales import Linear
from rightfit.report.stills import Still

LEVELS = (0.02, 0.1, 0.3, 0.6, 1.0, 1.6)
"""Contours, as shares of what the loss at zero has above the smallest."""
_SIDE, _LEFT, _TOP = 400, 46, 34


def geometry_data(view: Geometry) -> dict[str, Any]:
    """Everything that the plane, the space and the walks need, in standardized coefficients."""
    return {
        "measure": legible(view.measure, 60),
        "plane": _scene(view.plane),
        "solid": _scene(view.solid) if view.solid is not None else None,
        "walks": [_walk(steps) for steps in view.steps],
        "levels": LEVELS,
    }


def _scene(scene: Scene) -> dict[str, Any]:
    return {
        "names": [legible(name, 200) for name in scene.features],
        "hessian": [numbers(row, 8) for row in scene.hessian],
        "minimum": numbers(scene.minimum, 6),
        "least": scene.least,
        "exact": scene.exact,
        "low": numbers(scene.low),
        "high": numbers(scene.high),
        "height": [numbers(row, 6) for row in _finer(scene.height)],
        "shapes": [_shape(shape) for shape in scene.shapes],
    }


def _shape(shape: Shape) -> dict[str, Any]:
    return {
        "name": shape.name,
        "ratio": shape.l1_ratio,
        "strengths": numbers(shape.strengths),
        "coef": [numbers(row) for row in shape.coef],
        "bound": numbers(shape.bound),
        "loss": numbers(shape.loss, 7),
        "step": shape.step,
    }


def _walk(steps: Steps) -> dict[str, Any]:
    return {
        "name": steps.name,
        "rate": steps.rate,
        "strength": steps.strength,
        "weights": [numbers(row) for row in steps.weights],
        "pull": [numbers(row) for row in steps.pull],
        "end": numbers(steps.end),
        "sentence": legible(steps.sentence, 800),
    }


def geometry_still(view: Geometry) -> Still:
    """The plane with the way of the run's own penalty or the lasso's, its shape at the chosen strength or half way."""
    plane = view.plane
    shape = next((one for one in plane.shapes if one.step >= 0), plane.shapes[0])
    step = shape.step if shape.step >= 0 else len(shape.strengths) // 2
    low, high = plane.low, plane.high
    still = Still(f"Loss over two coefficients, and the way of the {shape.name}", _SIDE + 46, _SIDE + 60)
    x = Linear.over(low[0], high[0], _LEFT, _LEFT + _SIDE)
    y = Linear.over(low[1], high[1], _TOP + _SIDE - 20, _TOP - 20)
    still.text(0, 10, legible(plane.features[1], 40), "title")
    still.text(_LEFT + _SIDE, _SIDE + 44, legible(plane.features[0], 40), "title", "end")
    still.line("zero", x(low[0]), y.clamp(0), x(high[0]), y.clamp(0))
    still.line("zero", x.clamp(0), y(low[1]), x.clamp(0), y(high[1]))
    if plane.exact:
        for level in LEVELS:
            still.path("contour", _inside(_ellipse(plane, level * (shape.loss[0] - plane.least)), x, y))
        still.path("contour touching", _inside(_ellipse(plane, float(shape.loss[step]) - plane.least), x, y))
    still.path("shape", _inside(_outline(shape, float(shape.bound[step])), x, y))
    still.path("line way", _inside(((float(a), float(b)) for a, b in shape.coef), x, y))
    still.circle("here", x(shape.coef[step, 0]), y(shape.coef[step, 1]), 4.5)
    still.circle("dot", x(plane.minimum[0]), y(plane.minimum[1]), 3.5)
    words = f"{shape.name}, strength {PAGE.number(float(shape.strengths[step]))}, t = "
    still.text(_LEFT, _SIDE + 44, words + PAGE.number(float(shape.bound[step])))
    return still


def _finer(height: np.ndarray) -> np.ndarray:
    """Twice as many points each way, by cubic splines: lines between them then look as smooth as the loss is."""
    if not len(height):
        return height
    from scipy.interpolate import RectBivariateSpline

    places = np.arange(len(height))
    between = np.linspace(0, len(height) - 1, 2 * len(height) - 1)
    return np.asarray(RectBivariateSpline(places, places, height)(between, between))


def _ellipse(scene: Scene, height: float) -> Iterator[tuple[float, float]]:
    """Where the quadratic lies so far above its minimum."""
    factor = np.linalg.inv(np.linalg.cholesky(scene.hessian)).T * math.sqrt(max(0.0, 2 * height))
    for angle in np.linspace(0, 2 * math.pi, 121):
        point = scene.minimum + factor @ np.array([math.cos(angle), math.sin(angle)])
        yield float(point[0]), float(point[1])


def _outline(shape: Shape, bound: float) -> Iterator[tuple[float, float]]:
    """All pairs that cost exactly the bound."""
    for angle in np.linspace(0, 2 * math.pi, 121):
        c, s = math.cos(angle), math.sin(angle)
        radius = bound
        if shape.name not in ("ridge", "group"):
            a, b = (1 - shape.l1_ratio) / 2, shape.l1_ratio * (abs(c) + abs(s))
            radius = 2 * bound / (b + math.sqrt(b * b + 4 * a * bound)) if bound > 0 else 0.0
        yield radius * c, radius * s


def _inside(points: Iterator[tuple[float, float]], x: Linear, y: Linear) -> list[tuple[float, float] | None]:
    """Places on paper; None where a point lies outside of the picture."""
    return [(x(a), y(b)) if x.low <= a <= x.high and y.low <= b <= y.high else None for a, b in points]
