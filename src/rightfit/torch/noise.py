"""How much a curve jumps from epoch to epoch beside its trend."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

RECENT = 24
"""Epochs that tell the noise: early ones fall, and jump, more."""


def curve_noise(curve: Sequence[float]) -> float:
    """Standard deviation of the noise of the last `RECENT` values; 0 of fewer than three.

    Each value less the mean of its neighbours is free of a straight trend and has variance 3/2 of the noise's (Gasser,
    Sroka and Jennen-Steinmetz 1986, "Residual variance and residual pattern in nonlinear regression", equation 3). The
    median of their sizes is taken, so that single jumps and a steep beginning do not matter; 1.4826 is what a normal
    distribution makes of it.
    """
    last = curve[-RECENT:]
    if len(last) < 3:
        return 0.0
    left = [abs(b - (a + c) / 2) for a, b, c in zip(last, last[1:], last[2:], strict=False)]
    return 1.4826 * statistics.median(left) / math.sqrt(1.5)
