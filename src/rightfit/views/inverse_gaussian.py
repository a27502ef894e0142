"""Reciprocals of inverse Gaussian numbers, exact to rounding for every mean, an infinite one included.

The sampler of a Laplace prior draws 1 / t for t^2-mixtures from an inverse Gaussian distribution with mean mu =
lambda sigma / |b|, which is beyond all bounds where a coefficient is near zero. The usual transformation (Michael,
Schucany and Haas 1976, "Generating random variates using transformations with multiple roots", The American
Statistician 30) then subtracts two numbers that are nearly equal, and returns zeros or worse. Written for t = 1 / x
and m = 1 / mu it has sums of non-negative numbers alone:

    k = y / (2 shape),  y chi-square with one degree of freedom
    t = m + k + sqrt(k (k + 2 m))            with probability t / (t + m)
        m^2 / that                           else

For m = 0 it is y / shape, the limit.
"""

from __future__ import annotations

import numpy as np


def draw_reciprocal(mean_reciprocal: np.ndarray, shape: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """1 / x for x inverse Gaussian with means 1 / ``mean_reciprocal`` (>= 0) and ``shape`` (> 0): (p,), above 0."""
    m = mean_reciprocal
    half = random.standard_normal(m.shape) ** 2 / (2 * shape)
    larger = m + half + np.sqrt(half * (half + 2 * m))
    keep = random.random(m.shape) * (larger + m) <= larger
    tiny = np.finfo(float).tiny
    return np.maximum(np.where(keep, larger, m * (m / np.maximum(larger, tiny))), tiny)
