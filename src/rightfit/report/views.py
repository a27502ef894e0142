"""The views of a run as the page's sections: their sentences, and the data that their scripts draw from."""

from __future__ import annotations

from typing import Any

from rightfit.records import Views


def view_data(views: Views) -> dict[str, Any]:
    """What the page's script draws from, by view; nothing of a view that was not computed."""
    return {}


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
