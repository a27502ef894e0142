"""Text that a spreadsheet would take for a formula, made harmless before it is written as CSV.

A cell that starts with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return is executed by common spreadsheets when
the file is opened ("CSV injection"; OWASP). An apostrophe in front makes text of it. Text that is a plain number, such
as ``-5``, is none of these and stays as it is.
"""

from __future__ import annotations

import polars as pl

_FORMULA = r"^\s*[=+\-@]|^[\t\r]"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


def escape_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with an apostrophe before every text, and every name of a column, that could run as a formula."""
    columns = [
        _escaped(column.cast(pl.String)) if column.dtype in (pl.String, pl.Categorical, pl.Enum) else column
        for column in frame.get_columns()
    ]
    names = _escaped(pl.Series("names", frame.columns, dtype=pl.String)).to_list()
    return pl.DataFrame([column.alias(name) for column, name in zip(columns, names, strict=True)])


def _escaped(texts: pl.Series) -> pl.Series:
    texts = texts.alias("texts")  # a name such as ^a$ would be read as a pattern
    risky = texts.str.contains(_FORMULA) & ~texts.str.contains(_NUMBER)
    return pl.select(pl.when(risky).then(pl.lit("'") + texts).otherwise(texts)).to_series()
