"""SLOPE: sorted absolute values, the largest penalized most (Bogdan et al. 2015)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, final

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.sparse import csr_array
from scipy.stats import norm

from rightfit.contracts import ProxPenalty
from rightfit.errors import OptionError


@final
@dataclass(frozen=True)
class Slope(ProxPenalty):
    """strength * sum_k w_k |b|_(k), with |b|_(1) >= |b|_(2) >= ... the sorted sizes of all coefficients.

    The weights are those of Benjamini and Hochberg at false discovery rate ``q``,

        w_k = z(1 - k q / (2 m)),    z the normal quantile, m the number of coefficients,

    or ``weights``, one for each coefficient, decreasing and 0 or more, the first above 0. With noise of standard
    deviation sigma, orthogonal columns and a mean over n rows as the loss, strength sigma / sqrt(n) keeps the
    false discovery rate at q (Bogdan et al. 2015, Annals of Applied Statistics 9, theorem 1.1). Coefficients
    of equal size form clusters; there are no factors and no bounds.
    """

    q: float = 0.1
    weights: np.ndarray | None = None
    name: ClassVar[str] = "slope"

    def __post_init__(self) -> None:
        if not 0 < self.q < 1:
            raise OptionError(f"q must lie between 0 and 1 (0.1 is usual), {self.q} was given")
        if self.weights is not None:
            w = np.asarray(self.weights, float)
            if (
                w.ndim != 1
                or not len(w)
                or not np.isfinite(w).all()
                or (np.diff(w) > 0).any()
                or w[-1] < 0
                or w[0] <= 0
            ):
                raise OptionError(
                    "weights must be a list of finite numbers of 0 or more that decrease from one above 0"
                )

    def _weights(self, size: int) -> np.ndarray:
        if self.weights is None:
            return _benjamini_hochberg(size, self.q)
        if len(self.weights) != size:
            raise OptionError(
                f"weights must have one value for each of the {size} coefficients, not {len(self.weights)}"
            )
        return np.asarray(self.weights, float)

    def value(self, coef: np.ndarray, strength: float) -> float:
        return float(strength * (self._weights(coef.size) @ np.sort(np.abs(coef), axis=None)[::-1]))

    def prox(self, coef: np.ndarray, strength: float) -> np.ndarray:
        """Sorted sizes less their weights, pooled until they decrease (Bogdan et al. 2015, algorithm 4)."""
        size = np.abs(coef).ravel()
        order = np.argsort(-size, kind="stable")
        less = size[order] - strength * self._weights(coef.size)
        out = np.zeros_like(size)
        # beyond the last running sum that is a maximum everything pools to 0 or below
        top = int(np.argmax(np.concatenate([[0.0], np.cumsum(less)])))
        if top:
            out[order[:top]] = np.maximum(isotonic_regression(less[:top], increasing=False).x, 0.0)
        return np.asarray(np.copysign(out, coef.ravel()).reshape(coef.shape))

    def steepest(self, gradient: np.ndarray, strengthless: np.ndarray) -> float:
        size = np.sort(np.abs(gradient[~strengthless]), axis=None)[::-1]
        if not len(size):
            return 0.0
        return float(np.max(np.cumsum(size) / np.cumsum(self._weights(gradient.size)[: len(size)])))

    def pattern(self, coef: np.ndarray) -> tuple[csr_array, np.ndarray]:
        """Clusters of equal non-zero size (Schneider and Tardivel 2022)."""
        flat = coef.ravel()
        order = np.argsort(-np.abs(flat), kind="stable")[: np.count_nonzero(flat)]
        size = np.abs(flat[order])
        fresh = np.concatenate([[True], size[1:] < size[:-1]])[: len(size)]
        cluster = np.cumsum(fresh) - 1
        k = int(fresh.sum())
        slopes = np.bincount(cluster, weights=self._weights(len(flat))[: len(size)], minlength=k)
        return csr_array((np.sign(flat[order]), (cluster, order)), shape=(k, len(flat))), slopes

    def sentence(self) -> str:
        kind = f"false discovery rate {self.q:g}" if self.weights is None else "given weights"
        return f"sorted absolute values (SLOPE, {kind})"

    @classmethod
    def specimens(cls, p: int) -> Iterator[ProxPenalty]:
        yield cls()
        yield cls(0.5)


@lru_cache(maxsize=16)
def _benjamini_hochberg(size: int, q: float) -> np.ndarray:
    out = np.asarray(norm.isf(np.arange(1, size + 1) * q / (2 * max(size, 1))))
    out.flags.writeable = False
    return out
