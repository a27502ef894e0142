"""Every lesson: what is shipped is what is computed today, its text names what was computed, all of it stays small."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import msgspec
import pytest

from rightfit.errors import DataError, FileError
from rightfit.learn.compute import compute, differences, store
from rightfit.learn.course import LESSONS, TECHNIQUES, load_page, load_results, stored, write_course
from rightfit.learn.results import Results, combinations
from rightfit.learn.text import read_text
from tests.house.checkout import SOURCE

TYPED = re.compile(r"\d[.,]\d|\b\d{2,}\b|\d\s*%")
"""A number that somebody typed: a decimal, more than one digit, a share."""
LARGEST = 3_000_000


@cache
def computed(name: str) -> Results:
    return compute(name)


@pytest.mark.parametrize("name", LESSONS)
def test_what_is_shipped_is_what_is_computed_now(name: str) -> None:
    assert differences(computed(name), load_results(name), name) == [], (
        f"python -m rightfit.learn.compute {name} stores what is computed now"
    )


def test_a_number_that_changes_is_noticed() -> None:
    name = LESSONS[0]
    kept = load_results(name)
    key = next(key for key, value in kept.facts.items() if isinstance(value, float) and value > 1)
    other = msgspec.structs.replace(kept, facts=kept.facts | {key: kept.facts[key] * 1.5})
    assert any(key in words for words in differences(other, kept, name))
    picture = kept.pictures[0]
    layer = picture.drawn[0].layers[0][0]
    moved = msgspec.structs.replace(layer, y=tuple((value or 0) + 1 for value in layer.y))
    drawn = (msgspec.structs.replace(picture.drawn[0], layers=((moved,),)), *picture.drawn[1:])
    pictures = (msgspec.structs.replace(picture, drawn=drawn), *kept.pictures[1:])
    assert differences(msgspec.structs.replace(kept, pictures=pictures), kept, name)


@pytest.mark.parametrize("name", LESSONS)
def test_no_number_of_the_text_was_typed(name: str) -> None:
    text = re.sub(
        r"\{\{.*?\}\}|\$\$.*?\$\$|\$[^$\n]+\$|\]\([^)]*\)|`[^`]*`| within [\d.]+$", "", stored(name, "md"), flags=re.M
    )
    assert TYPED.findall(re.sub(r"(?<=[(, ])(?:19|20)\d\d\b", "", text)) == []  # years of papers


@pytest.mark.parametrize("name", LESSONS)
def test_every_fact_is_used_and_every_picture_shown(name: str) -> None:
    results, source = load_results(name), stored(name, "md")
    assert results.claims
    assert [fact for fact in results.facts if not re.search(rf"\{{[{{%][^}}]*\b{fact}\b", source)] == []
    shown = [content for kind, content in load_page(name).text.parts if kind == "picture"]
    assert sorted(shown) == sorted(picture.name for picture in results.pictures)
    assert shown


@pytest.mark.parametrize("name", LESSONS)
def test_pictures_have_a_layer_for_every_combination(name: str) -> None:
    for picture in load_results(name).pictures:
        asked = [*picture.drawn, *([picture.said] if picture.said else [])]
        for part in asked:
            there = part.layers if hasattr(part, "layers") else part.sentences
            assert len(there) == len(combinations(picture.controls, part.by)), (picture.name, part.by)
        used = {control for part in asked for control in part.by}
        assert picture.script or used == {control.name for control in picture.controls}, picture.name


@pytest.mark.parametrize("name", LESSONS)
def test_three_questions_or_more_with_reasons(name: str) -> None:
    questions = load_page(name).text.questions
    assert 3 <= len(questions) <= 6
    places = [[answer.kind for answer in q.answers].index("right") for q in questions if not q.numeric]
    assert len(places) < 3 or len(set(places)) > 1, "the right answer always stands at the same place"


def test_the_course_is_laid_out_small_and_linked(tmp_path: Path) -> None:
    contents = write_course(tmp_path / "course")
    pages = {path.name: path.read_text(encoding="utf-8") for path in contents.parent.iterdir()}
    assert set(pages) == {"index.html", *(f"{name}.html" for name in LESSONS)}
    assert sum(len(page.encode()) for page in pages.values()) < LARGEST
    for name, page in pages.items():
        for target in re.findall(r'href="([^"#:]+)"', page):
            assert target in pages, f"{name} leads to {target}"
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)
    shipped = sum(path.stat().st_size for path in (SOURCE / "learn").rglob("*") if "__pycache__" not in path.parts)
    assert shipped < LARGEST


def test_techniques_and_lessons_name_each_other() -> None:
    assert {name for names in TECHNIQUES.values() for name in names} == set(LESSONS)


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(FileError, match=r"cannot be written.*-o"):
        write_course(tmp_path / "taken")


def test_a_text_that_no_longer_fits_is_not_stored() -> None:
    with pytest.raises(DataError, match="was not computed"):
        store(LESSONS[0], Results({}))


def test_a_text_without_its_head_is_refused() -> None:
    with pytest.raises(DataError, match="begins with"):
        read_text("no title", {})
