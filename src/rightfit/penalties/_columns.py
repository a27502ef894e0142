"""What penalties by columns share: a factor and bounds for every column, and how hard a gradient pushes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rightfit.errors import OptionError


@dataclass(frozen=True)
class Columns:
    """(p,) each: what is asked of every column."""

    factors: np.ndarray
    """Finite: 0 where the column is excluded."""
    excluded: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    def exclude(self, l1: np.ndarray) -> np.ndarray:
        """``l1`` (p,), infinite for excluded columns."""
        return np.where(self.excluded, np.inf, l1)

    def sizes(self, coef: np.ndarray) -> np.ndarray:
        """(p,) sum over the outputs of |coef|, for coefficients (p,) or (p, C)."""
        return np.abs(coef.reshape(len(coef), -1)).sum(axis=1)

    def steepest(self, gradient: np.ndarray, l1: np.ndarray, strengthless: np.ndarray) -> float:
        """The smallest strength at which strength * ``l1`` (p,) holds every penalized coefficient at zero."""
        if not len(gradient):
            return 0.0
        flat = gradient.reshape(len(gradient), -1)
        # a coefficient held at or above 0 moves for a negative gradient only
        push = np.where(self.upper > 0, (-flat).max(axis=1), 0.0), np.where(self.lower < 0, flat.max(axis=1), 0.0)
        reach = np.maximum(np.maximum(*push), 0.0)
        free = (l1 > 0) & ~self.excluded & ~strengthless
        return float(np.max(reach[free] / l1[free], initial=0.0))


def check_columns(factors: np.ndarray | None, lower: np.ndarray | None, upper: np.ndarray | None) -> None:
    """OptionError names the first factor or bound that makes no sense."""
    _check("factors", factors, lambda v: v >= 0, "0 or more (0 = unpenalized, inf = excluded)")
    _check("lower", lower, lambda v: v <= 0, "0 or less")
    _check("upper", upper, lambda v: v >= 0, "0 or more")


def read_columns(p: int, factors: np.ndarray | None, lower: np.ndarray | None, upper: np.ndarray | None) -> Columns:
    """The options of p columns; OptionError where one has another length."""
    found = []
    for option, value, usual in (("factors", factors, 1.0), ("lower", lower, -np.inf), ("upper", upper, np.inf)):
        array = np.full(p, usual) if value is None else np.asarray(value, float)
        if array.shape != (p,):
            raise OptionError(f"{option} must have one value for each of the {p} columns, its shape is {array.shape}")
        found.append(array)
    excluded = np.isinf(found[0])
    return Columns(
        factors=np.where(excluded, 0.0, found[0]),
        excluded=excluded,
        lower=np.where(excluded, 0.0, found[1]),
        upper=np.where(excluded, 0.0, found[2]),
    )


def sign_bounds(lower: np.ndarray | None, upper: np.ndarray | None, signs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both bounds (p,), at 0 where a sign (p,) of 1 or -1 forbids what lies beyond."""
    of = read_columns(len(signs), None, lower, upper)
    return np.where(signs > 0, 0.0, of.lower), np.where(signs < 0, 0.0, of.upper)


def _check(option: str, value: np.ndarray | None, good: Callable[[np.ndarray], np.ndarray], wants: str) -> None:
    if value is None:
        return
    array = np.asarray(value, float)
    bad = np.flatnonzero(~(good(array) & ~np.isnan(array)))
    if len(bad):
        raise OptionError(f"{option} must be {wants}; it is {array[bad[0]]} for column {bad[0]}")
