"""Tables that are in memory already: pandas, polars, pyarrow, NumPy, dicts of columns. Nothing is imported for it.

A typed table keeps its types; missing values of every sort (None, NaN, NaT, pandas.NA, empty text) become null.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from rightfit.errors import ColumnError, DataError
from rightfit.records import Source

if TYPE_CHECKING:
    from rightfit.data.table import Table


def from_frame(data: Any, name: str = "data frame") -> Table:
    """A table from what is in memory.

    Args:
        data: pandas.DataFrame (nullable, categorical and date types too), polars.DataFrame or LazyFrame,
            pyarrow.Table, a two-dimensional array (columns ``x0, x1, ...``), or a mapping of column names to equally
        long sequences. name: what reports call it.

    Raises:
        DataError: not one of these, or no rows; ColumnError: two columns share a name, or one holds nested values.
    """
    from rightfit.data.table import Table

    frame = to_polars(data)
    if not frame.width or not frame.height:
        raise DataError(f"{name} has {frame.height} rows and {frame.width} columns; at least one of each is needed.")
    try:
        buffer = io.BytesIO()
        frame.write_ipc(buffer, compression="uncompressed")
        content = buffer.getvalue()
    except pl.exceptions.PolarsError:
        content = repr(frame.to_dict(as_series=False)).encode()
    words = f"{type(data).__module__.split('.')[0]} {type(data).__name__}".replace("builtins ", "")
    source = Source(name, len(content), hashlib.sha256(content).hexdigest(), words, frame.height, frame.width)
    return Table(frame, source)


def to_polars(data: Any) -> pl.DataFrame:
    """The polars frame of any table in memory, in one chunk, with every missing value as null."""
    family = type(data).__module__.split(".")[0]
    if isinstance(data, pl.LazyFrame):
        data = data.collect()
    if isinstance(data, pl.DataFrame):
        columns = list(data.get_columns())
    elif family == "pandas" and hasattr(data, "columns"):
        names = [str(name) for name in data.columns]
        _refuse_duplicates(names)
        columns = [_from_pandas(data.iloc[:, i], name) for i, name in enumerate(names)]
    elif family == "pyarrow" and hasattr(data, "column_names"):
        names = [str(name) for name in data.column_names]
        _refuse_duplicates(names)
        columns = list(pl.DataFrame(pl.from_arrow(data)).get_columns())
    elif isinstance(data, np.ndarray):
        if data.ndim != 2:
            raise DataError(f"an array must have two dimensions (rows, columns), not {data.ndim}.")
        columns = [_from_values(f"x{i}", data[:, i]) for i in range(data.shape[1])]
    elif isinstance(data, Mapping):
        names = [str(name) for name in data]
        _refuse_duplicates(names)
        columns = [_from_values(name, values) for name, values in zip(names, data.values(), strict=True)]
        lengths = {len(column) for column in columns}
        if len(lengths) > 1:
            shortest = min(columns, key=len).name
            raise ColumnError(
                f"column {shortest!r} has {min(lengths)} values, others have {max(lengths)}. Make them equal."
            )
    else:
        raise DataError(
            f"a {type(data).__name__} is no table. Give a pandas, polars or pyarrow table, a two-dimensional array, "
            "or a "
            "dict of columns."
        )
    return pl.DataFrame({column.name: _blank(column) for column in columns}).rechunk()


def _refuse_duplicates(names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1 if len(names) < 50 else len(set(names)) < len(names) and names.count(name) > 1:
            raise ColumnError(f"two columns are both called {name!r}. Give every column a name of its own.")


def _blank(series: pl.Series) -> pl.Series:
    """NaN and empty text as null; dictionary types as plain text."""
    if series.dtype in (pl.Categorical, pl.Enum):
        series = series.cast(pl.String)
    if series.dtype.is_float():
        return series.fill_nan(None)
    if series.dtype == pl.String:
        empty = series.str.strip_chars() == ""
        if empty.any():
            return series.to_frame().select(pl.when(~empty).then(pl.col(series.name))).to_series()
    return series


def _from_pandas(column: Any, name: str) -> pl.Series:
    kind = getattr(column.dtype, "kind", "O")
    if isinstance(column.dtype, np.dtype) and kind in "biuf":
        return _from_values(name, column.to_numpy())
    if kind in "biu" and not bool(column.isna().any()):
        return _from_values(name, column.to_numpy(dtype={"b": bool, "i": np.int64, "u": np.uint64}[kind]))
    if kind == "b":
        values = column.to_numpy(dtype=object, na_value=None)
        return pl.Series(name, [None if v is None else bool(v) for v in values], dtype=pl.Boolean)
    if kind in "iuf":
        return _from_values(name, column.to_numpy(dtype=np.float64, na_value=np.nan))
    if kind == "M":
        if getattr(column.dtype, "tz", None) is not None:
            column = column.dt.tz_convert("UTC").dt.tz_localize(None)
        return pl.Series(name, column.to_numpy(dtype="datetime64[us]"))
    return _from_values(name, column.astype(object).to_numpy(dtype=object))


def _from_values(name: str, values: Any) -> pl.Series:
    """One column of any values; a mixture of numbers and texts becomes text."""
    if isinstance(values, pl.Series):
        return values.alias(name)
    array = values if isinstance(values, np.ndarray) else None
    if array is not None and array.dtype.kind in "biuf":
        if array.dtype.kind == "f" and array.dtype.itemsize < 4:
            array = array.astype(np.float32)
        if array.dtype.kind == "f" and array.dtype.itemsize > 8:
            array = array.astype(np.float64)
        return pl.Series(name, np.ascontiguousarray(array))
    if array is not None and array.dtype.kind == "M":
        return pl.Series(name, array.astype("datetime64[us]"))
    if array is not None and array.dtype.kind in "OUS":
        values = array.tolist()
    if array is None and not isinstance(values, (list, tuple)):
        if hasattr(values, "dtype") and hasattr(values, "isna"):
            return _from_pandas(values, name)
        if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
            raise ColumnError(f"column {name!r} is a single {type(values).__name__}, not a sequence of values.")
        values = list(values)
    return _from_objects(name, [_plain(value) for value in values])


def _plain(value: Any) -> Any:
    """A Python value of its own kind; None for every sort of missing."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value


def _from_objects(name: str, values: list[Any]) -> pl.Series:
    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return pl.Series(name, values, dtype=pl.String)
    if kinds == {bool}:
        return pl.Series(name, values, dtype=pl.Boolean)
    if kinds <= {int, float}:
        whole = kinds == {int} and all(v is None or -(2**63) <= v < 2**63 for v in values)
        return pl.Series(name, values, dtype=pl.Int64 if whole else pl.Float64, strict=False)
    if all(issubclass(kind, datetime.datetime) for kind in kinds):
        if any(value is not None and value.tzinfo is not None for value in values):
            utc = datetime.UTC
            values = [v if v is None or v.tzinfo is None else v.astimezone(utc).replace(tzinfo=None) for v in values]
        return pl.Series(name, values, dtype=pl.Datetime("us"))
    if kinds == {datetime.date}:
        return pl.Series(name, values, dtype=pl.Date)
    if all(issubclass(kind, (str, int, float, bool)) for kind in kinds):
        return pl.Series(name, [None if v is None else str(v) for v in values], dtype=pl.String)
    if any(issubclass(kind, (list, tuple, dict, set, np.ndarray)) for kind in kinds):
        raise ColumnError(
            f"column {name!r} holds nested values ({sorted(k.__name__ for k in kinds)[0]}). Spread or leave it out."
        )
    return pl.Series(name, [None if v is None else str(v) for v in values], dtype=pl.String)
