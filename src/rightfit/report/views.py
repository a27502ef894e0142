"""The views of a run as the page's sections: their sentences, and the data that their scripts draw from."""

from __future__ import annotations

from typing import Any

from rightfit.records import Run, Views
from rightfit.report.bayes import bayes_data
from rightfit.report.bias_variance import bias_variance_data, bias_variance_still
from rightfit.report.boundary import boundary_data, boundary_still
from rightfit.report.dropout import dropout_data, dropout_still
from rightfit.report.geometry import geometry_data, geometry_still
from rightfit.report.information import information_data, information_still
from rightfit.report.stills import Still


def view_data(run: Run, path: dict[str, Any]) -> dict[str, Any]:
    """What the page's script draws from, by view; nothing of a view that was not computed. ``path`` is that of
    `rightfit.report.figures.path_data`."""
    views, found = run.views, {}
    if views.bias_variance is not None:
        found["biasVariance"] = bias_variance_data(views.bias_variance, path)
    if views.geometry is not None:
        found["geometry"] = geometry_data(views.geometry)
    if views.boundary is not None:
        found["boundary"] = boundary_data(views.boundary)
    if views.dropout is not None:
        found["dropout"] = dropout_data(views.dropout)
    if views.information is not None:
        found["information"] = information_data(views.information)
    bayes = bayes_data(run, path["steps"])
    return found if bayes is None else found | {"bayes": bayes}


def view_stills(views: Views, data: dict[str, Any], path: dict[str, Any]) -> dict[str, list[Still]]:
    """Pictures for a page whose script is switched off; ``data`` is that of `view_data`."""
    stills = {
        "bias_variance": bias_variance_still(data["biasVariance"], path) if views.bias_variance is not None else None,
        "geometry": geometry_still(views.geometry) if views.geometry is not None else None,
        "boundary": boundary_still(views.boundary) if views.boundary is not None else None,
        "dropout": dropout_still(views.dropout) if views.dropout is not None else None,
        "information": information_still(views.information) if views.information is not None else None,
    }
    return {name: [still] if still is not None else [] for name, still in stills.items()}


def view_sentences(views: Views) -> dict[str, tuple[str, ...]]:
    """The sentences of every view that was computed, by its title."""
    titled = {
        "Bias and variance": views.bias_variance,
        "Geometry": views.geometry,
        "The Bayesian view": views.bayes,
        "Boundaries over two columns": views.boundary,
        "Dropout as an ensemble": views.dropout,
        "What the hidden layer keeps": views.information,
    }
    return {title: view.sentences for title, view in titled.items() if view is not None}
