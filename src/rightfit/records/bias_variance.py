"""Bias and variance along a path, measured by resampling."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from rightfit.records.walks import Axis


@dataclass(frozen=True)
class Decomposition:
    """One loss taken apart at every step: total = bias + variance + noise, where noise may be part of the bias."""

    measure: str
    """What is taken apart, in words: ``"squared error"``, ``"log loss"``, ``"share of wrong classes"``."""
    bias: np.ndarray
    """(K,) squared bias, or its like for the loss; includes the noise where ``noise`` is empty."""
    bias_error: np.ndarray
    """(K,) standard errors."""
    variance: np.ndarray
    """(K,)"""
    variance_error: np.ndarray
    noise: np.ndarray
    """(K,) what no model could avoid; empty where it cannot be told from the bias."""
    noise_error: np.ndarray
    total: np.ndarray
    """(K,) mean loss of single models on rows that they have not seen."""
    total_error: np.ndarray
    sentence: str
    """What the parts are, and how they were estimated."""


@dataclass(frozen=True)
class BiasVariance:
    """What every step loses by being wrong on average, and what by depending on the rows that it learned from."""

    strengths: np.ndarray
    """(K,)"""
    parts: tuple[Decomposition, ...]
    """The first is that of the loss that was fitted."""
    step: int
    """The step that the run took, in these strengths."""
    models: int
    """Number of models of every step, the full fit not counted."""
    teaching: float
    """Mean number of different rows that taught one."""
    rows: int
    """Rows that were scored."""
    name: str
    """How the rows were resampled, in words."""
    axis: Axis = field(default_factory=Axis)
    """What the steps are called."""
    sentences: tuple[str, ...] = ()
    """What the picture says, and what cannot be known from it."""
