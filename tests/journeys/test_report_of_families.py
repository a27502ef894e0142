"""The page of a run of trees in a real browser: it opens, stands on a phone, and says what its axis is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rightfit.report.page import write_page
from tests.journeys.browser import browser, visit
from tests.journeys.test_report_page import OVERLAPS, WIDE
from tests.rooms.report.grown import grown


@pytest.fixture(scope="module")
def opened() -> Iterator[Any]:
    with browser() as program:
        yield program


@pytest.mark.parametrize("kind", ["classes", "regression"])
@pytest.mark.parametrize("context", [{}, {"color_scheme": "dark"}], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_of_a_tree(opened: Any, tmp_path: Path, kind: str, width: int, context: dict[str, str]) -> None:
    file = tmp_path / "tree.html"
    write_page(grown(kind), file)
    with visit(opened, file, width=width, **context) as here:
        assert here.complaints == [] and here.requests == [file.as_uri()]
        scroll, inner = here.page.evaluate(WIDE)
        assert scroll <= inner == width
        assert here.page.evaluate(OVERLAPS) == []
        body = here.page.locator("body").inner_text()
        assert "leaves" in here.page.locator("#reading").inner_text() and "NaN" not in body and "undefined" not in body
        assert not here.page.locator("#units").is_visible()
        here.page.focus("#step")
        here.page.keyboard.press("End")
        assert "certificate" in here.page.locator("#reading").inner_text()
        places = here.page.evaluate("[...document.querySelectorAll('#curve svg text')].map((t) => t.textContent)")
        assert "leaves" in places and here.page.locator(".drawing svg").count() == 4
        here.page.keyboard.press("Home")
        assert "Nothing is used here" in here.page.locator("body").inner_text()
