"""What a table becomes as numbers: the same bytes from every way of storing it, one named feature for each column."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from rightfit.contracts import Design
from rightfit.data.encode import encode, encode_target, list_features
from rightfit.data.schema import check_frame, infer_schema
from rightfit.data.table import from_frame, read_table
from rightfit.errors import ColumnError, DataError
from rightfit.records import Schema

N = 120
RANDOM = np.random.default_rng(5)
WORDS = ["good", "bad", "late", "quick", "friendly", "broken", "cheap"]


def mixed() -> pl.DataFrame:
    """A table with a column of every kind, with missing values, and hostile names and levels."""
    n = np.arange(N)
    texts = [" ".join(RANDOM.choice(WORDS, 5)) + f" {i}" for i in range(N)]
    return pl.DataFrame(
        {
            "number": pl.Series(RANDOM.normal(size=N).round(6)),
            "whole": pl.Series(RANDOM.integers(0, 99, N)),
            "gaps": pl.Series([None if i % 7 == 0 else i * 0.25 for i in range(N)]),
            "flag": pl.Series(n % 3 == 0),
            "zip": pl.Series([f"0{1000 + i % 4}" for i in range(N)]),
            "colour": pl.Series([None if i % 11 == 0 else ["red", "green", "blue, light"][i % 3] for i in range(N)]),
            "day": pl.Series([datetime.date(2023, 12, 1) + datetime.timedelta(days=int(i)) for i in range(N)]),
            "review": pl.Series([None if i == 3 else text for i, text in enumerate(texts)]),
            "<script>alert(1)</script>": pl.Series([["=1+1", 'a"b', "x = y"][i % 3] for i in range(N)]),
            "y": pl.Series(RANDOM.normal(size=N).round(6)),
        }
    )


def values(design: Design) -> np.ndarray:
    """(n, p) the numbers of a design, NaN where a value is missing."""
    columns = np.arange(design.p)
    dense, rest, order = design.pieces(columns, np.zeros(design.p), shifted=False)
    whole = np.column_stack([dense, rest.toarray()])[:, np.argsort(order)]
    whole[design.holes().toarray() > 0] = np.nan
    return np.asarray(whole)


def learn(frame: pl.DataFrame, **told: Any) -> tuple[Schema, dict[str, np.ndarray]]:
    """The schema, and the design's columns by name."""
    schema, _ = infer_schema(frame, target="y", **told)
    return schema, numbers(frame, schema)


def numbers(frame: pl.DataFrame, schema: Schema) -> dict[str, np.ndarray]:
    design = encode(check_frame(frame, schema)[0], schema)
    names = [feature.name for feature in list_features(schema)]
    assert list(design.names) == names
    assert len(set(names)) == len(names) == design.p
    return dict(zip(names, values(design).T, strict=True))


def ways(folder: Path, frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The same table stored in several ways."""
    frame.write_csv(folder / "table.csv")
    comma = frame.with_columns(pl.col(pl.Float64).cast(pl.String).str.replace(".", ",", literal=True))
    comma.write_csv(folder / "comma.csv", separator=";")
    frame.write_parquet(folder / "table.parquet")
    files = {name: read_table(folder / name).frame for name in ("table.csv", "comma.csv", "table.parquet")}
    pandas = frame.to_pandas()
    memory = {
        "polars": frame,
        "arrow": frame.to_arrow(),
        "pandas": pandas,
        "nullable": pandas.convert_dtypes(),
        "categorical": pandas.astype({"colour": "category", "zip": "category"}),
        "dict": frame.to_dict(as_series=False),
    }
    return files | {name: from_frame(data).frame for name, data in memory.items()}


def test_every_way_of_storing_a_table_gives_the_same_bytes(tmp_path: Path) -> None:
    frame = mixed()
    found = {name: learn(stored) for name, stored in ways(tmp_path, frame).items()}
    schema, first = found["table.csv"]
    kinds = {column.name: column.kind for column in schema.columns}
    assert list(kinds.values()) == [
        "number", "number", "number", "yes/no", "category", "category", "date", "text", "category", "number"
    ]  # fmt: skip
    for name, (other, columns) in found.items():
        assert {c.name: (c.kind, c.levels, c.words, c.parts) for c in other.columns} == {
            c.name: (c.kind, c.levels, c.words, c.parts) for c in schema.columns
        }, name
        assert list(columns) == list(first), name
        for feature, column in columns.items():
            assert column.tobytes() == first[feature].tobytes(), (name, feature)


def test_numbers_flags_and_indicators_of_missing() -> None:
    frame = mixed()
    _, columns = learn(frame)
    assert np.allclose(columns["number"], frame["number"].to_numpy(), rtol=0, atol=1e-15)
    gone = frame["gaps"].is_null().to_numpy()
    assert np.array_equal(np.isnan(columns["gaps"]), gone)
    assert np.array_equal(columns["gaps is missing"], gone)
    assert np.array_equal(columns["flag"], frame["flag"].to_numpy())
    assert "number is missing" not in columns


def test_categories_are_groups_with_a_level_for_missing() -> None:
    frame = mixed()
    schema, columns = learn(frame)
    names = [f.name for f in list_features(schema) if f.source == "colour"]
    assert names == ["colour = blue, light", "colour = green", "colour = red", "colour is missing"]
    assert np.array_equal(sum(columns[name] for name in names), np.ones(N))
    assert np.array_equal(columns["colour = red"], (frame["colour"] == "red").fill_null(False))
    assert len({f.group for f in list_features(schema) if f.source == "colour"}) == 1
    assert "zip = 01003" in columns


def test_pooled_levels_share_a_column() -> None:
    frame = pl.DataFrame({"x": [*["a"] * 50, *["b"] * 60, "c", "d", *["e"] * 8], "y": RANDOM.normal(size=N)})
    schema, columns = learn(frame, levels=2)
    assert list(columns) == ["x = a", "x = b", "x = (other)"]
    assert columns["x = (other)"].sum() == 10
    new = numbers(pl.DataFrame({"x": ["zebra", "a", "c", None]}), schema)
    assert new["x = (other)"].tolist()[:3] == [1, 0, 1]


def test_a_new_level_without_a_pool_is_an_average_row() -> None:
    frame = pl.DataFrame({"x": [*["a"] * 30, *["b"] * 90], "z": ["p", "q", "r"] * 40, "y": RANDOM.normal(size=N)})
    schema, _ = learn(frame)
    new = numbers(pl.DataFrame({"x": ["a", None, "b"], "z": ["new", None, "q"]}), schema)
    assert new["x = b"].tolist() == [0, 0.75, 1]
    for name in ("z = p", "z = q", "z = r"):
        assert np.allclose(new[name][:2], 1 / 3)


def test_dates_become_parts() -> None:
    frame = mixed()
    _, columns = learn(frame)
    assert np.array_equal(columns["day: days"], np.arange(N))
    assert columns["day: year"].tolist() == frame["day"].dt.year().to_list()
    assert columns["day: day"].tolist() == frame["day"].dt.day().to_list()
    assert np.array_equal(columns["day: month = 12"], frame["day"].dt.month() == 12)
    assert np.array_equal(columns["day: weekday = Monday"], frame["day"].dt.weekday() == 1)
    assert "day: hour = 0" not in columns, "a part that does not vary is no column"
    hours = pl.Series("t", [f"2024-01-31 {i % 24:02}:00:00" for i in range(N)])
    assert "t: hour = 23" in learn(pl.DataFrame([hours, frame["y"]]))[1]


def test_text_becomes_a_bag_of_words() -> None:
    frame = mixed()
    schema, columns = learn(frame)
    words = {f.detail: columns[f.name] for f in list_features(schema) if f.role == "word"}
    assert set(WORDS) <= set(words)
    bag = np.column_stack(list(words.values()))
    length = np.sqrt((bag**2).sum(axis=1))
    assert np.allclose(length[np.arange(N) != 3], 1)
    assert length[3] == 0
    assert columns["review is missing"][3] == 1
    held = frame["review"].fill_null("").str.split(" ").list.contains("good").to_numpy()
    assert np.array_equal(words["good"] > 0, held)


def test_names_stay_unique_where_columns_and_levels_collide() -> None:
    frame = pl.DataFrame({"a": ["b = c", "x", "z"] * 40, "a = b": ["c", "x", "z"] * 40, "y": RANDOM.normal(size=N)})
    _, columns = learn(frame)
    assert "a = b = c" in columns
    assert "a = b = c #2" in columns


def test_targets_are_coded_in_the_order_of_the_classes() -> None:
    frame = pl.DataFrame({"y": ["no", "yes", "no"] * 40, "x": RANDOM.normal(size=N)})
    schema, task = infer_schema(frame, target="y")
    checked, _ = check_frame(frame, schema, need_target=True)
    assert encode_target(checked, schema, task).tolist() == [0.0, 1.0, 0.0] * 40
    with pytest.raises(ColumnError, match="unknown class 'perhaps' in row 1"):
        encode_target(pl.DataFrame({"y": ["no", "perhaps"]}), schema, task)
    with pytest.raises(ColumnError, match="no value in row 1"):
        encode_target(pl.DataFrame({"y": ["no", None]}), schema, task)


def test_what_cannot_be_encoded_is_refused() -> None:
    frame = pl.DataFrame({"y": RANDOM.normal(size=N), "x": ["a"] * N, "z": RANDOM.normal(size=N)})
    schema, _ = infer_schema(frame, target="y", roles={"z": "dropped"})
    with pytest.raises(DataError, match="no column is left"):
        encode(frame, schema)
    schema, _ = infer_schema(frame.with_columns(pl.col("z").cast(pl.String)), target="y")
    with pytest.raises(DataError, match="check_frame"):
        encode(frame.with_columns(pl.col("z").cast(pl.String)), schema)


def test_a_column_without_a_name_keeps_it() -> None:
    table = from_frame({"": [2.5, 1.5, 7.5, 2.25, 8.0, 1.0], "a": [1, 2, 4, 5, 3, 6], "y": [3.0, 4, 1, 2, 5, 7]})
    schema, _ = infer_schema(table.frame, target="y")
    frame, _ = check_frame(table.frame, schema)
    assert encode(frame, schema).names == ("", "a")
