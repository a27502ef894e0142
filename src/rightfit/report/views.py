"""The views of a run as the page's sections: their sentences, and the data that their scripts draw from."""

from __future__ import annotations

from typing import Any

from rightfit.records import Run, Views
from rightfit.report.bayes import bayes_data
from rightfit.report.bias_variance import bias_variance_data, bias_variance_still
from rightfit.report.geometry import geometry_data, geometry_still
from rightfit.report.stills import Still


def view_data(run: Run, path: dict[str, Any]) -> dict[str, Any]:
    """What the page's script draws from, by view; nothing of a view that was not computed. ``path`` is that of
    `rightfit.report.figures.path_data`."""
    views, found = run.views, {}
    if views.bias_variance is not None:
        found["biasVariance"] = bias_variance_data(views.bias_variance, path)
    if views.geometry is not None:
        found["geometry"] = geometry_data(views.geometry)
    bayes = bayes_data(run, path["steps"])
    return found if bayes is None else found | {"bayes": bayes}


def view_stills(views: Views, data: dict[str, Any], path: dict[str, Any]) -> dict[str, list[Still]]:
    """Pictures for a page whose script is switched off; ``data`` is that of `view_data`."""
    stills = {
        "bias_variance": bias_variance_still(data["biasVariance"], path) if views.bias_variance is not None else None,
        "geometry": geometry_still(views.geometry) if views.geometry is not None else None,
    }
    return {name: [still] if still is not None else [] for name, still in stills.items()}


def view_sentences(views: Views) -> dict[str, tuple[str, ...]]:
    """The sentences of every view that was computed, by its title."""
    found = {}
    if views.bias_variance is not None:
        found["Bias and variance"] = views.bias_variance.sentences
    if views.geometry is not None:
        found["Geometry"] = views.geometry.sentences
    if views.bayes is not None:
        found["The Bayesian view"] = views.bayes.sentences
    return found
