"""Training and held-out curves of nets, a small panel for each strength."""

from __future__ import annotations

import numpy as np

from rightfit.records import Examples, Feature, Ladder
from rightfit.report.legible import legible
from rightfit.report.numbers import PAGE
from rightfit.report.scales import Linear
from rightfit.report.stills import Still

PANELS, ACROSS = 12, 3
"""Panels that are drawn at most, and in one line."""
_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP = 218, 132, 44, 62, 56


def panels_still(ladder: Ladder) -> Still:
    """Mean losses against epochs on one scale: on unseen rows (a line) and on rows that taught (dashes), points where
    the resamples stop and a ring where the full fit does."""
    held_out, training = np.asarray(ladder.held_out, float), np.asarray(ladder.training, float)
    rows = _thin(len(held_out), ladder.chosen)
    known = np.concatenate([held_out[rows].ravel(), training[rows].ravel()])
    known = known[np.isfinite(known)]
    low = float(known.min(initial=np.inf)) if len(known) else 0.0
    high = float(np.quantile(known, 0.92)) if len(known) else 1.0
    margin = 0.06 * (high - low or 1.0)
    lines = -(-len(rows) // ACROSS)
    still = Still(
        f"{legible(ladder.measure, 60)} against epochs, for each {legible(ladder.name, 40)}",
        _TOP + lines * (_HEIGHT + _GAP) - 24,
    )
    still.text(
        0, 14, f"{legible(ladder.measure, 60)} against epochs: unseen rows (line), rows that taught (dashes)", "title"
    )
    still.text(0, 32, "points: where each resample stops;  ring: where the full fit does")
    columns = held_out.shape[1]
    for place, row in enumerate(rows):
        left = _LEFT + (place % ACROSS) * (_WIDTH + 16)
        top = _TOP + (place // ACROSS) * (_HEIGHT + _GAP)
        right, bottom = left + _WIDTH - 22, top + _HEIGHT
        x = Linear.over(0, max(1, columns - 1), left, right)
        y = Linear.over(low - margin, high + margin, bottom, top)
        chosen = row == ladder.chosen
        name = f"{legible(ladder.name, 24)} {PAGE.number(float(ladder.strengths[row]), 3)}"
        still.text(left, top - 6, name + (", chosen" if chosen else ""), "up-text" if chosen else "")
        for value, label in y.ticks(4):
            still.line("grid", left, y(value), right, y(value))
            if place % ACROSS == 0:
                still.text(left - 6, y(value) + 4, label, anchor="end")
        for values, kind in ((training[row], "line training"), (held_out[row], "line loss")):
            seen = np.flatnonzero(np.isfinite(values))
            still.path(kind, [(x(int(k)), y.clamp(float(values[k]))) for k in seen])
        still.line("axis", left, bottom, right, bottom)
        for column in sorted({0, (columns - 1) // 2, columns - 1}):
            still.line("axis", x(column), bottom, x(column), bottom + 4)
            still.text(x(column), bottom + 17, PAGE.count(int(ladder.epochs[column])), anchor="middle")
        for stop, many in zip(*np.unique(ladder.stops[row], return_counts=True), strict=True):
            still.circle("stop", x(find_column(ladder.epochs, int(stop))), bottom, round(1.6 + 0.3 * float(many), 1))
        column = find_column(ladder.epochs, int(ladder.stop[row]))
        if np.isfinite(held_out[row, column]):
            still.circle("ring", x(column), y.clamp(float(held_out[row, column])), 6)
    return still


def examples_still(examples: Examples, features: tuple[Feature, ...]) -> Still:
    """A line a column: a row, another, and what training makes of them."""
    still = Still("Rows as they are, and as training changes them", 40 + 24 * len(examples.columns))
    edges = 200 + 92.0 * np.arange(len(examples.labels))  # narrow, for telephones
    for edge, label in zip(edges, examples.labels, strict=True):
        still.text(float(edge), 14, label, "title", "end")
    for line, column in enumerate(map(int, examples.columns)):
        y = 42 + 24 * line
        still.line("grid", 0, y + 7, float(edges[-1]), y + 7)
        still.text(0, y, legible(features[column].name, 20))
        for number, edge in enumerate(edges):
            kind = "up-text" if number > 1 else ""
            still.text(float(edge), y, PAGE.number(float(examples.values[number, line]), 3), kind, "end")
    return still


def find_column(epochs: np.ndarray, epoch: int) -> int:
    """The column of an epoch, the last one for later ones."""
    return min(int(np.searchsorted(epochs, epoch)), len(epochs) - 1)


def _thin(count: int, chosen: int) -> list[int]:
    """The rungs that are shown: all, or `PANELS` of them, evenly, with the chosen one."""
    some = {int(k) for k in np.linspace(0, count - 1, min(PANELS, count))}
    if 0 <= chosen < count and chosen not in some:
        some.remove(min(some - {0, count - 1} or some, key=lambda k: abs(k - chosen)))
        some.add(chosen)
    return sorted(some)
