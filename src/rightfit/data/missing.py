"""Which cells count as missing.

Two kinds of tokens, both compared after surrounding blanks are taken off:

* **Strong** tokens (`TOKENS`) are missing in every column of a *text* file. Parquet files and data frames have a
  missing value of their own, so there only the empty text and NaN are missing.
* **Weak** tokens (`WEAK`), among them ``None`` and ``.``, can be real levels ("no masonry", "no airbag"). They are
  levels in a column of categories or words, and missing in a column whose other cells are all numbers or all dates.
"""

from __future__ import annotations

import polars as pl

TOKENS = ("", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NAN", "null", "NULL", "Null")
"""Missing in every column of a text file."""
WEAK = ("None", "none", "NONE", ".", "-", "--", "?", "NaT", "nil", "missing", *TOKENS)
"""Missing among numbers and dates only."""
_LONGEST = max(len(token) for token in TOKENS)


def blank_tokens(frame: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
    """The frame of texts with strong tokens as null, and how often each token was met (empty text included)."""
    counts: dict[str, int] = {}
    nulls = frame.null_count().row(0)
    stripped = pl.all().str.strip_chars()
    # One pass over all columns: a wide file has thousands, and a query for each would cost more than its cells.
    hits = frame.select((stripped.str.len_bytes() <= _LONGEST) & stripped.is_in(list(TOKENS))).sum().row(0)
    changed = []
    for name, empty, hit in zip(frame.columns, nulls, hits, strict=True):
        if empty:
            counts[""] = counts.get("", 0) + empty
        if hit:
            series = frame.get_column(name)
            token = series.str.strip_chars().is_in(list(TOKENS))
            for text, count in series.filter(token).str.strip_chars().value_counts(name="count").iter_rows():
                counts[text] = counts.get(text, 0) + count
            changed.append(series.to_frame().select(pl.when(~token).then(pl.col(name)).alias(name)).to_series())
    return frame.with_columns(changed), counts


def sentence(counts: dict[str, int]) -> str:
    """What was read as missing, most frequent first."""
    order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{count:,} {'empty' if token == '' else repr(token)}" for token, count in order if count]
    return f"Cells read as missing: {', '.join(shown)}."
