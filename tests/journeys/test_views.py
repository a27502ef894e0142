"""From a run to its views at the command line, and their pages in a browser: every control moves something."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import rightfit
import rightfit.door
from rightfit.cli import main
from tests.journeys.browser import browser, visit

SECTIONS = ("bias-variance-title", "geometry-title")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of numbers and one of classes, with their views and pages."""
    place = tmp_path_factory.mktemp("views")
    rng = np.random.default_rng(12)
    x = rng.normal(size=(110, 4))
    score = 1.5 * x[:, 0] - x[:, 1] + 0.4 * x[:, 2]
    names = ("income", "years of schooling", "rooms", "distance")
    frame = pl.DataFrame({name: x[:, j] for j, name in enumerate(names)})
    frame.with_columns(price=score + rng.normal(size=110)).write_csv(place / "houses.csv")
    yes = score + 1.5 * rng.normal(size=110) > 0
    frame.with_columns(sold=pl.Series(np.where(yes, "yes", "no"))).write_csv(place / "sales.csv")
    for data, target in (("houses", "price"), ("sales", "sold")):
        saved = rightfit.fit(place / f"{data}.csv", target, penalty="lasso", strengths=30)
        saved.save(place / f"{data}.rightfit")
    return place


@pytest.fixture(scope="module")
def pages(folder: Path) -> dict[str, Path]:
    found = {}
    for data in ("houses", "sales"):
        found[data] = folder / f"{data}.html"
        words = ["views", f"{folder}/{data}.rightfit", "--data", f"{folder}/{data}.csv", "--models", "20", "--quiet"]
        words += ["--only", "bias-variance,geometry", "-o", f"{folder}/{data}-seen.rightfit", "--report"]
        assert main([*words, str(found[data])]) == 0
    return found


@pytest.fixture(scope="module")
def opened() -> Iterator[Any]:
    with browser() as program:
        yield program


def test_the_command_stores_what_it_computes(
    folder: Path, pages: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    views = rightfit.load(folder / "houses-seen.rightfit").run.views
    assert views.bias_variance is not None and views.geometry is not None and views.bayes is None
    assert rightfit.load(folder / "houses.rightfit").run.views.geometry is None
    assert pages["houses"].stat().st_size < 1_000_000
    words = ["views", str(folder / "houses-seen.rightfit"), "--data", str(folder / "houses.csv"), "--only", "geometry"]
    words += [
        "--column",
        "rooms",
        "--column",
        "distance",
        "-o",
        str(folder / "again.rightfit"),
        "--report",
        str(folder / "again.html"),
        "--json",
    ]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert "rooms and distance" in told["views"]["Geometry"]["sentences"][0]
    assert set(told["views"]) == {"Bias and variance", "Geometry"} and told["missing"] == {}
    assert main([*words[:3], str(folder / "sales.csv"), *words[4:]]) == 3
    assert "not the file of the fit" in capsys.readouterr().out
    assert main([*words[:5], "--only", "shape", *words[7:]]) == 2


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("data", ["houses", "sales"])
def test_pages_open_without_a_complaint(opened: Any, pages: dict[str, Path], data: str, width: int) -> None:
    with visit(opened, pages[data], width=width) as here:
        assert here.complaints == [] and here.requests == [pages[data].as_uri()]
        assert here.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        for title in SECTIONS:
            text = here.page.locator(f"section[aria-labelledby={title}]").inner_text()
            assert not any(bad in text for bad in ("NaN", "nan", "undefined", "null", "[object"))
        drawn = here.page.evaluate(
            "['bias', 'plane', 'solid', 'walk-plane', 'walk-lines'].map((id) => document.getElementById(id).innerHTML)"
        )
        assert all("<path" in picture and "NaN" not in picture and "Infinity" not in picture for picture in drawn)


def test_bias_and_variance_answer(opened: Any, pages: dict[str, Path]) -> None:
    with visit(opened, pages["sales"]) as here:
        page = here.page

        def state() -> list[str]:
            return [page.locator(s).inner_html() for s in ("#bias svg", "#bias-reading")]

        before = state()
        page.focus("#bias-step")
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        moved = state()
        assert moved[0] != before[0] and moved[1] != before[1]
        assert page.locator("#step").input_value() == page.locator("#bias-step").input_value()  # one step for the page
        page.get_by_role("button", name="change from the best step").click()
        changed = state()
        assert changed[0] != moved[0] and "change of" in changed[0]
        page.get_by_role("button", name="share of wrong classes").click()
        assert state()[0] != changed[0] and state()[1] != changed[1]
        box = page.locator("#bias rect.catch").bounding_box()
        page.mouse.click(box["x"] + 3, box["y"] + 60)
        assert page.locator("#step").input_value() == "0"
        assert here.complaints == []


@pytest.mark.parametrize("data", ["houses", "sales"])
def test_shapes_answer(opened: Any, pages: dict[str, Path], data: str) -> None:
    with visit(opened, pages[data]) as here:
        page = here.page
        parts = ("#plane svg", "#solid svg", "#shape-reading")

        def state() -> list[str]:
            return [page.locator(s).inner_html() for s in parts]

        seen = [state()]
        for name in ("ball (ridge)", "elastic net", "group of columns"):
            page.get_by_role("button", name=name).click()
            assert all(a != b for a, b in zip(state(), seen[-1], strict=True))
            seen.append(state())
        page.focus("#shape-step")
        page.keyboard.press("ArrowLeft")
        assert all(a != b for a, b in zip(state(), seen[-1], strict=True))
        page.get_by_role("button", name="the chosen strength").click()
        assert (
            "the strength that was chosen: sum of absolute coefficients" in page.locator("#shape-reading").inner_text()
        )
        before = state()
        page.focus("#solid")
        page.keyboard.press("ArrowLeft")
        turned = state()
        assert turned[1] != before[1] and turned[0] == before[0]
        page.keyboard.press("Home")
        assert state()[1] == before[1]
        box = page.locator("#solid svg").bounding_box()
        page.mouse.move(box["x"] + 150, box["y"] + 150)
        page.mouse.down()
        page.mouse.move(box["x"] + 200, box["y"] + 170)
        page.mouse.up()
        dragged = state()[1]
        assert dragged != before[1]
        page.mouse.move(box["x"] + 90, box["y"] + 90)
        assert state()[1] == dragged  # let go
        assert (page.locator("#solid path.surface").count() > 0) == (data == "houses")
        assert here.complaints == []


def test_the_touching_point_is_that_of_the_run(opened: Any, folder: Path, pages: dict[str, Path]) -> None:
    geometry = rightfit.load(folder / "houses-seen.rightfit").run.views.geometry
    assert geometry is not None
    lasso = geometry.plane.shapes[0]
    with visit(opened, pages["houses"]) as here:
        here.page.get_by_role("button", name="the chosen strength").click()
        text = here.page.locator("#shape-reading").inner_text().replace("\u2212", "-")
    for name, value in zip(geometry.plane.features, lasso.coef[lasso.step], strict=True):
        assert f"{name} {value:.3g}" in text
    assert f"t = {lasso.bound[lasso.step]:.3g}" in text


def test_steps_answer(opened: Any, pages: dict[str, Path]) -> None:
    with visit(opened, pages["houses"]) as here:
        page = here.page
        parts = ("#walk-plane svg", "#walk-lines svg", "#walk-sentence")
        seen = [page.locator(s).inner_html() for s in parts]
        for name in ("subgradient: hovers", "proximal: lands", "stopped early"):
            page.get_by_role("button", name=name).click()
            now = [page.locator(s).inner_html() for s in parts]
            assert all(a != b for a, b in zip(now, seen, strict=True))
            seen = now
        assert page.locator("#walk-plane path.ridge-way").count() == 1
        page.get_by_role("button", name="squared: shrinks").click()
        page.focus("#walk-step")
        page.keyboard.press("ArrowRight")
        assert page.locator("#walk-reading").inner_text().startswith("Step 2: ")
        assert "shrunk by the factor" in page.locator("#walk-reading").inner_text()
        page.keyboard.press("End")
        assert page.locator("#walk-reading").inner_text().startswith("After 60 steps")
        assert here.complaints == []


def test_without_a_script_pictures_stand_still(opened: Any, pages: dict[str, Path]) -> None:
    with visit(opened, pages["houses"], java_script_enabled=False) as here:
        for title in SECTIONS:
            section = here.page.locator(f"section[aria-labelledby={title}]")
            assert section.locator("svg").count() == 1
        assert "hovers" not in here.page.locator("section[aria-labelledby=geometry-title] .segments").first.inner_text()
        assert "Subgradient" in section.inner_text() or "subgradient" in section.inner_text()


def test_a_path_grown_to_other_steps_has_a_slider_of_its_own(opened: Any, folder: Path) -> None:
    saved = rightfit.load(folder / "houses-seen.rightfit")
    view = saved.run.views.bias_variance
    assert view is not None
    other = replace(view, strengths=view.strengths * 1.5)
    run = replace(saved.run, views=replace(saved.run.views, bias_variance=other))
    rightfit.door.SavedRun(run).report(folder / "other.html")
    with visit(opened, folder / "other.html") as here:
        page = here.page
        before = page.locator("#bias-reading").inner_text()
        assert f"At strength {view.strengths[view.step] * 1.5:.3g}" in before
        page.focus("#step")
        page.keyboard.press("Home")
        assert page.locator("#bias-reading").inner_text() == before
        page.focus("#bias-step")
        page.keyboard.press("ArrowRight")
        assert page.locator("#bias-reading").inner_text() != before
        assert here.complaints == []
