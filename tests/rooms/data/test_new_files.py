"""A new file is read as the training rows were, or refused by the name of its column; nothing is guessed."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

from rightfit.data.encode import encode
from rightfit.data.schema import check_frame, infer_schema
from rightfit.data.table import from_frame
from rightfit.errors import ColumnError
from rightfit.records import Schema
from tests.rooms.data.test_encode import values

HOSTILE = "=cmd|' /C calc'!A0<script>\n\"é"
N = 60
RANDOM = np.random.default_rng(8)


def training() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "size": [float(i % 10) + 0.5 for i in range(N)],
            "rooms": [i % 9 for i in range(N)],
            "garden": [i % 3 == 0 for i in range(N)],
            "sold": [datetime.date(2024, 1, 1) + datetime.timedelta(days=i) for i in range(N)],
            "zip": [f"0{1000 + i % 4}" for i in range(N)],
            HOSTILE: [["a", "b", "c"][i % 3] for i in range(N)],
            "price": RANDOM.normal(size=N),
        }
    )


SCHEMA = infer_schema(training(), target="price")[0]
NEW = training().drop("price")[:6]


def read(frame: pl.DataFrame, schema: Schema = SCHEMA, **options: Any) -> tuple[np.ndarray, dict[str, str]]:
    checked, notes = check_frame(frame, schema, **options)
    said: dict[str, str] = {}
    for note in notes:
        said[note.subject] = f"{said.get(note.subject, '')} {note.sentence}".strip()
    return values(encode(checked, schema)), said


PLAIN, _ = read(NEW)
SAME = {
    "moved columns": NEW.select(NEW.columns[::-1]),
    "all text": NEW.cast(pl.String),
    "blanks around": NEW.cast(pl.String).select(pl.format(" {}  ", pl.col(name)).alias(name) for name in NEW.columns),
    "whole numbers as fractions": NEW.with_columns(pl.col("rooms").cast(pl.Float64)),
    "whole numbers as text fractions": NEW.with_columns(pl.col("rooms").cast(pl.Float64).cast(pl.String)),
    "single precision": NEW.with_columns(pl.col("size").cast(pl.Float32)),
    "short integers": NEW.with_columns(pl.col("rooms").cast(pl.UInt8)),
    "booleans as numbers": NEW.with_columns(pl.col("garden").cast(pl.Int64)),
    "booleans as fractions": NEW.with_columns(pl.col("garden").cast(pl.Float64)),
    "booleans as yes and no": NEW.with_columns(pl.Series("garden", ["Yes" if v else "No" for v in NEW["garden"]])),
    "booleans in capitals": NEW.with_columns(pl.Series("garden", [str(v).upper() for v in NEW["garden"]])),
    "dates as text": NEW.with_columns(pl.col("sold").cast(pl.String)),
    "dates with a time": NEW.with_columns(pl.col("sold").cast(pl.Datetime("ns"))),
    "dates with a time as text": NEW.with_columns(pl.col("sold").cast(pl.String) + "T00:00:00Z"),
    "zeros lost": NEW.with_columns(pl.col("zip").cast(pl.Int64)),
    "categorical": NEW.with_columns(pl.col("zip", HOSTILE).cast(pl.Categorical)),
    "pandas": from_frame(NEW.to_pandas()).frame,
    "nullable": from_frame(NEW.to_pandas().convert_dtypes()).frame,
}


@pytest.mark.parametrize("way", SAME)
def test_the_same_cells_give_the_same_bytes(way: str) -> None:
    found, notes = read(SAME[way])
    assert found.tobytes() == PLAIN.tobytes()
    assert set(notes) <= {"zip"}
    if way == "zeros lost":
        assert "leading zeros" in notes["zip"]


def test_checking_twice_changes_nothing() -> None:
    once, _ = check_frame(NEW.cast(pl.String), SCHEMA)
    twice, notes = check_frame(once, SCHEMA)
    assert twice.equals(once)
    assert notes == ()


def test_chunks_are_read_as_the_whole() -> None:
    rows = [read(NEW[i : i + 1].cast(pl.String), first_row=i)[0] for i in range(NEW.height)]
    assert np.vstack(rows).tobytes() == PLAIN.tobytes()


def test_extra_columns_are_ignored_and_said() -> None:
    found, notes = read(NEW.with_columns(pl.lit(1).alias("extra"), pl.lit("x").alias("=more")))
    assert found.tobytes() == PLAIN.tobytes()
    assert "2 columns were not there in training and are ignored: 'extra', '=more'" in notes[""]


def test_missing_values_are_taken_and_counted() -> None:
    for name in NEW.columns:
        found, notes = read(NEW.with_columns(pl.lit(None).alias(name)))
        assert "6 missing values, none in training" in notes[name]
        assert found.shape == PLAIN.shape
    # In single cells too, spelled as people do; numbers and dates wait for the fill of the fit.
    found, notes = read(NEW.cast(pl.String).with_columns(pl.lit("NA").alias("size"), pl.lit("?").alias("sold")))
    assert np.isnan(found).all(axis=0).sum() >= 2
    assert set(notes) == {"size", "sold"}


@pytest.mark.parametrize(("name", "value"), [("zip", "09999"), (HOSTILE, "=1+1"), (HOSTILE, "<b>")])
def test_new_levels_are_taken_and_counted(name: str, value: str) -> None:
    changed = NEW.with_columns(pl.when(pl.int_range(pl.len()) >= 4).then(pl.lit(value)).otherwise(name).alias(name))
    found, notes = read(changed, first_row=100)
    assert found.shape == PLAIN.shape
    assert "1 new level in 2 rows" in notes[name]
    assert repr(value) in notes[name]
    assert "row 104" in notes[name]


def test_a_third_answer_to_yes_or_no_is_missing_and_said() -> None:
    _, notes = read(NEW.with_columns(pl.Series("garden", ["true", "false", "perhaps", "true", "true", "no"])))
    assert "1 value other than 'false' and 'true', first 'perhaps' in row 2" in notes["garden"]


def test_values_far_outside_are_counted() -> None:
    found, notes = read(NEW.with_columns(pl.Series("size", [1.5, 500.0, -90.0, 2.5, 10.0, 3.5])), first_row=10)
    assert "2 values far outside the training range 0.5 to 9.5, farthest 500 in row 11" in notes["size"]
    assert found[1, 0] == 500
    _, notes = read(NEW.with_columns(pl.lit("2031-05-01").alias("sold")))
    assert "6 values far outside the training range 2024-01-01 to 2024-02-29" in notes["sold"]


@pytest.mark.parametrize("name", NEW.columns)
def test_a_missing_column_is_refused_by_name(name: str) -> None:
    with pytest.raises(ColumnError) as error:
        check_frame(NEW.drop(name), SCHEMA)
    assert f"column {name!r} is missing" in str(error.value)


def test_several_missing_and_a_renamed_one() -> None:
    with pytest.raises(ColumnError, match="2 columns are missing: 'size', 'rooms'"):
        check_frame(NEW.drop("size", "rooms"), SCHEMA)
    with pytest.raises(ColumnError, match="There is a column 'Size ': rename it"):
        check_frame(NEW.rename({"size": "Size "}), SCHEMA)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("size", "tall", "must hold numbers, but row 2 has 'tall'"),
        ("rooms", "1,5", "must hold numbers, but row 2 has '1,5'"),
        ("size", "inf", "must hold finite numbers, but row 2 has"),
        ("sold", "31.12.2024", "must hold dates such as 2024-01-01, but row 2 has '31.12.2024'"),
        ("sold", "2024-02-30", "must hold dates such as 2024-01-01, but row 2 has '2024-02-30'"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_by_name_and_row(name: str, value: str, words: str) -> None:
    new = NEW.cast(pl.String)
    cells = new[name].to_list()
    cells[2] = value
    with pytest.raises(ColumnError) as error:
        check_frame(new.with_columns(pl.Series(name, cells)), SCHEMA)
    assert f"column {name!r} {words}" in str(error.value)
    with pytest.raises(ColumnError, match="row 42"):
        check_frame(new.with_columns(pl.Series(name, cells)), SCHEMA, first_row=40)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("size", pl.Series([datetime.date(2024, 1, 1)] * 6)),
        ("sold", pl.Series([1.5] * 6)),
        ("garden", pl.Series(["perhaps"] * 6)),
        ("size", pl.Series([[1.0]] * 6)),
    ],
)
def test_a_column_of_the_wrong_type_is_refused_by_name(name: str, column: pl.Series) -> None:
    with pytest.raises(ColumnError, match=f"column '{name}' must hold"):
        check_frame(NEW.with_columns(column.alias(name)), SCHEMA)


def test_the_target_is_asked_for_only_where_it_is_needed() -> None:
    check_frame(NEW, SCHEMA)
    with pytest.raises(ColumnError, match="column 'price' is missing"):
        check_frame(NEW, SCHEMA, need_target=True)
    checked, notes = check_frame(NEW.with_columns(pl.lit("unknown yet").alias("price")), SCHEMA)
    assert "price" not in checked.columns
    assert "not needed for predictions" in notes[0].sentence


def test_a_level_that_looks_like_a_missing_value_stays_a_level() -> None:
    frame = pl.DataFrame({"x": ["None", "Stone", "Brick"] * 20, "y": RANDOM.normal(size=N)})
    schema, _ = infer_schema(frame, target="y")
    assert schema.column("x").levels == ("Brick", "None", "Stone")
    checked, notes = check_frame(pl.DataFrame({"x": ["None", "Brick"]}), schema)
    assert checked["x"].to_list() == ["None", "Brick"]
    assert notes == ()
