"""Dropout as an ensemble: many thinned nets in one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Averaged:
    """One way to make a prediction of the thinned nets."""

    name: str
    loss: float
    """Mean loss on unseen rows."""
    error: float
    """Standard error of it over rows."""
    difference: float
    """To the net whose weights are scaled."""
    difference_error: float
    """Paired over rows."""


@dataclass(frozen=True)
class Dropout:
    """All thinned nets of a small net, or many of a large one, on rows that it has not seen."""

    hidden: tuple[int, ...]
    """Units of each hidden layer."""
    rate: float
    """Share of the units that a mask drops."""
    own: bool
    """The net is the run's; otherwise it was trained for this view."""
    masks: int
    """Masks that were averaged."""
    exact: bool
    """These are all masks, weighted by their probability; otherwise a sample."""
    rows: int
    """Unseen rows that were predicted."""
    measure: str
    says: str
    """What the predictions are: ``"probability of yes"``."""
    ways: tuple[Averaged, ...]
    """The first is the net whose weights are scaled, the last a single thinned net."""
    disagreement: float
    """What a thinned net loses more than their geometric mean, on average: how far they disagree."""
    distance: float
    """Largest distance, over rows and outputs, of the linear predictor of the scaled net from the masks' mean, in
    standard deviations of the predictor over rows."""
    counts: np.ndarray
    """(T,) int64 rising numbers of masks that are drawn for every row."""
    drawn: np.ndarray
    """(T,) mean loss of the average of so many."""
    drawn_spread: np.ndarray
    """(T,) standard deviation of it from draw to draw."""
    scaled: np.ndarray
    """(r,) prediction of the scaled net for some rows, rising."""
    mean: np.ndarray
    """(r,) average over the masks."""
    low: np.ndarray
    """(r,) below it lie 5 % of the masks."""
    high: np.ndarray
    """(r,) above it lie 5 % of the masks."""
    draws: np.ndarray
    """(T, r) one draw of so many masks."""
    sentences: tuple[str, ...] = ()
