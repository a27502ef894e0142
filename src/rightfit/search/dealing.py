"""Folds that suit the rows: in order of time, by group, the user's own, or random."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from rightfit.data.duplicates import note_duplicates
from rightfit.data.resample import make_folds
from rightfit.errors import ColumnError
from rightfit.records import Note, Resamples
from rightfit.search.options import FitOptions
from rightfit.search.prepare import Prepared, time_values

_FOLDS = 10
_FEWER = 5
"""Folds of long tables, whose models of four fifths of the rows are as good as those of nine tenths, within noise."""
_LONG = 10_000
"""Rows from which a table is long."""


@dataclass(frozen=True)
class Dealt:
    """Folds that decide, and what they respect."""

    folds: Resamples
    random: Resamples | None = None
    """Random folds to compare with, where the order or the groups of the rows decide."""
    by: str = ""
    kind: Literal["time", "group", ""] = ""
    moment: np.ndarray | None = None
    """(n,) time of the rows, where time decides."""
    notes: tuple[Note, ...] = ()


def deal(prepared: Prepared, options: FitOptions) -> Dealt:
    """The folds, with a note on copies of rows; OptionError where they cannot be made."""
    dealt = _deal(prepared, options)
    decided = {"time": f"the order of {dealt.by!r}", "group": f"the group {dealt.by!r}"}.get(dealt.kind, "")
    decided = decided or ("the fold column" if options.fold_column is not None else "")
    together = options.duplicates == "together" and not decided
    found = note_duplicates(prepared.rows.code, together=together, decided=decided)
    return replace(dealt, notes=(*found, *dealt.notes))


def _deal(prepared: Prepared, options: FitOptions) -> Dealt:
    rows = prepared.rows
    live = rows.weight > 0
    classes = _even(prepared)
    if options.fold_column is not None:
        column = rows.frame[options.fold_column].to_numpy()
        return Dealt(make_folds(len(rows.weight), weight=rows.weight, column=column, seed=options.seed))
    if options.group is not None:
        group = rows.frame[options.group].to_numpy()
        count = options.folds or max(2, min(_usual(live), len(set(group[live].tolist()))))
        folds = make_folds(
            len(group),
            folds=count,
            repeats=options.repeats,
            seed=options.seed,
            weight=rows.weight,
            stratify=classes,
            group=group,
        )
        return Dealt(folds, _random(prepared, options, count), options.group, "group")
    if options.duplicates == "together":
        return Dealt(_together(prepared, options))
    name, moment, notes = _order(prepared, options, live)
    if moment is not None:
        different = len(np.unique(moment[live]))
        count = options.folds or max(2, min(_usual(live), different - 1))
        folds = make_folds(len(moment), folds=count, seed=options.seed, weight=rows.weight, time=moment)
        return Dealt(folds, _random(prepared, options, count), name, "time", moment, notes)
    count = options.folds or max(2, min(_usual(live), int(live.sum())))
    return Dealt(_random(prepared, options, count, repeats=options.repeats), notes=notes)


def _usual(live: np.ndarray) -> int:
    """Folds where none are asked for."""
    return _FOLDS if live.sum() < _LONG else _FEWER


def _together(prepared: Prepared, options: FitOptions) -> Resamples:
    """Random folds of the different rows; copies share the fold of their first, and are one unit with it."""
    rows = prepared.rows
    first, code = np.unique(rows.code, return_index=True, return_inverse=True)[1:]
    weight = np.bincount(code, rows.weight)
    different = make_folds(
        len(first),
        folds=options.folds or max(2, min(_usual(weight > 0), int((weight > 0).sum()))),
        repeats=options.repeats,
        seed=options.seed,
        weight=weight,
        stratify=None if (even := _even(prepared)) is None else even[first],
    )
    return replace(
        different,
        weight=rows.weight,
        multiplicity=different.multiplicity[:, code],
        scored=different.scored[:, code] & (rows.weight > 0),
        name=f"{different.name}, copies of rows together",
        unit=code,
    )


def _even(prepared: Prepared) -> np.ndarray | None:
    """(n,) numbers of what is spread evenly over the folds: classes, or events."""
    y = prepared.rows.problem.y
    if prepared.task.kind == "survival":
        return y[:, 1]
    return y if prepared.task.classes else None


def _random(prepared: Prepared, options: FitOptions, count: int, *, repeats: int = 1) -> Resamples:
    """Random folds, spread evenly over classes."""
    rows = prepared.rows
    classes = _even(prepared)
    return make_folds(
        len(rows.weight), folds=count, repeats=repeats, seed=options.seed, weight=rows.weight, stratify=classes
    )


def _order(
    prepared: Prepared, options: FitOptions, live: np.ndarray
) -> tuple[str, np.ndarray | None, tuple[Note, ...]]:
    """The column that orders the rows and its values: --time, or the first date that every row has."""
    frame = prepared.rows.frame
    if options.time is not None:
        moment = time_values(frame, options.time)
        missing = np.flatnonzero(np.isnan(moment) & live)
        if len(missing):
            raise ColumnError(
                f"--time: column {options.time!r} has no value in row {missing[0]}; fill it in, or drop the row"
            )
        return options.time, moment, ()
    if not options.dates or options.repeats > 1:
        return "", None, ()
    notes: list[Note] = []
    for column in prepared.schema.columns:
        if column.kind != "date" or column.role != "feature":
            continue
        moment = time_values(frame, column.name)
        if np.isnan(moment[live]).any():
            notes.append(Note("info", column.name, f"the date {column.name!r} does not order the rows: some have none"))
        elif len(np.unique(moment[live])) <= (options.folds or 2):
            notes.append(
                Note("info", column.name, f"the date {column.name!r} does not order the rows: too few different ones")
            )
        else:
            sentence = (
                f"the rows are judged in order of the date {column.name!r}: earlier rows teach, later ones judge. "
                "Give --no-dates for random folds, or --time for another column"
            )
            return column.name, moment, (*notes, Note("info", column.name, sentence))
    return "", None, tuple(notes)
