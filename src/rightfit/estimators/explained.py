"""What predictions explain of a loss: D2, which is R2 for squared errors."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import column_or_1d

from rightfit.contracts import Loss


def explained(loss: Loss, y: np.ndarray, eta: np.ndarray, sample_weight: Any, offset: np.ndarray) -> float:
    """1 - loss of eta / loss of the best constant for these rows, both weighted means; 1 where both are zero."""
    weight = np.ones(len(y)) if sample_weight is None else column_or_1d(sample_weight, dtype=np.float64)
    share = weight / weight.sum()
    constant = loss.null(y, share, offset)[0]
    base = float(share @ loss.value(y, offset + constant))
    lost = float(share @ loss.value(y, eta))
    return 1 - lost / base if base > 0 else float(lost <= 0)
