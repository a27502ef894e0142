"""The strengths of a path: from the smallest one at which all penalized coefficients are zero, downward."""

from __future__ import annotations

import numpy as np

from rightfit.errors import OptionError


def log_grid(steepest: float, *, count: int, ratio: float | None, n: int, p: int) -> np.ndarray:
    """``count`` strengths from ``steepest`` down to ``ratio * steepest``, equally spaced in logarithm.

    The default ratio is glmnet's (Friedman, Hastie and Tibshirani 2010): 1e-4 where there are more rows than
    columns, else 1e-2. Where no column has any effect (``steepest`` 0) the path has the single strength 1.
    """
    if count < 1:
        raise OptionError(f"count must be 1 or more, {count} was given")
    if ratio is None:
        ratio = 1e-4 if n > p else 1e-2
    if not 0 < ratio <= 1:
        raise OptionError(f"ratio must lie above 0 and at most 1, {ratio} was given")
    if steepest <= 0:
        return np.ones(1)
    # a hair above, so that rounding lets no coefficient in at the first step
    return np.asarray(steepest * (1 + 1e-12) * np.geomspace(1.0, ratio, count))


def check_strengths(strengths: np.ndarray) -> np.ndarray:
    """A user's strengths as float64: finite, 0 or more, decreasing; OptionError names the first that is not."""
    out = np.atleast_1d(np.asarray(strengths, dtype=float))
    if out.ndim != 1 or len(out) == 0:
        raise OptionError(f"strengths must be a list of at least one number, its shape is {out.shape}")
    bad = np.flatnonzero(~(np.isfinite(out) & (out >= 0)))
    if len(bad):
        raise OptionError(f"strengths must be finite and 0 or more; number {bad[0]} is {out[bad[0]]}")
    rising = np.flatnonzero(np.diff(out) >= 0)
    if len(rising):
        raise OptionError(
            f"strengths must decrease from step to step: sort them; number {rising[0] + 1} "
            f"({out[rising[0] + 1]:g}) does not"
        )
    return out
