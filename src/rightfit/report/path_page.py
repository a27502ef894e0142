"""A light page with the path picture alone, for a path that was walked without cross-validation."""

from __future__ import annotations

from collections.abc import Sequence

from rightfit.records import Curve, Feature, Trace
from rightfit.report.figures import path_data
from rightfit.report.legible import legible
from rightfit.report.shell import wrap
from rightfit.report.stills import curve_still, path_still
from rightfit.report.tables import coefficient_rows
from rightfit.report.words import unit


def render_path(
    trace: Trace,
    names: Sequence[str],
    curve: Curve | None = None,
    title: str = "The path",
    *,
    subtitle: str = "",
    loss: str = "",
    version: str = "",
) -> str:
    """One self-contained html page that draws ``trace``; ``names`` (p,) name its features.

    With ``curve`` the held-out loss stands under the path, on the same axis. ``loss`` is the loss's name in
    `rightfit.losses`: it says in which unit coefficients are. ValueError where the number of names is not p.
    """
    if len(names) != trace.features:
        raise ValueError(f"the path has {trace.features} features, but {len(names)} names were given")
    features = tuple(Feature(name, name, "value", k) for k, name in enumerate(names))
    path = path_data(trace, features, curve, None, ())
    for entry in path["features"]:
        del entry["source"]
    return wrap(
        "path.html",
        {
            **path,
            "loss": loss,
            "kind": "",
            "classes": [],
            "event": "",
            "target": "",
            "diagnostics": None,
            "drift": None,
            "comparisons": None,
        },
        pictures=[s for s in (path_still(path, unit(loss)), curve_still(path)) if s is not None],
        measures=trace.measures,
        title=legible(title, 400),
        subtitle=legible(subtitle, 600),
        coefficients=coefficient_rows(path),
        version=legible(version, 60),
    )
