"""Standard errors of a mean whose terms share rows one way and models the other way.

A term belongs to a row (to its unit) and to a model, or a pair of them; neither the terms of one row nor those of one
model are independent. With deviations d from the mean, times their shares of the weight,

    error^2 = sum over units (sum d)^2 + sum over models (sum d)^2 - sum d^2,

the variance under clustering both ways (Cameron, Gelbach and Miller 2011, JBES 29, equation 2.11; Owen 2007, Annals of
Applied Statistics 1), and at least the larger of the first two. That all models come from one file of rows is in no
such formula: see `rightfit.views.teachers`.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse


def crossed_error(terms: np.ndarray, share: np.ndarray, unit: np.ndarray, model: np.ndarray) -> np.ndarray:
    """(K,) standard errors of the means of terms (K, M) with shares (M,) that sum to one; terms belong to units (M,)
    and models (M,)."""
    deviation = share * (terms - (terms @ share)[:, None])
    by_unit = _sum_squares(deviation, unit)
    by_model = _sum_squares(deviation, model)
    both = by_unit + by_model - (deviation**2).sum(axis=1)
    return np.asarray(np.sqrt(np.maximum(both, np.maximum(by_unit, by_model))))


def _sum_squares(deviation: np.ndarray, label: np.ndarray) -> np.ndarray:
    """(K,) sum over labels of the squared sums; times U / (U - 1) for U labels, not defined for a single one."""
    names, code = np.unique(label, return_inverse=True)
    count = len(names)
    if count < 2:
        return np.full(len(deviation), np.nan)
    member = sparse.csr_array((np.ones(len(code)), (code, np.arange(len(code)))), shape=(count, len(code)))
    return np.asarray(count / (count - 1) * ((member @ deviation.T) ** 2).sum(axis=0))
