"""From a table to a problem: rows with a target, rows set aside, a schema learned from the rest, numbers, folds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from rightfit import catalog
from rightfit.contracts import Loss, Problem
from rightfit.data.check import read_texts
from rightfit.data.duplicates import code_rows, judged_columns
from rightfit.data.encode import encode, encode_target, list_features, list_levels
from rightfit.data.schema import check_frame, infer_schema, rows_with_target, suspicious
from rightfit.data.table import Table
from rightfit.data.times import learn_strata
from rightfit.errors import ColumnError, OptionError
from rightfit.records import Feature, Note, Schema, Task
from rightfit.search.columns import check_names
from rightfit.search.monotone import note_signs, read_signs
from rightfit.search.options import FitOptions
from rightfit.search.pixels import check_pixels, find_image, find_kinds
from rightfit.search.rows import set_aside


@dataclass(frozen=True)
class Rows:
    """Some rows of the table as numbers."""

    problem: Problem
    weight: np.ndarray
    frame: pl.DataFrame
    """The same rows, columns as the schema says."""
    code: np.ndarray
    """(n,) rows with the same number are copies of each other, see `rightfit.data.duplicates`."""


@dataclass(frozen=True)
class Prepared:
    """All that a fit needs, learned from the rows that are not set aside."""

    schema: Schema
    task: Task
    features: tuple[Feature, ...]
    rows: Rows
    aside: Rows | None
    """Rows set aside before anything was learned."""
    aside_words: str
    notes: tuple[Note, ...]


def prepare(table: Table, options: FitOptions) -> Prepared:
    """DataError, ColumnError, RowError and OptionError name what cannot be used."""
    check_names(table.frame.columns, options)
    frame, notes = rows_with_target(table.frame, options.target)
    learn, aside, words = set_aside(frame, options, _moments(frame, options))
    training = frame if not len(aside) else frame[learn]
    image = find_image(table, options)
    schema, task = infer_schema(
        training,
        target=options.target,
        kinds=find_kinds(table, options, image),
        roles=options.roles(),
        task=options.asked(),
        loss=options.loss,
    )
    check_pixels(schema, image)
    checked, _ = check_frame(training, schema, need_target=True)
    schema = learn_strata(checked, schema)
    task, chosen = settle_loss(task, options, checked, schema)
    loss = make_loss(task)
    features = list_features(schema)
    signs = read_signs(options.monotone, schema, task, features)
    rows = _numbers(checked, schema, task, loss, signs, image)
    asked = note_signs(options.monotone, task)
    notes = (*table.source.notes, *notes, *schema.notes, *chosen, *suspicious(checked, schema, task), *asked)
    kept, found = _aside(frame[aside], schema, task, loss, image) if len(aside) else (None, ())
    return Prepared(schema, task, features, rows, kept, words, (*notes, *found))


def make_loss(task: Task) -> Loss:
    """The loss that the task names."""
    kind: Any = catalog.find("losses", task.loss)
    loss = kind(classes=len(task.classes)) if len(task.classes) > 2 else kind(**task.parameters, **task.words)
    assert isinstance(loss, Loss)
    return loss


def settle_loss(task: Task, options: FitOptions, frame: pl.DataFrame, schema: Schema) -> tuple[Task, tuple[Note, ...]]:
    """The task with every parameter of its loss, as told or as suits the target, and a note of those not told."""
    task = replace(task, words=options.words())
    loss, told = make_loss(task), options.parameters()
    weight = _values(frame, schema, "weight", np.ones(frame.height))
    suited = type(loss).suggest(loss.check(encode_target(frame, schema, task)), weight)
    for name in told:
        if name not in suited:
            has = f"its parameters: {', '.join(suited)}" if suited else "it has no parameters"
            raise OptionError(f"--{name}: this is no parameter of the loss {task.loss}; {has}")
    found = {name: float(f"{value:.4g}") for name, value in suited.items() if name not in told}
    note = Note(
        "info",
        "",
        f"the loss {task.loss} has {' and '.join(f'{name} {value:g}' for name, value in found.items())}, as suits the "
        f"target; tell {' and '.join(f'--{name}' for name in found)} for another",
    )
    parameters = {name: told.get(name, found.get(name, 0.0)) for name in suited}
    return replace(task, parameters=parameters), (note,) if found else ()


def number_rows(frame: pl.DataFrame, schema: Schema, task: Task) -> Rows:
    """Rows that `check_frame` has checked with their target, as numbers."""
    return _numbers(frame, schema, task, make_loss(task))


def _numbers(
    frame: pl.DataFrame,
    schema: Schema,
    task: Task,
    loss: Loss,
    signs: tuple[int, ...] = (),
    image: tuple[int, ...] = (),
) -> Rows:
    """Design, target, offset and weights of checked rows."""
    n = frame.height
    offset = _values(frame, schema, "offset", np.zeros(n))
    weight = _values(frame, schema, "weight", np.ones(n))
    y = loss.check(encode_target(frame, schema, task))
    features = list_features(schema)
    together = np.array([feature.group for feature in features])
    words = tuple(place for place, feature in enumerate(features) if feature.role == "word")
    problem = Problem(encode(frame, schema), y, loss, offset, together, list_levels(features), signs, image, words)
    return Rows(problem, weight, frame, code_rows(frame, judged_columns(schema)))


def _values(frame: pl.DataFrame, schema: Schema, role: Any, default: np.ndarray) -> np.ndarray:
    """(n,) numbers of the column with this role; ColumnError where one is missing."""
    for column in schema.having(role):
        values = frame[column.name].cast(pl.Float64).to_numpy()
        missing = np.flatnonzero(np.isnan(values))
        if len(missing):
            raise ColumnError(
                f"the {role} column {column.name!r} has no number in row {missing[0]}; fill it in, or drop the row"
            )
        return np.ascontiguousarray(values)
    return default


def _moments(frame: pl.DataFrame, options: FitOptions) -> np.ndarray | None:
    """(n,) numbers that order the rows in time, where --time names a column and rows are to be set aside."""
    if options.time is None or not options.holdout:
        return None
    schema, _ = infer_schema(
        frame.select(options.time, options.target),
        target=options.target,
        roles={options.time: "time"},
        task=None if options.event else options.task,
    )
    checked, _ = check_frame(frame.select(options.time, options.target), schema, need_target=True)
    return time_values(checked, options.time)


def time_values(frame: pl.DataFrame, name: str) -> np.ndarray:
    """(n,) numbers in the order of a date or number column; NaN where there is none."""
    column = frame[name]
    if column.dtype.is_temporal():
        column = column.cast(pl.Datetime("us")).cast(pl.Int64)
    if not column.dtype.is_numeric():
        raise ColumnError(f"--time: column {name!r} holds neither dates nor numbers; it orders nothing")
    return np.asarray(column.cast(pl.Float64).to_numpy())


def _aside(
    frame: pl.DataFrame, schema: Schema, task: Task, loss: Loss, image: tuple[int, ...]
) -> tuple[Rows, tuple[Note, ...]]:
    """The rows set aside, seen with the schema of the others; those of a class that the others lack are left out."""
    notes: tuple[Note, ...] = ()
    if task.classes:
        texts = frame[task.target]
        texts = texts.str.strip_chars() if texts.dtype == pl.String else texts
        known = read_texts(texts, schema.column(task.target), []).is_in(list(task.classes))
        if not known.all():
            lost = frame.height - int(known.sum())
            sentence = f"{lost:,} rows set aside are of a class that the other rows lack; they are not judged"
            notes = (Note("warning", task.target, sentence),)
            frame = frame.filter(known)
    checked, _ = check_frame(frame, schema, need_target=True)
    return _numbers(checked, schema, task, loss, image=image), notes
