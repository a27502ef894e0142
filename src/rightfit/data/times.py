"""Times until an event in a table: which value means that it happened, and all four columns as numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from rightfit.data.kinds import two_levels
from rightfit.data.looks import Look
from rightfit.data.task import order_classes
from rightfit.errors import ColumnError
from rightfit.records import Schema, Task


def event_levels(look: Look) -> tuple[tuple[str, str], str]:
    """The two values of an event column, that of the event second, and why: the larger of two numbers, the one that
    means yes, else the rarer one. ColumnError where there are not two values in all rows."""
    pair = two_levels(look)
    if pair is None or look.missing:
        what = f"{look.missing:,} of its values are missing" if look.missing else f"it has {look.unique:,} of them"
        raise ColumnError(
            f"column {look.name!r} cannot be the event: it needs two values, one for rows with the event and one for "
            f"rows without, in every row; {what}."
        )
    if look.dtype in ("integer", "float"):
        return pair, f"The event is {pair[1]}, the larger number."
    (other, event), words = order_classes(look)
    return (other, event), words


def encode_times(frame: pl.DataFrame, schema: Schema, task: Task) -> np.ndarray:
    """(n, 4) time, event, entry (-inf without such a column) and stratum, of a checked frame; ColumnError where a value
    is missing."""
    n = frame.height
    out = np.column_stack([np.zeros((n, 2)), np.full(n, -np.inf), np.zeros(n)])
    out[:, 0] = _all(frame, task.target, "target").cast(pl.Float64).to_numpy()
    for column in schema.having("event"):
        out[:, 1] = (_all(frame, column.name, "event") == column.levels[1]).to_numpy()
    for column in schema.having("entry"):
        out[:, 2] = _all(frame, column.name, "entry").cast(pl.Float64).to_numpy()
        late = np.flatnonzero(~(out[:, 2] < out[:, 0]))
        if len(late):
            row = int(late[0])
            raise ColumnError(
                f"column {column.name!r} cannot be the entry: row {row} enters at {out[row, 2]:g}, not before its time "
                f"{out[row, 0]:g}."
            )
    if schema.having("stratum"):
        out[:, 3] = encode_strata(frame, schema)
    return out


def learn_strata(frame: pl.DataFrame, schema: Schema) -> Schema:
    """The schema that knows the values of the stratum column in a checked frame."""
    known = {c.name: tuple(_labels(frame, c.name).unique().sort().to_list()) for c in schema.having("stratum")}
    columns = tuple(replace(c, levels=known[c.name]) if c.name in known else c for c in schema.columns)
    return replace(schema, columns=columns)


def encode_strata(frame: pl.DataFrame, schema: Schema) -> np.ndarray:
    """(n,) number of each row's stratum, from 1 on; 0 for rows without such a column, and numbers beyond for values
    that training did not see."""
    for column in schema.having("stratum"):
        labels = _labels(frame, column.name)
        new = sorted(set(labels.unique().to_list()) - set(column.levels))
        order = {label: k for k, label in enumerate((*column.levels, *new), 1)}
        return np.array([order[label] for label in labels.to_list()], dtype=np.float64)
    return np.zeros(frame.height)


def _labels(frame: pl.DataFrame, name: str) -> pl.Series:
    return frame.get_column(name).cast(pl.String).fill_null("")


def _all(frame: pl.DataFrame, name: str, role: str) -> pl.Series:
    if name not in frame.columns:
        raise ColumnError(f"column {name!r} is missing: it is the {role}.")
    series = frame.get_column(name)
    if series.null_count():
        row = int(series.is_null().arg_max() or 0)
        raise ColumnError(f"column {name!r} is the {role} and has no value in row {row}. Leave such rows out.")
    return series
