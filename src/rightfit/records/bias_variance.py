"""Bias and variance along a path, measured by resampling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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
    resamples: int
    rows: int
    """Rows that were scored."""
    name: str
    """How the rows were resampled, in words."""
    sentences: tuple[str, ...] = ()
    """What the picture says, and what cannot be known from it."""
