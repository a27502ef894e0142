"""Bias and variance as a picture: what the page's script draws, and a still of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from rightfit.records import BiasVariance, Decomposition
from rightfit.report.figures import STEPS, numbers
from rightfit.report.legible import legible
from rightfit.report.scales import Linear, Strengths, spread
from rightfit.report.stills import LEFT, RIGHT, Still

PARTS = (("total", "line total", ""), ("bias", "line loss", "up-text"), ("variance", "line second", "down-text"))


def bias_variance_data(view: BiasVariance, path: dict[str, Any]) -> dict[str, Any]:
    """The parts at the page's own steps, or at steps of its own where the path was grown again otherwise; ``path`` is
    that of `rightfit.report.figures.path_data`."""
    places = view.axis.positions if len(view.axis.positions) else view.strengths
    steps = np.array(path["steps"])
    linked = len(places) == path["total"] and numbers(places[steps], 6) == path["strengths"]
    if not linked:
        steps = _thin(len(places), view.step)
    return {
        "linked": linked,
        "strengths": numbers(places[steps], 6),
        "step": int(np.searchsorted(steps, view.step)),
        "models": view.models,
        "parts": [_part(part, steps) for part in view.parts],
    }


def _part(part: Decomposition, steps: np.ndarray) -> dict[str, Any]:
    names = ("bias", "variance", "noise", "total")
    found: dict[str, Any] = {}
    for name in names:
        value, error = getattr(part, name), getattr(part, f"{name}_error")
        found[name] = numbers(value[steps]) if len(value) else []
        found[f"{name}Error"] = numbers(error[steps], 3) if len(error) else []
    return {"measure": legible(part.measure, 60), "squared": part.measure == "squared error"} | found


def bias_words(part: dict[str, Any]) -> str:
    """What the bias line is called."""
    name = "bias²" if part["squared"] else "bias"
    return name if part["noise"] else f"{name} + noise"


def bias_variance_still(data: dict[str, Any], path: dict[str, Any]) -> Still | None:
    """The first decomposition, all parts from zero."""
    part, strengths = data["parts"][0], data["strengths"]
    known = [v for name in ("bias", "variance", "total") for v in part[name] if v is not None]
    if not known:
        return None
    still = Still(f"Bias, variance and total {part['measure']} against the {path['axis']['title']}", 330)
    top, bottom = 34.0, 280.0
    edges = (RIGHT, LEFT) if path["axis"]["rising"] else (LEFT, RIGHT)
    x, y = Strengths.over(strengths, *edges), Linear.over(min(0.0, *known), 1.04 * max(known), bottom, top)
    still.text(0, 14, f"{part['measure']} on unseen rows", "title")
    still.grid(y, LEFT, RIGHT, 6)
    for name, kind, _ in PARTS:
        still.path(kind, [None if v is None else (x(s), y(v)) for s, v in zip(strengths, part[name], strict=True)])
    words = {"total": "total", "bias": bias_words(part), "variance": "variance"}
    ends = [y(next((v for v in reversed(part[name]) if v is not None), 0.0)) for name, _, _ in PARTS]
    for (name, _, kind), place in zip(PARTS, spread(ends, 15, top, bottom), strict=True):
        still.text(RIGHT + 10, place + 4, words[name], kind)
    here = x(strengths[data["step"]])
    still.line("now", here, top, here, bottom)
    still.strengths(x, bottom, path["axis"]["title"])
    return still


def _thin(total: int, wanted: int) -> np.ndarray:
    return np.unique(np.append(np.linspace(0, total - 1, min(total, STEPS)).astype(int), wanted))
