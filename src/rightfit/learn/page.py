"""Pages of the course: text and results to html that opens from disk, offline, and asks nobody for anything.

Style, scales, numbers and drawing are those of the report (``report/assets``); ``learn/assets`` adds what a lesson
needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from rightfit.learn.results import Picture, Results
from rightfit.learn.text import Text
from rightfit.report.shell import as_json, asset, enclose, policy

SHARED = ("number", "scale", "svg")
OWN = ("panels", "layers", "pictures", "questions")
"""Scripts of every lesson; those that its pictures name follow, and the last one starts all."""


@dataclass(frozen=True)
class Page:
    """A lesson that can be laid out."""

    name: str
    text: Text
    results: Results
    program: str
    """The source of what computed it."""


def lay_out(page: Page, number: int, pages: list[Page], home: str = "") -> str:
    """The html of a lesson; ``home``: where its contents page leads to, if anywhere."""
    pictures = {picture.name: picture for picture in page.results.pictures}
    scripts = tuple(dict.fromkeys(picture.script for picture in page.results.pictures if picture.script))
    before, after = pages[number - 1] if number else None, pages[number + 1] if number + 1 < len(pages) else None
    return _render(
        "lesson.html",
        {"pictures": [_plain(picture) for picture in page.results.pictures]},
        _script(scripts),
        title=f"{page.text.title} · rightfit",
        page=page,
        pictures=pictures,
        number=number + 1,
        count=len(pages),
        before=before,
        after=after,
        home=home,
    )


def lay_out_contents(pages: list[Page], techniques: list[tuple[str, list[tuple[str, str]]]], home: str = "") -> str:
    """The html of the contents; ``techniques``: each with the (file name, title) of the lessons that teach it."""
    questions = sum(len(page.text.questions) for page in pages)
    return _render(
        "contents.html",
        {},
        _script(()),
        title="The course · rightfit",
        pages=pages,
        techniques=techniques,
        home=home,
        questions=questions,
    )


def _plain(picture: Picture) -> Any:
    import msgspec

    return msgspec.to_builtins(picture)


def _render(template: str, data: dict[str, Any], script: str, **words: Any) -> str:
    style = _style()
    page: str = (
        _templates()
        .get_template(template)
        .render(policy=policy(style, script), style=style, script=script, data=as_json(data), **words)
    )
    return page


def _own(name: str) -> str:
    return files("rightfit.learn").joinpath("assets", name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _style() -> str:
    return "\n" + asset("page.css") + asset("pictures.css") + _own("course.css")


@lru_cache(maxsize=32)
def _script(names: tuple[str, ...]) -> str:
    own = [_own(f"{name}.js") for name in (*OWN, *names, "start")]
    return enclose("\n".join([*(asset(f"{name}.js") for name in SHARED), *own]))


@lru_cache(maxsize=1)
def _templates() -> Any:
    from jinja2 import ChoiceLoader, Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    def own(name: str) -> str | None:
        return _own(name) if files("rightfit.learn").joinpath("assets", name).is_file() else None

    environment = Environment(
        loader=ChoiceLoader([FunctionLoader(own), FunctionLoader(asset)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["trusted"] = Markup
    return environment
