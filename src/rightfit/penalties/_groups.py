"""What the penalties on groups share, with r = l1_ratio and s = sparsity:

strength * sum_g f_g [r ((1 - s) sqrt(d_g) ||b_g|| + s |b_g|_1) + (1 - r)/2 ||b_g||^2]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rightfit.contracts import Tangent
from rightfit.errors import OptionError


@dataclass(frozen=True)
class Grouping:
    """Groups of columns with their prices at strength 1."""

    groups: np.ndarray
    """(p,) codes 0 to G - 1"""
    norm: np.ndarray
    """(G,) before ||b_g||"""
    l1: np.ndarray
    """(G,) before sum |b_j|"""
    l2: np.ndarray
    """(G,) before ||b_g||^2 / 2"""
    excluded: np.ndarray
    """(G,) bool"""
    ridge: bool
    """no price on the norms at all"""

    @staticmethod
    def make(groups: Any, factors: Any, p: int, *, l1_ratio: float, sparsity: float, given: bool) -> Grouping:
        """Checked groups of p columns; ``given``: p is not known yet, only what is given is checked."""
        if not 0 <= l1_ratio <= 1:
            raise OptionError(f"l1_ratio must lie between 0 (ridge) and 1 (group lasso), {l1_ratio} was given")
        labels = np.arange(p) if groups is None else np.asarray(groups)
        if labels.ndim != 1 or labels.dtype.kind not in "iubUS":
            raise OptionError(
                f"groups must be a list of whole numbers or words, one for each column; it is of type {labels.dtype} "
                f"and shape {labels.shape}"
            )
        if len(labels) != p:
            raise OptionError(f"groups must have one entry for each of the {p} columns, it has {len(labels)}")
        _, codes = np.unique(labels, return_inverse=True)
        count = int(codes.max(initial=-1)) + 1
        if factors is None:
            prices = np.ones(count)
        else:
            prices = np.asarray(factors, float)
            if prices.shape != (count,) and not (given and groups is None):
                raise OptionError(
                    f"factors must have one value for each of the {count} groups, its shape is {prices.shape}"
                )
            bad = np.flatnonzero(~(prices >= 0))
            if len(bad):
                raise OptionError(
                    f"factors must be 0 or more (0 = unpenalized, inf = excluded); it is {prices[bad[0]]} for group "
                    f"{bad[0]}"
                )
        if given and groups is None:
            prices = prices[:0]
        excluded = np.isinf(prices)
        finite = np.where(excluded, 0.0, prices)
        return Grouping(
            codes,
            l1_ratio * (1 - sparsity) * finite * np.sqrt(np.bincount(codes, minlength=count)),
            l1_ratio * sparsity * finite,
            (1 - l1_ratio) * finite,
            excluded,
            ridge=l1_ratio == 0,
        )

    def tangent(self, strength: float) -> Tangent:
        """The penalty itself, which is convex."""
        p, out = len(self.groups), self.excluded[self.groups]
        return Tangent(
            np.where(out, np.inf, strength * self.l1[self.groups]),
            strength * self.l2[self.groups],
            np.where(out, 0.0, np.full(p, -np.inf)),
            np.where(out, 0.0, np.full(p, np.inf)),
            self.groups,
            strength * self.norm,
        )

    def _sizes(self, values: np.ndarray) -> np.ndarray:
        """(G,) Euclidean norms of (p, C) numbers over the columns of each group, of any magnitude."""
        top = float(np.abs(values).max(initial=0.0)) or 1.0
        return top * np.sqrt(np.bincount(self.groups, np.square(values / top).sum(axis=1), len(self.norm)))

    def value(self, coef: np.ndarray, strength: float) -> float:
        """The cost of (p,) or (p, C) coefficients."""
        flat = np.asarray(coef, float).reshape(len(coef), -1)
        size = self._sizes(flat)
        total = np.bincount(self.groups, np.abs(flat).sum(axis=1), len(self.norm))
        return float(strength * (self.norm @ size + self.l1 @ total + self.l2 @ size**2 / 2))

    def steepest(self, gradient: np.ndarray, strengthless: np.ndarray) -> float:
        """The smallest strength at which no group with a price moves: the root of ||soft(gradient_g, strength l1_g)|| =
        strength norm_g, largest over the groups. Ridge starts where a thousandth of the group lasso would."""
        flat = np.abs(np.asarray(gradient, float).reshape(len(gradient), -1))
        flat = np.where(strengthless[:, None], 0.0, flat)
        count = len(self.norm)
        norm, l1 = self.norm, self.l1
        if self.ridge:
            norm = 1e-3 * self.l2 * np.sqrt(np.bincount(self.groups, minlength=count))
        live = (norm + l1 > 0) & ~self.excluded
        size = self._sizes(flat)
        # between the strength of the norm alone and the one that the whole price allows at most
        with np.errstate(divide="ignore", invalid="ignore"):
            high = np.where(live, size / np.maximum(norm, np.where(norm > 0, 0, l1)), 0.0)
        if not len(high):
            return 0.0
        if not l1.any():
            return float(high.max(initial=0.0))
        low = np.zeros(count)
        for _ in range(200):
            middle = 0.5 * (low + high)
            shrunk = np.maximum(flat - (middle * l1)[self.groups][:, None], 0.0)
            moves = self._sizes(shrunk) > middle * norm
            low, high = np.where(moves, middle, low), np.where(moves, high, middle)
            if (high - low <= 1e-15 * high).all():
                break
        return float(high[live].max(initial=0.0))
