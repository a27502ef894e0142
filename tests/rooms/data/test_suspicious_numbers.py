"""Numbers name persons, sites and things only where they can; options are said as they are typed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rightfit.data.schema import infer_schema, rows_with_target, suspicious
from rightfit.data.table import from_frame, read_table
from tests.shared import shared_data

N = 600
RANDOM = np.random.default_rng(11)


def alarms(data: dict[str, Any]) -> dict[str, str]:
    frame = from_frame({**data, "y": RANDOM.normal(size=N)}).frame
    schema, task = infer_schema(frame, target="y")
    return {note.subject: note.sentence for note in suspicious(frame, schema, task)}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("households", RANDOM.lognormal(6, 0.7, N).round()),
        ("household", RANDOM.lognormal(6, 0.7, N).round()),
        ("household", 1 + RANDOM.poisson(1.5, N)),
        ("family", RANDOM.integers(1, 7, N)),
        ("session", RANDOM.geometric(0.1, N)),
        ("sensor", RANDOM.normal(20, 3, N).round(1)),
        ("device", RANDOM.exponential(40, N).round(0)),
    ],
)
def test_counts_and_measurements_are_no_groups(name: str, values: np.ndarray) -> None:
    assert alarms({name: values, "x": RANDOM.normal(size=N)}) == {}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("site", RANDOM.integers(1, 13, N)),
        ("hospital no", RANDOM.integers(100, 160, N)),
        ("household", np.repeat(np.arange(N // 4), 4)),
        ("patient", RANDOM.permutation(np.repeat(np.arange(N // 3) * 7 + 1000, 3))),
        ("batch", [f"B{i // 20}" for i in range(N)]),
    ],
)
def test_repeated_things_are_named_with_the_option_to_type(name: str, values: Any) -> None:
    found = alarms({name: values, "x": RANDOM.normal(size=N)})
    assert set(found) == {name}
    typed = f"'{name}'" if " " in name else name
    assert found[name].endswith(f"give --group {typed}.")


def test_the_option_of_an_identifier_is_said_as_it_is_typed() -> None:
    found = alarms({"Order": np.arange(N), "row id": RANDOM.permutation(N), "x": RANDOM.normal(size=N)})
    assert found["Order"].endswith("To use it, give --as Order=number.")
    assert found["row id"].endswith("To use it, give --as 'row id=number'.")


GROUPS: dict[str, tuple[str, set[str]]] = {
    "ames_housing": ("price", set()),
    "aus_auto_claims": ("ClaimNb", set()),
    "bike_hourly": ("cnt", set()),
    "california_housing": ("median_house_value", set()),
    "crash_fatality": ("dead", {"caseid"}),
    "credit_data": ("Status", set()),
    "flights_2013": ("arr_delay", {"tailnum"}),
    "gbsg_survival": ("status", set()),
    "hitters": ("Salary", set()),
    "letter": ("lettr", set()),
    "nki70_survival": ("event", set()),
    "prostate": ("lpsa", set()),
    "rotterdam_survival": ("death", set()),
    "sms_spam": ("label", set()),
}


@pytest.mark.parametrize("name", GROUPS)
def test_real_tables_have_no_other_groups(name: str) -> None:
    target, groups = GROUPS[name]
    frame, _ = rows_with_target(read_table(shared_data(name)).frame, target)
    schema, task = infer_schema(frame, target=target)
    found = {note.subject for note in suspicious(frame, schema, task) if "repeated person" in note.sentence}
    assert found == groups
