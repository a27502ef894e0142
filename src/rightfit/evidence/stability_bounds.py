"""How many features stability selection may select by chance: the bounds of Shah and Samworth (2013).

p features, q of them selected by a half-sample on average, B complementary pairs, threshold t. With theta = q / p, the
expected number of selected features among those that a half selects with probability at most theta is at most

    none        q^2 / (p (2 t - 1))                                                 theorem 1
    unimodal    C(t, B) q^2 / p                                                     theorem 2
                C = 1 / (2 (2 t - 1 - 1 / (2 B)))             t <= 3/4
                C = 4 (1 - t + 1 / (2 B)) / (1 + 1 / B)       t > 3/4
    r-concave   p min(D(theta^2, 2 t - 1, B, -1/2), D(theta, t, 2 B, -1/4))         equation 8

where D(m, t, B, r) is the largest tail P(X >= t) of an r-concave distribution on 0, 1/B, ..., 1 with mean m.
The largest tail belongs to f(i) proportional to (a + i)^(1/r) up to some k, with what is left of the mass at k + 1
(their appendix A.4); k and a are searched.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from rightfit.errors import OptionError

BOUNDS = {
    "none": "nothing is supposed of the features or of how they are selected",
    "unimodal": "the share of pairs that select a feature in both halves is unimodal for features selected by chance",
    "r-concave": "the shares of halves and of pairs that select a feature are r-concave (-1/4 and -1/2) for features "
    "selected by chance",
}
_FAR = 1e6
"""Stands for the limit a -> infinity, a uniform distribution."""


def bound_false_selections(average: float, p: int, threshold: float, pairs: int, assumption: str = "none") -> float:
    """Largest expected number of features selected by chance, at most p; ``average`` is q."""
    check_bound(p, threshold, pairs, assumption)
    theta = average / p
    if assumption == "none" or average == 0:
        return float(min(p, average * theta / (2 * threshold - 1)))
    if assumption == "unimodal":
        lowest = min(0.5 + theta**2, 0.5 + 1 / (2 * pairs) + 0.75 * theta**2)
        if threshold <= lowest or theta > 1 / np.sqrt(3):
            return bound_false_selections(average, p, threshold, pairs)
        if threshold <= 0.75:
            factor = 1 / (2 * (2 * threshold - 1 - 1 / (2 * pairs)))
        else:
            factor = 4 * (1 - threshold + 1 / (2 * pairs)) / (1 + 1 / pairs)
        return float(min(p, factor * average * theta))
    pair = round_up(2 * threshold - 1, pairs)
    half = round_up(threshold, 2 * pairs)
    tail = min(largest_tail(theta**2, pair, pairs, -0.5), largest_tail(theta, half, 2 * pairs, -0.25))
    return float(p * min(1.0, tail))


def largest_selection(errors: float, p: int, threshold: float, pairs: int, assumption: str = "none") -> int:
    """The largest q, up to p, at which the bound is at most ``errors``; OptionError where q = 1 is too many already."""
    least, most = 0, p
    if bound_false_selections(1, p, threshold, pairs, assumption) > errors:
        raise OptionError(
            f"errors: with {p} features and a threshold of {threshold:g} the bound cannot be kept at {errors:g}; raise "
            "errors or the threshold"
        )
    while least < most:
        middle = (least + most + 1) // 2
        good = bound_false_selections(middle, p, threshold, pairs, assumption) <= errors
        least, most = (middle, most) if good else (least, middle - 1)
    return least


def check_bound(p: int, threshold: float, pairs: int, assumption: str) -> None:
    """OptionError for what makes no sense."""
    if assumption not in BOUNDS:
        raise OptionError(f"assumption must be one of {', '.join(BOUNDS)}, not {assumption!r}")
    if not 0.5 < threshold <= 1:
        raise OptionError(f"threshold must be above 0.5 and at most 1, not {threshold!r}")
    if pairs < 1 or p < 1:
        raise OptionError("stability selection needs at least one pair of half-samples and one feature")


def round_up(share: float, count: int) -> int:
    """The smallest i with i / count >= share, rounding of the share forgiven."""
    return int(np.ceil(round(share * count, 9)))


@lru_cache(maxsize=4096)
def largest_tail(mean: float, start: int, count: int, r: float) -> float:
    """D: the largest P(X >= start / count) of r-concave X on 0, 1/count, ..., 1 with this mean, r < 0."""
    target = mean * count
    if start <= 0:
        return 1.0
    if target <= 0:
        return 0.0
    first = int(np.ceil(2 * target)) + 1
    if first > count:
        return 1.0
    power = 1.0 / r

    def excess(a: float, k: int) -> float:
        i = np.arange(k + 1)
        return float(i @ ((a + i) / a) ** power / (((a + i) / a) ** power).sum() - target)

    def tail(a: float, k: int) -> float:
        i = np.arange(k + 1)
        mass = ((a + i) / a) ** power
        # f(k + 1) is what brings the mean to the target
        below = (k + 1 - target) * mass[:start].sum() / ((k + 1 - i) @ mass)
        return float(1.0 - below)

    ends = {k: brentq(excess, 1e-12, _FAR, args=(k,)) if excess(_FAR, k) > 0 else _FAR for k in range(first, count + 1)}
    best = max(tail(ends[count], count), 0.0) if start <= count else 0.0
    for k in range(max(first, start - 1), count):
        low, high = sorted((ends[k + 1], ends[k]))
        found = minimize_scalar(lambda a, k=k: -tail(a, k), bounds=(low, high), method="bounded")
        best = max(best, -float(found.fun), tail(low, k), tail(high, k))
    return min(best, 1.0)
