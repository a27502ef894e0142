"""Rows that stand in a table more than once are counted, named, and kept together where that is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from rightfit.data.duplicates import code_rows, judged_columns, note_duplicates
from rightfit.data.schema import check_frame, infer_schema, rows_with_target
from rightfit.data.table import from_frame, read_table
from rightfit.errors import OptionError
from rightfit.records import Note, Run
from rightfit.search.fit import fit_table
from rightfit.search.options import make_options
from rightfit.search.rows import set_aside
from tests.journeys.files import houses
from tests.shared import shared_data


def fit(frame: pl.DataFrame, **options: Any) -> Run:
    quick = {"strengths": 10, "folds": 4, "l1_ratio": (1.0,), "drop": "name"}
    return fit_table(from_frame(frame), make_options(target="price", **{**quick, **options}))


def found(run: Run) -> list[Note]:
    return [note for note in run.notes if "repeat" in note.sentence]


def test_rows_share_a_number_where_all_cells_agree() -> None:
    frame = pl.DataFrame({"a": [1.0, 2.0, 1.0, None, None, 1.0], "b": ["x", "x", "x", "y", "y", "y"]})
    assert code_rows(frame, ["a", "b"]).tolist() == [0, 1, 0, 2, 2, 3]
    assert code_rows(frame, ["a"]).tolist() == [0, 1, 0, 2, 2, 0]
    assert code_rows(frame, []).tolist() == [0, 1, 2, 3, 4, 5]


def test_a_table_without_copies_has_no_note() -> None:
    assert note_duplicates(np.arange(9), together=False) == ()
    assert found(fit(houses(60))) == []


def test_copies_are_counted_and_the_first_is_named() -> None:
    frame = pl.concat([houses(60), houses(60)[[7, 3, 3]]])
    (note,) = found(fit(frame))
    assert note.severity == "warning"
    assert note.sentence.startswith("3 of 63 rows repeat an earlier row")
    assert "first row 60, a copy of row 7" in note.sentence
    assert "the evidence is too good" in note.sentence and "--duplicates together" in note.sentence


def test_tables_made_of_repeats_are_no_alarm() -> None:
    (note,) = note_duplicates(np.arange(40) % 4, together=False)
    assert note.severity == "info" and "as rows must" in note.sentence


def test_copies_stay_together_on_request_and_are_one_witness() -> None:
    frame = pl.concat([houses(60), houses(60)[:30], houses(60)[:10]])
    apart, run = fit(frame, repeats=2), fit(frame, duplicates="together", repeats=2)
    for k in range(30):
        assert len(set(run.evidence.fold[[k, 60 + k]])) == 1
    assert len(set(run.evidence.unit)) == 60
    (note,) = found(run)
    assert note.severity == "info" and "stay in one fold" in note.sentence
    assert "copies of rows together" in run.evidence.name
    # what was memorized no longer counts as proven
    assert run.curve.mean[-1] > apart.curve.mean[-1] and run.curve.error[-1] > apart.curve.error[-1]
    assert "--duplicates together" in " ".join(run.command)


def test_copies_are_set_aside_together() -> None:
    frame = pl.concat([houses(60), houses(60)]).with_columns(name=pl.Series([f"row {i}" for i in range(120)]))
    learn, aside, words = set_aside(frame, make_options(target="price", holdout=0.25, duplicates="together"), None)
    assert "copies of rows together" in words and len(aside) == 30
    assert not set(learn % 60) & set(aside % 60)


def test_one_thing_decides_what_stays_together() -> None:
    for option in ("group", "time", "fold_column"):
        with pytest.raises(OptionError, match=f"--{option.replace('_', '-')} already decides"):
            make_options(target="y", duplicates="together", **{option: "x"})
    with pytest.raises(OptionError, match="apart or together"):
        make_options(target="y", duplicates="gone")
    group = pl.Series([f"g{i % 9}" for i in range(70)])
    (note,) = found(fit(pl.concat([houses(60), houses(60)[:10]]).with_columns(g=group), group="g"))
    assert "the folds are decided by the group 'g'" in note.sentence


@pytest.mark.parametrize(
    ("name", "target", "count"),
    [("letter", "lettr", 1332), ("sms_spam", "label", 414), ("meats_nir", "fat", 22), ("hitters", "Salary", 0)],
)
def test_copies_in_real_tables(name: str, target: str, count: int) -> None:
    frame, _ = rows_with_target(read_table(shared_data(name)).frame, target)
    schema, _ = infer_schema(frame, target=target)
    checked, _ = check_frame(frame, schema, need_target=True)
    code = code_rows(checked, judged_columns(schema))
    assert len(code) - len(np.unique(code)) == count


def test_many_different_rows_are_dealt_quickly_and_weights_count() -> None:
    frame = houses(4_000).drop("name").with_columns(w=pl.Series([float(i % 3) for i in range(4_000)]))
    run = fit(pl.concat([frame, frame[:500]]), duplicates="together", weight="w", drop=())
    fold, zero = run.evidence.fold, run.evidence.weight == 0
    assert not fold[zero].any() and set(fold[~zero]) == {1, 2, 3, 4}
    heavy = np.flatnonzero(~zero[:500])
    assert np.array_equal(fold[heavy], fold[4_000 + heavy])
    load = np.bincount(fold, run.evidence.weight)[1:]
    assert load.max() / load.min() < 1.05
