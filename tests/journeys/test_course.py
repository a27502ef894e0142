"""The course in a real browser, wide and narrow: nothing is asked for, every control moves something, every answer is
judged."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rightfit.learn.course import LESSONS, load_page, write_course
from tests.journeys.browser import Visit, browser, visit
from tests.journeys.test_report_page import CONTRAST, WIDE

WIDTHS = (1280, 390)
OUTSIDE = """() => [...document.querySelectorAll(":is(.controls, .question) :is(button, input)")]
  .map((e) => [e.getBoundingClientRect(), e.outerHTML])
  .filter(([b]) => b.width && (b.left < 0 || b.right > window.innerWidth)).map(([, html]) => html)"""
"""What can be pressed and is not wholly on the page."""
SHOWS = "(root) => [root.querySelector('.panels').innerHTML, root.querySelector('.says').textContent].join()"


@pytest.fixture(scope="module")
def opened() -> Iterator[Any]:
    with browser() as program:
        yield program


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_course(tmp_path_factory.mktemp("course")).parent


@pytest.fixture(scope="module", params=LESSONS)
def lesson(request: pytest.FixtureRequest, opened: Any, folder: Path) -> Iterator[tuple[str, Visit]]:
    """A lesson's name and its page, opened once for all that is tried on it."""
    with visit(opened, folder / f"{request.param}.html", width=WIDTHS[0]) as here:
        yield request.param, here


def assert_fits(here: Visit, file: Path, pictures: int) -> None:
    assert here.page.locator(".panel svg").count() >= pictures
    scroll, window = here.page.evaluate(WIDE)
    assert scroll <= window
    assert here.page.evaluate("document.querySelectorAll('svg [d*=NaN], svg [x*=NaN], svg [cy*=NaN]').length") == 0
    assert here.complaints == []
    assert here.requests == [file.as_uri()]


@pytest.mark.parametrize("width", WIDTHS)
def test_the_first_page_fits_and_asks_for_nothing(opened: Any, folder: Path, width: int) -> None:
    with visit(opened, folder / "index.html", width=width) as here:
        assert_fits(here, folder / "index.html", 0)


def test_a_page_fits_and_asks_for_nothing(lesson: tuple[str, Visit], folder: Path) -> None:
    name, here = lesson
    assert_fits(here, folder / f"{name}.html", len(load_page(name).results.pictures))


@pytest.mark.parametrize("name", LESSONS)
def test_on_a_phone_a_page_fits_and_a_control_and_an_answer_are_within_reach(
    opened: Any, folder: Path, name: str
) -> None:
    """Every lesson's last picture with controls and its last question: what is further down is moved by more."""
    results, text = load_page(name).results, load_page(name).text
    with visit(opened, folder / f"{name}.html", width=WIDTHS[1]) as here:
        assert_fits(here, folder / f"{name}.html", len(results.pictures))
        assert here.page.evaluate(OUTSIDE) == []
        _move(here, next(picture for picture in reversed(results.pictures) if picture.controls))
        _answer(here.page.locator(".question").last, text.questions[-1])


def test_every_control_moves_something(lesson: tuple[str, Visit]) -> None:
    name, here = lesson
    for picture in load_page(name).results.pictures:
        _move(here, picture)
    assert here.complaints == []


def _move(here: Visit, picture: Any) -> None:
    """Every control of a picture."""
    root = here.page.locator(f"#picture-{picture.name}")
    assert root.locator(".says").text_content() or not picture.said
    for control in picture.controls:
        place = root.locator(f'[data-control="{control.name}"]')
        before, shown = root.evaluate(SHOWS), root.locator("output").all_text_contents()
        if control.buttons:
            place.locator("button[aria-pressed=false]").first.click()
            assert place.locator("button[aria-pressed=true]").count() == 1
        else:
            place.locator("input").press("ArrowLeft" if control.start else "ArrowRight")
            assert root.locator("output").all_text_contents() != shown
        assert root.evaluate(SHOWS) != before, f"{picture.name}: {control.name} moves nothing"


def test_every_answer_is_judged_and_explained(lesson: tuple[str, Visit]) -> None:
    name, here = lesson
    questions = load_page(name).text.questions
    for number, question in enumerate(questions):
        _answer(here.page.locator(".question").nth(number), question)
    assert here.page.locator("#score").text_content().startswith(f"0 of {len(questions)} right at first try")


def _answer(root: Any, question: Any) -> None:
    """All answers of a question, the right one last."""
    assert root.locator(".why:visible").count() == 0
    if question.numeric:
        _answer_with_numbers(root, question)
    else:
        for answer in sorted(range(len(question.answers)), key=lambda k: question.answers[k].kind == "right"):
            root.locator("button.answer").nth(answer).press("Enter")
            right = question.answers[answer].kind == "right"
            assert root.locator(".verdict").text_content().startswith("Right." if right else "Not so.")
            assert root.locator("li").nth(answer).locator(".why").is_visible()
    assert root.evaluate("(e) => e.classList.contains('solved')")


def _answer_with_numbers(root: Any, question: Any) -> None:
    right = next(answer for answer in question.answers if answer.kind == "number")
    others = [(answer.value, "near") for answer in question.answers if answer.kind == "near"]
    root.locator("input").fill("much")
    root.locator("button").click()
    assert "no number" in root.locator(".verdict").text_content()
    for value, kind in [(right.value + 7 * right.tolerance + 1e3, "other"), *others, (right.value, "number")]:
        root.locator("input").fill(f"{value:.10g}".replace(".", ","))
        root.locator("input").press("Enter")
        assert root.locator(".verdict").text_content() == ("Right." if kind == "number" else "Not so.")
        assert root.locator(".why:visible").get_attribute("data-kind") == kind


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_in_light_and_dark(opened: Any, folder: Path, scheme: str) -> None:
    with visit(opened, folder / f"{LESSONS[0]}.html", color_scheme=scheme) as here:
        assert here.page.evaluate(CONTRAST)[0][0] >= 4.5


def test_without_scripts_the_text_and_the_reasons_are_there(opened: Any, folder: Path) -> None:
    with visit(opened, folder / f"{LESSONS[0]}.html", java_script_enabled=False) as here:
        assert here.page.locator(".why:visible").count() > 5
        assert here.page.locator(".controls:visible").count() == 0


def test_the_command_prints_where_the_course_is(tmp_path: Path) -> None:
    program = "from rightfit.cli import main; import sys; sys.exit(main(sys.argv[1:]))"

    def learn(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        import os

        return subprocess.run(
            [sys.executable, "-c", program, "learn", *words],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | environment,
        )

    done = learn("--print", XDG_CACHE_HOME=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    page = Path(done.stdout.strip())
    assert page.name == "index.html" and page.is_relative_to(tmp_path) and page.exists()
    done = learn(LESSONS[0], "--print", "-o", str(tmp_path / "mine"))
    assert Path(done.stdout.strip()) == tmp_path / "mine" / f"{LESSONS[0]}.html"
    done = learn("rigde", "--print")
    assert done.returncode == 2 and "overfitted_suit" in done.stderr
    opener = learn("-o", str(tmp_path / "seen"), BROWSER="true %s")
    assert opener.returncode == 0
