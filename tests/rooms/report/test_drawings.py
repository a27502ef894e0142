"""Models without coefficients are drawn from records: every shape inside its picture, every question in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rightfit.records import Picture
from rightfit.report.drawings import LEAVES, drawings
from rightfit.report.page import LIMIT, render
from rightfit.report.scales import Strengths
from rightfit.report.words import summary
from tests.rooms.report.grown import grown
from tests.rooms.report.specimen import KINDS, specimen
from tests.rooms.report.test_stills import inside


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("depth", [0, 1, 3, 8])
def test_every_shape_is_inside_its_picture(kind: str, depth: int) -> None:
    found = drawings(grown(kind, depth=depth))
    assert [title for title, _, _ in found] == [
        "The chosen tree",
        "Leaves and shrinkage together",
        "How many trees are enough",
        "What the penalties did to the leaves",
    ]
    assert all(inside(still) for _, _, still in found)
    assert drawings(replace(grown(kind), picture=Picture())) == []


def test_a_tree_is_read_line_by_line() -> None:
    run = grown("classes", depth=2)
    (_, sentence, still), *_ = drawings(run)
    words = [text for _, _, _, _, text in still.texts]
    assert "All 4 leaves" in sentence and words[:3] == ["question", "rows", "says"]
    assert "all rows" in words and sum(" ≤ " in w or " > " in w or " is " in w for w in words) == 6
    assert words.count("500") == 2 and words.count("250") == 4  # rows of each node
    shown = [float(w.replace("−", "-")) for w in words if w.startswith("0.")]
    assert shown and all(0 <= value <= 1 for value in shown)  # probabilities, not log odds


def test_a_large_tree_is_followed_where_most_rows_are() -> None:
    run = grown("regression", depth=8)
    (_, sentence, still), *_ = drawings(run)
    ends = [text for kind, _, _, _, text in still.texts if kind == "leaf" and " leaves" in text]
    assert f"{LEAVES} branches of 256 leaves" in sentence
    assert 0 < len(ends) <= LEAVES and all(" … " in text for text in ends)


def test_levels_gaps_and_sets_of_levels_are_words() -> None:
    run = grown("classes", depth=1)
    tree = run.picture.tree
    assert tree is not None
    level = next(j for j, f in enumerate(run.features) if f.role == "level")

    def words(feature: int, **more: object) -> list[str]:
        asked = replace(tree, feature=np.array([feature, -1, -1]), **more)  # type: ignore[arg-type]
        still = drawings(replace(run, picture=Picture(tree=asked)))[0][2]
        return [text for _, _, _, _, text in still.texts]

    name, detail = run.features[level].source, run.features[level].detail
    assert f"{name} is {detail}" in words(level) and f"{name} is not {detail}" in words(level)
    several = words(level, levels={"0": np.array([level, level + 1])})
    assert (
        any(" or " in text and text.startswith(f"{name} is ") for text in several) and f"{name} is another" in several
    )


def test_the_page_speaks_of_shares_and_of_its_own_axis() -> None:
    page = render(grown("classes"))
    assert len(page.encode()) <= LIMIT
    for words in ("What it uses", "the share of a feature", "Families of models compared", "A mixture would gain"):
        assert words in page
    assert "xgboost is not installed" in page.lower() and '"rising":true' in page and '"words":"{} leaves"' in page
    assert "Penalties compared" not in page and "per standard deviation</th>" not in page
    plain = render(specimen("classes"))
    assert "Families of models compared" not in plain and "The chosen model</h2>" not in plain
    lines = "\n".join(summary(grown("classes")))
    assert "Most important of" in lines and "share" in lines


def test_names_from_a_file_are_text() -> None:
    page = render(grown("classes", hostile=True))
    assert "<img" not in page and page.count("<script") == 2 == page.count("</script")


def test_what_rises_is_drawn_from_the_left() -> None:
    axis = Strengths.over([0, 1, 10, 100], 400, 0)
    places = [axis(v) for v in (0, 1, 10, 100)]
    assert places == sorted(places) and places[0] == 0 and places[-1] == 400
    assert places[1] - places[0] >= 18 and [label for _, label in axis.ticks(60)][-1] == "0"
