"""What regularization does to one run, as far as it was computed from the rows of the fit."""

from __future__ import annotations

from dataclasses import dataclass, field

from rightfit.records.bayes import Bayes
from rightfit.records.bias_variance import BiasVariance
from rightfit.records.boundary import Boundary
from rightfit.records.dropout import Dropout
from rightfit.records.geometry import Geometry
from rightfit.records.information import Information


@dataclass(frozen=True)
class Views:
    """Each is None until it is asked for: a run holds no rows, and views need them."""

    bias_variance: BiasVariance | None = None
    geometry: Geometry | None = None
    bayes: Bayes | None = None
    boundary: Boundary | None = None
    dropout: Dropout | None = None
    information: Information | None = None
    missing: dict[str, str] = field(default_factory=dict)
    """Name of a view -> why this run has none."""
