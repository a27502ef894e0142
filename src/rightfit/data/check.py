"""Hold a new file against the schema: match columns by name, read every value as in training, or refuse by name.

Accepted, and counted in notes: moved and extra columns, new levels, missing values, numbers as text, whole numbers as
fractions, booleans as 0/1 or yes/no, dates as text or typed. Refused: a missing column, and a value that cannot be read
as the kind its column had in training. Nothing is guessed.
"""

from __future__ import annotations

from difflib import get_close_matches

import numpy as np
import polars as pl

from rightfit.data import dates
from rightfit.data.kinds import is_no, is_yes
from rightfit.data.looks import THOUSANDS, grouped_numbers, number_texts, shorten, typed_numbers
from rightfit.data.missing import TOKENS, WEAK
from rightfit.errors import ColumnError
from rightfit.records import Column, Note, Schema

_FAR = 0.5
"""A value is far outside if it is beyond the training range by more than this share of the range."""


def check_frame(
    frame: pl.DataFrame, schema: Schema, *, need_target: bool = False, first_row: int = 0
) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """The columns that the schema needs, in its order, read as in training: numbers as Float64, dates as Datetime, the
    rest as String with the levels' own spelling; null for missing. Checking a checked frame changes nothing.

    Args:
        frame: rows as `read_table`, `read_chunks` or `from_frame` give them.
        schema: learned from the training rows.
        need_target: whether the target (and the weight, group, time and fold, if there were any) must be there.
        first_row: number of the first row, for messages about a chunk.

    Raises:
        ColumnError: a column is not there, or a value cannot be read; names the column, the value and the row.
    """
    notes: list[Note] = []
    series: list[pl.Series] = []
    absent: list[str] = []
    there = set(frame.columns)
    for column in schema.columns:
        if column.role == "dropped":
            continue
        needed = need_target or column.role in ("feature", "offset")
        if column.name not in there:
            if needed:
                absent.append(column.name)
            continue
        found = frame.get_column(column.name)
        try:
            series.append(_read(found, column, notes, first_row))
        except ColumnError:
            if needed:
                raise
            sentence = (
                f"Column {column.name!r} cannot be read as in training; it is not needed for predictions and left out."
            )
            notes.append(Note("warning", column.name, sentence))
    if absent:
        raise _refusal(absent, frame.columns, schema)
    known = {column.name for column in schema.columns}
    extra = [name for name in frame.columns if name not in known]
    if extra:
        shown = ", ".join(repr(name) for name in extra[:5]) + (" ..." if len(extra) > 5 else "")
        what = "column was" if len(extra) == 1 else "columns were"
        notes.insert(
            0,
            Note(
                "info",
                "",
                f"{len(extra)} {what} not there in training and {'is' if len(extra) == 1 else 'are'} ignored: {shown}.",
            ),
        )
    # A frame without columns has no height of its own; a schema always has a feature, so this one has.
    return pl.DataFrame({column.name: column for column in series}), tuple(notes)  # a list would rename an empty name


def _refusal(absent: list[str], names: list[str], schema: Schema) -> ColumnError:
    spare = [name for name in names if name not in {column.name for column in schema.columns}]
    first = absent[0]
    near = [n for n in spare if n.strip().lower() == first.strip().lower()] or get_close_matches(first, spare, 1, 0.7)
    hint = f" There is a column {near[0]!r}: rename it if it is the same." if near else ""
    if len(absent) == 1:
        return ColumnError(f"column {first!r} is missing.{hint} Add it, with empty cells where values are unknown.")
    shown = ", ".join(repr(name) for name in absent[:8]) + (" ..." if len(absent) > 8 else "")
    return ColumnError(
        f"{len(absent)} columns are missing: {shown}.{hint} Add them, with empty cells where values are unknown."
    )


def _read(series: pl.Series, column: Column, notes: list[Note], first_row: int) -> pl.Series:
    if series.dtype in (pl.Categorical, pl.Enum, pl.Null):
        series = series.cast(pl.String)
    if series.dtype == pl.String:
        series = series.str.strip_chars()
    if column.role == "id":
        return series
    if column.kind == "date":
        read = _read_dates(series, column, first_row)
    elif column.kind == "number":
        read = _read_numbers(series, column, first_row)
    elif column.kind == "yes/no":
        read = _read_yes_no(series, column, notes, first_row)
    else:
        read = read_texts(series, column, notes)
        if column.kind == "category":
            _count_new_levels(read, column, notes, first_row)
    gone = read.null_count()
    if column.role in ("weight", "offset") and gone:
        raise ColumnError(
            f"column {column.name!r} is the {column.role} and has no value in row "
            f"{first_row + int(read.is_null().arg_max() or 0)}."
        )
    if column.role == "feature" and gone and not column.missing:
        how = "the training mean" if column.kind in ("number", "yes/no") else "an average row of the training data"
        count = f"{gone:,} missing value{'s' if gone > 1 else ''}"
        notes.append(
            Note("info", column.name, f"Column {column.name!r} has {count}, none in training; filled with {how}.")
        )
    if column.role == "feature" and column.kind in ("number", "date"):
        _count_far(read, column, notes, first_row)
    return read


def _bad(column: Column, what: str, value: object, row: int) -> ColumnError:
    return ColumnError(
        f"column {column.name!r} must hold {what}, but row {row} has {shorten(str(value))}. Mend the value or leave "
        "it empty."
    )


def _read_numbers(series: pl.Series, column: Column, first_row: int) -> pl.Series:
    if series.dtype == pl.String:
        parsed = series.cast(pl.Float64, strict=False)
        if parsed.null_count() > series.null_count():
            if column.format == "thousands":
                grouped = pl.Series(grouped_numbers(series)).fill_nan(None)
                parsed = pl.select(pl.when(series.str.contains(THOUSANDS)).then(grouped).otherwise(parsed)).to_series()
            odd = series.is_not_null() & parsed.is_null() & ~series.is_in(list(WEAK))
            truth = series.str.to_lowercase()
            if odd.any() and truth.filter(odd).is_in(["true", "false"]).all() and odd.sum() == series.count():
                parsed = (truth == "true").cast(pl.Float64)
            elif odd.any():
                row = int(odd.arg_max() or 0)
                raise _bad(column, "numbers", series[row], first_row + row)
        values = parsed.to_numpy()  # null becomes NaN
    elif series.dtype == pl.Boolean or series.dtype.is_numeric() or series.dtype == pl.Duration:
        values = typed_numbers(series)
    else:
        row = int(series.is_not_null().arg_max() or 0)
        raise _bad(column, "numbers", series[row], first_row + row)
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        raise _bad(column, "finite numbers", values[infinite[0]], first_row + int(infinite[0]))
    return pl.Series(column.name, values, nan_to_null=True)


def _read_dates(series: pl.Series, column: Column, first_row: int) -> pl.Series:
    if series.dtype in (pl.Date, pl.Datetime):
        return dates.as_datetime(dates.from_typed(series), column.name)
    text = series
    if series.dtype.is_numeric() and column.format == "%Y%m%d":
        text = pl.Series(typed_numbers(series)).fill_nan(None).cast(pl.Int64).cast(pl.String)
    elif series.dtype != pl.String:
        row = int(series.is_not_null().arg_max() or 0)
        if series.count():
            raise _bad(column, "dates", series[row], first_row + row)
        text = series.cast(pl.String)
    text = pl.select(pl.when(~text.is_in(list(WEAK))).then(text)).to_series()
    days = dates.parse(text, column.format)
    if column.format != "ISO" and np.isnan(days).sum() > text.null_count():
        days = np.where(np.isnan(days), dates.parse(text, "ISO"), days)
    odd = np.isnan(days) & text.is_not_null().to_numpy()
    if odd.any():
        row = int(odd.argmax())
        example = dates.as_datetime(np.array([column.minimum or 0.0])).dt.to_string(
            "%Y-%m-%d" if column.format == "ISO" else column.format
        )[0]
        raise _bad(column, f"dates such as {example}", series[row], first_row + row)
    return dates.as_datetime(days, column.name)


def read_texts(series: pl.Series, column: Column, notes: list[Note]) -> pl.Series:
    """Texts with the spelling of the training levels, null for missing."""
    name = column.name
    if series.dtype == pl.Boolean:
        return series.cast(pl.String)
    if series.dtype in (pl.Date, pl.Datetime):
        return (
            dates.as_datetime(dates.from_typed(series), name)
            .dt.to_string("%Y-%m-%d %H:%M:%S")
            .str.replace(" 00:00:00$", "")
        )
    if series.dtype.is_numeric():
        texts = number_texts(typed_numbers(series), name)
        width = _code_width(column)
        if (
            width
            and texts.drop_nulls().str.contains(r"^\d+$").all()
            and (texts.drop_nulls().str.len_chars() < width).any()
        ):
            notes.append(
                Note("info", name, f"Column {name!r} lost its leading zeros; they are put back (width {width}).")
            )
            texts = texts.str.zfill(width)
        return texts
    if series.dtype != pl.String:
        series = series.cast(pl.String)
    if column.dtype == "boolean":
        series = series.str.to_lowercase()
    elif column.dtype in ("integer", "float"):
        values = series.cast(pl.Float64, strict=False)
        plain = number_texts(values.fill_null(np.nan).to_numpy(), name)
        series = pl.select(pl.when(plain.is_not_null()).then(plain).otherwise(series).alias(name)).to_series()
    elif column.dtype == "date":
        days = dates.parse(series, column.format)
        plain = read_texts(dates.as_datetime(days, name), column, notes)
        series = pl.select(pl.when(plain.is_not_null()).then(plain).otherwise(series).alias(name)).to_series()
    tokens = [
        token
        for token in (WEAK if column.dtype in ("integer", "float", "date") else TOKENS)
        if token not in {*column.levels, *column.pooled}
    ]
    hits = series.is_in(tokens)
    if column.kind != "text" and hits.any():
        series = pl.select(pl.when(~hits).then(series).alias(name)).to_series()
    return series.alias(name)


def _code_width(column: Column) -> int:
    """Width of codes with leading zeros, such as 00501; 0 where the levels are no such codes."""
    levels = (*column.levels, *column.pooled)
    if column.dtype != "text" or not levels or not any(level.startswith("0") for level in levels):
        return 0
    widths = {len(level) for level in levels if level.isdigit()}
    return widths.pop() if len(widths) == 1 and all(level.isdigit() for level in levels) else 0


def _read_yes_no(series: pl.Series, column: Column, notes: list[Note], first_row: int) -> pl.Series:
    texts = read_texts(series, column, notes)
    no, yes = column.levels
    strange = texts.is_not_null() & ~texts.is_in([no, yes])
    if not strange.any():
        return texts
    # Other spellings are taken where they are unambiguous: by case, and between the families of yes and no.
    table: dict[str, str] = {}
    for level in texts.filter(strange).unique().to_list():
        lower = level.lower()
        plain = str(int(float(lower))) if lower in ("0.0", "1.0") else lower
        if no.lower() != yes.lower() and plain in (no.lower(), yes.lower()):
            table[level] = yes if plain == yes.lower() else no
        elif is_yes(yes) and is_no(no) and (is_yes(plain) or is_no(plain)):
            table[level] = yes if is_yes(plain) else no
    if table:
        texts = texts.replace(table)
        strange = texts.is_not_null() & ~texts.is_in([no, yes])
    if strange.any():
        row = int(strange.arg_max() or 0)
        if strange.sum() == texts.count():
            raise _bad(column, f"{no!r} or {yes!r}", texts[row], first_row + row)
        if column.role == "target":
            raise ColumnError(
                f"column {column.name!r} has an unknown class {texts[row]!r} in row {first_row + row}; known: "
                f"{no!r}, {yes!r}."
            )
        what = f"{int(strange.sum()):,} value{'s' if strange.sum() > 1 else ''} other than {no!r} and {yes!r}"
        sentence = (
            f"Column {column.name!r} has {what}, first {shorten(texts[row])} in row {first_row + row}; taken as "
            "missing."
        )
        notes.append(Note("warning", column.name, sentence))
        texts = pl.select(pl.when(~strange).then(texts).alias(column.name)).to_series()
    return texts


def _count_new_levels(texts: pl.Series, column: Column, notes: list[Note], first_row: int) -> None:
    if column.role not in ("feature", "target") or not column.levels:
        return
    strange = texts.is_not_null() & ~texts.is_in([*column.levels, *column.pooled])
    count = int(strange.sum())
    if not count:
        return
    row = int(strange.arg_max() or 0)
    if column.role == "target":
        raise ColumnError(
            f"column {column.name!r} has an unknown class {shorten(texts[row])} in row {first_row + row}."
        )
    how = "counted as (other)" if column.pooled else "taken as an average row of the training data"
    rows = f"{count:,} row{'s' if count > 1 else ''}"
    levels = texts.filter(strange).n_unique()
    sentence = (
        f"Column {column.name!r} has {levels:,} new level{'s' if levels > 1 else ''} in {rows}, first "
        f"{shorten(texts[row])} in row "
        f"{first_row + row}; {how}."
    )
    notes.append(Note("warning", column.name, sentence))


def _count_far(read: pl.Series, column: Column, notes: list[Note], first_row: int) -> None:
    if column.minimum is None or column.maximum is None or not read.count():
        return
    values = dates.from_typed(read) if column.kind == "date" else read.to_numpy()
    width = max(column.maximum - column.minimum, 1e-9 * max(abs(column.maximum), abs(column.minimum)))
    excess = np.fmax(column.minimum - values, values - column.maximum)
    far = excess > _FAR * width
    if not far.any():
        return
    row = int(np.nanargmax(excess))
    count = f"{int(far.sum()):,} value{'s' if far.sum() > 1 else ''}"
    if column.kind == "date":
        low, high, most = (
            str(dates.as_datetime(np.array([v])).dt.date()[0]) for v in (column.minimum, column.maximum, values[row])
        )
    else:
        low, high, most = (f"{v:.6g}" for v in (column.minimum, column.maximum, values[row]))
    sentence = (
        f"Column {column.name!r} has {count} far outside the training range {low} to {high}, farthest {most} in row "
        f"{first_row + row}."
    )
    notes.append(Note("warning", column.name, sentence))
