"""A ladder of nets is drawn from its record: every strength and epoch, and where each net stopped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rightfit.records import Examples, Ladder, Picture
from rightfit.report.drawings import drawings
from rightfit.report.epochs import PANELS, panels_still
from rightfit.report.ladders import SHADES
from rightfit.report.page import render
from rightfit.store.file import from_bytes, to_bytes
from tests.rooms.report.specimen import specimen
from tests.rooms.report.test_stills import inside


def make_ladder(columns: int = 12, *, chosen: int = 1) -> Ladder:
    """Three strengths, of which the first was over early and the last overfits."""
    epoch = np.arange(1.0, columns + 1)
    held_out = np.array([0.9 + 0 / epoch, 0.5 + 0.5 / epoch, 0.52 + 0.4 / epoch + 0.01 * epoch])
    held_out[0, max(1, columns // 2) :] = np.nan
    return Ladder(
        strengths=np.array([30.0, 3.0, 0.0]),
        epochs=np.arange(1, columns + 1),
        held_out=held_out,
        training=held_out - 0.02 * epoch,
        stop=np.array([1, columns, min(5, columns)]),
        stops=np.tile(np.array([[1], [columns], [min(5, columns)]]), (1, 4)),
        spread=np.array([0.0, 0.01, 0.02]),
        chosen=chosen,
        measure="log loss <b>",
        name="weight decay",
        seeds=3,
        sentence="36 nets.",
    )


@pytest.mark.parametrize("columns", [1, 2, 12, 60])
@pytest.mark.parametrize("chosen", [-1, 0, 2])
def test_every_shape_is_inside_its_picture(columns: int, chosen: int) -> None:
    run = replace(specimen("regression"), picture=Picture(ladder=make_ladder(columns, chosen=chosen)))
    found = drawings(run)
    assert [title for title, _, _ in found] == ["The ladder: strengths and epochs", "Epoch by epoch"]
    assert all(inside(still) for _, _, still in found)


def test_shades_and_marks_say_what_the_record_says() -> None:
    run = replace(specimen("regression"), picture=Picture(ladder=make_ladder()))
    (_, sentence, still), (_, _, panels) = drawings(run)
    cells = [kind for kind, _ in still.paths if kind.startswith("heat")]
    assert sentence == "36 nets." and len(cells) == 6 + 12 + 12
    assert cells[6 + 11] == f"heat heat-{SHADES - 1}" and cells[0] == "heat heat-0"  # the least and the largest loss
    assert sum(kind == "ring" for kind, *_ in still.circles) == 3
    words = [text for *_, text in still.texts]
    assert {"30", "3", "0", "least loss", "epochs"} <= set(words)
    assert [kind for kind, _ in panels.paths] == ["line training", "line loss"] * 3
    assert sum(kind == "ring" for kind, *_ in panels.circles) == 3
    assert "weight decay 3, chosen" in [text for *_, text in panels.texts]


def test_of_many_strengths_some_are_shown_and_the_chosen_one_is_among_them() -> None:
    few = make_ladder()
    parts = {name: np.repeat(getattr(few, name), 10, axis=0) for name in ("held_out", "training", "stop", "stops")}
    many = replace(few, strengths=np.arange(30.0, 0.0, -1.0), chosen=17, **parts)
    still = panels_still(many)
    titles = [text for _, _, _, _, text in still.texts if text.startswith("weight decay")]
    assert len(titles) == PANELS and "weight decay 13, chosen" in titles and "weight decay 30" in titles


def test_rows_that_training_made_are_shown_in_the_units_of_their_columns() -> None:
    values = np.array([[1.0, -2.0], [3.0, 4.0], [1.5, -0.5]])
    examples = Examples(np.array([1, 0]), ("a row", "another row", "75 % and 25 %"), values, "Mixed.")
    run = replace(specimen("regression"), picture=Picture(examples=examples))
    ((title, sentence, still),) = drawings(from_bytes(to_bytes(run), "run.rightfit"))
    assert (title, sentence) == ("Rows that augmentation made", "Mixed.") and inside(still)
    words = [text for *_, text in still.texts]
    assert {"75 % and 25 %", "1.50", run.features[1].name} <= set(words)


def test_a_ladder_is_stored_and_its_page_holds_no_markup_of_others() -> None:
    run = replace(specimen("regression"), picture=Picture(ladder=make_ladder()))
    again = from_bytes(to_bytes(run), "run.rightfit")
    page = render(again)
    assert page == render(replace(run, seconds={})) and "log loss &lt;b&gt;" in page and "log loss <b>" not in page
