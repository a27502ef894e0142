"""Read a table from a file: CSV, TSV or Parquet, plain or gzip, and state what was detected.

Cells of text files arrive as text with missing ones as null (see `rightfit.data.missing`); a decimal comma has become
a point. What a column *is* (number, category, date ...) is decided by `rightfit.data.schema`, never here.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from rightfit.data import missing
from rightfit.data.blocks import Reading, header, parse
from rightfit.data.dialect import Dialect, Told
from rightfit.data.frames import from_frame as from_frame
from rightfit.data.frames import to_polars
from rightfit.data.image_table import holds_images, read_frame
from rightfit.data.opening import Opened, decode_blocks, find_encoding, open_file
from rightfit.data.sniff import describe, find_decimal, find_delimiter, split_rows
from rightfit.errors import FileError, OptionError
from rightfit.records import Note, Source

_HEAD = 1 << 18
"""Characters at the start of a text file from which delimiter, quoting and decimal sign are detected."""


@dataclass(frozen=True)
class Table:
    """The cells of a file, and where they came from."""

    frame: pl.DataFrame
    source: Source


def read_table(
    path: str | Path,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    decimal: str | None = None,
    quoting: bool | None = None,
    image: str | None = None,
) -> Table:
    """Read a whole file.

    Args:
        path: CSV, TSV or Parquet, plain or gzip, told apart by content; or images, a folder of class folders or a
            ``.npz`` file.
        image: size of images, see `rightfit.data.image_table`.
        delimiter, encoding, decimal, quoting: as in `rightfit.data.dialect.Told`; detected where None.

    Raises:
        FileError: the file is missing, empty, damaged, no table, or has a row with too few or too many fields (names
            the line).
        ColumnError: two columns have the same name.
        OptionError: an option has an impossible value.
    """
    told = Told(delimiter, encoding, decimal, quoting)
    if holds_images(path):
        return Table(*read_frame(path, image))
    opened = open_file(path)
    if opened.parquet:
        frame = _tidy(_read_parquet(opened, None, None), opened.name)
        if not frame.height:
            raise FileError(f"{opened.name} has columns but no rows.")
        words = "Parquet, gzip" if opened.gzip else "Parquet"
        unused = ", ".join(f"--{name}" for name in told.words())
        told_in_vain = Note("warning", "", f"{opened.name} is Parquet: {unused} is not needed and not used.")
        said = (told_in_vain,) if unused else ()
        return Table(frame, Source(opened.name, opened.size, opened.sha256, words, frame.height, frame.width, said))
    dialect, notes = find_dialect(opened, told)
    reading = Reading(opened.name, dialect)
    counts: dict[str, int] = {}
    frames = list(_cells(opened, reading, counts))
    if not frames:
        raise FileError(f"{opened.name} has a header ({len(reading.names)} columns) but no rows.")
    frame = pl.concat(frames, rechunk=True)
    notes = (describe(dialect, frozenset(told.words())), *notes)
    if any(counts.values()):
        notes += (Note("info", "", missing.sentence(counts)),)
    if reading.blank:
        notes += (Note("info", "", f"{reading.blank:,} blank line{'s' if reading.blank > 1 else ''} skipped."),)
    if reading.slow:
        sentence = (
            "Some quote signs stand inside cells; they are kept as text, and only a quote at the start of a cell "
            "quotes."
        )
        notes += (Note("info", "", sentence),)
    if all(_is_number(name) for name in reading.names):
        shown = ", ".join(reading.names[:3])
        sentence = (
            f"The first line holds only numbers ({shown} ...) but is read as the names of the columns. Add a header "
            "line."
        )
        notes += (Note("warning", "", sentence),)
    facts = (opened.name, opened.size, opened.sha256, dialect.words, frame.height, frame.width)
    return Table(frame, Source(*facts, notes, told.words()))


def read_chunks(
    path: str | Path, rows: int = 50_000, like: Source | None = None, told: Told | None = None
) -> Iterator[pl.DataFrame]:
    """The same cells as `read_table`, in order, at most ``rows`` rows at a time and in bounded memory.

    Args:
        path: as in `read_table`.
        rows: rows of every frame but the last.
        like: what was told of this source holds for the file too (a delimiter only if it splits the file); and where
            the file is too short to tell its decimal sign, that of this source is taken, if the delimiters agree.
        told: how this file is written; goes before what was told of ``like``.
    """
    if rows < 1:
        raise OptionError(f"rows must be at least 1, not {rows}.")
    if holds_images(path):
        frame, _ = read_frame(path, None if like is None else like.told.get("image"))
        yield from (frame[start : start + rows] for start in range(0, frame.height, rows))
        return
    opened = open_file(path)
    if opened.parquet:
        yield from _parquet_chunks(opened, rows)
        return
    dialect, _ = find_dialect(opened, told or Told(), like=like)
    reading = Reading(opened.name, dialect)
    waiting: pl.DataFrame | None = None
    seen = False
    for frame in _cells(opened, reading, {}):
        seen = True
        frame = frame if waiting is None else pl.concat([waiting, frame])
        whole = frame.height - frame.height % rows
        for start in range(0, whole, rows):
            yield frame[start : start + rows]
        waiting = frame[whole:]
    if not seen:
        raise FileError(f"{opened.name} has a header ({len(reading.names)} columns) but no rows.")
    if waiting is not None and waiting.height:
        yield waiting


def find_dialect(opened: Opened, told: Told, *, like: Source | None = None) -> tuple[Dialect, tuple[Note, ...]]:
    """How a text file is written, with notes on what is unclear. What is told is taken as it is."""
    known = told if like is None else told.over(Told.of(like.told))
    encoding = find_encoding(opened, known.encoding)
    text = ""
    for block in decode_blocks(opened, encoding):
        text += block.decode("utf-8", "ignore")
        if len(text) >= _HEAD:
            # The last line may be cut off, which would look like a ragged row.
            text = text[:_HEAD].rpartition("\n")[0] or text[:_HEAD]
            break
    if not text.strip():
        raise FileError(f"{opened.name} is empty: it holds nothing but blanks.")
    delimiter, quoting, decimal = known.delimiter, known.quoting, known.decimal
    if (
        told.delimiter is None
        and delimiter is not None
        and len(split_rows(text, delimiter, quoting is not False)[0]) < 2
    ):
        delimiter = None  # remembered from another file, and this one is written otherwise
    if delimiter is None:
        delimiter, quoting = find_delimiter(text, quoting)
    elif quoting is None:
        quoting = True
    notes: tuple[Note, ...] = ()
    if decimal is None:
        rows = split_rows(text, delimiter, quoting)
        decimal, notes = find_decimal(rows, delimiter)
        if (
            like is not None
            and delimiter != ","
            and not any("," in cell or "." in cell for row in rows[1:] for cell in row)
        ):
            decimal = "," if "decimal comma" in like.format else decimal
    return Dialect(delimiter, decimal, encoding, bool(quoting), opened.gzip), notes


def _cells(opened: Opened, reading: Reading, counts: dict[str, int]) -> Iterator[pl.DataFrame]:
    """Frames of text with missing cells as null and the decimal sign as a point; counts tokens on the way."""
    for frame in parse(decode_blocks(opened, reading.dialect.encoding), reading):
        if reading.dialect.decimal == ",":
            frame = frame.with_columns(_point(name) for name in frame.columns)
        frame, found = missing.blank_tokens(frame)
        for token, count in found.items():
            counts[token] = counts.get(token, 0) + count
        yield frame


def _point(name: str) -> pl.Expr:
    """Cells that are whole numbers or fractions in the continental way, with a point and without thousands."""
    cell = pl.col(name).str.strip_chars()
    grouped = cell.str.contains(r"^[+-]?\d{1,3}(\.\d{3})+(,\d*)?$")
    plain = cell.str.contains(r"^[+-]?\d*,\d+([eE][+-]?\d+)?$")
    return (
        pl.when(grouped)
        .then(cell.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
        .when(plain)
        .then(cell.str.replace(",", ".", literal=True))
        .otherwise(pl.col(name))
        .alias(name)
    )


def _read_parquet(opened: Opened, start: int | None, rows: int | None) -> pl.DataFrame:
    source: io.BytesIO | Path = io.BytesIO(b"".join(opened.blocks())) if opened.gzip else opened.path
    try:
        if start is None:
            return pl.read_parquet(source)
        return pl.scan_parquet(source).slice(start, rows).collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise FileError(f"{opened.name} is a damaged Parquet file: {str(error).splitlines()[0]}") from error


def _parquet_chunks(opened: Opened, rows: int) -> Iterator[pl.DataFrame]:
    start = 0
    while True:
        frame = _read_parquet(opened, start, rows)
        if not frame.height:
            break
        yield _tidy(frame, opened.name)
        start += frame.height
    if not start:
        raise FileError(f"{opened.name} has columns but no rows.")


def _tidy(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    header(list(frame.columns), name)
    return to_polars(frame)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
