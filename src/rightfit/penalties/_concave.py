"""What concave penalties by columns share, with l_j = strength * l1_ratio * factors_j and t_j the size of column j:

sum_j m(t_j; l_j) + strength (1 - l1_ratio)/2 factors_j b_j^2

A penalty brings m and its slope; here are the options, the squared part, and where a path starts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from rightfit.contracts import Tangent
from rightfit.errors import OptionError
from rightfit.penalties._columns import check_columns, read_columns

Curve = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(p,) of sizes t and levels l (p,): m, or its slope in t."""


def check_concave(penalty: Any, shape: str, least: float, usual: float) -> None:
    """OptionError for a number ``shape`` that is not above ``least``, and for other options without sense."""
    value = getattr(penalty, shape)
    if not least < value < np.inf:
        raise OptionError(f"{shape} must be finite and above {least:g} ({usual:g} is usual), {value} was given")
    if not 0 < penalty.l1_ratio <= 1:
        raise OptionError(f"l1_ratio must lie above 0 and at most 1 for {penalty.name}, {penalty.l1_ratio} was given")
    check_columns(penalty.factors, penalty.lower, penalty.upper)


def concave_tangent(penalty: Any, coef: np.ndarray, strength: float, slope: Curve) -> Tangent:
    """The elastic net that touches at ``coef``."""
    of = read_columns(len(coef), penalty.factors, penalty.lower, penalty.upper)
    l1 = slope(of.sizes(coef), strength * penalty.l1_ratio * of.factors)
    return Tangent(of.exclude(l1), strength * (1 - penalty.l1_ratio) * of.factors, of.lower, of.upper)


def concave_value(penalty: Any, coef: np.ndarray, strength: float, m: Curve) -> float:
    """The cost; infinite where an excluded column has a coefficient."""
    of = read_columns(len(coef), penalty.factors, penalty.lower, penalty.upper)
    flat = coef.reshape(len(coef), -1)
    if flat[of.excluded].any():
        return float("inf")
    ridge = strength * (1 - penalty.l1_ratio) / 2 * of.factors @ (flat**2).sum(axis=1)
    return float(m(of.sizes(coef), strength * penalty.l1_ratio * of.factors).sum() + ridge)


def concave_steepest(penalty: Any, gradient: np.ndarray, strengthless: np.ndarray) -> float:
    """At zero the slope of m is its level: the lasso's."""
    of = read_columns(len(gradient), penalty.factors, penalty.lower, penalty.upper)
    return of.steepest(gradient, of.factors * penalty.l1_ratio, strengthless)
