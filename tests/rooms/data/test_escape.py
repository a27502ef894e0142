"""Nothing that is written as CSV runs in a spreadsheet; numbers and honest text stay as they are."""

from __future__ import annotations

import polars as pl

from rightfit.data.escape import escape_formulas

RISKY = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =1", "-x"]
HONEST = ["a", "", "-5", "+1.5e3", "-.5", "a=b", "x-y", None]


def test_formulas_become_text_and_the_rest_stays() -> None:
    frame = pl.DataFrame({"id": [*RISKY, *HONEST], "number": range(len(RISKY) + len(HONEST))})
    safe = escape_formulas(frame)
    assert safe["id"].to_list() == ["'" + text for text in RISKY] + HONEST
    assert safe["number"].to_list() == frame["number"].to_list()


def test_names_of_columns_too() -> None:
    assert escape_formulas(pl.DataFrame({"=1": [1.0], "^a$": ["=2"]})).to_dict(as_series=False) == {
        "'=1": [1.0],
        "^a$": ["'=2"],
    }


def test_a_frame_without_rows_keeps_its_columns() -> None:
    empty = pl.DataFrame(schema={"a": pl.String, "b": pl.Float64, "c": pl.Categorical})
    assert escape_formulas(empty).columns == ["a", "b", "c"]
