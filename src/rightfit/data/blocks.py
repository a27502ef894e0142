"""Parse a text table block by block: the same cells whether the file is read at once or in chunks.

Fast lane: NumPy finds the ends of records outside quotes and counts the fields of each; Polars then splits the block.
Slow lane: from the first block whose quote signs stand in odd places (``5" pipe``) on, Python's csv module reads,
which takes a quote sign as such only at the start of a field. Both lanes refuse a row with too few or too many
fields and name its line.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from rightfit.data.dialect import Dialect
from rightfit.errors import ColumnError, FileError

_LONGEST = 64 << 20
"""A single record longer than this means that a quote was opened and never closed."""
_SLOW_ROWS = 50_000


@dataclass
class Reading:
    """Where the reading of one file stands."""

    file: str
    dialect: Dialect
    names: tuple[str, ...] = ()
    line: int = 1
    """Number of the line at which the next record starts, from 1."""
    blank: int = 0
    """Blank lines that were skipped."""
    slow: bool = field(default=False)
    """True once the csv module has taken over."""


def parse(blocks: Iterator[bytes], reading: Reading) -> Iterator[pl.DataFrame]:
    """Frames of text, one a block, all with ``reading.names``; the first record gives the names.

    Args:
        blocks: UTF-8 without byte order mark, cut anywhere.
        reading: how the file is written; names, line and blank are filled in on the way.
    """
    rest = b""
    for block in itertools.chain(blocks, [b""]):
        last = not block
        data = rest + block
        if last and data and not data.endswith(b"\n"):
            data += b"\n"
        if b"\r" in data:
            data, rest = _unify_ends(data, last)
        else:
            rest = b""
        if not data:
            continue
        cells = _Cells(data, reading.dialect)
        if not cells.regular:
            reading.slow = True
            yield from _parse_slowly(itertools.chain([data, rest], blocks), reading)
            return
        if not len(cells.ends):
            if last or len(data) > _LONGEST:
                raise FileError(
                    f"{reading.file}: a quote that is opened in line {reading.line} or after is never closed. Close "
                    "it, or read "
                    "the file with quoting=False."
                )
            rest = data + rest
            continue
        cut = int(cells.ends[-1]) + 1
        if last and cut < len(data):
            raise FileError(
                f"{reading.file}: a quote that is opened in line {reading.line + data.count(10, 0, cut)} or after is "
                "never "
                "closed. Close it, or read the file with quoting=False."
            )
        rest = data[cut:] + rest
        frame = _split(data[:cut], cells, reading)
        if frame is not None:
            yield frame


def _unify_ends(data: bytes, last: bool) -> tuple[bytes, bytes]:
    """Ends of lines as ``\\n``: those of Windows, and of old Macs where there is no other. A return at the very end may
    be half of an end, so it is handed back for the next block."""
    rest = b""
    if data.endswith(b"\r") and not last:
        data, rest = data[:-1], b"\r"
    data = data.replace(b"\r\n", b"\n")
    return (data.replace(b"\r", b"\n") if b"\n" not in data or (last and data.count(b"\n") == 1) else data), rest


class _Cells:
    """Where records and fields end in a block that starts at the start of a record."""

    def __init__(self, data: bytes, dialect: Dialect):
        array = np.frombuffer(data, np.uint8)
        newline = array == 10
        delimiter = array == ord(dialect.delimiter)
        self.regular = True
        if dialect.quoting and b'"' in data:
            quote = array == 34
            outside = ~np.logical_xor.accumulate(quote)
            newline &= outside
            delimiter &= outside
            ends = np.flatnonzero(newline)
            if len(ends):
                self.regular = _quotes_are_regular(array[: ends[-1] + 1], quote[: ends[-1] + 1], ord(dialect.delimiter))
            else:
                self.regular = _quotes_are_regular(array, quote, ord(dialect.delimiter))
            self.ends = ends
        else:
            self.ends = np.flatnonzero(newline)
        self.starts = np.concatenate([[0], self.ends[:-1] + 1]) if len(self.ends) else self.ends
        self.fields = np.diff(np.searchsorted(np.flatnonzero(delimiter), self.ends), prepend=0) + 1
        self.blank = self.ends == self.starts


def _quotes_are_regular(array: np.ndarray, quote: np.ndarray, delimiter: int) -> bool:
    """True where every opening quote starts a field and every closing one ends it, doubled quotes apart."""
    places = np.flatnonzero(quote)
    opening, closing = places[0::2], places[1::2]
    before = array[np.maximum(opening - 1, 0)]
    after = array[np.minimum(closing + 1, len(array) - 1)]
    starts = (opening == 0) | (before == delimiter) | (before == 10) | (before == 34)
    ends = (after == delimiter) | (after == 10) | (after == 34)
    return bool(starts.all() and ends.all())


def _split(data: bytes, cells: _Cells, reading: Reading) -> pl.DataFrame | None:
    """The frame of a block of whole records; None where there is nothing but the header."""
    lines = np.cumsum(np.frombuffer(data, np.uint8) == 10)[cells.ends]
    first = reading.line + np.concatenate([[0], lines[:-1]])
    reading.line += int(lines[-1])
    keep = ~cells.blank
    reading.blank += int(cells.blank.sum())
    starts, ends, fields, first = cells.starts[keep], cells.ends[keep], cells.fields[keep], first[keep]
    if not len(starts):
        return None
    body = int(starts[0])
    if not reading.names:
        text = data[starts[0] : ends[0]].decode("utf-8", "replace")
        row: list[str] = next(_reader(io.StringIO(text, newline=""), reading.dialect), [])
        reading.names = header(row, reading.file)
        body = int(ends[0]) + 1
        fields, first = fields[1:], first[1:]
        if not len(fields):
            return None
    wrong = np.flatnonzero(fields != len(reading.names))
    if len(wrong):
        raise _ragged(reading, int(first[wrong[0]]), int(fields[wrong[0]]))
    if cells.blank.any():
        data = b"".join(data[a : b + 1] for a, b in zip(starts.tolist(), ends.tolist(), strict=True) if a >= body)
        body = 0
    return pl.read_csv(
        data[body:],
        has_header=False,
        schema={str(i): pl.String for i in range(len(reading.names))},
        separator=reading.dialect.delimiter,
        quote_char='"' if reading.dialect.quoting else None,
    ).rename({str(i): name for i, name in enumerate(reading.names)})


def _parse_slowly(blocks: Iterator[bytes], reading: Reading) -> Iterator[pl.DataFrame]:
    def lines() -> Iterator[str]:
        rest = b""
        for block in blocks:
            *whole, rest = (rest + block).replace(b"\r\n", b"\n").split(b"\n")
            for line in whole:
                yield line.decode("utf-8", "replace") + "\n"
        if rest:
            yield rest.decode("utf-8", "replace")

    reader = _reader(lines(), reading.dialect)
    offset = reading.line
    rows: list[list[str]] = []
    start = offset
    try:
        for row in reader:
            here, start = start, offset + reader.line_num
            if not row:
                reading.blank += 1
            elif not reading.names:
                reading.names = header(row, reading.file)
            elif len(row) != len(reading.names):
                raise _ragged(reading, here, len(row))
            else:
                rows.append(row)
            if len(rows) == _SLOW_ROWS:
                yield pl.DataFrame(rows, schema=dict.fromkeys(reading.names, pl.String), orient="row")
                rows = []
    except csv.Error as error:
        raise FileError(
            f"{reading.file}: the quotes from line {start} on cannot be read ({error}). Close them, or read the file "
            "with "
            "quoting=False."
        ) from error
    if rows:
        yield pl.DataFrame(rows, schema=dict.fromkeys(reading.names, pl.String), orient="row")


def _reader(lines: Iterator[str] | io.StringIO, dialect: Dialect):  # type: ignore[no-untyped-def]  # csv has no public type
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quoting=csv.QUOTE_MINIMAL if dialect.quoting else csv.QUOTE_NONE,
        strict=False,
    )


def header(row: list[str], file: str) -> tuple[str, ...]:
    """Names of the columns, surrounding blanks taken off; ColumnError where two are equal."""
    names = tuple(name.strip() for name in row)
    seen: dict[str, int] = {}
    for place, name in enumerate(names, start=1):
        if name in seen:
            what = f"are both called {name!r}" if name else "have both no name"
            raise ColumnError(f"{file}: columns {seen[name]} and {place} {what}. Give every column a name of its own.")
        seen[name] = place
    return names


def _ragged(reading: Reading, line: int, fields: int) -> FileError:
    delimiter = reading.dialect.words.split(", ")[1]
    return FileError(
        f"{reading.file}, line {line}: {fields} field{'' if fields == 1 else 's'}, but the header names "
        f"{len(reading.names)} "
        f"columns (delimiter: {delimiter}). Mend the line, or name the delimiter."
    )
