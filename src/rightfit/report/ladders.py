"""A ladder of nets: every strength and epoch by what it loses on unseen rows."""

from __future__ import annotations

import numpy as np

from rightfit.records import Ladder
from rightfit.report.epochs import find_column
from rightfit.report.legible import legible
from rightfit.report.numbers import PAGE
from rightfit.report.stills import LEFT, RIGHT, Still

SHADES = 9
"""Shades of the picture, the darkest for the least loss."""
_ROW, _GAP, _TOP = 30, 3, 44.0
_WORST = 0.8
"""Losses beyond this quantile all have the lightest shade: the first epochs would else leave no shades to the rest."""
_LEFT = LEFT + 26


def ladder_still(ladder: Ladder) -> Still:
    """A row for each strength, a column for each epoch that was judged; points where each resample stops, and a ring
    where the full fit does."""
    held_out = np.asarray(ladder.held_out, float)
    rows, columns = held_out.shape
    bottom = _TOP + _ROW * rows
    still = Still(f"{legible(ladder.measure, 60)} by {legible(ladder.name, 40)} and epoch", bottom + 74)
    still.text(0, 14, f"{legible(ladder.measure, 60)} on unseen rows: the darker, the less", "title")
    still.text(_LEFT - 10, 34, legible(ladder.name, 40), anchor="end")
    still.text(RIGHT + 12, 34, "least loss")
    known = held_out[np.isfinite(held_out)]
    low = float(known.min()) if len(known) else 0.0
    high = max(float(np.quantile(known, _WORST)) if len(known) else 1.0, low + 1e-12 * (abs(low) or 1.0))
    edges = np.linspace(_LEFT, RIGHT, columns + 1)
    centre = [float(x) for x in (edges[1:] + edges[:-1]) / 2]
    for row in range(rows):
        top = _TOP + _ROW * row
        for column in map(int, np.flatnonzero(np.isfinite(held_out[row]))):
            part = min(1.0, (held_out[row, column] - low) / (high - low))
            shade = SHADES - 1 - min(SHADES - 1, int(part * SHADES))
            a, b = float(edges[column]), float(edges[column + 1]) + 0.3
            still.path(f"heat heat-{shade}", [(a, top), (b, top), (b, top + _ROW - _GAP), (a, top + _ROW - _GAP)], "Z")
        middle = top + (_ROW - _GAP) / 2
        mark = "leaf" if row == ladder.chosen else ""
        still.text(_LEFT - 10, middle + 4, PAGE.number(float(ladder.strengths[row]), 3), mark, "end")
        least = held_out[row][np.isfinite(held_out[row])].min(initial=np.inf)
        still.text(RIGHT + 12, middle + 4, PAGE.number(float(least), 4) if np.isfinite(least) else "none", mark)
        for stop, many in zip(*np.unique(ladder.stops[row], return_counts=True), strict=True):
            still.circle(
                "stop", centre[find_column(ladder.epochs, int(stop))], middle, round(1.6 + 0.4 * float(many), 1)
            )
        still.circle("ring", centre[find_column(ladder.epochs, int(ladder.stop[row]))], middle, 8)
    for column in _marked(ladder.epochs):
        still.line("axis", centre[column], bottom, centre[column], bottom + 5)
        still.text(centre[column], bottom + 18, PAGE.count(int(ladder.epochs[column])), anchor="middle")
    still.text((_LEFT + RIGHT) / 2, bottom + 38, "epochs", "title", "middle")
    still.text(
        _LEFT, bottom + 60, "points: where each resample stops, told by the rows of the others;  ring: the full fit"
    )
    return still


def _marked(epochs: np.ndarray) -> list[int]:
    """Columns that are labelled: about eight, evenly."""
    return sorted({int(k) for k in np.linspace(0, len(epochs) - 1, min(8, len(epochs)))})
