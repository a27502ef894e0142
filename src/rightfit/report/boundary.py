"""The plane of two columns on the page: what its script draws from, and a still of the run's model."""

from __future__ import annotations

import base64
import itertools
from typing import Any

import numpy as np

from rightfit.records import Boundary, Plane, Side
from rightfit.report.figures import numbers
from rightfit.report.legible import legible
from rightfit.report.scales import Linear
from rightfit.report.stills import Still

_SIDE, _LEFT, _TOP = 400, 58, 34
_BANDS = 9
_DOTS = 150


def boundary_data(view: Boundary) -> dict[str, Any]:
    """Every plane as bytes in base64, the second side by rows, one step after the other."""
    return {
        "sides": [_side(side) for side in view.sides],
        "says": legible(view.says, 80),
        "measure": legible(view.measure, 60),
        "classes": [legible(name, 60) for name in view.classes],
        "target": numbers(view.target, 4),
        "planes": [_plane(plane) for plane in view.planes],
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "name": legible(side.name, 80),
        "values": numbers(side.values, 6),
        "levels": [legible(level, 40) for level in side.levels],
        "rows": numbers(side.rows, 4),
    }


def _plane(plane: Plane) -> dict[str, Any]:
    return {
        "name": legible(plane.name, 60),
        "words": legible(plane.words, 120),
        "steps": [legible(plane.axis.say(k, float(s)), 60) for k, s in enumerate(plane.strengths)],
        "step": plane.step,
        "height": _packed(plane.height),
        "label": _packed(plane.label),
        "low": plane.low,
        "high": plane.high,
        "regions": [int(count) for count in plane.regions],
        "joint": numbers(plane.joint, 3),
        "loss": numbers(plane.loss),
        "error": numbers(plane.error, 3),
    }


def _packed(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values, np.uint8).tobytes()).decode()


def boundary_still(view: Boundary) -> Still:
    """The run's model at the chosen step, in bands, with some rows."""
    plane = view.planes[0]
    first, second = view.sides
    x, y = (_scale(side, edges) for side, edges in zip(view.sides, _edges(), strict=True))
    still = Still(f"{legible(view.says, 80)} over {legible(first.name, 80)} and {legible(second.name, 80)}", _SIDE + 70)
    height = plane.height[plane.step].astype(np.int64)
    band = height * _BANDS // 256 if not plane.label.size else plane.label[plane.step].astype(np.int64) % _BANDS
    for row, line in enumerate(band):
        top, bottom = sorted((y(_edge(second, row)), y(_edge(second, row + 1))))
        ends = [0, *(np.flatnonzero(np.diff(line)) + 1).tolist(), len(line)]
        for start, end in itertools.pairwise(ends):
            left, right = x(_edge(first, start)), x(_edge(first, end))
            corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
            still.path(f"heat-{line[start]}", corners, "Z")
    for k in range(min(_DOTS, len(first.rows))):
        a, b = float(first.rows[k]), float(second.rows[k])
        if x.low <= a <= x.high and y.low <= b <= y.high:
            still.circle("point" if not view.classes or view.target[k] else "point no", x(a), y(b), 2.5)
    still.text(0, 14, legible(second.name, 40), "title")
    still.text(_LEFT + _SIDE, _SIDE + 62, legible(first.name, 40), "title", "end")
    _ticks(still, first, x, second, y)
    where = plane.axis.say(plane.step, float(plane.strengths[plane.step]))
    dark = f"dark: more {view.classes[1]}" if len(view.classes) == 2 else "" if view.classes else "dark: more"
    for row, words in enumerate((legible(view.says, 34), dark, legible(where, 34))):
        still.text(_LEFT + _SIDE + 16, 60 + 20 * row, words)
    return still


def _edges() -> tuple[tuple[float, float], tuple[float, float]]:
    return (_LEFT, _LEFT + _SIDE), (_TOP + _SIDE - 10, _TOP - 10)


def _scale(side: Side, edges: tuple[float, float]) -> Linear:
    return Linear.over(_edge(side, 0), _edge(side, len(side.values)), *edges)


def _edge(side: Side, k: int) -> float:
    """Where cell k begins: models were asked in the middle of the cells."""
    width = float(side.values[1] - side.values[0]) if len(side.values) > 1 else 1.0
    return float(side.values[0]) + (k - 0.5) * width


def _ticks(still: Still, first: Side, x: Linear, second: Side, y: Linear) -> None:
    bottom = y(y.low)
    places = [(float(k), word[:10]) for k, word in enumerate(first.levels)] or x.ticks(5)
    for value, label in places:
        still.text(x(value), bottom + 18, label, anchor="middle")
    for value, label in [(float(k), word[:8]) for k, word in enumerate(second.levels)] or y.ticks(5):
        still.text(_LEFT - 8, y(value) + 4, label, anchor="end")
