"""What a noisy hidden layer tells of inputs and target, along training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Informed:
    """One strength along training; all information in bits."""

    strength: float
    dropout: float
    """Share of the layer's units that are dropped."""
    inputs: np.ndarray
    """(E,) I(X; T) of unseen rows, by Monte Carlo."""
    inputs_error: np.ndarray
    """(E,) standard errors."""
    inputs_low: np.ndarray
    """(E,) lower bound from pairwise distances."""
    inputs_high: np.ndarray
    """(E,) upper bound from pairwise distances."""
    target: np.ndarray
    """(E,) lower bound of I(T; Y) on unseen rows."""
    target_error: np.ndarray
    taught: np.ndarray
    """(E,) the same on rows that taught the net."""
    taught_error: np.ndarray
    loss: np.ndarray
    """(E,) mean loss of the net on the unseen rows."""


@dataclass(frozen=True)
class Information:
    """Bits that a hidden layer keeps, epoch by epoch, for several strengths."""

    hidden: tuple[int, ...]
    """Units of each hidden layer; the first is looked at."""
    own: bool
    """The net has the run's settings; otherwise it was made for this view."""
    noise: float
    """Deviation of the Gaussian noise on each unit, in root mean squares of the layer."""
    epochs: np.ndarray
    """(E,) int64 epochs of training, from 0."""
    rows: int
    """Rows of each set."""
    most_inputs: float
    """Bits that tell which of the rows it is: I(X; T) cannot be more."""
    most_target: float
    """Bits in the target: I(T; Y) cannot be more."""
    cut: int
    """Intervals that a target of numbers was cut into; 0 for classes."""
    name: str
    """What the strengths are: ``"dropout"``."""
    measure: str
    strengths: tuple[Informed, ...]
    """Strongest first."""
    shown: int
    """The strength that the run chose, or the middle one."""
    sentences: tuple[str, ...] = ()
