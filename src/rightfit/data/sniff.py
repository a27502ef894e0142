"""Detect how a text table is written, from its first rows: delimiter, quoting, decimal sign."""

from __future__ import annotations

import csv
import re

from rightfit.data.dialect import DELIMITERS, Dialect
from rightfit.records import Note

_SAMPLE = 500
_COMMA_NUMBER = re.compile(r"\s*[+-]?(\d{1,3}(\.\d{3})+|\d*),\d+([eE][+-]?\d+)?\s*")
_POINT_NUMBER = re.compile(r"\s*[+-]?(\d{1,3}(,\d{3})+|\d*)\.\d+([eE][+-]?\d+)?\s*")
_THOUSANDS = re.compile(r"\s*[+-]?\d{1,3}([.,]\d{3})\s*")


def find_delimiter(text: str, quoting: bool | None) -> tuple[str, bool]:
    """The delimiter and whether quote signs quote.

    For each candidate the first rows are split; the header must split, and the candidate wins that gives most rows
    the header's number of fields, then the one with more fields. Quoting is given up only where splitting without
    it is regular and with it is not.
    """
    best = (0.0, 0, False, ",")
    for delimiter in DELIMITERS:
        for quote in (True, False) if quoting is None else (quoting,):
            rows = split_rows(text, delimiter, quote)
            if not rows or len(rows[0]) < 2:
                continue
            width = len(rows[0])
            regular = sum(len(row) == width for row in rows) / len(rows)
            best = max(best, (regular, width, quote, delimiter), key=lambda b: (b[0], b[2], b[1]))
    if best[0] == 0.0:
        return ",", quoting is not False
    return best[3], best[2]


def split_rows(text: str, delimiter: str, quoting: bool) -> list[list[str]]:
    """The first rows of a text; blank lines are left out, and so is the last row, which may be cut off."""
    # newline="" semantics: the csv module must see the ends of lines as they are.
    lines = text.splitlines(keepends=True)
    reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoting else csv.QUOTE_NONE)
    rows: list[list[str]] = []
    try:
        for row in reader:
            if row:
                rows.append(row)
            if len(rows) > _SAMPLE:
                break
    except csv.Error:
        pass
    return rows


def find_decimal(rows: list[list[str]], delimiter: str) -> tuple[str, tuple[Note, ...]]:
    """The decimal sign: a comma where cells are written like ``1,5`` and none like ``1.5``; else a point."""
    cells = [cell for row in rows[1:] for cell in row]
    comma = [c for c in cells if _COMMA_NUMBER.fullmatch(c)]
    point = [c for c in cells if _POINT_NUMBER.fullmatch(c)]
    if not comma:
        return ".", ()
    unclear = all(_THOUSANDS.fullmatch(c) for c in comma)
    points_are_thousands = all(_THOUSANDS.fullmatch(c) for c in point)
    if unclear and (delimiter != ";" or point):
        return ".", ()
    if unclear:
        sentence = (
            f"Numbers such as {comma[0].strip()} are read with a decimal comma, because the delimiter is a semicolon. "
            "If the comma separates thousands, give --decimal point."
        )
        return ",", (Note("warning", "", sentence),)
    if point and not points_are_thousands:
        sentence = (
            f"Some numbers have a decimal comma ({comma[0].strip()}), some a decimal point ({point[0].strip()}); the "
            "point "
            "is taken, and columns with a comma are not read as numbers. Write all numbers in one way."
        )
        return ".", (Note("warning", "", sentence),)
    return ",", ()


def describe(dialect: Dialect, told: frozenset[str]) -> Note:
    """What was detected rather than told."""
    found = {
        "delimiter": f"delimiter {DELIMITERS.get(dialect.delimiter, repr(dialect.delimiter))}",
        "decimal": "decimal comma" if dialect.decimal == "," else "decimal point",
        "encoding": f"encoding {dialect.words.split(', ')[3]}",
        "quoting": "double quotes" if dialect.quoting else "no quoting: quote signs are kept as text",
    }
    parts = [words for key, words in found.items() if key not in told]
    return Note(
        "info", "", f"Detected: {', '.join(parts)}." if parts else "How the file is written was told, not detected."
    )
