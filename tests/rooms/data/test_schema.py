"""What a column is, with its reason; told kinds; the task; what deserves a second look."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from rightfit.data.schema import infer_schema, rows_with_target, suspicious
from rightfit.data.table import from_frame, read_table
from rightfit.errors import ColumnError, OptionError
from rightfit.records import Column
from tests.shared import shared_data

N = 60
RANDOM = np.random.default_rng(3)
Y = pl.Series("y", RANDOM.normal(size=N)).cast(pl.String)


def column(values: Any, name: str = "x", **told: Any) -> Column:
    frame = pl.DataFrame([pl.Series(name, [None if v is None else str(v) for v in values], dtype=pl.String), Y])
    return infer_schema(frame, target="y", **told)[0].column(name)


def cycle(*values: Any) -> list[Any]:
    return [values[i % len(values)] for i in range(N)]


@pytest.mark.parametrize(
    ("name", "values", "kind", "dtype"),
    [
        ("x", RANDOM.normal(size=N), "number", "float"),
        ("x", RANDOM.integers(0, 30, N), "number", "integer"),
        ("x", cycle("1", "2", None, "."), "yes/no", "integer"),
        ("x", cycle("1.5", "2.5", "-"), "number", "float"),
        ("x", cycle("1,234", "2,000,000", "7"), "number", "integer"),
        ("x", cycle("0", "1"), "yes/no", "integer"),
        ("x", cycle("True", "FALSE"), "yes/no", "boolean"),
        ("x", cycle("m", "f"), "yes/no", "text"),
        ("x", cycle("red", "green", "blue"), "category", "text"),
        ("zip", cycle("94110", "10115", "75001"), "category", "integer"),
        ("x", cycle("00501", "00544", "10001"), "category", "text"),
        ("month", cycle(*range(1, 13)), "category", "integer"),
        ("x", [f"2024-{1 + i % 12:02}-{1 + i % 28:02}" for i in range(N)], "date", "date"),
        ("x", [f"{1 + i % 28}.{1 + i % 12}.2024" for i in range(N)], "date", "date"),
        ("x", [f"2024-01-31T{i % 24:02}:30:00Z" for i in range(N)], "date", "date"),
        ("x", [f"2024{1 + i % 12:02}{1 + i % 28:02}" for i in range(N)], "date", "date"),
        ("x", [f"this is the long text number {i} of many" for i in range(N)], "text", "text"),
        ("x", range(N), "identifier", "integer"),
        ("customer_id", RANDOM.permutation(N) * 7, "identifier", "integer"),
        ("x", [f"K{i:05}" for i in range(N)], "identifier", "text"),
        ("x", cycle("same"), "constant", "text"),
        ("x", [None] * N, "near-empty", "text"),
        ("x", ["a", "b", *[None] * (N - 2)], "near-empty", "text"),
    ],
)
def test_kinds_are_inferred_with_a_reason(name: str, values: Any, kind: str, dtype: str) -> None:
    found = column(values, name)
    assert (found.kind, found.dtype) == (kind, dtype), found.reason
    assert found.reason.endswith(".")
    assert found.treatment.endswith(".")
    assert found.role == ("dropped" if kind in ("identifier", "constant", "near-empty") else "feature")


def test_kinds_and_roles_can_be_told() -> None:
    assert column(range(N), kinds={"x": "number"}).role == "feature"
    assert column(range(N), kinds={"x": "category"}).kind == "category"
    assert column(cycle("1", "2", "3"), kinds={"x": "category"}).levels == ("1", "2", "3")
    assert column(cycle("a b", "c d"), kinds={"x": "text"}).kind == "text"
    assert column(range(N), kinds={"x": "identifier"}).role == "dropped"
    for role in ("weight", "offset", "group", "time", "fold", "id", "dropped"):
        assert column(range(N), roles={"x": role}).role == role


@pytest.mark.parametrize(
    ("values", "told", "error", "words"),
    [
        (cycle("1", "2", "x"), {"kinds": {"x": "number"}}, ColumnError, "'x' in row 2"),
        (cycle("1", "2", "3"), {"kinds": {"x": "yes/no"}}, ColumnError, "3 different values"),
        (cycle("1", "2", "x"), {"kinds": {"x": "date"}}, ColumnError, "not a date"),
        (cycle("1", "2"), {"kinds": {"x": "number of"}}, OptionError, "choose one of"),
        (cycle("1", "2"), {"kinds": {"xx": "number"}}, OptionError, "did you mean 'x'"),
        (cycle("1", "2"), {"roles": {"x": "boss"}}, OptionError, "no role 'boss'"),
        (cycle("1", "2"), {"roles": {"x": "target"}}, OptionError, "the target is 'y'"),
        (cycle("1", "-2"), {"roles": {"x": "weight"}}, ColumnError, "row 1 has -2"),
        (cycle("1", None), {"roles": {"x": "offset"}}, ColumnError, "no value in row 1"),
        (cycle("a", "b"), {"roles": {"x": "time"}}, ColumnError, "neither dates nor numbers"),
        (cycle("1", "inf"), {}, ColumnError, "infinite number in row 1"),
    ],
)
def test_what_cannot_be_told_is_refused(values: Any, told: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        column(values, **told)


@pytest.mark.parametrize(
    ("name", "values", "kind", "loss", "classes"),
    [
        ("y", RANDOM.normal(size=N), "regression", "squared", ()),
        ("y", RANDOM.integers(50, 900, N), "regression", "squared", ()),
        ("y", cycle("0", "1"), "classes", "logistic", ("0", "1")),
        ("y", cycle("yes", "no", "no"), "classes", "logistic", ("no", "yes")),
        ("y", cycle("sick", "well", "well"), "classes", "logistic", ("well", "sick")),
        ("y", cycle("a", "b", "c"), "classes", "multinomial", ("a", "b", "c")),
        ("digit", cycle(*range(10)), "classes", "multinomial", tuple("0123456789")),
        ("claims", RANDOM.poisson(0.5, N), "counts", "poisson", ()),
    ],
)
def test_the_task_follows_from_the_target(
    name: str, values: Any, kind: str, loss: str, classes: tuple[str, ...]
) -> None:
    frame = pl.DataFrame({name: [str(v) for v in values], "x": [str(v) for v in RANDOM.normal(size=N)]})
    task = infer_schema(frame, target=name)[1]
    assert (task.kind, task.loss, task.classes, task.target) == (kind, loss, classes, name)
    assert repr(name) in task.reason


def test_the_task_can_be_told() -> None:
    frame = pl.DataFrame({"y": cycle("0", "1", "2"), "x": [str(v) for v in RANDOM.normal(size=N)]})
    for task, loss in (("regression", "squared"), ("counts", "poisson"), ("classes", "multinomial")):
        assert infer_schema(frame, target="y", task=task)[1].loss == loss  # type: ignore[arg-type]
    assert infer_schema(frame, target="y", loss="poisson")[1].kind == "counts"
    for told, words in (({"task": "sorting"}, "no task"), ({"loss": "logistic"}, "two classes")):
        with pytest.raises(OptionError, match=words):
            infer_schema(frame, target="y", **told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "task", "words"),
    [
        (cycle("1"), None, "in every row"),
        (cycle("a"), None, "in every row"),
        ([None] * N, None, "no values"),
        (cycle("a", "b"), "regression", "not a number"),
        (cycle("1", "-2", "3"), "counts", "negative value -2 in row 1"),
        ([f"2024-01-{1 + i % 28:02}" for i in range(N)], None, "dates"),
    ],
)
def test_targets_that_cannot_be_predicted(values: Any, task: Any, words: str) -> None:
    frame = pl.DataFrame({"y": pl.Series(values, dtype=pl.String), "x": [str(v) for v in RANDOM.normal(size=N)]})
    with pytest.raises(ColumnError, match=words):
        infer_schema(frame, target="y", task=task)
    with pytest.raises(ColumnError, match="no target 'z'"):
        infer_schema(frame, target="z")


def test_rows_without_target_are_left_out_and_counted() -> None:
    frame = pl.DataFrame({"y": ["1", None, "2.5"], "x": ["a", "b", "c"]})
    kept, notes = rows_with_target(frame, "y")
    assert kept["x"].to_list() == ["a", "c"]
    assert "1 of 3 row" in notes[0].sentence


def test_rare_levels_are_pooled_and_many_are_capped() -> None:
    found = column([*["a"] * 30, *["b"] * 27, "c", "d", "e"])
    assert (found.levels, found.counts, found.pooled) == (("a", "b"), (30, 27), ("c", "d", "e"))
    assert "pooled as (other)" in found.treatment
    found = column(cycle(*"abcdef"), levels=4)
    assert (found.levels, found.pooled) == (("a", "b", "c", "d"), ("e", "f"))
    assert "beyond the 4 most frequent" in found.treatment
    assert column([*["a"] * 30, *["b"] * 29, "c"]).levels == ("a", "b", "c"), "a single rare level is kept"


def test_unclear_dates_and_almost_numbers_are_said() -> None:
    frame = pl.DataFrame(
        {
            "day": [f"0{1 + i % 9}/0{1 + i // 9}/2024" for i in range(N)],
            "size": [*map(str, range(100, 99 + N)), "big"],
            "y": Y,
        }
    )
    notes = {
        note.subject: note.sentence for note in infer_schema(frame, target="y", kinds={"size": "category"})[0].notes
    }
    assert "day/month" in notes["day"]
    assert "'big' in row 59" in notes["size"]


def alarms(data: dict[str, Any], target: str = "y", **told: Any) -> dict[str, str]:
    frame = from_frame(data).frame
    schema, task = infer_schema(frame, target=target, **told)
    return {note.subject: note.sentence for note in suspicious(frame, schema, task)}


@pytest.mark.parametrize("classes", [False, True])
def test_leaks_are_named_and_honest_columns_are_not(classes: bool) -> None:
    n = 400
    x = RANDOM.normal(size=(n, 3))
    y = x[:, 0] + x[:, 1] + RANDOM.normal(size=n)
    if classes:
        y = np.where(y > 0.5, "ill", "well")
    known = np.where(y == "ill", 4, RANDOM.integers(0, 4, n)) if classes else y**3 + 0.1 * RANDOM.normal(size=n)
    level = np.where(y == "ill", "ward", "home") if classes else np.array(["a", "b", "c", "d"] * 100)
    found = alarms({"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "known": known, "level": level, "y": y})
    assert set(found) == ({"known", "level"} if classes else {"known"})
    assert "% of the target 'y' on unseen rows" in found["known"]


def test_missing_cells_that_tell_the_target_are_a_leak() -> None:
    y = RANDOM.integers(0, 2, 300)
    found = alarms({"when": np.where(y == 1, RANDOM.normal(size=300), np.nan), "x": RANDOM.normal(size=300), "y": y})
    assert set(found) == {"when"}


def test_parts_of_the_target_are_named_together() -> None:
    a, b = RANDOM.poisson(3, 300), RANDOM.poisson(5, 300)
    found = alarms({"a": a, "b": b, "c": RANDOM.poisson(4, 300), "y": a + b + 0.0})
    assert set(found) == {"a", "b"}
    assert "exact weighted sum of 'a' and 'b'" in found["a"]


def test_identifiers_groups_and_copies_are_named() -> None:
    n = 200
    x = RANDOM.normal(size=n)
    found = alarms(
        {
            "row_id": np.arange(n),
            "patient": [f"P{i // 5}" for i in range(n)],
            "case_id": np.repeat(np.arange(n // 4), 4) * 13,
            "x": x,
            "again": x,
            "y": RANDOM.normal(size=n),
        }
    )
    assert set(found) == {"row_id", "patient", "case_id", "again"}
    assert "identifier" in found["row_id"]
    assert "repeated person" in found["patient"]
    assert "50 values in 200 rows" in found["case_id"]
    assert "same values as 'x'" in found["again"]
    assert "patient" not in alarms(
        {"patient": [f"P{i // 5}" for i in range(n)], "x": x, "y": x**2}, roles={"patient": "group"}
    )


@pytest.mark.parametrize(
    ("name", "target", "leaks", "kinds"),
    [
        ("bike_hourly", "cnt", {"casual", "registered"}, {"dteday": "date", "hr": "category", "instant": "identifier"}),
        ("crash_fatality", "dead", {"injSeverity"}, {"caseid": "identifier", "dvcat": "category"}),
        ("aus_auto_claims", "ClaimNb", {"ClaimOcc", "ClaimAmount"}, {}),
        ("meats_nir", "fat", {"water"}, {}),
        ("flights_2013", "arr_delay", {"dep_delay"}, {"year": "constant", "month": "category", "distance": "number"}),
        ("ames_housing", "price", set(), {"PID": "identifier", "MS.SubClass": "category", "Overall.Qual": "number"}),
        ("california_housing", "median_house_value", set(), {"households": "number", "ocean_proximity": "category"}),
        ("credit_data", "Status", set(), {}),
        ("letter", "lettr", set(), {}),
        ("prostate", "lpsa", set(), {"svi": "yes/no", "train": "yes/no"}),
        ("sms_spam", "label", set(), {"text": "text"}),
    ],
)
def test_real_tables(name: str, target: str, leaks: set[str], kinds: dict[str, str]) -> None:
    frame, _ = rows_with_target(read_table(shared_data(name)).frame, target)
    schema, task = infer_schema(frame, target=target)
    assert {column: schema.column(column).kind for column in kinds} == kinds
    assert {note.subject for note in suspicious(frame, schema, task) if " leak" in note.sentence} == leaks
