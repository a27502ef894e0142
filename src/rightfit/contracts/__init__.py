"""The promises of the house: abstract classes with few methods each.

    Design    columns of numbers, dense, sparse or missing, never copied per fold
    Loss      what a prediction costs a row
    Penalty   what coefficients cost, as a tangent elastic net in a box
    ProxPenalty   what coefficients cost together, through its proximal operator
    Rule      evidence in, one step out, with its reason
    Learner   a problem and resamples in, one path a resample out
    Path      a way from strongly to weakly regularized

Abstract or final: every concrete class derives from exactly one of these and from nothing else. An object
that needs a case of its own gets a method here, so that nobody asks for ``isinstance`` or ``hasattr``.
"""

from __future__ import annotations

from rightfit.contracts.designs import Design, Gram
from rightfit.contracts.losses import Loss, Predicts
from rightfit.contracts.penalties import Penalty, ProxPenalty, Tangent
from rightfit.contracts.walkers import Attack, Learner, Model, Path, Problem, Rule, Wishes

__all__ = [
    "Attack",
    "Design",
    "Gram",
    "Learner",
    "Loss",
    "Model",
    "Path",
    "Penalty",
    "Predicts",
    "Problem",
    "ProxPenalty",
    "Rule",
    "Tangent",
    "Wishes",
]
