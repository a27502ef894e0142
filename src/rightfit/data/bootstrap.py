"""Bootstrap and half-samples: other rows of the same weight matrix.

A bootstrap resample draws n rows with replacement (Efron 1979, "Bootstrap methods: another look at the jackknife",
Annals of Statistics 7); the rows it missed, about 37 %, are scored. Half-samples come in complementary pairs (Shah &
Samworth 2013, "Variable selection with error control", JRSS B 75): one half teaches, the other is
scored, then they swap.
"""

from __future__ import annotations

import numpy as np

from rightfit.data.codes import code_values
from rightfit.data.resample import check_count, check_seed, check_size, check_weight, make_unit
from rightfit.errors import OptionError
from rightfit.records import Resamples


def make_bootstrap(
    n: int, *, count: int = 100, seed: int = 0, weight: np.ndarray | None = None, group: np.ndarray | None = None
) -> Resamples:
    """``count`` bootstrap resamples of n rows, after the full fit; rows that a resample missed are scored by it.

    With ``group`` (n,) whole groups are drawn. Rows of weight zero are neither drawn nor scored. Raises OptionError
    that names the option.
    """
    weight, live, unit = _check(n, count, seed, weight, group)
    units = int(unit.max()) + 1
    times = np.empty((count, units), np.int64)
    for k in range(count):
        generator = np.random.default_rng([seed, k])
        while True:  # a resample that drew everything, or one unit only of very few, would have nothing to score
            times[k] = np.bincount(generator.integers(0, units, units), minlength=units)
            if (times[k] == 0).any():
                break
    return _assemble(n, weight, live, times[:, unit], f"{count} bootstrap resamples", group)


def make_halves(
    n: int, *, count: int = 50, seed: int = 0, weight: np.ndarray | None = None, group: np.ndarray | None = None
) -> Resamples:
    """``count`` complementary pairs of half-samples of n rows, hence 2 * count resamples after the full fit.

    With an odd number of rows (or groups) the halves differ by one. Raises OptionError that names the option.
    """
    weight, live, unit = _check(n, count, seed, weight, group)
    units = int(unit.max()) + 1
    times = np.zeros((2 * count, units), np.int64)
    for k in range(count):
        half = np.random.default_rng([seed, k]).permutation(units)[: units // 2]
        times[2 * k, half] = 1
        times[2 * k + 1] = 1 - times[2 * k]
    return _assemble(n, weight, live, times[:, unit], f"{count} pairs of half-samples", group)


def _check(
    n: int, count: int, seed: int, weight: np.ndarray | None, group: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, rows of positive weight, and their units 0, 1, ..."""
    weight = check_weight(weight, n)
    check_count("count", count, 1)
    check_seed(seed)
    live = np.flatnonzero(weight > 0)
    if group is not None and len(group) != n:
        raise OptionError(f"group has {len(group)} values for {n} rows; give one for each row")
    unit = np.arange(len(live)) if group is None else code_values(np.asarray(group)[live], "group", live)[0]
    if unit.max() < 1:
        what = "rows of positive weight" if group is None else "groups"
        raise OptionError(f"count: resampling needs at least two {what}, one to learn from and one to score")
    return weight, live, unit


def _assemble(
    n: int, weight: np.ndarray, live: np.ndarray, times: np.ndarray, name: str, group: np.ndarray | None
) -> Resamples:
    check_size(len(times) + 1, n)
    multiplicity = np.zeros((len(times) + 1, n), np.uint8 if times.max() < 256 else np.uint16)
    multiplicity[0] = 1
    multiplicity[1:, live] = times
    scored = np.zeros((len(times) + 1, n), bool)
    scored[1:, live] = times == 0
    return Resamples(
        weight, multiplicity, scored, name=name + ("" if group is None else ", grouped"), unit=make_unit(group, n)
    )
