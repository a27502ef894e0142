"""The Bayesian view on the page: what its script draws from, its table, and its pictures that stand still."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from rightfit.records import Bayes, Posterior, Run
from rightfit.report.figures import numbers
from rightfit.report.legible import legible
from rightfit.report.numbers import PAGE, Writer
from rightfit.report.scales import Linear, Strengths
from rightfit.report.stills import LEFT, RIGHT, Still
from rightfit.report.tables import Cells

ROWS = 60
"""Coefficients that the table lists."""
_DEEP = 20.0
"""How far below its best step the log marginal likelihood is drawn."""


def bayes_data(run: Run, steps: Sequence[int]) -> dict[str, Any] | None:
    """What the script needs of ``run.views.bayes`` at the steps that the page shows; None where there is nothing to
    draw."""
    view = run.views.bayes
    if view is None or view.slices is None or view.prior is None:
        return None
    picked, slices, known = np.asarray(steps), view.slices, view.posterior
    entries = []
    for i, j in enumerate(slices.columns):
        entries.append(
            {
                "name": legible(run.features[j].name, 200),
                "scale": numbers([run.trace.scale[j]], 6)[0],
                "coef": numbers([run.trace.coef(k)[j, 0] for k in picked]),
                "rate": numbers([view.prior.rate[j]], 6)[0],
                "precision": numbers([view.prior.precision[j]], 6)[0],
                "place": numbers(slices.place[picked, i]),
                "width": numbers(slices.width[picked, i]),
                "spread": numbers(slices.spread[picked, i]) if len(slices.spread) else [],
                "known": numbers([known.mean[j], known.lower[j], known.upper[j]]) if known else [],
                "grid": numbers(slices.grid[i]),
                "density": numbers(slices.density[i]),
            }
        )
    return {
        "family": view.prior.family,
        "strengths": numbers(view.strengths[picked], 6),
        "columns": entries,
        "method": known.method if known else "",
        "level": f"{100 * known.level:g}" if known else "",
        "marginal": None
        if view.marginal is None
        else {"value": numbers(view.marginal.value[picked]), "strength": numbers([view.marginal.strength], 6)[0]},
    }


def bayes_rows(run: Run, writer: Writer = PAGE) -> Cells | None:
    """The coefficients with their posterior intervals, largest first; None where there is no posterior."""
    view = run.views.bayes
    if view is None or view.posterior is None:
        return None
    known = view.posterior
    level = f"{100 * known.level:g}\u202f%"
    heads = ["feature", "penalized fit (mode)", "posterior mean", f"{level} credible", "above 0", "too small to matter"]
    heads += [f"{level} debiased"] if view.debiased.size else []
    heads += [f"{level} bootstrap"] if view.bootstrap.size else []
    heads += ["R-hat", "independent draws"] if known.r_hat.size else []
    mode = run.trace.coef(view.step)[:, 0]
    size = np.maximum(np.abs(mode), np.abs(known.mean)) * run.trace.scale
    order = np.argsort(-size, kind="stable")
    rows = [_row(run, view, known, float(mode[j]), int(j), writer) for j in order[:ROWS]]
    left = len(order) - len(rows)
    return Cells(tuple(heads), tuple(rows), f"and {left:,} smaller ones, in the .rightfit file" if left > 0 else "")


def bayes_stills(path: dict[str, Any], found: dict[str, Any] | None) -> list[Still]:
    """The pictures for a page without its script: the first coefficient at the chosen step, and the marginal
    likelihood."""
    if found is None:
        return []
    stills = [_density_still(found["columns"][0], found["strengths"][path["chosen"]], path["chosen"])]
    if found["marginal"] is not None:
        stills.append(_marginal_still(path, found))
    return [still for still in stills if still is not None]


def _row(run: Run, view: Bayes, known: Posterior, mode: float, j: int, writer: Writer) -> tuple[str, ...]:
    digits = 3
    cells = [
        legible(run.features[j].name, 200),
        writer.number(mode, digits) if mode else "0",
        writer.number(float(known.mean[j]), digits),
        _ends(known.lower[j], known.upper[j], writer),
        writer.share(float(known.above[j])),
        writer.share(float(known.near[j])),
    ]
    for beside in (view.debiased, view.bootstrap):
        if beside.size:
            cells.append(_ends(beside[j, 0], beside[j, 1], writer))
    if known.r_hat.size:
        cells.append(writer.fixed(float(known.r_hat[j]), 3))
        cells.append(writer.number(float(np.floor(min(known.bulk[j], known.tail[j])))))
    return tuple(cells)


def _ends(low: float, high: float, writer: Writer) -> str:
    if not (math.isfinite(low) and math.isfinite(high)):
        return writer.missing
    return f"{writer.number(float(low))} to {writer.number(float(high))}"


def _density_still(entry: dict[str, Any], strength: float, k: int) -> Still | None:
    """Prior, likelihood and posterior of one coefficient, each with its peak at the same height."""
    place, width = entry["place"][k], entry["width"][k]
    if place is None or not width:
        return None
    still = Still(f"Prior, likelihood and posterior of the coefficient of {entry['name']}", 260)
    low, high = min(0.0, place - 3.5 * width), max(0.0, place + 3.5 * width)
    x, y = Linear.over(low, high, LEFT, RIGHT), Linear.over(0.0, 1.0, 210.0, 40.0)
    points = np.linspace(low, high, 241)
    points = np.sort(np.append(points, 0.0))
    rate, precision = (entry["rate"] or 0.0) * strength, (entry["precision"] or 0.0) * strength
    prior = -rate * np.abs(points) - precision * points**2 / 2
    likelihood = -(((points - place) / width) ** 2) / 2
    for kind, curve in (("line training", prior), ("line second", likelihood), ("line loss", prior + likelihood)):
        top = np.exp(curve - curve.max())
        still.path(kind, [(x(float(b)), y(float(h))) for b, h in zip(points, top, strict=True)])
    still.line("axis", LEFT, 210, RIGHT, 210)
    for value, label in x.ticks(6):
        still.text(x(value), 228, label, anchor="middle")
    still.text(0, 14, f"coefficient of {entry['name']} per unit, at the chosen strength", "title")
    for words, kind, row in (("prior", "", 0), ("likelihood", "down-text", 1), ("posterior", "up-text", 2)):
        still.text(RIGHT + 16, 60 + 18 * row, words, kind)
    return still


def _marginal_still(path: dict[str, Any], found: dict[str, Any]) -> Still | None:
    value = found["marginal"]["value"]
    good = [k for k, v in enumerate(value) if v is not None]
    if not good:
        return None
    still = Still("Log marginal likelihood against the strength of regularization", 260)
    x = Strengths.over(path["strengths"], LEFT, RIGHT)
    low, high = min(value[k] for k in good), max(value[k] for k in good)
    y = Linear.over(max(high - _DEEP, low) - 0.5, 0.5, 210.0, 40.0)
    still.text(0, 14, "log marginal likelihood, less its maximum", "title")
    still.grid(y, LEFT, RIGHT, 5)
    still.path("line loss", [(x(path["strengths"][k]), y(value[k])) for k in good if value[k] >= y.low])
    here = x(path["strengths"][path["chosen"]])
    still.line("now", here, 36, here, 210)
    still.strengths(x, 210, path["axis"]["title"])
    return still
