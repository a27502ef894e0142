"""The fused lasso: neighbouring columns share a coefficient unless the data object (Tibshirani et al. 2005)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from scipy.sparse import csr_array

from rightfit.contracts import ProxPenalty
from rightfit.errors import OptionError
from rightfit.penalties._taut_string import taut_string


@final
@dataclass(frozen=True)
class Fused(ProxPenalty):
    """strength * (fusion sum_j |b_{j+1} - b_j| + (1 - fusion) sum_j |b_j|), for each output.

    Neighbours are the columns in the order of the table, or in ``order`` (p,), their numbers one after another.
    ``fusion`` is the share of the differences, above 0 and at most 1 (1: no column is pulled to zero, all are
    pulled to one another). Differences are those of standardized columns where the fit standardizes: leave that out
    where neighbours share a unit (Tibshirani et al. 2005, JRSS B 67).
    """

    fusion: float = 0.5
    order: np.ndarray | None = None
    name: ClassVar[str] = "fused"

    def __post_init__(self) -> None:
        if not 0 < self.fusion <= 1:
            raise OptionError(f"fusion must lie above 0 and at most 1, {self.fusion} was given")
        if self.order is not None and not np.array_equal(np.sort(self.order), np.arange(len(self.order))):
            raise OptionError("order must hold every column's number once, counted from 0")

    def _lines(self, coef: np.ndarray) -> np.ndarray:
        """(C, p) coefficients of each output, neighbours side by side."""
        flat = coef.reshape(len(coef), -1).T
        if self.order is None:
            return flat
        if len(self.order) != len(coef):
            raise OptionError(f"order must hold each of the {len(coef)} columns once, it has {len(self.order)} numbers")
        return flat[:, self.order]

    def value(self, coef: np.ndarray, strength: float) -> float:
        lines = self._lines(coef)
        steps = np.abs(np.diff(lines, axis=1)).sum()
        return float(strength * (self.fusion * steps + (1 - self.fusion) * np.abs(lines).sum()))

    def prox(self, coef: np.ndarray, strength: float) -> np.ndarray:
        """Total variation first, then the soft threshold (Friedman et al. 2007, Annals of Applied Statistics 1,
        lemma A.1)."""
        lines = np.array([taut_string(line, strength * self.fusion) for line in self._lines(coef)])
        lines = np.copysign(np.maximum(np.abs(lines) - strength * (1 - self.fusion), 0.0), lines)
        out = np.empty_like(lines)
        out[:, slice(None) if self.order is None else self.order] = lines
        return np.asarray(out.T.reshape(coef.shape))

    def steepest(self, gradient: np.ndarray, strengthless: np.ndarray) -> float:
        """Level sets make every b a sum of intervals, on which the cost adds up. So the dual norm is the largest
        ratio of an interval's gradient to its cost, found by Dinkelbach's iteration: a few linear sweeps."""
        flat = np.where(strengthless[:, None], 0.0, gradient.reshape(len(gradient), -1))
        return max((self._polar(sign * line) for line in self._lines(flat) for sign in (1.0, -1.0)), default=0.0)

    def _polar(self, line: np.ndarray) -> float:
        p = len(line)
        total = np.concatenate([[0.0], np.cumsum(line)])
        best = 0.0
        for _ in range(100):
            # gain of the interval (a, b]: its gradient less best times its cost; an end of the line costs no step
            slope = total - best * (1 - self.fusion) * np.arange(p + 1)
            step = np.full(p + 1, best * self.fusion)
            step[[0, p]] = 0.0
            start = slope + step
            first = np.minimum.accumulate(start)
            gain = (slope - step)[1:] - first[:-1]
            if self.fusion == 1:  # the whole line costs nothing: it is settled beforehand
                gain[-1] = (slope - step)[p] - start[1:-1].min() if p > 1 else 0.0
            b = int(np.argmax(gain)) + 1
            candidates = start[(1 if self.fusion == 1 and b == p else 0) : b]
            a = int(np.argmin(candidates)) + b - len(candidates)
            cost = (1 - self.fusion) * (b - a) + self.fusion * ((a > 0) + (b < p))
            better = (total[b] - total[a]) / cost if cost > 0 else 0.0
            if better <= best * (1 + 1e-15):
                return best
            best = float(better)
        return best

    def free(self, p: int) -> np.ndarray:
        return np.ones((p, 1)) if self.fusion == 1 else np.zeros((p, 0))

    def pattern(self, coef: np.ndarray) -> tuple[csr_array, np.ndarray]:
        """Runs of one value, those of zeros left out where zero is special (Tibshirani and Taylor 2012)."""
        lines = self._lines(coef)
        C, p = lines.shape
        fresh = np.ones((C, p), bool)
        fresh[:, 1:] = np.diff(lines, axis=1) != 0
        run = np.cumsum(fresh.ravel()) - 1
        up = np.sign(np.diff(lines, axis=1))
        slopes = np.zeros((C, p))  # of each coefficient by itself; inside a run the differences cancel
        slopes[:, 1:] += self.fusion * up
        slopes[:, :-1] -= self.fusion * up
        slopes += (1 - self.fusion) * np.sign(lines)
        slope = np.bincount(run, weights=slopes.ravel())
        number = np.arange(C * p).reshape(p, C).T[:, slice(None) if self.order is None else self.order].ravel()
        whole = csr_array((np.ones(C * p), (run, number)), shape=(int(fresh.sum()), C * p))
        keep = np.ones(len(slope), bool) if self.fusion == 1 else lines[fresh] != 0
        return whole[np.flatnonzero(keep)], slope[keep]

    def sentence(self) -> str:
        kind = "total variation of neighbours" if self.fusion == 1 else f"fused lasso (fusion {self.fusion:g})"
        return kind if self.order is None else f"{kind}, in a given order"

    @classmethod
    def specimens(cls, p: int) -> Iterator[ProxPenalty]:
        yield cls()
        yield cls(1.0)
        yield cls(0.2, order=np.roll(np.arange(p), 2))
