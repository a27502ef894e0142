"""What models say all over the plane of two columns, along their paths."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from rightfit.records.walks import Axis


@dataclass(frozen=True)
class Side:
    """One column as a side of the plane."""

    name: str
    values: np.ndarray
    """(m,) where models were asked: rising numbers, or 0, 1, ... for levels."""
    levels: tuple[str, ...]
    """Words of the levels; empty for numbers."""
    rows: np.ndarray
    """(r,) where some rows of the fit lie; NaN where a row has no value, or a level that is not shown."""


@dataclass(frozen=True)
class Plane:
    """One model over the plane, at some steps of its path, strongest first."""

    name: str
    """``"the run's model"``, or the family that was taught by the two columns alone."""
    words: str
    """The model and its settings."""
    axis: Axis
    """What its path walks in; positions are those of the steps here."""
    strengths: np.ndarray
    """(S,)"""
    step: int
    """Which of them the run, or the rule, took."""
    height: np.ndarray
    """(S, m2, m1) uint8: what the model says, 0 for ``low`` and 255 for ``high``; the second side by rows. Of three and
    more classes the probability of the likeliest."""
    low: float
    high: float
    label: np.ndarray
    """(S, m2, m1) uint8: number of the likeliest class; empty for numbers."""
    regions: np.ndarray
    """(S,) int64: connected parts of the plane in which one class is likeliest; 0 for numbers."""
    joint: np.ndarray
    """(S,) share of what varies over the plane that no sum of two curves, one of each column, has; NaN where nothing
    varies."""
    loss: np.ndarray
    """(S,) mean loss on unseen rows."""
    error: np.ndarray
    """(S,) standard errors of it."""


@dataclass(frozen=True)
class Boundary:
    """The plane of two columns, all others held, and what models say on it."""

    sides: tuple[Side, ...]
    """Two."""
    held: dict[str, str]
    """The other columns -> the value at which they are held, in words."""
    says: str
    """What the heights are: ``"probability of yes"``, ``"price"``."""
    measure: str
    classes: tuple[str, ...]
    target: np.ndarray
    """(r,) target of the rows that are shown."""
    planes: tuple[Plane, ...]
    """The run's own first."""
    missing: dict[str, str] = field(default_factory=dict)
    """Families that were to stand beside it -> why they do not."""
    sentences: tuple[str, ...] = ()
