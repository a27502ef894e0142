"""How far the knockoff of every column may stand from it.

With covariance S (q, q) of standardized columns, a knockoff of column j has covariance S_jk with every other column and
1 - s_j with column j itself, which is possible where 0 <= s_j <= 1 and D = diag(s) <= 2 S (the joint covariance of
columns and knockoffs is then positive semi-definite). The larger s_j, the easier it is to tell column j from its
knockoff:

    equal      s_j = min(1, 2 smallest eigenvalue of S) for all: one pair of like columns makes all of them small
    largest    maximize sum_j s_j, a semi-definite program (Barber and Candès 2015, section 2.1.1)

The program is solved by coordinate ascent on sum_j s_j + m log det(2 S - D) with m falling to zero (Askari, Rebjock,
d'Aspremont and El Ghaoui 2020, "FANOK: knockoffs in linear time", section 3): with P the inverse of 2 S - D, the best
s_j is s_j + 1 / P_jj - m, kept between 0 and 1, after which P changes by a rank of one.
"""

from __future__ import annotations

import numpy as np

MOST = 300
"""Columns up to which the program is solved; a sweep costs their cube."""
_BARRIERS = np.geomspace(0.1, 1e-6, 20)
_SWEEPS = 5
_ROUNDING = 1e-9


def equal_separation(covariance: np.ndarray) -> np.ndarray:
    """(q,) the same for all."""
    least = float(np.linalg.eigvalsh(covariance)[0])
    return np.full(len(covariance), min(1.0, 2.0 * least) * (1 - _ROUNDING))


def largest_separation(covariance: np.ndarray) -> np.ndarray:
    """(q,) with the largest sum; equal ones where there are more than `MOST` columns."""
    equal = equal_separation(covariance)
    q = len(covariance)
    if q > MOST:
        return equal
    s = 0.9 * equal  # inside, where the inverse exists
    for barrier in _BARRIERS:
        inverse = np.linalg.inv(2 * covariance - np.diag(s))
        for _ in range(_SWEEPS):
            for j in range(q):
                step = float(np.clip(s[j] + 1 / inverse[j, j] - barrier, 0.0, 1.0)) - s[j]
                s[j] += step
                inverse += np.outer(step / (1 - step * inverse[j, j]) * inverse[j], inverse[j])
    # what rounding may have put outside comes back: D <= 2 S, in units of D
    root = np.sqrt(np.maximum(s, _ROUNDING))
    whole = np.linalg.eigvalsh(2 * covariance / np.outer(root, root))[0]
    s *= min(1.0, float(whole)) * (1 - _ROUNDING)
    return s if s.sum() > equal.sum() else equal
