"""The report in a real browser: nothing is asked for, nothing of the data runs, and the pictures answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rightfit.report.page import write_page
from rightfit.report.path_page import render_path
from tests.journeys.browser import browser, visit
from tests.rooms.report.specimen import KINDS, bare, specimen
from tests.rooms.report.specimen_parts import HOSTILE

CONTRAST = """() => {
  const read = (c) => c.match(/[\\d.]+/g).map(Number);
  const linear = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = read(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  const words = "h1, h2, .subtitle, .lede, .how, .warning, .rest, td, th, dt, dd, svg text, .bars .value, footer";
  const out = [];
  for (const e of document.querySelectorAll(words)) {
    if (!e.textContent.trim() || e.closest(".unseen") || !e.getClientRects().length) continue;
    const style = getComputedStyle(e), paper = light(ground(e));
    const ink = light(read(e instanceof SVGElement ? style.fill : style.color));
    const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    out.push([contrast, e.tagName + " " + e.textContent.slice(0, 40)]);
  }
  return out.sort((a, b) => a[0] - b[0]).slice(0, 3);
}"""
OVERLAPS = """() => [...document.querySelectorAll("svg")].flatMap((svg) => {
  const all = [...svg.querySelectorAll("text")].map((t) => [t.getBoundingClientRect(), t.textContent]);
  const boxes = all.filter(([b]) => b.width);
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
  return boxes.flatMap(([a, s], i) => boxes.slice(i + 1).filter(([b]) => meet(a, b)).map(([, t]) => `${s} / ${t}`));
})"""
WIDE = "[document.documentElement.scrollWidth, window.innerWidth]"


@pytest.fixture(scope="module")
def opened() -> Iterator[Any]:
    with browser() as program:
        yield program


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def page_of(folder: Path) -> Any:
    def write(name: str, run: Any) -> Path:
        path = folder / f"{name}.html"
        if not path.exists():
            write_page(run, path)
        return path

    return write


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_run_opens_without_a_complaint_or_a_request(opened: Any, page_of: Any, kind: str) -> None:
    run = specimen(kind, holdout=True, drift=True)
    file = page_of(kind, run)
    with visit(opened, file) as here:
        assert here.complaints == []
        assert here.requests == [file.as_uri()]
        assert here.page.locator("#path svg path.coef").count() == len(set(run.trace.indices // run.trace.outputs))
        assert here.page.locator("#curve svg path.loss").count() == 1
        assert "non-zero" in here.page.locator("#reading").inner_text()
        assert not any(
            bad in here.page.locator("body").inner_text() for bad in ("NaN", "nan", "undefined", "null,", "[object")
        )


def test_a_run_with_missing_pieces_opens(opened: Any, page_of: Any) -> None:
    with visit(opened, page_of("bare", bare())) as here:
        assert here.complaints == []
        here.page.focus("#step")
        here.page.keyboard.press("End")
        assert "no finite optimum" in here.page.locator("#reading").inner_text()
        assert "NaN" not in here.page.locator("body").inner_text()


def test_the_slider_moves_everything_by_keyboard(opened: Any, page_of: Any) -> None:
    run = specimen("classes", holdout=True, drift=True)
    with visit(opened, page_of("classes", run)) as here:
        page = here.page
        before = [page.locator(s).inner_text() for s in ("#reading", "#bars", "#coefficients")]
        marker = page.locator("#path line.now").get_attribute("x1")
        page.focus("#step")
        for _ in range(6):
            page.keyboard.press("ArrowRight")
        after = [page.locator(s).inner_text() for s in ("#reading", "#bars", "#coefficients")]
        assert all(a != b for a, b in zip(after, before, strict=True))
        assert page.locator("#path line.now").get_attribute("x1") != marker
        step = run.choice.step + 6
        assert f"Step {step} of 0 to 49" in after[0]
        assert f"{run.trace.nonzero()[step]} of 12 features" in after[0]
        assert page.locator("#path line.now").get_attribute("x1") == page.locator("#curve line.now").get_attribute("x1")
        page.keyboard.press("Home")
        assert "Step 0 of 0 to 49" in page.locator("#reading").inner_text()
        page.get_by_role("button", name="chosen").click()
        assert page.locator("#reading").inner_text() == before[0]
        assert here.complaints == []


def test_a_click_into_the_picture_takes_the_step_under_it(opened: Any, page_of: Any) -> None:
    with visit(opened, page_of("classes", specimen("classes", holdout=True, drift=True))) as here:
        box = here.page.locator("#path rect.catch").bounding_box()
        here.page.mouse.click(box["x"] + box["width"] - 1, box["y"] + 100)
        assert "Step 49 of 0 to 49" in here.page.locator("#reading").inner_text()
        here.page.mouse.move(box["x"] + box["width"] - 30, box["y"] + 75)
        assert "strength" in here.page.locator("#path .tip").inner_text()


def test_shown_coefficients_are_those_of_the_run(opened: Any, page_of: Any) -> None:
    run = specimen("regression", holdout=True, drift=True)
    with visit(opened, page_of("regression", run)) as here:
        here.page.get_by_role("button", name="per unit", exact=True).first.click()
        rows = here.page.locator("#coefficients tbody tr").all_inner_texts()
    shown = {row.split("\t")[0]: float(row.split("\t")[1].replace("\u2212", "-").replace("\u202f", "")) for row in rows}
    coef = run.trace.coef(run.choice.step)[:, 0]
    expected = {f.name: coef[k] for k, f in enumerate(run.features) if coef[k]}
    assert shown.keys() == expected.keys()
    assert all(abs(shown[name] - value) <= 0.006 * abs(value) for name, value in expected.items())


def test_tables_sort_by_their_headings(opened: Any, page_of: Any) -> None:
    with visit(opened, page_of("classes", specimen("classes", holdout=True, drift=True))) as here:
        names = here.page.locator("#coefficients tbody th")
        here.page.locator("#coefficients thead button").first.click()
        first = names.all_inner_texts()
        assert first == sorted(first)
        here.page.locator("#coefficients thead button").first.press("Enter")
        assert names.all_inner_texts() == first[::-1]
        assert here.page.locator("#coefficients thead th").first.get_attribute("aria-sort") == "descending"
        here.page.locator("table.columns thead button").first.click()
        columns = here.page.locator("table.columns tbody th").all_inner_texts()
        assert columns == sorted(columns)


def test_another_class_shows_other_coefficients(opened: Any, page_of: Any) -> None:
    with visit(opened, page_of("several", specimen("several", holdout=True, drift=True))) as here:
        before = here.page.locator("#bars").inner_text()
        here.page.select_option("#class", label="poor")
        assert here.page.locator("#bars").inner_text() != before
        assert "poor" in here.page.locator("#coefficients-how").inner_text()


def test_hostile_names_are_text_and_nothing_else(opened: Any, page_of: Any) -> None:
    file = page_of("hostile", specimen("several", hostile=True, drift=True))
    for width in (1280, 390):
        with visit(opened, file, width=width) as here:
            page = here.page
            here.page.locator("#coefficients thead button").first.click()
            for label in ("good", "fair", "poor"):
                page.select_option("#class", label=label)
                page.focus("#step")
                page.keyboard.press("End")
            box = page.locator("#path rect.catch").bounding_box()
            for y in range(60, 300, 20):
                page.mouse.move(box["x"] + box["width"] - 4, box["y"] + y)
            assert page.evaluate("window.hacked") is None
            assert here.complaints == [] and here.requests == [file.as_uri()]
            assert page.locator("img").count() == 0 and page.locator("script").count() == 2
            words = page.locator("body").inner_text()
            for name in HOSTILE[:3]:
                assert name in words
            assert (
                "x" * 300 in words and "right‹U+202E›to left" in words and "\u202e" not in words and "\x1b" not in words
            )
            scroll, inner = page.evaluate(WIDE)
            assert scroll <= inner


def test_the_policy_stops_what_is_not_ours(opened: Any, page_of: Any) -> None:
    with visit(opened, page_of("classes", specimen("classes", holdout=True, drift=True))) as here:
        here.page.evaluate(
            "() => { const s = document.createElement('script'); s.textContent = 'window.hacked = 1';"
            " document.body.append(s);"
            " const i = new Image(); i.src = 'http://127.0.0.1:9/x.png'; document.body.append(i); }"
        )
        here.page.wait_for_timeout(100)
        assert here.page.evaluate("window.hacked") is None
        assert any("Content Security Policy" in c for c in here.complaints)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_hangs_over_the_edge_of_a_phone(opened: Any, page_of: Any, kind: str) -> None:
    with visit(opened, page_of(kind, specimen(kind, holdout=True, drift=True)), width=390) as here:
        scroll, inner = here.page.evaluate(WIDE)
        assert scroll <= inner == 390
        over = here.page.evaluate(
            "() => [...document.querySelectorAll('svg text')].filter((t) => { const b = t.getBoundingClientRect();"
            " return b.width && (b.right > 391 || b.left < -1); }).map((t) => t.textContent)"
        )
        assert over == []


@pytest.mark.parametrize("width", [1280, 390])
def test_labels_in_the_pictures_do_not_overlap(opened: Any, page_of: Any, width: int) -> None:
    with visit(opened, page_of("classes", specimen("classes", holdout=True, drift=True)), width=width) as here:
        hits = here.page.evaluate(OVERLAPS)
        assert hits == []


@pytest.mark.parametrize("context", [{}, {"color_scheme": "dark"}], ids=["light", "dark"])
def test_words_can_be_read_on_their_ground(opened: Any, page_of: Any, context: dict[str, str]) -> None:
    with visit(opened, page_of("classes", specimen("classes", holdout=True, drift=True)), **context) as here:
        worst = here.page.evaluate(CONTRAST)
        assert worst[0][0] >= 4.5, worst


def test_print_is_light_and_complete_even_in_dark_mode(opened: Any, page_of: Any) -> None:
    with visit(opened, page_of("classes", specimen("classes", holdout=True, drift=True)), color_scheme="dark") as here:
        here.page.emulate_media(media="print", color_scheme="dark")
        worst = here.page.evaluate(CONTRAST)
        assert worst[0][0] >= 4.5, worst
        assert not here.page.locator("#step").is_visible() and here.page.locator("#curve svg").is_visible()
        assert here.page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(27, 29, 31)"
        assert here.page.pdf(format="A4")[:5] == b"%PDF-"
        here.page.close()  # it stays a print


def test_without_a_script_words_and_tables_are_complete(opened: Any, page_of: Any) -> None:
    run = specimen("classes", holdout=True, drift=True)
    with visit(opened, page_of("classes", run), java_script_enabled=False) as here:
        words = here.page.locator("body").inner_text()
        assert run.verdict[0] in words and "debt" in here.page.locator("#coefficients").inner_text()
        assert "switched off" in words and not here.page.locator("#step").is_visible()


@pytest.mark.parametrize(("kind", "width"), [("regression", 1280), ("classes", 390), ("several", 1280)])
def test_without_a_script_pictures_stand_still(opened: Any, page_of: Any, kind: str, width: int) -> None:
    run = specimen(kind, drift=True, hostile=True)
    with visit(opened, page_of(f"{kind}-still", run), java_script_enabled=False, width=width) as here:
        assert here.complaints == [] and here.requests[1:] == []
        pictures = here.page.locator("figure svg")
        labels = [pictures.nth(k).get_attribute("aria-label") or "" for k in range(pictures.count())]
        assert all(pictures.nth(k).is_visible() for k in range(len(labels)))
        wanted = ["Coefficients of", "Held-out", "ordered folds"] + (["Calibration"] if kind == "classes" else [])
        for words in wanted:
            assert any(words in label for label in labels), (words, labels)
        lines = here.page.locator("svg path.coef.named")
        assert 3 <= lines.count() and all(len(lines.nth(k).get_attribute("d") or "") > 50 for k in range(3))
        body = here.page.locator("body").bounding_box()
        assert body is not None and body["width"] <= width


def test_a_path_alone_has_its_page(opened: Any, folder: Path) -> None:
    run = specimen("classes", holdout=True, drift=True)
    file = folder / "path.html"
    names = [f.name for f in run.features]
    for curve in (None, run.curve):
        file.write_text(
            render_path(run.trace, names, curve, title="A <b>lasso</b> path", loss="logistic"), encoding="utf-8"
        )
        with visit(opened, file, width=390) as here:
            assert here.complaints == []
            assert here.page.locator("h1").inner_text() == "A <b>lasso</b> path"
            here.page.focus("#step")
            here.page.keyboard.press("Home")
            assert "Step 0 of 0 to 49" in here.page.locator("#reading").inner_text()
            assert (here.page.locator("#curve path.loss").count() == 1) == (curve is not None)


@pytest.mark.parametrize("width", [1280, 390])
def test_pictures_are_drawn_at_the_size_they_are_shown_in(opened: Any, page_of: Any, width: int) -> None:
    with visit(opened, page_of("classes", specimen("classes", holdout=True, drift=True)), width=width) as here:
        shrunk = here.page.evaluate(
            "() => [...document.querySelectorAll('svg')].map("
            "(s) => s.getBoundingClientRect().width / s.viewBox.baseVal.width)"
        )
        assert not any("…" in t for t in here.page.locator("svg text.title").all_text_contents())
    assert len(shrunk) >= 6 and all(abs(s - 1) < 0.02 for s in shrunk), shrunk


def test_lines_without_bound_do_not_flatten_the_picture(opened: Any, page_of: Any) -> None:
    run = specimen("regression")
    values = run.trace.values.copy()
    values[run.trace.indptr[-2] :] *= 1e4
    choices = (*run.choices, replace(run.choice, rule="information", step=len(run.trace) - 1))
    with visit(
        opened, page_of("steep", replace(run, trace=replace(run.trace, values=values), choices=choices))
    ) as here:
        assert "Lines that leave the picture reach up to" in here.page.locator("#path-note").inner_text()
        high = [
            t.replace("\u2212", "-").replace("\u202f", "")
            for t in here.page.locator("#path svg text[text-anchor=end]").all_text_contents()
        ]
        size = abs(run.trace.coef(run.choice.step)[:, 0] * run.trace.scale).max()
        assert max(map(float, high)) < 20 * size
