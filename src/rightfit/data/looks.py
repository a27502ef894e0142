"""Look at the columns of a table: what the values are, whatever they are written as.

The same values give the same look from CSV (all text), Parquet and data frames: whole numbers are ``integer`` however
they are stored, ``True`` and ``true`` are ``boolean``, ``2024-01-31`` is a ``date`` as text or typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from rightfit.data import dates
from rightfit.data.missing import WEAK
from rightfit.errors import ColumnError

DType = Literal["integer", "float", "boolean", "text", "date"]
THOUSANDS = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"
_CODE = r"^[+-]?0\d"
_LONG = r"^[+-]?\d{16,}$"


@dataclass(frozen=True)
class Look:
    """One column with its values in their own type."""

    name: str
    dtype: DType
    numbers: np.ndarray | None
    """(n,) float64 with NaN for missing; days since 1970-01-01 for dates; None for texts and booleans."""
    texts: pl.Series | None
    """(n,) text, blanks around it taken off, null for missing; None for numbers and dates."""
    missing: int
    unique: int
    """Different values, missing not counted."""
    format: str = ""
    hint: str = ""
    """Something worth a note, in a sentence; empty mostly."""

    def as_text(self) -> pl.Series:
        """The values as the text of levels: whole numbers without a point, dates as ISO."""
        if self.texts is not None:
            return self.texts
        assert self.numbers is not None
        if self.dtype == "date":
            return (
                dates.as_datetime(self.numbers, self.name)
                .dt.to_string("%Y-%m-%d %H:%M:%S")
                .str.replace(" 00:00:00$", "")
            )
        return number_texts(self.numbers, self.name)


def look_at(frame: pl.DataFrame, skip: frozenset[str] = frozenset()) -> dict[str, Look]:
    """The looks of all columns but those to skip, in file order.

    Raises:
        ColumnError: a column holds infinite numbers, or nested or binary values.
    """
    frame = frame.select(name for name in frame.columns if name not in skip)
    # Asking a frame for its schema lists all of its columns, so it is asked once: there may be thousands.
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    stripped = frame.select(pl.col(texts).str.strip_chars()) if texts else pl.DataFrame()
    cast, texts_left = _cast_all(stripped), set(stripped.columns)
    looks: dict[str, Look] = {}
    for name in frame.columns:
        if name in cast:
            looks[name] = _number_look(name, cast[name])
        elif name in texts_left:
            looks[name] = _text_look(stripped.get_column(name))
        else:
            looks[name] = _typed_look(frame.get_column(name))
    return looks


def _cast_all(stripped: pl.DataFrame) -> dict[str, np.ndarray]:
    """Numbers of those text columns that hold numbers and missing cells only; codes such as 00501 are no numbers."""
    if not stripped.width:
        return {}
    # In one query: a wide file has thousands of columns.
    numbers = stripped.select(pl.all().cast(pl.Float64, strict=False))
    before, after = stripped.null_count().row(0), numbers.null_count().row(0)
    height = stripped.height
    some = [name for name, a in zip(stripped.columns, after, strict=True) if a < height]
    if not some:
        return {}
    codes = stripped.select((pl.col(some).str.contains(_CODE) | pl.col(some).str.contains(_LONG)).any())
    is_code = dict(zip(some, codes.row(0), strict=True))
    found: dict[str, np.ndarray] = {}
    for name, a, b in zip(stripped.columns, before, after, strict=True):
        if b == height or is_code[name]:
            continue
        if b > a:
            text = stripped.get_column(name)
            odd = text.is_not_null() & numbers.get_column(name).is_null()
            if not text.filter(odd).is_in(list(WEAK)).all():
                continue
        found[name] = numbers.get_column(name).to_numpy()  # null becomes NaN
    return found


def _number_look(name: str, values: np.ndarray, format: str = "") -> Look:
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        raise ColumnError(
            f"column {name!r} holds an infinite number in row {infinite[0]}. Replace it, or drop the column."
        )
    gone = np.isnan(values)
    missing = int(gone.sum())
    present = values[~gone] if missing else values
    whole = bool(np.all(np.abs(present) < 2.0**53) and np.all(present == np.floor(present)))
    if whole and len(present) and dates.are_compact(present):
        days = dates.from_compact(values)
        if days is not None:
            return Look(name, "date", days, None, missing, _unique(present), "%Y%m%d")
    return Look(name, "integer" if whole else "float", values, None, missing, _unique(present), format)


def _unique(present: np.ndarray) -> int:
    return int(pl.Series(present).n_unique()) if len(present) else 0


def _text_look(series: pl.Series) -> Look:
    name = series.name
    levels = series.drop_nulls().unique()
    lower = set(levels.head(3).str.to_lowercase().to_list()) if len(levels) <= 6 else set()
    if lower and len(levels) <= 6 and set(levels.str.to_lowercase().to_list()) <= {"true", "false"}:
        series = series.str.to_lowercase()
        return Look(name, "boolean", None, series, series.null_count(), series.drop_nulls().n_unique())
    firm = levels.filter(~levels.is_in(list(WEAK)))
    hint = ""
    if len(firm):
        parsed = dates.find_format(firm, series)
        if parsed is not None:
            format, hint = parsed
            days = dates.parse(series.filter(~series.is_in(list(WEAK)).fill_null(False)), format)
            values = np.full(len(series), np.nan)
            values[(~series.is_in(list(WEAK)).fill_null(True)).to_numpy()] = days
            return Look(name, "date", values, None, int(np.isnan(values).sum()), _unique(days), format, hint)
        if (
            firm.str.contains(THOUSANDS).any()
            and firm.str.replace_all(",", "").cast(pl.Float64, strict=False).null_count() == 0
        ):
            grouped = firm.str.contains(THOUSANDS) | ~firm.str.contains(",", literal=True)
            if grouped.all() and not firm.str.contains(_CODE).any():
                values = grouped_numbers(series)
                return _number_look(name, values, "thousands")
        numeric = firm.cast(pl.Float64, strict=False).is_not_null()
        if 0.9 * len(firm) <= numeric.sum() < len(firm) and len(firm) >= 20:
            odd = firm.filter(~numeric).sort()[0]
            row = int(series.index_of(odd) or 0)
            hint = (
                f"almost all values are numbers, but not all, e.g. {shorten(odd)} in row {row}; mend these to use it "
                "as a number"
            )
    return Look(name, "text", None, series, series.null_count(), len(levels), "", hint)


def _typed_look(series: pl.Series) -> Look:
    name, dtype = series.name, series.dtype
    if dtype == pl.Boolean:
        text = series.cast(pl.String)
        return Look(name, "boolean", None, text, text.null_count(), text.drop_nulls().n_unique())
    if dtype in (pl.Date, pl.Datetime):
        days = dates.from_typed(series)
        gone = np.isnan(days)
        return Look(name, "date", days, None, int(gone.sum()), _unique(days[~gone]), "ISO")
    if dtype.is_numeric() or dtype == pl.Duration:
        return _number_look(name, typed_numbers(series))
    if dtype == pl.Null:
        return Look(name, "text", None, series.cast(pl.String), len(series), 0)
    if dtype in (pl.Categorical, pl.Enum, pl.Time):
        return _text_look(series.cast(pl.String))
    raise ColumnError(
        f"column {name!r} holds {dtype} values, which are no cells of a table. Drop the column, or spread it."
    )


def typed_numbers(series: pl.Series) -> np.ndarray:
    """(n,) float64 with NaN for missing, from any numeric column; seconds for durations."""
    if series.dtype == pl.Duration:
        series = series.dt.total_microseconds() / 1e6
    return series.cast(pl.Float64).fill_null(np.nan).to_numpy()


def grouped_numbers(series: pl.Series) -> np.ndarray:
    """(n,) numbers written with thousands commas, NaN for what is no number."""
    return series.str.replace_all(",", "", literal=True).cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()


def number_texts(values: np.ndarray, name: str) -> pl.Series:
    """Numbers as the text of levels: ``1`` for 1.0, ``1.5`` for 1.5, null for NaN."""
    unique = np.unique(values[~np.isnan(values)])
    names = [str(int(v)) if v == np.floor(v) and abs(v) < 2.0**53 else repr(float(v)) for v in unique]
    series = pl.Series(name, values).fill_nan(None)
    return series.replace_strict(
        pl.Series(unique), pl.Series(names, dtype=pl.String), default=None, return_dtype=pl.String
    )


def shorten(text: str, width: int = 40) -> str:
    """A value as it may stand in a message: quoted, and cut if long."""
    return repr(text if len(text) <= width else text[: width - 3] + "...")
