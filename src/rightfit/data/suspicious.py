"""Name what deserves a second look before a result is believed: leaks, identifiers, repeated persons or sites,
copies."""

from __future__ import annotations

import re
import shlex

import numpy as np
import polars as pl

from rightfit.data.check import check_frame
from rightfit.data.encode import encode_target
from rightfit.data.leaks import MOST_ROWS, alone, together
from rightfit.records import Column, Note, Schema, Task

_SUSPICIOUS = 0.8
"""R2 on unseen rows from which a single column is named."""
_REPEATED = re.compile(
    r"(^|[\s_.\-])(patient|subject|person|participant|customer|user|student|pupil|site|cent(er|re)|hospital|clinic|school"
    r"|household|family|farm|herd|batch|plate|lot|session|device|sensor|machine|scanner|operator|animal|donor)"
    r"([\s_.\-]?(id|no|nr|num|number|name|code))?$",
    re.IGNORECASE,
)
_COUNTABLE = re.compile(
    r"(^|[\s_.\-])(household|family|herd|lot|session|person|animal|device|visit|student|pupil|customer|user)$",
    re.IGNORECASE,
)
"""Names of things that a column of numbers may as well count."""
_FEWEST_THINGS = 20
_MOST_NAMED = 5


def suspicious(frame: pl.DataFrame, schema: Schema, task: Task) -> tuple[Note, ...]:
    """Notes that name leaks, identifiers, columns that look like a repeated person, site or batch, and copies.

    Args:
        frame: the training rows with their target, as `read_table` or `check_frame` gives them.
        schema: what `infer_schema` learned from these rows.
        task: as `infer_schema` returned it.
    """
    rows = frame.height
    features = schema.having("feature")
    notes = [*_identifiers(schema, rows), *_repeated(schema, rows)]
    if features:
        checked = frame if _is_checked(frame, schema) else check_frame(frame, schema, need_target=True)[0]
        notes += _copies(checked, features)
        notes = [*_leaks(checked, schema, task), *notes]
    return tuple(notes)


def _is_checked(frame: pl.DataFrame, schema: Schema) -> bool:
    types = dict(frame.schema)
    wanted = {"number": pl.Float64, "date": pl.Datetime("us")}
    judged = (*schema.having("feature"), *schema.having("target"))
    return all(types.get(column.name) == wanted.get(column.kind, pl.String) for column in judged) and any(
        column.kind in wanted for column in judged
    )


def _leaks(frame: pl.DataFrame, schema: Schema, task: Task) -> list[Note]:
    if frame.height > MOST_ROWS:
        frame = frame[np.sort(np.random.default_rng(0).choice(frame.height, MOST_ROWS, replace=False))]
    features, y = schema.having("feature"), encode_target(frame, schema, task)
    y = y if y.ndim == 1 else y[:, 0]  # of survival, the time
    notes = []
    summed = () if task.kind == "classes" else together(frame, features, y)
    shown = " and ".join(repr(name) for name in summed[:_MOST_NAMED]) + (
        " and more" if len(summed) > _MOST_NAMED else ""
    )
    for name in summed[:_MOST_NAMED]:
        what = "a multiple of it" if len(summed) == 1 else f"an exact weighted sum of {shown}"
        sentence = (
            f"Column {name!r} looks like a leak: the target {task.target!r} is {what}. If it is not known "
            f"before the target is, give --drop {shlex.quote(name)}."
        )
        notes.append(Note("warning", name, sentence))
    strong = {
        name: share
        for name, share in alone(frame, features, y, len(task.classes)).items()
        if share >= _SUSPICIOUS and name not in summed
    }
    order = sorted(strong, key=lambda name: -strong[name])
    for name in order[:_MOST_NAMED]:
        sentence = (
            f"Column {name!r} may be a leak: by itself it explains {_percent(strong[name])} of the target "
            f"{task.target!r} on unseen rows. If it is not known before the target is, give --drop {shlex.quote(name)}."
        )
        notes.append(Note("warning", name, sentence))
    if len(order) > _MOST_NAMED:
        sentence = (
            f"{len(order) - _MOST_NAMED:,} more columns explain at least {_percent(_SUSPICIOUS)} of the target by "
            f"themselves, next {order[_MOST_NAMED]!r}."
        )
        notes.append(Note("warning", "", sentence))
    return notes


def _percent(share: float) -> str:
    return f"{min(100 * share, 99.9):.1f} %" if share < 1 - 1e-9 else "100 %"


def _identifiers(schema: Schema, rows: int) -> list[Note]:
    found = [c for c in schema.columns if c.kind == "identifier" and c.role == "dropped" and not _repeats(c, rows)]
    notes = []
    for column in found[:_MOST_NAMED]:
        kind = "number" if column.dtype in ("integer", "float") else "category"
        sentence = (
            f"Column {column.name!r} looks like an identifier and is left out. To use it, give --as "
            f"{shlex.quote(f'{column.name}={kind}')}."
        )
        notes.append(Note("warning", column.name, sentence))
    if len(found) > _MOST_NAMED:
        more = len(found) - _MOST_NAMED
        sentence = f"{more:,} more column{'s look' if more > 1 else ' looks'} like identifiers and are left out."
        notes.append(Note("warning", "", sentence))
    return notes


def _repeats(column: Column, rows: int) -> bool:
    """Whether the values of a column that tells things apart stand in 1.2 rows or more, on average."""
    return 1 < column.unique and 1.2 * column.unique <= rows - column.missing


def _repeated(schema: Schema, rows: int) -> list[Note]:
    if schema.having("group"):
        return []
    notes = []
    for column in schema.columns:
        if not _repeats(column, rows) or column.role not in ("feature", "dropped"):
            continue
        named = bool(_REPEATED.search(column.name)) and column.unique > 2 and column.kind not in ("date", "text")
        named = named and (column.kind != "number" or _may_name(column))
        many = column.kind == "category" and column.unique > 200
        if column.kind != "identifier" and not named and not many:
            continue
        left = " and is left out" if column.role == "dropped" else ""
        sentence = (
            f"Column {column.name!r} looks like a repeated person, site or thing{left}: {column.unique:,} values in "
            f"{rows - column.missing:,} rows. If new rows will come from new ones, keep its rows together: "
            f"give --group {shlex.quote(column.name)}."
        )
        notes.append(Note("warning", column.name, sentence))
    return notes


def _may_name(column: Column) -> bool:
    """Whether a column of numbers with the name of a person, site or thing can be names rather than counts or
    measurements of them: whole numbers, used about evenly over their range (amounts crowd at its lower end), and not
    few numbers under a name such as household, which is then its size."""
    if column.dtype != "integer" or column.minimum is None or column.maximum is None or column.mean is None:
        return False
    if _COUNTABLE.search(column.name) and column.unique <= _FEWEST_THINGS:
        return False
    place = (column.mean - column.minimum) / (column.maximum - column.minimum)
    return 0.25 <= place <= 0.75


def _copies(frame: pl.DataFrame, features: tuple[Column, ...]) -> list[Note]:
    """Columns with the same cells as an earlier one: harmless to predictions, but they share their coefficient."""
    head = frame.head(MOST_ROWS)
    first: dict[tuple[str, bytes], str] = {}
    copies: list[tuple[str, str]] = []
    for column in features:
        series = head.get_column(column.name)
        # Hashing costs a query of its own, which thousands of number columns need not pay.
        cells = series.to_numpy() if column.kind == "number" else series.hash().to_numpy()
        key = (column.kind, cells.tobytes())
        other = first.setdefault(key, column.name)
        if other != column.name and frame.get_column(column.name).equals(frame.get_column(other)):
            copies.append((column.name, other))
    if not copies:
        return []
    name, other = copies[0]
    rest = f", and {len(copies) - 1:,} more columns are copies of others" if len(copies) > 1 else ""
    return [Note("info", name, f"Column {name!r} has the same values as {other!r}{rest}. They share one effect.")]
