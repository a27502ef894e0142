"""Dropout as an ensemble on the page: its table, what its script draws from, and a still."""

from __future__ import annotations

import math
from typing import Any

from rightfit.records import Dropout
from rightfit.report.figures import numbers
from rightfit.report.legible import legible
from rightfit.report.numbers import PAGE, Writer, decimals
from rightfit.report.scales import Linear, spread
from rightfit.report.stills import LEFT, RIGHT, Still
from rightfit.report.tables import Cells


def dropout_data(view: Dropout) -> dict[str, Any]:
    """Losses by the number of masks, and the rows that are drawn."""
    return {
        "measure": legible(view.measure, 60),
        "says": legible(view.says, 80),
        "exact": view.exact,
        "masks": view.masks,
        "ways": [{"name": way.name, "loss": way.loss} for way in view.ways],
        "counts": [int(count) for count in view.counts],
        "drawn": numbers(view.drawn),
        "spread": numbers(view.drawn_spread, 3),
        "scaled": numbers(view.scaled, 4),
        "mean": numbers(view.mean, 4),
        "low": numbers(view.low, 4),
        "high": numbers(view.high, 4),
        "draws": [numbers(row, 4) for row in view.draws],
    }


def dropout_rows(view: Dropout, writer: Writer = PAGE) -> Cells:
    """Each way to make one prediction, with its paired difference to the scaled net."""
    places = decimals(max((way.error for way in view.ways if math.isfinite(way.error)), default=0.0))
    finer = decimals(max((way.difference_error for way in view.ways), default=0.0))
    rows = []
    for way in view.ways:
        apart = f"{writer.fixed(way.difference, finer)} ± {writer.fixed(way.difference_error, finer)}"
        same = way.difference_error < 1e-9 and abs(way.difference) < 1e-9
        told = "" if way is view.ways[0] else "none" if same else apart
        rows.append((way.name, writer.fixed(way.loss, places), writer.fixed(way.error, places), told))
    return Cells(
        ("prediction", legible(view.measure, 60), "standard error", "difference to scaled weights"), tuple(rows)
    )


def dropout_still(view: Dropout) -> Still:
    """Loss against the number of masks that are drawn."""
    still = Still(f"{legible(view.measure, 60)} against the number of masks", 300)
    top, bottom = 34.0, 250.0
    levels = [(way.name, way.loss) for way in view.ways[:-1]]
    known = [*view.drawn.tolist(), *(loss for _, loss in levels)]
    margin = 0.06 * (max(known) - min(known) or 1.0)
    x = Linear.over(0.0, math.log10(float(view.counts[-1])), LEFT, RIGHT)
    y = Linear.over(min(known) - margin, max(known) + margin, bottom, top)
    still.text(0, 14, f"{legible(view.measure, 60)} on unseen rows", "title")
    still.grid(y, LEFT, RIGHT, 6)
    points = [(x(math.log10(float(c))), y(float(v))) for c, v in zip(view.counts, view.drawn, strict=True)]
    for _, loss in levels:
        still.line("rule", LEFT, y(loss), RIGHT, y(loss))
    still.path("line loss", points)
    for place in points:
        still.circle("dot", place[0], place[1], 3)
    for (name, _), at in zip(levels, spread([y(loss) for _, loss in levels], 15, top, bottom), strict=True):
        still.text(RIGHT + 10, at + 4, name)
    for count in view.counts:
        still.text(x(math.log10(float(count))), bottom + 18, PAGE.count(int(count)), anchor="middle")
    still.text((LEFT + RIGHT) / 2, bottom + 38, "masks drawn for every row", "title", "middle")
    return still
