"""From a checked table to a design: what the schema learned, applied row by row. Nothing is learned here.

Dense columns come first (numbers, and those parts of dates that are quantities), then sparse ones (indicators of
missing values, levels, months, words); both in file order. `list_features` names them in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from scipy import sparse

from rightfit.contracts import Design
from rightfit.data import dates
from rightfit.data.design import make_design, stack_designs
from rightfit.data.text import bag_of_words
from rightfit.data.times import encode_times
from rightfit.errors import ColumnError, DataError
from rightfit.records import Column, Feature, Schema, Task

OTHER = "(other)"
_PLAIN = (("0", "1"), ("false", "true"))
"""Yes/no columns that need no level in the name of their feature."""


def list_features(schema: Schema) -> tuple[Feature, ...]:
    """The columns of the design in its order, with unique, readable names."""
    plans = [(place, column) for place, column in enumerate(schema.columns) if column.role == "feature"]
    features = [feature for place, column in plans for feature in _dense(column, place)]
    features += [feature for place, column in plans for feature in _sparse(column, place)]
    used: set[str] = set()
    unique = []
    for feature in features:
        name, count = feature.name, 1
        # Column "a" with level "b = c" and column "a = b" with level "c" would share a name.
        while name in used:
            count += 1
            name = f"{feature.name} #{count}"
        used.add(name)
        unique.append(Feature(name, feature.source, feature.role, feature.group, feature.detail))
    return tuple(unique)


def list_levels(features: tuple[Feature, ...]) -> tuple[np.ndarray, ...]:
    """The columns of the design that are the levels of one category, for each category with two levels or more."""
    levels: dict[int, list[int]] = {}
    for place, feature in enumerate(features):
        if feature.role == "level":
            levels.setdefault(feature.group, []).append(place)
    return tuple(np.array(places) for places in levels.values() if len(places) > 1)


def encode(frame: pl.DataFrame, schema: Schema) -> Design:
    """The design of a frame as `check_frame` returned it; the same rows give the same bytes.

    Raises:
        DataError: the schema has no feature, or the frame did not go through `check_frame`.
    """
    columns = schema.having("feature")
    if not columns:
        raise DataError("no column is left to predict with: all are dropped, constant, identifiers or near-empty.")
    features = list_features(schema)
    names = [feature.name for feature in features]
    values = [_series(frame, column) for column in columns]
    quantities = [
        array for column, series in zip(columns, values, strict=True) for array in _dense_values(column, series)
    ]
    parts: list[Design] = []
    dense = len(quantities)
    if dense:
        block = np.empty((frame.height, dense), order="F")
        for place, array in enumerate(quantities):
            block[:, place] = array
        parts.append(make_design(block, names[:dense]))
    blocks = [block for column, series in zip(columns, values, strict=True) for block in _sparse_values(column, series)]
    blocks = [block for block in blocks if block.shape[1]]
    if blocks:
        stacked = _side_by_side(blocks)
        parts.append(make_design(stacked, names[dense:]))
    if not parts:
        raise DataError("no column is left to predict with: none has a value that varies.")
    return stack_designs(parts)


def encode_target(frame: pl.DataFrame, schema: Schema, task: Task) -> np.ndarray:
    """(n,) the target as numbers; classes as 0, 1, ... in the order of ``task.classes``. For survival (n, 4), see
    `rightfit.data.times`.

    Raises:
        ColumnError: a row has no target, or a class that the training rows had not.
    """
    if task.target not in frame.columns:
        raise ColumnError(f"column {task.target!r} is missing: it is the target.")
    series = frame.get_column(task.target)
    if series.null_count():
        raise ColumnError(
            f"target {task.target!r} has no value in row {int(series.is_null().arg_max() or 0)}. Leave such rows out."
        )
    if task.kind == "survival":
        return encode_times(frame, schema, task)
    if task.kind != "classes":
        return series.cast(pl.Float64).to_numpy().copy()
    codes = _codes(series, task.classes)
    if (codes < 0).any():
        row = int((codes < 0).argmax())
        raise ColumnError(
            f"target {task.target!r} has an unknown class {series[row]!r} in row {row}; known: "
            f"{', '.join(task.classes)}."
        )
    return codes.astype(np.float64)


def _dense(column: Column, place: int) -> Iterator[Feature]:
    if column.kind == "number":
        yield Feature(column.name, column.name, "value", place)
    elif column.kind == "date":
        for part in column.parts:
            if " = " not in part:
                yield Feature(f"{column.name}: {part}", column.name, "part", place, part)


def _sparse(column: Column, place: int) -> Iterator[Feature]:
    name = column.name
    if column.kind == "yes/no":
        plain = column.levels in _PLAIN
        title, role = (name, "value") if plain else (f"{name} = {column.levels[1]}", "level")
        yield Feature(title, name, role, place, "" if plain else column.levels[1])  # type: ignore[arg-type]
    elif column.kind == "category":
        for level in (*column.levels, *([OTHER] if column.pooled else [])):
            yield Feature(f"{name} = {level}", name, "level", place, level)
    elif column.kind == "date":
        for part in column.parts:
            if " = " in part:
                yield Feature(f"{name}: {part}", name, "part", place, part)
    elif column.kind == "text":
        for word in column.words:
            yield Feature(f"{name}: {word}", name, "word", place, word)
    if column.missing:
        yield Feature(f"{name} is missing", name, "missing", place)


def _series(frame: pl.DataFrame, column: Column) -> pl.Series:
    wanted = {"number": pl.Float64, "date": pl.Datetime("us")}.get(column.kind, pl.String)
    series: pl.Series | None = frame.get_column(
        column.name, default=None
    )  # one look-up: a frame may have thousands of columns
    if series is None or series.dtype != wanted:
        raise DataError(
            f"column {column.name!r} is not as check_frame returns it; pass the frame through check_frame first."
        )
    return series


def _dense_values(column: Column, series: pl.Series) -> Iterator[np.ndarray]:
    if column.kind == "number":
        yield series.to_numpy()  # null becomes NaN
    elif column.kind == "date":
        quantities = tuple(part for part in column.parts if " = " not in part)
        yield from dates.part_values(dates.from_typed(series), quantities, column.minimum or 0.0).values()


def _sparse_values(column: Column, series: pl.Series) -> Iterator[sparse.csc_array]:
    if column.kind == "number" and not column.missing:
        return  # a wide file has thousands of these
    gone = series.is_null().to_numpy()
    if column.kind == "yes/no":
        yes = (series == column.levels[1]).fill_null(False).to_numpy().astype(np.float64)
        if not column.missing and gone.any():
            yes[gone] = column.mean or 0.0
        yield sparse.csc_array(yes[:, None])
    elif column.kind == "category":
        yield _levels(column, series, gone)
    elif column.kind == "date":
        cyclic = tuple(part for part in column.parts if " = " in part)
        for values in dates.part_values(dates.from_typed(series), cyclic, 0.0).values():
            yield sparse.csc_array(values[:, None])
    elif column.kind == "text":
        yield bag_of_words(series, column.words)
    if column.missing:
        yield sparse.csc_array(gone.astype(np.float64)[:, None])


def _levels(column: Column, series: pl.Series, gone: np.ndarray) -> sparse.csc_array:
    """One 0/1 column a level. A row whose level has no column (new, or missing where training had none missing) is an
    average row: every level with its share of the training rows."""
    codes = _codes(series, column.levels)
    width = len(column.levels)
    if column.pooled:
        codes[(codes < 0) & ~gone] = width
        width += 1
    average = np.flatnonzero((codes < 0) & ~gone | gone & (column.missing == 0))
    rows = np.flatnonzero(codes >= 0)
    columns, data = codes[rows], np.ones(len(rows))
    if len(average):
        shares = np.array(column.counts, np.float64) / sum(column.counts)
        rows = np.concatenate([rows, np.repeat(average, len(shares))])
        columns = np.concatenate([columns, np.tile(np.arange(len(shares)), len(average))])
        data = np.concatenate([data, np.tile(shares, len(average))])
    order = np.lexsort((rows, columns)) if len(average) else np.argsort(columns, kind="stable")
    ends = np.concatenate([[0], np.cumsum(np.bincount(columns, minlength=width))])
    return sparse.csc_array((data[order], rows[order], ends), shape=(len(series), width))


def _codes(series: pl.Series, levels: tuple[str, ...]) -> np.ndarray:
    """(n,) place of each value among the levels, -1 for missing and unknown ones."""
    return np.asarray(
        series.cast(pl.Enum(list(levels)), strict=False).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    ).copy()


def _side_by_side(blocks: list[sparse.csc_array]) -> sparse.csc_array:
    """Like scipy's hstack, but linear in the number of blocks: a wide file has thousands of yes/no columns."""
    data = np.concatenate([block.data for block in blocks])
    rows = np.concatenate([block.indices for block in blocks]).astype(np.int32)
    sizes = np.concatenate([np.diff(block.indptr) for block in blocks])
    ends = np.concatenate([[0], np.cumsum(sizes)])
    ends = ends.astype(np.int32) if ends[-1] < 2**31 else ends
    return sparse.csc_array((data, rows, ends), shape=(blocks[0].shape[0], len(sizes)))
