"""Which rows are set aside before anything is learned."""

from __future__ import annotations

import numpy as np
import polars as pl

from rightfit.data.duplicates import code_rows
from rightfit.errors import OptionError
from rightfit.search.options import FitOptions

_FEW = 50
"""A target with at most so many different values is spread evenly over the rows set aside."""


def set_aside(
    frame: pl.DataFrame, options: FitOptions, moment: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, str]:
    """Indices of the rows to learn from, of those set aside (both ascending), and how in words.

    The latest rows where ``moment`` (n,) orders them, whole groups with --group, else random rows, spread evenly over
    the target's values where these are few. Nothing but these columns is looked at.
    """
    n = frame.height
    if not options.holdout:
        return np.arange(n), np.arange(0), ""
    count = round(n * options.holdout)
    share = f"{100 * options.holdout:g} %"
    if count < 1 or n - count < 2:
        raise OptionError(f"--holdout: {share} of {n:,} rows leaves too few on one side; choose another share or none")
    chance = np.random.default_rng([options.seed, 77])
    if moment is not None:
        aside = _latest(moment, count)
        words = f"holdout of the latest {share} of the rows"
    elif options.group is not None:
        aside = _whole_groups(frame[options.group], count, chance)
        words = f"holdout of {share} of the rows, whole groups of {options.group!r}"
    elif options.duplicates == "together":
        aside = _whole_groups(pl.Series(_copies(frame, options)), count, chance)
        words = f"holdout of {share} of the rows, set aside first, copies of rows together"
    else:
        aside = _random(frame[options.target], count, options, chance)
        words = f"holdout of {share} of the rows, set aside first"
    if not len(aside) or len(aside) >= n - 1:
        raise OptionError("--holdout: no split leaves rows on both sides; choose another share or none")
    return np.setdiff1d(np.arange(n), aside), np.sort(aside), words


def _copies(frame: pl.DataFrame, options: FitOptions) -> np.ndarray:
    """(n,) code of each row's cells, but for columns that have another task or a value of its own in every row."""
    told = options.roles()
    names = [name for name in frame.columns if name not in told and frame[name].n_unique() < frame.height]
    return code_rows(frame, names)


def _latest(moment: np.ndarray, count: int) -> np.ndarray:
    """About ``count`` latest rows; equal times stay together."""
    order = np.argsort(moment, kind="stable")
    first = moment[order[len(order) - count]]
    aside = np.flatnonzero(moment >= first)
    later = np.flatnonzero(moment > first)
    return later if len(later) and abs(len(later) - count) < abs(len(aside) - count) else aside


def _whole_groups(group: pl.Series, count: int, chance: np.random.Generator) -> np.ndarray:
    """Random whole groups until about ``count`` rows are together."""
    code = group.cast(pl.String).fill_null("").rank("dense").to_numpy() - 1
    sizes = np.bincount(code)
    order = chance.permutation(len(sizes))
    taken = np.cumsum(sizes[order])
    groups = order[: max(1, int(np.argmin(np.abs(taken - count))) + 1)]
    return np.flatnonzero(np.isin(code, groups))


def _random(target: pl.Series, count: int, options: FitOptions, chance: np.random.Generator) -> np.ndarray:
    """Random rows; of each value of a target with few values the same share."""
    n = len(target)
    classes = options.task == "classes" or (options.task is None and target.n_unique() <= _FEW)
    if not classes:
        return chance.permutation(n)[:count]
    code = target.cast(pl.String).rank("dense").to_numpy()
    order = chance.permutation(n)
    order = order[np.argsort(code[order], kind="stable")]  # value by value, random inside
    # Every n/count-th row along this order: each value gives its share, within one row.
    places = np.floor((np.arange(count) + chance.random()) * n / count).astype(np.int64)
    return order[np.clip(places, 0, n - 1)]
