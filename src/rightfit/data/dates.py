"""Dates: recognise how they are written, and the parts that a model can use.

A date is held as days since 1970-01-01 (float64, the time of day as a fraction, UTC where an offset is written).
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl

_ISO = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$"
_DAYS = (
    ("%Y/%m/%d", r"\d{4}/\d{1,2}/\d{1,2}"),
    ("%d.%m.%Y", r"\d{1,2}\.\d{1,2}\.\d{4}"),
    ("%d.%m.%y", r"\d{1,2}\.\d{1,2}\.\d{2}"),
    ("%m/%d/%Y", r"\d{1,2}/\d{1,2}/\d{4}"),
    ("%d/%m/%Y", r"\d{1,2}/\d{1,2}/\d{4}"),
    ("%m/%d/%y", r"\d{1,2}/\d{1,2}/\d{2}"),
    ("%d/%m/%y", r"\d{1,2}/\d{1,2}/\d{2}"),
    ("%m-%d-%Y", r"\d{1,2}-\d{1,2}-\d{4}"),
    ("%d-%m-%Y", r"\d{1,2}-\d{1,2}-\d{4}"),
    ("%d %b %Y", r"\d{1,2} [A-Za-z]{3} \d{4}"),
    ("%d-%b-%Y", r"\d{1,2}-[A-Za-z]{3}-\d{4}"),
    ("%d-%b-%y", r"\d{1,2}-[A-Za-z]{3}-\d{2}"),
    ("%d %B %Y", r"\d{1,2} [A-Za-z]{4,9} \d{4}"),
    ("%b %d, %Y", r"[A-Za-z]{3} \d{1,2}, \d{4}"),
    ("%B %d, %Y", r"[A-Za-z]{4,9} \d{1,2}, \d{4}"),
)
_TIMES = (
    ("", ""),
    (" %H:%M", r" \d{1,2}:\d{2}"),
    (" %H:%M:%S", r" \d{1,2}:\d{2}:\d{2}"),
    (" %I:%M %p", r" \d{1,2}:\d{2} [APap][Mm]"),
    (" %I:%M:%S %p", r" \d{1,2}:\d{2}:\d{2} [APap][Mm]"),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MICROSECONDS = 86_400e6


def find_format(levels: pl.Series, series: pl.Series) -> tuple[str, str] | None:
    """The format in which all values are dates, and a hint where another one would fit as well; None if there is none.

    Args:
        levels: the different values, missing ones left out.
        series: the column in file order, which decides between day/month and month/day where both fit.
    """
    first = str(levels[0])
    if not 6 <= len(first) <= 35 or not any(c.isdigit() for c in first):
        return None
    if re.fullmatch(_ISO, first):
        fits = levels.str.contains(_ISO).all() and not np.isnan(parse(levels, "ISO")).any()
        return ("ISO", "") if fits else None
    found = []
    for day, day_shape in _DAYS:
        for time, time_shape in _TIMES:
            shape = f"^{day_shape}{time_shape}$"
            if re.fullmatch(shape, first) and levels.str.contains(shape).all():
                days = parse(levels, day + time)
                if not np.isnan(days).any():
                    found.append(day + time)
    if not found:
        return None
    if len(found) == 1:
        return found[0], ""
    # Month first or day first: files are often in order of time, and the wrong reading jumps about.
    jumps = [
        float(np.nanmean(np.abs(np.diff(parse(series.drop_nulls(), format))))) if len(series) > 1 else 0.0
        for format in found
    ]
    best = found[int(np.argmin(jumps))]
    words = "month/day" if best.startswith("%m") else "day/month"
    return best, (
        f"the dates could be month/day or day/month, e.g. {first!r}; they are read as {words}. Write them as "
        "2024-01-31 to be sure"
    )


def parse(series: pl.Series, format: str) -> np.ndarray:
    """(n,) days since 1970-01-01 of texts, NaN for what is missing or does not fit."""
    if format == "ISO":
        return _parse_iso(series)
    parsed = series.str.to_datetime(format, strict=False, time_unit="us") if "%H" in format or "%I" in format else None
    if parsed is None:
        parsed = series.str.to_date(format, strict=False).cast(pl.Datetime("us"))
    return from_typed(parsed)


def _parse_iso(series: pl.Series) -> np.ndarray:
    series = pl.select(pl.when(series.str.contains(_ISO)).then(series)).to_series()
    whole = series.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).cast(pl.Int32).cast(pl.Float64)
    days = whole.fill_null(np.nan).to_numpy().copy()
    if bool(series.str.len_bytes().max() == 10) or not series.drop_nulls().len():
        return days
    clock = series.str.slice(11)
    hour, minute = (clock.str.slice(a, 2).cast(pl.Float64, strict=False).fill_null(0.0).to_numpy() for a in (0, 3))
    text = clock.str.extract(r"^\d{2}:\d{2}:(\d{2}(?:[.,]\d+)?)").str.replace(",", ".", literal=True)
    second = text.cast(pl.Float64, strict=False).fill_null(0.0).to_numpy()
    days[(hour > 23) | (minute > 59) | (second >= 61)] = np.nan
    zone = clock.str.extract(r"([+-]\d{2}:?\d{2})$").str.replace(":", "", literal=True)
    shift = zone.str.slice(1, 2).cast(pl.Float64, strict=False) * 60 + zone.str.slice(3, 2).cast(
        pl.Float64, strict=False
    )
    sign = zone.str.starts_with("-").cast(pl.Float64) * 2 - 1
    minutes = hour * 60 + minute + (shift * sign).fill_null(0.0).to_numpy()
    # Microseconds as whole numbers, so that a typed column gives the same float.
    return np.asarray((days * _MICROSECONDS + minutes * 60e6 + np.round(second * 1e6)) / _MICROSECONDS)


def from_typed(series: pl.Series) -> np.ndarray:
    """(n,) days since 1970-01-01 of a Date or Datetime column, NaN for missing; UTC where it has a zone."""
    if series.dtype == pl.Date:
        return series.cast(pl.Int32).cast(pl.Float64).fill_null(np.nan).to_numpy()
    return series.cast(pl.Datetime("us")).cast(pl.Int64).cast(pl.Float64).fill_null(np.nan).to_numpy() / _MICROSECONDS


def as_datetime(days: np.ndarray, name: str = "") -> pl.Series:
    """Days since 1970-01-01 as a Datetime column, null for NaN."""
    micro = pl.Series(name, np.round(days * _MICROSECONDS)).fill_nan(None)
    return micro.cast(pl.Int64).cast(pl.Datetime("us"))


def are_compact(values: np.ndarray) -> bool:
    """Whether whole numbers look like dates written as 20240131."""
    return bool(values.min() >= 19000101 and values.max() <= 21001231)


def from_compact(values: np.ndarray) -> np.ndarray | None:
    """Days of numbers such as 20240131; None where one of them is no date."""
    text = pl.Series(values).fill_nan(None).cast(pl.Int64).cast(pl.String)
    parsed = text.str.to_date("%Y%m%d", strict=False)
    if parsed.null_count() != text.null_count():
        return None
    return from_typed(parsed)


def learn_parts(days: np.ndarray) -> tuple[str, ...]:
    """The parts that vary among these days (NaN left out), in the order of the design's columns: first those that are
    quantities (``days``, ``year``, ``day``), then one part for each month, weekday and hour that occurs."""
    days = days[~np.isnan(days)]
    if not len(days):
        return ()
    year, month, day, weekday, hour = split(days)
    parts = ["days"]
    parts += ["year"] if len(np.unique(year)) > 1 else []
    parts += ["day"] if len(np.unique(day)) > 1 else []
    for name, values, words in (("month", month, None), ("weekday", weekday, WEEKDAYS), ("hour", hour, None)):
        unique = np.unique(values)
        if len(unique) > 1:
            parts += [f"{name} = {words[int(v)] if words else int(v)}" for v in unique]
    return tuple(parts)


def split(days: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Year, month 1-12, day 1-31, weekday 0-6 from Monday, hour 0-23; each (n,) float64 with NaN for missing."""
    when = as_datetime(days).dt
    parts = (when.year(), when.month(), when.day(), when.weekday() - 1, when.hour())
    year, month, day, weekday, hour = (part.cast(pl.Float64).fill_null(np.nan).to_numpy() for part in parts)
    return year, month, day, weekday, hour


def part_values(days: np.ndarray, parts: tuple[str, ...], first: float) -> dict[str, np.ndarray]:
    """Every part as a column (n,): quantities with NaN for missing, 0 or 1 for a month, weekday or hour.

    Args:
        first: first day of the training rows; ``days`` counts from it.
    """
    year, month, day, weekday, hour = split(days)
    tables = {"month": month, "weekday": weekday, "hour": hour}
    values = {}
    for part in parts:
        name, _, level = part.partition(" = ")
        if not level:
            values[part] = {"days": days - first, "year": year, "day": day}[part]
        else:
            wanted = WEEKDAYS.index(level) if name == "weekday" else int(level)
            values[part] = (tables[name] == wanted).astype(np.float64)
    return values
