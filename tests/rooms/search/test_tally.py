"""Findings of blocks become findings of the whole file."""

from __future__ import annotations

import polars as pl

from rightfit.data.check import check_frame
from rightfit.data.schema import infer_schema
from rightfit.records import Note
from rightfit.search.tally import Tally


def notes_of(frame: pl.DataFrame, rows: int, seed_rows: int = 60) -> tuple[Note, ...]:
    """What the checks say about ``frame`` in blocks of so many rows, against a schema of tame rows."""
    training = pl.DataFrame(
        {
            "size 7": [float(i % 13) for i in range(seed_rows)],
            "quarter": ["north", "south", "west"] * (seed_rows // 3),
            "garden": ["yes", "no"] * (seed_rows // 2),
            "day": [f"2024-01-{1 + i % 28:02d}" for i in range(seed_rows)],
            "y": [i * 0.37 % 5 for i in range(seed_rows)],
        }
    )
    schema, _ = infer_schema(training, target="y")
    tally = Tally()
    for start in range(0, frame.height, rows):
        tally.add(check_frame(frame[start : start + rows], schema, first_row=start)[1])
    return tally.notes()


def strange(rows: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "size 7": [None if i % 5 == 0 else 1000.0 + i for i in range(rows)],
            "quarter": ["north" if i % 2 else "east" for i in range(rows)],
            "garden": ["maybe" if i % 4 == 0 else "yes" for i in range(rows)],
            "day": ["2024-01-03" if i % 3 else f"20{30 + i % 60}-01-01" for i in range(rows)],
            "extra 3": [1] * rows,
        }
    )


def test_blocks_say_what_the_whole_says() -> None:
    whole = [note.sentence for note in notes_of(strange(47), 47)]
    blocks = [note.sentence for note in notes_of(strange(47), 10)]
    assert len(whole) == 7
    assert [s.replace("at least ", "") for s in blocks] == whole
    assert any("at least 1 new level in 24 rows, first 'east' in row 0" in s for s in blocks)
    assert any("37 values far outside" in s and "farthest 1046 in row 46" in s for s in blocks)
    assert any("10 missing values" in s for s in blocks)
    assert sum("extra 3" in s for s in blocks) == 1


def test_one_is_singular_and_two_are_plural() -> None:
    frame = strange(6).with_columns(quarter=pl.Series(["north", "east", "north", "north", "east", "north"]))
    assert any("1 new level in 1 row," in note.sentence for note in notes_of(frame[:3], 3))
    assert any("new level in 2 rows," in note.sentence for note in notes_of(frame, 3))
