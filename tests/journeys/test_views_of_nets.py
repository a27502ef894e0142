"""Boundaries, thinned nets and bits at the command line, and in a browser: every control moves something."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import rightfit
from rightfit.cli import main
from tests.journeys.browser import browser, visit

pytest.importorskip("torch", reason="torch is not installed")

SECTIONS = ("boundary-title", "dropout-title", "information-title")
FIGURES = ("boundary", "boundary-losses", "dropout-losses", "dropout-spread", "information-bits", "information-plane")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two classes with every view, numbers over a category with the boundary alone."""
    place = tmp_path_factory.mktemp("nets")
    rng = np.random.default_rng(5)
    x = rng.normal(size=(100, 2))
    score = np.sin(2 * x[:, 0]) + x[:, 0] * x[:, 1]
    frame = pl.DataFrame({"income": x[:, 0], "years": x[:, 1], "site": rng.choice(["north", "south", "east"], 100)})
    frame.with_columns(sold=pl.Series(np.where(score > 0, "yes", "no"))).write_csv(place / "sold.csv")
    frame.with_columns(price=pl.Series(100 + 10 * score)).write_csv(place / "price.csv")
    for target in ("sold", "price"):
        saved = rightfit.fit(place / f"{target}.csv", target, penalty="ridge", strengths=8, folds=2)
        saved.save(place / f"{target}.rightfit")
    found = {}
    asked = {
        "sold": ["--only", "boundary,dropout,information", "--units", "4", "--beside", "tree,kernel"],
        "price": ["--only", "boundary", "--beside", "tree", "--column", "income", "--column", "site"],
    }
    for target, words in asked.items():
        found[target] = place / f"{target}.html"
        run = ["views", f"{place}/{target}.rightfit", "--data", f"{place}/{target}.csv", *words, "--quiet"]
        assert main([*run, "-o", f"{place}/{target}-seen.rightfit", "--report", str(found[target])]) == 0
    return found


@pytest.fixture(scope="module")
def opened() -> Iterator[Any]:
    with browser() as program:
        yield program


def test_the_command_tells_and_stores(pages: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    place = pages["sold"].parent
    views = rightfit.load(place / "sold-seen.rightfit").run.views
    assert views.boundary is not None and views.dropout is not None and views.information is not None
    assert views.dropout.masks == 16 and views.information.hidden == (4,)
    assert [plane.name for plane in views.boundary.planes] == ["the run's model", "tree", "kernel"]
    assert pages["sold"].stat().st_size < 1_000_000
    words = ["views", str(place / "price.rightfit"), "--data", str(place / "price.csv"), "--only", "boundary"]
    words += ["-o", str(place / "again.rightfit"), "--report", str(place / "again.html"), "--json"]
    assert main([*words, "--beside", ""]) == 0
    told = json.loads(capsys.readouterr().out)
    assert "its colour is the predicted price" in told["views"]["Boundaries over two columns"]["sentences"][0]
    assert main([*words, "--beside", "shrub"]) == 2
    assert "no family 'shrub'" in capsys.readouterr().out


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["sold", "price"])
def test_pages_open_without_a_complaint(opened: Any, pages: dict[str, Path], name: str, width: int) -> None:
    with visit(opened, pages[name], width=width) as here:
        assert here.complaints == []
        assert [one for one in here.requests if not one.startswith("data:")] == [pages[name].as_uri()]
        assert here.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        for title in SECTIONS if name == "sold" else SECTIONS[:1]:
            text = here.page.locator(f"section[aria-labelledby={title}]").inner_text()
            assert not any(bad in text for bad in ("NaN", "nan", "undefined", "null", "[object"))
        for figure in FIGURES if name == "sold" else FIGURES[:2]:
            drawn = here.page.locator(f"#{figure}").inner_html()
            assert "<path" in drawn and "NaN" not in drawn and "Infinity" not in drawn
        outside = here.page.evaluate(
            "[...document.querySelectorAll('.scenes svg text')].filter((t) => { const b = t.getBoundingClientRect(), s"
            " = t.closest('svg').getBoundingClientRect(); return b.right > s.right + 3 || b.left < s.left - 3; })"
            ".map((t) => t.textContent)"
        )
        assert outside == []


def test_boundaries_answer(opened: Any, pages: dict[str, Path]) -> None:
    with visit(opened, pages["sold"]) as here:
        page = here.page

        def state() -> list[str]:
            return [
                page.locator(s).inner_html() for s in ("#boundary svg", "#boundary-losses svg", "#boundary-reading")
            ]

        seen = [state()]
        for name in ("tree", "kernel", "the run's model"):
            page.get_by_role("button", name=name, exact=True).click()
            assert all(a != b for a, b in zip(state(), seen[-1], strict=True))
            seen.append(state())
        assert seen[-1] == seen[0] and "the chosen step" in seen[0][2]
        page.focus("#boundary-step")
        page.keyboard.press("End")
        moved = state()
        assert all(a != b for a, b in zip(moved, seen[0], strict=True))
        page.get_by_role("button", name="the chosen step").click()
        assert state() == seen[0]
        assert page.locator("#boundary circle.row-mark").count() > 80
        page.get_by_role("button", name="hide the rows").click()
        assert page.locator("#boundary circle.row-mark").count() == 0
        page.get_by_role("button", name="show the rows").click()
        box = page.locator("#boundary-losses rect.catch").bounding_box()
        page.mouse.click(box["x"] + 2, box["y"] + 60)
        assert page.locator("#boundary-step").input_value() == "0"
        assert here.complaints == []


def test_masks_and_bits_answer(opened: Any, pages: dict[str, Path]) -> None:
    with visit(opened, pages["sold"]) as here:
        page = here.page
        for slider, parts in (
            ("#dropout-count", ("#dropout-losses svg", "#dropout-spread svg", "#dropout-reading")),
            ("#information-epoch", ("#information-bits svg", "#information-plane svg", "#information-reading")),
        ):
            before = [page.locator(s).inner_html() for s in parts]
            page.focus(slider)
            page.keyboard.press("Home")
            after = [page.locator(s).inner_html() for s in parts]
            assert all(a != b for a, b in zip(after, before, strict=True))
        assert page.locator("#dropout-reading").inner_text().startswith("1 mask drawn for every row loses")
        assert "after 0 epochs" in page.locator("#information-reading").inner_text()
        page.locator("#information-strengths").get_by_role("button", name="0.2").click()
        assert page.locator("#information-reading").inner_text().startswith("Dropout 0.2, after 0 epochs")
        box = page.locator("#information-bits rect.catch").bounding_box()
        page.mouse.click(box["x"] + box["width"] - 2, box["y"] + 50)
        assert "after 300 epochs" in page.locator("#information-reading").inner_text()
        assert here.complaints == []


def test_without_a_script_pictures_stand_still(opened: Any, pages: dict[str, Path]) -> None:
    with visit(opened, pages["sold"], java_script_enabled=False) as here:
        for title in SECTIONS:
            section = here.page.locator(f"section[aria-labelledby={title}]")
            assert section.locator("svg").count() == 1 and "<path" in section.locator("svg").inner_html()
            assert section.locator("button:visible").count() == 0
