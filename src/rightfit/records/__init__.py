"""The nouns of the house: frozen records, free of behaviour beyond reading themselves.

Everything that a report shows or a prediction needs is in one of these, so that a run can be stored as
data (JSON and ``.npy``) and looked at without the rows it was made from. The order is that of a run:

    tables      Note, Source, Column, Schema, Task, Feature      what came in, and what was made of it
    walks       Resamples, Status, Trace, Axis, Fitted           which rows teach, the way walked, what predicts
    pictures    Picture, Tree, Convergence, Leaves, Ladder       what can be drawn of a model without coefficients
                Surface, Examples
    findings    Evidence, Curve, Choice, Candidate               what every step lost on unseen rows, which was taken
                Comparison, Diagnostics, Drift                   is it worth it, where does it err, does time matter
                Family, Stack                                    how families compare, and what a mixture would gain
                Robustness                                       what is left where rows are moved against the model
    views       Views                                            what regularization does, computed from the rows:
                BiasVariance, Decomposition                      each in a file of its own
                Geometry, Scene, Shape, Steps
                Bayes, Prior, Posterior, MarginalLikelihood,
                Slices, Predictive
                Boundary, Plane, Side
                Dropout, Averaged
                Information, Informed
    run         Run                                              the whole

``Any``-typed fields do not occur: the store (`rightfit.store`) rebuilds every record from its annotations.
"""

from __future__ import annotations

from rightfit.records.bayes import Bayes, MarginalLikelihood, Posterior, Predictive, Prior, Slices
from rightfit.records.bias_variance import BiasVariance, Decomposition
from rightfit.records.boundary import Boundary, Plane, Side
from rightfit.records.dropout import Averaged, Dropout
from rightfit.records.findings import (
    Candidate,
    Choice,
    Comparison,
    Curve,
    Diagnostics,
    Drift,
    Evidence,
    Family,
    Robustness,
    Stack,
)
from rightfit.records.geometry import Geometry, Scene, Shape, Steps
from rightfit.records.information import Information, Informed
from rightfit.records.pictures import Convergence, Examples, Ladder, Leaves, Picture, Surface, Tree
from rightfit.records.run import Run
from rightfit.records.tables import Column, Feature, Kind, Note, Role, Schema, Severity, Source, Task
from rightfit.records.views import Views
from rightfit.records.walks import Axis, Fitted, Resamples, Status, Trace

__all__ = [
    "Averaged",
    "Axis",
    "Bayes",
    "BiasVariance",
    "Boundary",
    "Candidate",
    "Choice",
    "Column",
    "Comparison",
    "Convergence",
    "Curve",
    "Decomposition",
    "Diagnostics",
    "Drift",
    "Dropout",
    "Evidence",
    "Examples",
    "Family",
    "Feature",
    "Fitted",
    "Geometry",
    "Information",
    "Informed",
    "Kind",
    "Ladder",
    "Leaves",
    "MarginalLikelihood",
    "Note",
    "Picture",
    "Plane",
    "Posterior",
    "Predictive",
    "Prior",
    "Resamples",
    "Robustness",
    "Role",
    "Run",
    "Scene",
    "Schema",
    "Severity",
    "Shape",
    "Side",
    "Slices",
    "Source",
    "Stack",
    "Status",
    "Steps",
    "Surface",
    "Task",
    "Trace",
    "Tree",
    "Views",
]
