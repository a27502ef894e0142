"""The pages of ``make docs``, read from disk in a real browser; skipped where they have not been built."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.house.checkout import ROOT
from tests.journeys.browser import browser, visit

SITE = ROOT / "docs" / "_build" / "html"
LOOKED_AT = (
    "index",
    "quick_start",
    "course",
    "rules",
    "notation",
    "benchmarks",
    "extending/penalty",
    "reference/commands",
)
# What a browser fetches by itself; links that a reader may follow are no requests.
FETCHED = re.compile(r"<(?:script|img|iframe|source)\b[^>]*\bsrc=\"([^\"]+)\"|<link\b([^>]*)>|url\((https?:[^)]*)\)")


@pytest.fixture(scope="module")
def pages() -> list[Path]:
    if not (SITE / "index.html").exists():
        pytest.skip("the pages have not been built: make docs")
    return sorted(SITE.rglob("*.html"))


@pytest.fixture(scope="module")
def opened(pages: list[Path]) -> Iterator[Any]:
    with browser() as found:
        yield found


def test_no_page_fetches_anything_from_elsewhere(pages: list[Path]) -> None:
    assert len(pages) > 50
    for page in pages:
        for source, link, address in FETCHED.findall(page.read_text(encoding="utf-8")):
            href = re.search(r'href="([^"]+)"', link)
            for where in (source, address, href[1] if href else ""):
                assert not where.startswith(("http:", "https:", "//")), f"{page.name} fetches {where}"


def test_links_between_pages_lead_to_places_that_exist(pages: list[Path]) -> None:
    texts = {page.resolve(): page.read_text(encoding="utf-8") for page in pages}
    places = {page: set(re.findall(r'\bid="([^"]+)"', text)) for page, text in texts.items()}
    seen = 0
    for page, text in texts.items():
        for href in re.findall(r'<a\b[^>]*\bhref="([^"]+)"', text):
            target, _, place = unescape(href).partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            file = (page.parent / unquote(target)).resolve() if target else page
            assert file.exists(), f"{page.name} links to {href}"
            if place and file in places:
                assert unquote(place) in places[file], f"{page.name} links to {href}"
            seen += 1
    assert seen > 1000


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_fit_and_do_not_complain(opened: Any, width: int) -> None:
    for name in LOOKED_AT:
        with visit(opened, SITE / f"{name}.html", width=width) as here:
            assert here.page.evaluate("document.documentElement.scrollWidth") <= width, name
            assert here.complaints == [], name
            assert [request for request in here.requests if not request.startswith(("file:", "data:"))] == [], name


def test_search_works_from_disk(opened: Any) -> None:
    with visit(opened, SITE / "search.html") as here:
        here.page.goto((SITE / "search.html").as_uri() + "?q=elastic+net")
        # Results are laid out one after another, each by a timer of its own: wait for the sixth, not for the first.
        here.page.locator("ul.search li a").nth(5).wait_for(timeout=20_000)
        here.page.wait_for_timeout(300)
        assert here.complaints == []


def test_a_page_can_be_walked_by_keyboard(opened: Any) -> None:
    with visit(opened, SITE / "index.html") as here:
        here.page.keyboard.press("Tab")
        assert here.page.evaluate("document.activeElement.textContent.trim()") == "Skip to content"
        reached: set[str] = set()
        for _ in range(60):
            here.page.keyboard.press("Tab")
            reached.add(here.page.evaluate("document.activeElement.getAttribute('href') || ''"))
        assert {"quick_start.html", "course.html", "rules.html"} <= reached


def test_a_phone_opens_the_contents(opened: Any) -> None:
    with visit(opened, SITE / "rules.html", width=390) as here:
        link = here.page.locator(".sidebar-tree a", has_text="Quick start").first
        assert not link.is_visible() or link.bounding_box()["x"] < 0
        here.page.locator("header label[for=__navigation], .nav-overlay-icon").first.click()
        here.page.wait_for_function("element => element.getBoundingClientRect().x >= 0", arg=link.element_handle())


def test_the_way_to_a_lesson_and_back(opened: Any) -> None:
    with visit(opened, SITE / "course.html") as here:
        here.page.locator(".cards a").first.click()
        here.page.wait_for_selector("h1")
        assert "/course/" in here.page.url
        here.page.goto((SITE / "course" / "index.html").as_uri())
        here.page.locator('a[href="../course.html"]').first.click()
        assert here.page.locator("h1").inner_text().strip("¶# ") == "The course"
