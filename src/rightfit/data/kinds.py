"""Decide what a column is, with the reason in a sentence. The first rule that fits decides:

1. near-empty   almost no values
2. constant     one value in every row
3. yes/no       true and false, the numbers 0 and 1 (1 and 2, -1 and 1), or two texts
4. date         all values are dates
5. identifier   whole numbers that count the rows, or an identifier by name; texts of which almost every row has its own
6. category     codes by name (zip), parts of the calendar as numbers (month), texts that repeat
7. text         many different texts of several words
8. number       everything else that is numbers
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from rightfit.data.looks import Look
from rightfit.records import Kind

_IDENTIFIER = re.compile(
    r"(^|[\s_.\-])(id|ids|uuid|guid|rownames?|row_?(no|nr|num|number|index))$|^(p|u|s|case|user|subject|patient|person|customer|student"
    r"|client|account|order|item|record|row|sample|household|member|employee)_?(id|no|nr|num|number)$",
    re.IGNORECASE,
)
_IDENTIFIER_CAMEL = re.compile(r"[a-z](Id|ID)$")
_CODE = re.compile(r"(^|[\s_.\-])(zip|zip_?code|postal_?code|post_?code|plz|fips)$", re.IGNORECASE)
_TIME = re.compile(
    r"(^|[\s_.\-])(t|time|year|yr|month|week|day|date|hour|period|quarter|age|wave|round)s?$", re.IGNORECASE
)
_FEW = 20
"""Below this number of values, nothing is called an identifier or near-empty."""
TWO_NUMBERS = ({0.0, 1.0}, {1.0, 2.0}, {-1.0, 1.0})


def decide_kind(look: Look, rows: int) -> tuple[Kind, str]:
    """The kind of a column and why.

    Args:
        look: the column.
        rows: rows of the table.
    """
    present = rows - look.missing
    if present == 0:
        return "near-empty", "Every value is missing."
    if rows >= _FEW and look.missing and present < max(3, rows / 100):
        return "near-empty", f"Only {present:,} of {rows:,} rows have a value."
    if look.unique == 1 and not look.missing:
        return "constant", f"Every row has the value {shown(look)}."
    if look.unique == 1:
        return "category", f"One value, {shown(look)}, in {present:,} rows; missing in the others."
    if look.dtype == "boolean":
        return "yes/no", "The values are true and false."
    if look.dtype == "date":
        return "date", "All values are dates."
    if look.dtype == "text":
        return _decide_text(look, present)
    return _decide_number(look, present)


def is_identifier_name(name: str) -> bool:
    """Whether a name says that its column tells rows, people or things apart."""
    return bool(_IDENTIFIER.search(name.strip()) or _IDENTIFIER_CAMEL.search(name.strip()))


def _decide_number(look: Look, present: int) -> tuple[Kind, str]:
    assert look.numbers is not None
    values = look.numbers[~np.isnan(look.numbers)] if look.missing else look.numbers
    what = "whole numbers" if look.dtype == "integer" else "numbers"
    if look.unique == 2:
        pair = {float(values.min()), float(values.max())}
        if pair in TWO_NUMBERS:
            low, high = sorted(int(v) for v in pair)
            return "yes/no", f"Two values, {low} and {high}."
    if look.dtype == "integer" and present >= _FEW:
        steps = np.diff(values)
        if look.unique == present and not look.missing and not _TIME.search(look.name):
            if bool(np.all(steps == 1)) or bool(np.all(steps == -1)):
                return "identifier", "Whole numbers that count the rows."
            if is_identifier_name(look.name):
                return "identifier", "Every row has a whole number of its own, and the name is that of an identifier."
        if is_identifier_name(look.name) and look.unique > _FEW:
            return "identifier", f"{look.unique:,} whole numbers, and the name is that of an identifier."
        if _CODE.search(look.name):
            return "category", f"{look.unique:,} codes written as numbers, by the name."
        part = _calendar_part(look.name, values, look.unique)
        if part:
            return (
                "category",
                f"{'An' if part == 'hour' else 'A'} {part} as a number, by its name and range: a cycle, no quantity.",
            )
        if (
            look.unique <= 50
            and present >= 5 * look.unique
            and {"class", "type", "code", "category", "zone"} & _words(look.name)
        ):
            return "category", f"{look.unique:,} whole numbers that are codes, by the name."
    return "number", f"{look.unique:,} different {what}."


def _words(name: str) -> set[str]:
    """The words of a name, lower case: ``MS.SubClass`` has ms, sub and class."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def _calendar_part(name: str, values: np.ndarray, unique: int) -> str:
    """Hour, month, weekday, quarter or season if both the name and the range of whole numbers say so; else nothing."""
    words, low, high = _words(name), float(values.min()), float(values.max())
    if words & {"hour", "hr"} and low >= 0 and high <= 24 and unique >= 12:
        return "hour"
    if words & {"month", "mnth", "mo"} and low == 1 and high == 12 and unique == 12:
        return "month"
    if words & {"weekday", "wday", "dow", "dayofweek"} and low >= 0 and high <= 7 and 5 <= unique <= 7:
        return "weekday"
    for part, names in (("quarter", {"quarter", "qtr"}), ("season", {"season"})):
        if words & names and low >= 0 and high <= 4 and unique == 4:
            return part
    return ""


def _decide_text(look: Look, present: int) -> tuple[Kind, str]:
    assert look.texts is not None
    if look.unique == 2:
        first, second = sorted(look.texts.drop_nulls().unique().to_list())
        return "yes/no", f"Two values, {_cut(first)} and {_cut(second)}."
    share = look.unique / present
    sample = look.texts.drop_nulls().head(2000)
    words = float(np.mean((sample.str.count_matches(r"\S+")).to_numpy()))
    if ((words >= 3 and share > 0.5) or (words >= 5 and share > 0.1)) and look.unique >= _FEW:
        return "text", f"{look.unique:,} different texts of {words:.0f} words on average."
    if present >= _FEW:
        if look.unique == present:
            return "identifier", "Every row has a value of its own."
        if share >= 0.9:
            return "identifier", f"{look.unique:,} different values in {present:,} rows: almost every row has its own."
        if share > 0.5 and float(look.texts.drop_nulls().value_counts()["count"].median() or 1) <= 2:  # type: ignore[arg-type]
            return "identifier", f"{look.unique:,} different values in {present:,} rows: hardly any repeats."
        if is_identifier_name(look.name) and look.unique > _FEW:
            return "identifier", f"{look.unique:,} different values, and the name is that of an identifier."
    return "category", f"{look.unique:,} different values that repeat."


def shown(look: Look) -> str:
    """The only value of a column, or its first one, as it may stand in a sentence."""
    return _cut(str(look.as_text().drop_nulls()[0]))


def _cut(text: str, width: int = 30) -> str:
    return repr(text if len(text) <= width else text[: width - 3] + "...")


def two_levels(look: Look) -> tuple[str, str] | None:
    """The two values of a yes/no column, the one that means yes second; None where there are not exactly two."""
    if look.unique != 2:
        return None
    unique = look.as_text().drop_nulls().unique().to_list()
    if look.dtype in ("integer", "float"):
        low, high = sorted(unique, key=float)
    else:
        low, high = sorted(unique)
        if (is_yes(low) and not is_yes(high)) or (is_no(high) and not is_no(low)):
            low, high = high, low
    return low, high


_YES = frozenset(["yes", "y", "true", "t", "1", "positive", "pos", "present", "on", "ja", "oui", "si", "sí", "j"])


def is_yes(level: str) -> bool:
    """Whether a level by itself means yes."""
    return level.strip().lower() in _YES


_NO = frozenset(["no", "n", "none", "false", "f", "0", "negative", "neg", "absent", "off", "nein", "non"])


def is_no(level: str) -> bool:
    """Whether a level by itself means no."""
    return level.strip().lower() in _NO


def order_levels(levels: list[str]) -> list[str]:
    """Levels in reading order: by number where all are numbers, else by letter."""
    try:
        return sorted(levels, key=lambda level: (float(level), level))
    except ValueError:
        return sorted(levels)


def learn_levels(texts: pl.Series, most: int) -> tuple[tuple[str, ...], tuple[int, ...], tuple[str, ...]]:
    """Levels kept in reading order, their counts, and the rest, which is pooled.

    A level is kept if it has at least max(2, min(10, rows / 1000)) rows and is among the ``most`` frequent ones. A
    single rare level is not worth pooling and is kept.
    """
    table = texts.drop_nulls().value_counts(name="count")
    names, counts = table.get_column(texts.name).to_list(), table.get_column("count").to_list()
    order = sorted(zip(names, counts, strict=True), key=lambda item: (-item[1], item[0]))
    least = rare_limit(len(texts))
    kept = [item for item in order if item[1] >= least][:most]
    if len(order) - len(kept) == 1 and len(order) <= most:
        kept = order
    size = dict(kept)
    levels = order_levels(list(size))
    return tuple(levels), tuple(size[level] for level in levels), tuple(sorted(name for name, _ in order[len(kept) :]))


def rare_limit(rows: int) -> int:
    """Rows that a level needs for a column of its own."""
    return int(max(2, min(10, -(-rows // 1000))))
