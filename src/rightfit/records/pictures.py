"""What can be drawn of one step of a path that has no coefficients: a tree, how a forest converges, the leaves of a
booster, a ladder of nets, and how two strengths act together. Whatever does not apply is None."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Tree:
    """One tree as arrays over its m nodes. Node 0 is the root, children have larger numbers than their parent."""

    title: str
    """In words, e.g. ``"the chosen tree"`` or ``"the first of 120 trees"``."""
    feature: np.ndarray
    """(m,) int64 column of the design that the node asks for; -1 at a leaf."""
    threshold: np.ndarray
    """(m,) rows with a value <= threshold go left; NaN at a leaf and where levels decide."""
    left: np.ndarray
    """(m,) int64 number of the left child, -1 at a leaf."""
    right: np.ndarray
    """(m,) int64."""
    missing_left: np.ndarray
    """(m,) bool: rows without a value go left."""
    rows: np.ndarray
    """(m,) sum of the weights of the rows of the fit in the node; their number without weights."""
    value: np.ndarray
    """(m, C) what the tree says at the node, on the scale of the linear predictor, offset not counted."""
    levels: dict[str, np.ndarray] = field(default_factory=dict)
    """Node number (as text) -> columns of the design whose levels go left, where a category is asked as a whole."""


@dataclass(frozen=True)
class Convergence:
    """Error against the number of trees: more do not overfit, but cost."""

    trees: np.ndarray
    """(T,) rising numbers of trees."""
    loss: np.ndarray
    """(T,) mean loss on rows that the trees have not seen."""
    spread: np.ndarray
    """(T,) standard deviation of that loss over other draws of as many trees."""
    measure: str
    sentence: str = ""
    """What it says, e.g. that more trees would gain nothing."""


@dataclass(frozen=True)
class Leaves:
    """What the penalties on leaves did to a booster: weights before, -G / H, and after, -soft(G, alpha) / (H +
    lambda), before the learning rate."""

    tree: np.ndarray
    """(l,) int64 number of the tree, from 0; at most a few thousand leaves."""
    gradient: np.ndarray
    """(l,) G, sum of the slopes of the rows in the leaf."""
    curvature: np.ndarray
    """(l,) H."""
    rows: np.ndarray
    """(l,)"""
    before: np.ndarray
    after: np.ndarray
    l1: float
    """alpha, on the scale of sums over rows."""
    l2: float
    """lambda, on the scale of sums over rows."""
    sentence: str = ""


@dataclass(frozen=True)
class Ladder:
    """Nets of several strengths side by side, epoch by epoch."""

    strengths: np.ndarray
    """(R,) values of what is walked in, from strong to weak; the constant model is not among them."""
    epochs: np.ndarray
    """(E,) int64, rising: epochs after which the nets were judged."""
    held_out: np.ndarray
    """(R, E) mean loss on unseen rows; NaN once a strength was over."""
    training: np.ndarray
    """(R, E) mean loss on rows that taught the same nets."""
    stop: np.ndarray
    """(R,) int64 epochs of the full fit."""
    stops: np.ndarray
    """(R, m) int64 epochs where each resample stopped, told by the rows of the others."""
    spread: np.ndarray
    """(R,) standard deviation, from seed to seed, of the loss on unseen rows; NaN with one seed."""
    chosen: int
    """Which of the strengths; -1 for the constant model."""
    measure: str
    name: str
    """What is walked in: ``"weight decay"``."""
    seeds: int
    sentence: str = ""


@dataclass(frozen=True)
class Examples:
    """Rows as they are, and as training changes them, in the units of the columns."""

    columns: np.ndarray
    """(q,) int64 columns of the design."""
    labels: tuple[str, ...]
    """(e,) what each row is, e.g. ``"a row"``, ``"with noise"``."""
    values: np.ndarray
    """(e, q)"""
    sentence: str = ""


@dataclass(frozen=True)
class Surface:
    """Held-out loss where two strengths act on the same fits: that of the path, and one that is held along it."""

    name: str
    """Of the strength that is held, e.g. ``"shrinkage"``."""
    values: np.ndarray
    """(S,) rising."""
    loss: np.ndarray
    """(S, K) mean held-out loss; steps are those of the run's path."""
    steps: np.ndarray
    """(S,) int64 step that the rule takes at each value."""
    chosen: int
    """The value of the chosen model."""
    sentence: str = ""
    """What holding it bought."""


@dataclass(frozen=True)
class Picture:
    """All that can be drawn of one step."""

    tree: Tree | None = None
    convergence: Convergence | None = None
    leaves: Leaves | None = None
    surface: Surface | None = None
    notes: tuple[str, ...] = ()
    """Sentences about the model that belong to no drawing, e.g. what a refit with few trees would cost."""
    ladder: Ladder | None = None
    examples: Examples | None = None
