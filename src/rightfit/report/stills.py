"""Pictures that stand still, for a page whose script is switched off: the same data, drawn before the page is written.

A still is a list of shapes with a class each; ``still.html`` writes them as inline SVG, so that every name is escaped
like all other text of the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rightfit.report.scales import Linear, Strengths, spread

WIDTH, LEFT, RIGHT = 720, 58, 550
_LINES = 60
_NAMED = 10
_LETTERS = 24
_STEPS = 150
"""Most points of a line."""

Number = float | int | None


@dataclass
class Still:
    """Shapes in the order in which they are drawn."""

    label: str
    height: float
    width: float = WIDTH
    lines: list[tuple[str, float, float, float, float]] = field(default_factory=list)
    paths: list[tuple[str, str]] = field(default_factory=list)
    circles: list[tuple[str, float, float, float]] = field(default_factory=list)
    texts: list[tuple[str, float, float, str, str]] = field(default_factory=list)
    """class, x, y, anchor, words"""

    def line(self, kind: str, x1: float, y1: float, x2: float, y2: float) -> None:
        self.lines.append((kind, round(x1, 1), round(y1, 1), round(x2, 1), round(y2, 1)))

    def path(self, kind: str, points: Iterable[tuple[float, float] | None], close: str = "") -> None:
        self.paths.append((kind, _strokes(points) + close))

    def circle(self, kind: str, x: float, y: float, radius: float) -> None:
        self.circles.append((kind, round(x, 1), round(y, 1), radius))

    def text(self, x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> None:
        self.texts.append((kind, round(x, 1), round(y, 1), anchor, words))

    def grid(self, y: Linear, left: float, right: float, most: int) -> None:
        """Horizontal lines at round values, with their labels at the left."""
        for value, label in y.ticks(most):
            self.line("zero" if value == 0 else "grid", left, y(value), right, y(value))
            self.text(left - 8, y(value) + 4, label, anchor="end")

    def strengths(self, x: Strengths, bottom: float, title: str) -> None:
        """The axis of the steps below a picture."""
        inner = x.end + math.copysign(4, x.right - x.start) if x.zero else x.right
        self.line("axis", x.start, bottom, inner, bottom)
        for value, label in x.ticks(58):
            self.line("axis", x(value), bottom, x(value), bottom + 5)
            self.text(x(value), bottom + 18, label, anchor="middle")
        self.text(LEFT, bottom + 38, "← stronger")
        self.text((LEFT + RIGHT) / 2, bottom + 38, title, "title", "middle")
        self.text(RIGHT, bottom + 38, "weaker →", anchor="end")


def path_still(path: dict[str, Any], unit: str) -> Still | None:
    """Standardized coefficients (of the first class) against strength, the largest named; ``path`` is that of
    `rightfit.report.figures.path_data`. None where no coefficient ever is non-zero."""
    features = path["features"][:_LINES]
    if not features or not path["strengths"]:
        return None
    chosen, steps = path["chosen"], len(path["strengths"])
    values = [_coefficients(feature, steps) for feature in features]
    low, high, cut = _range(values, chosen, path)
    shares = path["axis"]["measures"] == "importance"
    what = "Importance" if shares else "Coefficients"
    still = Still(f"{what} of {len(features)} features against the {path['axis']['title']}", 450)
    top, bottom = 40.0, 400.0
    x, y = _steps(path), Linear.over(low, high, bottom, top)
    still.text(0, 14, unit, "title")
    still.grid(y, LEFT, RIGHT, 7)
    named = _named(values, chosen)
    picked = _thin(steps, chosen)
    for k in sorted(range(len(values)), key=lambda k: k in named):
        start = max(0, features[k]["first"] - 1)
        points = [
            None if values[k][s] is None else (x(path["strengths"][s]), y.clamp(values[k][s] or 0.0))
            for s in picked
            if s >= start
        ]
        still.path(f"line coef {_side(values[k], chosen)}{' named' if k in named else ''}", points)
    ends = [y.clamp(values[k][-1] or 0.0) for k in named]
    for k, end, place in zip(named, ends, spread(ends, 15, top, bottom), strict=True):
        still.path("leader", [(RIGHT + 2, end), (RIGHT + 13, place)])
        still.text(RIGHT + 16, place + 4, _clip(features[k]["name"]), f"label {_side(values[k], chosen)}")
    here = x(path["strengths"][chosen])
    still.line("now", here, top - 4, here, bottom)
    if path["hasChoice"]:
        still.text(
            here, top - 10, f"chosen, {path['nonzero'][chosen]:,} {'used' if shares else 'non-zero'}", "halo", "middle"
        )
    still.strengths(x, bottom, path["axis"]["title"])
    if cut:
        still.label += "; lines that leave the picture are cut off"
    return still


def curve_still(path: dict[str, Any]) -> Still | None:
    """Held-out loss with a band of one standard error, and the steps that the rules take."""
    curve = path["curve"]
    if not curve or not any(v is not None for v in curve["mean"]):
        return None
    strengths, chosen = path["strengths"], path["chosen"]
    still = Still(f"Held-out {curve['measure']} against the {path['axis']['title']}", 330)
    marks = _marks(path)
    top, bottom = 34.0 + 16 * len(marks), 280.0
    x = _steps(path)
    mean, error = curve["mean"], curve["error"] or [None] * len(curve["mean"])
    y = Linear.over(*_valley(curve), bottom, top)
    still.text(0, 14, f"held-out {curve['measure']}", "title")
    still.grid(y, LEFT, RIGHT, 6)
    picked = [k for k in _thin(len(strengths), chosen) if mean[k] is not None and error[k] is not None]
    up = [(x(strengths[k]), y.clamp(mean[k] + error[k])) for k in picked]
    down = [(x(strengths[k]), y.clamp(mean[k] - error[k])) for k in reversed(picked)]
    if picked:
        still.path("band", [*up, *down], "Z")
    if curve["null"] is not None:
        still.line("line null", LEFT, y.clamp(curve["null"]), RIGHT, y.clamp(curve["null"]))
    for kind, values in (("line training", curve["training"]), ("line loss", mean)):
        still.path(kind, _points(values, strengths, x, y, chosen))
    for row, (step, label) in enumerate(marks):
        place = x(strengths[step])
        still.line("rule", place, 22 + 16 * row, place, bottom)
        right = place < (LEFT + RIGHT) / 2
        still.text(place + (6 if right else -6), 32 + 16 * row, label, "halo", "start" if right else "end")
    if mean[chosen] is not None:
        still.circle("here", x(strengths[chosen]), y.clamp(mean[chosen]), 4.5)
    _name_ends(still, y, [("held-out rows", mean, "up-text"), ("training rows", curve["training"], "")], curve["null"])
    still.strengths(x, bottom, path["axis"]["title"])
    return still


def drift_still(path: dict[str, Any], drift: dict[str, Any] | None) -> Still | None:
    """Held-out loss with folds in order (or by group) beside folds at random."""
    if drift is None:
        return None
    still = Still("Held-out loss with ordered folds and with random folds", 266)
    known = [v for v in (*drift["ordered"], *drift["random"]) if v is not None]
    if not known:
        return None
    top, bottom = 34.0, 220.0
    first = [v for v in (drift["random"][0], drift["ordered"][0]) if v is not None]
    best, start = min(known), max(first, default=max(known))
    high = min(max(known), start + 0.6 * (start - best)) if start > best else max(known)
    margin = 0.05 * (high - best or 1)
    x, y = _steps(path), Linear.over(best - margin, high + margin, bottom, top)
    still.text(0, 14, "held-out loss", "title")
    still.grid(y, LEFT, RIGHT, 5)
    for kind, values in (("line loss", drift["random"]), ("line second", drift["ordered"])):
        still.path(kind, _points(values, path["strengths"], x, y, path["chosen"]))
    here = x(path["strengths"][path["chosen"]])
    still.line("now", here, top, here, bottom)
    words = "folds in order" if drift["kind"] == "time" else "folds by group"
    _name_ends(still, y, [("random folds", drift["random"], "up-text"), (words, drift["ordered"], "down-text")], None)
    still.strengths(x, bottom, path["axis"]["title"])
    return still


def _steps(path: dict[str, Any]) -> Strengths:
    """The axis of the steps."""
    edges = (RIGHT, LEFT) if path["axis"]["rising"] else (LEFT, RIGHT)
    return Strengths.over(path["strengths"], *edges)


def _name_ends(still: Still, y: Linear, lines: Sequence[tuple[str, list[Number], str]], null: Number) -> None:
    """Names at the right ends of lines, moved apart."""
    ends = [(words, next((v for v in reversed(values) if v is not None), None), kind) for words, values, kind in lines]
    shown = [
        (words, y.clamp(end), kind) for words, end, kind in (*ends, ("constant model", null, "")) if end is not None
    ]
    places = spread([place for _, place, _ in shown], 15, min(y.start, y.end), max(y.start, y.end))
    for (words, _, kind), place in zip(shown, places, strict=True):
        still.text(RIGHT + 10, place + 4, words, kind)


def _points(
    values: list[Number], strengths: list[float], x: Strengths, y: Linear, chosen: int
) -> list[tuple[float, float] | None]:
    return [
        None if (value := values[k]) is None else (x(strengths[k]), y.clamp(value)) for k in _thin(len(values), chosen)
    ]


def _coefficients(feature: dict[str, Any], steps: int) -> list[Number]:
    """Standardized, of the first output, at every step."""
    scale = feature["scale"] if feature["scale"] is not None else 1.0
    later = [None if v is None else v * scale for v in feature["coef"][0]]
    return [0.0] * (steps - len(later)) + later


def _range(values: list[list[Number]], chosen: int, path: dict[str, Any]) -> tuple[float, float, bool]:
    """Lines may grow without bound at the weak end: the picture keeps to what the chosen and the best step need."""
    known = [v for line in values for v in line if v is not None]
    best = next((mark["step"] for mark in path["marks"] if mark["rule"] == "best"), chosen)
    low, high = min(0.0, *known), max(0.0, *known)
    limit = max(8 * _largest(values, chosen), 1.2 * _largest(values, best))
    cut = path["hasChoice"] and limit > 0 and (low < -limit or high > limit)
    if cut:
        low, high = max(low, -limit), min(high, limit)
    margin = 0.03 * (high - low or 1)
    return low - margin, high + margin, cut


def _largest(values: list[list[Number]], step: int) -> float:
    return max((abs(line[step] or 0.0) for line in values), default=0.0)


def _valley(curve: dict[str, Any]) -> tuple[float, float]:
    """What is far above the constant model, or far below the best step, is cut off."""
    mean = [v for v in curve["mean"] if v is not None]
    pairs = [
        (m, e or 0.0) for m, e in zip(curve["mean"], curve["error"] or curve["mean"], strict=True) if m is not None
    ]
    best = min(mean)
    start = max(mean[0], curve["null"]) if curve["null"] is not None else mean[0]
    reach = max(start - best, 3 * pairs[0][1], 1e-12)
    high = max(start, min(max(m + e for m, e in pairs), start + 0.6 * reach))
    lower = [m - e for m, e in pairs if m - e > best - reach]
    lower += [v for v in curve["training"] if v is not None and v > best - 0.8 * reach]
    low = min(lower, default=best)
    margin = 0.04 * (high - low or 1)
    return low - margin, high + margin


def _marks(path: dict[str, Any]) -> list[tuple[int, str]]:
    """Rules that take the same step share one line."""
    groups: dict[int, list[str]] = {}
    for mark in path["marks"]:
        groups.setdefault(mark["step"], []).append(mark["label"])
    ours = path["chosen"] if path["hasChoice"] else -1
    return [
        (step, ", ".join(dict.fromkeys(labels)) + (" (chosen)" if step == ours else ""))
        for step, labels in sorted(groups.items())
    ]


def _named(values: list[list[Number]], chosen: int) -> list[int]:
    """The largest lines at the chosen step, then at the end."""
    sizes = [(abs(line[chosen] or 0.0), abs(line[-1] or 0.0), k) for k, line in enumerate(values)]
    found = sorted((s for s in sizes if s[0] + s[1] > 0), key=lambda s: (-s[0], -s[1]))
    return [k for row, (here, _, k) in enumerate(found[:_NAMED]) if row < 3 or here > 0.02 * found[0][0]]


def _side(line: list[Number], chosen: int) -> str:
    return "down" if (line[chosen] or line[-1] or 0.0) < 0 else "up"


def _thin(count: int, chosen: int) -> list[int]:
    """At most about `_STEPS` of the steps, with the first, the chosen and the last one."""
    every = max(1, math.ceil(count / _STEPS))
    wanted = {*range(0, count, every), count - 1}
    return sorted(wanted | ({chosen} if chosen < count else set())) if count else []


def _clip(words: str) -> str:
    return words if len(words) <= _LETTERS else words[: _LETTERS - 1].rstrip() + "…"


def _strokes(points: Iterable[tuple[float, float] | None]) -> str:
    """A polyline that breaks where a point is missing."""
    out, pen = [], "M"
    for point in points:
        if point is not None:
            out.append(f"{pen}{point[0]:.1f} {point[1]:.1f}")
        pen = "M" if point is None else "L"
    return "".join(out) or "M0 0"
