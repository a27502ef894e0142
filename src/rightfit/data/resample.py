"""Folds: every row is judged by a model that has not seen it.

    K-fold            each row lands in one of K folds; classes and row weights are spread evenly
    grouped           rows of one group (person, site, batch) stay in one fold
    ordered           an expanding window over time: learn from earlier rows only
    given             the user's own fold column
    leave-one-out     as many folds as rows

All of them become rows of one weight matrix, `rightfit.records.Resamples`, whose row 0 is the full fit. How rows get
their fold numbers is in `rightfit.data.folds` (random, grouped) and `rightfit.data.folds_time` (ordered); bootstrap and
half-samples are in `rightfit.data.bootstrap`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rightfit.data.codes import code_values, shorten
from rightfit.data.folds import deal_groups, deal_rows
from rightfit.data.folds_time import cut_time
from rightfit.errors import OptionError, RowError
from rightfit.records import Note, Resamples

_LIMIT = 4_000_000_000
"""Bytes that multiplicities and scored marks may take together."""


def make_folds(
    rows: int | np.ndarray | Sequence[object],
    *,
    folds: int = 10,
    repeats: int = 1,
    seed: int = 0,
    weight: np.ndarray | None = None,
    stratify: np.ndarray | None = None,
    group: np.ndarray | None = None,
    time: np.ndarray | None = None,
    column: np.ndarray | None = None,
) -> Resamples:
    """Folds as row weights: resample 0 is the full fit, resample k >= 1 leaves fold k out and scores it.

    rows      n, or anything of length n (its values are not looked at)
    folds     number of folds, 2 ... number of rows of positive weight; equal to that number: leave-one-out
    repeats   times the rows are dealt anew; resamples are then folds * repeats + 1
    seed      whole number >= 0; the same seed gives the same bytes, whatever numpy's global state is
    weight    (n,) row weights >= 0; rows of weight 0 are never scored and never change how the others are dealt
    stratify  (n,) classes: every class is spread over the folds, its counts differ by at most one
    group     (n,) rows with the same value stay in one fold
    time      (n,) numbers or dates: fold k is scored by a model of earlier rows only; equal times stay together; the
              earliest rows are never scored
    column    (n,) the user's own folds: one fold for each different value

    Raises OptionError that names the option, RowError where a row has no value in group, time or column.
    """
    n = rows if isinstance(rows, int) else len(rows)
    weight = check_weight(weight, n)
    live = np.flatnonzero(weight > 0)
    _check_options(folds, repeats, seed, len(live), group=group, time=time, column=column)
    for option, values in (("stratify", stratify), ("group", group), ("time", time), ("column", column)):
        if values is not None and len(values) != n:
            raise OptionError(f"{option} has {len(values)} values for {n} rows; give one for each row")

    classes = None if stratify is None else code_values(np.asarray(stratify)[live], "stratify", live)
    notes: list[Note] = []
    if time is not None:
        label, note = cut_time(np.asarray(time)[live], folds, live)
        notes.append(note)
        name = f"{folds} folds in order of time"
        resamples = _assemble(n, weight, live, label[None, :], ordered=True)
    elif column is not None:
        codes, labels = code_values(np.asarray(column)[live], "column", live)
        if len(labels) < 2:
            raise OptionError("column: the fold column has one value only; it needs at least two different ones")
        name = f"{len(labels)} folds, given"
        resamples = _assemble(n, weight, live, (codes + 1)[None, :])
    else:
        groups = None if group is None else code_values(np.asarray(group)[live], "group", live)
        if groups is not None and len(groups[1]) < folds:
            raise OptionError(
                f"folds: {folds} folds need at least {folds} groups, but there are {len(groups[1])}; "
                f"ask for {max(2, len(groups[1]))} folds or fewer"
                if len(groups[1]) >= 2
                else "group: all rows are in one group; grouped folds need at least two"
            )
        strata = np.zeros(len(live), np.int64) if classes is None else classes[0]
        alone = folds == len(live) and groups is None
        if alone and repeats > 1:
            raise OptionError("repeats: leave-one-out has only one way to deal the rows; use repeats=1")
        deals = np.empty((repeats, len(live)), np.int64)
        for r in range(repeats):
            generator = np.random.default_rng([seed, r])
            if alone:
                deals[r] = np.arange(1, folds + 1)
            elif groups is None:
                deals[r] = deal_rows(strata, weight[live], folds, generator)
            else:
                deals[r] = deal_groups(groups[0], strata, weight[live], folds, generator)
        words = ["leave-one-out" if alone else f"{folds} folds"]
        words += [f"{repeats} repeats"] if repeats > 1 else []
        words += ["stratified"] if classes is not None and not alone else []
        words += ["grouped"] if groups is not None else []
        name = ", ".join(words)
        resamples = _assemble(n, weight, live, deals)
    notes += _note_classes(resamples, live, classes)
    return Resamples(
        resamples.weight,
        resamples.multiplicity,
        resamples.scored,
        name=name,
        notes=tuple(notes),
        unit=make_unit(group, n),
    )


def make_unit(group: np.ndarray | None, n: int) -> np.ndarray:
    """(n,) group numbers as independent units, or empty where every row is its own. Rows without a group, which
    only rows of weight zero may be, are units of their own."""
    if group is None:
        return np.empty(0, np.int64)
    text = np.array(["" if v is None or v != v else str(v) for v in np.asarray(group).tolist()], dtype=object)
    unit = np.full(n, -1, np.int64)
    named = np.flatnonzero(text != "")
    unit[named] = np.unique(text[named].astype(str), return_inverse=True)[1]
    unnamed = np.flatnonzero(unit < 0)
    unit[unnamed] = len(named) + np.arange(len(unnamed))
    return unit


def check_weight(weight: np.ndarray | None, n: int) -> np.ndarray:
    """(n,) float64 weights, ones where there are none; RowError names the first impossible one."""
    if n < 1:
        raise OptionError("rows: there are no rows to resample")
    if weight is None:
        return np.ones(n)
    weight = np.asarray(weight, dtype=np.float64)
    if weight.shape != (n,):
        raise OptionError(f"weight has shape {weight.shape} for {n} rows; give one weight for each row")
    wrong = np.flatnonzero(~np.isfinite(weight) | (weight < 0))
    if len(wrong):
        raise RowError(f"weight of row {wrong[0]} is {weight[wrong[0]]}; weights must be finite and not negative")
    if not weight.any():
        raise OptionError("weight: all row weights are zero; at least two rows need a positive one")
    return weight


def check_seed(seed: int) -> None:
    """OptionError where the seed is no whole number >= 0."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise OptionError(f"seed must be a whole number of 0 or more, not {seed!r}")


def check_count(option: str, value: int, least: int) -> None:
    """OptionError where an option that counts something is no whole number >= least."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise OptionError(f"{option} must be a whole number of {least} or more, not {value!r}")


def check_size(resamples: int, n: int) -> None:
    """OptionError where the weight matrix would be too large to hold."""
    if 2 * resamples * n > _LIMIT:
        raise OptionError(
            f"folds: {resamples} resamples of {n:,} rows are more than fit into memory; ask for fewer, e.g. folds=10"
        )


def _check_options(
    folds: int,
    repeats: int,
    seed: int,
    live: int,
    *,
    group: np.ndarray | None,
    time: np.ndarray | None,
    column: np.ndarray | None,
) -> None:
    check_seed(seed)
    check_count("repeats", repeats, 1)
    named = [o for o, values in (("group", group), ("time", time), ("column", column)) if values is not None]
    if len(named) > 1:
        raise OptionError(
            f"{named[0]} and {named[1]} cannot be combined: each decides alone which rows are in a fold; choose one"
        )
    if repeats > 1 and named and named[0] != "group":
        raise OptionError(f"repeats: folds by {named[0]} have only one way to deal the rows; use repeats=1")
    if live < 2:
        raise OptionError("folds need at least two rows of positive weight, one to learn from and one to score")
    if column is None:
        check_count("folds", folds, 2)
        if folds > live:
            raise OptionError(
                f"folds: {folds} folds need at least {folds} rows of positive weight, but there are {live}"
            )


def _assemble(n: int, weight: np.ndarray, live: np.ndarray, deals: np.ndarray, *, ordered: bool = False) -> Resamples:
    """Fold numbers (repeats, live rows), 1, 2, ..., as a weight matrix; ordered: 0 = never scored, and
    later rows are left out."""
    counts = deals.max(axis=1)
    total = int(counts.sum())
    check_size(total + 1, n)
    multiplicity = np.ones((total + 1, n), np.uint8)
    scored = np.zeros((total + 1, n), bool)
    k = 0
    for deal in deals:
        for fold in range(1, int(deal.max()) + 1):
            k += 1
            scored[k, live[deal == fold]] = True
            multiplicity[k, live[deal >= fold if ordered else deal == fold]] = 0
    return Resamples(weight, multiplicity, scored)


def _note_classes(resamples: Resamples, live: np.ndarray, classes: tuple[np.ndarray, np.ndarray] | None) -> list[Note]:
    """What the user should know about classes that some folds must do without."""
    if classes is None:
        return []
    codes, labels = classes
    notes = []
    present = np.array([np.bincount(codes[row[live] > 0], minlength=len(labels)) for row in resamples.multiplicity[1:]])
    for c, label in enumerate(labels):
        lacking = int((present[:, c] == 0).sum())
        if not lacking:
            continue
        count = int((codes == c).sum())
        rows = "one row only" if count == 1 else f"{count} rows"
        sentence = (
            f"class {shorten(label)} has {rows}, and {lacking} of {len(present)} resamples learn without it; "
            "predictions of this class cannot be judged there"
        )
        notes.append(Note("warning", str(label), sentence))
    return notes
