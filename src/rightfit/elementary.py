"""exp, 1 / (1 + exp(-x)) and log(1 + exp(x)) of many numbers: the door to the kernel's vector code.

Three to five times the speed of the usual routines, within two units in the last place of the exact value
everywhere (exp of less than -708 is 0), and the same bytes on any number of threads.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rightfit import _kernel


def exp(x: np.ndarray) -> np.ndarray:
    """exp(x), infinite above 709.78."""
    return _apply(_kernel.exponentials, x)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)); both tails keep their relative accuracy."""
    return _apply(_kernel.sigmoids, x)


def softplus(x: np.ndarray) -> np.ndarray:
    """log(1 + exp(x)) without overflow."""
    return _apply(_kernel.softpluses, x)


def softmax(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """exp(x) over its sum along the last axis, for x (n, C), and the logarithm (n,) of that sum."""
    x = np.ascontiguousarray(x.T, dtype=np.float64)
    share, peak, total = np.empty_like(x), np.empty(x.shape[1]), np.empty(x.shape[1])
    _kernel.softmax(x, 1, share, peak, total)
    return share.T, peak + np.log(total)


def _apply(loop: Callable[..., None], x: np.ndarray) -> np.ndarray:
    x = np.ascontiguousarray(x, dtype=np.float64)
    out = np.empty_like(x)
    loop(x.ravel(), 1, out.ravel())
    return out
