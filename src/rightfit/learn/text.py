"""The text of a lesson: Markdown whose numbers are facts, with formulas, pictures and questions.

    # Title                                the first line
    > One sentence for the contents.       the second
    Text with {{ fact }}, {{ fact | number(2) }}, {{ fact | fixed(1) }}, {{ fact | percent }} and $\\lambda x_j^2$.

    $$ a formula on a line of its own $$

    [[picture suit]]

    ::: question
    What is asked.
    + A right answer.
      > Why it is right.
    - A wrong answer.
      > Why it is wrong.
    :::

A question about a number has ``= {{ answer }} within {{ tolerance }}`` with what is said to those who know,
``~ {{ value }}`` with what is said to those who made this very mistake, and ``-`` with what is said to all others.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rightfit.errors import DataError
from rightfit.learn.formula import formula
from rightfit.learn.questions import Question, read_question
from rightfit.report.numbers import PAGE

_BLOCK = re.compile(
    r"^\[\[picture (?P<picture>\w+)\]\]$|^::: question\n(?P<question>.*?)^:::$|^\$\$(?P<formula>.+?)\$\$$", re.M | re.S
)
_INLINE = re.compile(r"\$([^$\n]+)\$")


@dataclass(frozen=True)
class Text:
    """A lesson as html: ``parts`` are (kind, content), kind "html", "picture" (its name) or "question"."""

    title: str
    sentence: str
    parts: tuple[tuple[str, Any], ...]

    @property
    def questions(self) -> list[Question]:
        """Its questions, in order."""
        return [content for kind, content in self.parts if kind == "question"]


def read_text(source: str, facts: dict[str, Any]) -> Text:
    """The text with its facts filled in. DataError where it names a fact that there is not, or breaks the form."""
    filled = _fill(source, facts)
    head = re.match(r"# (.+)\n+> (.+)\n", filled)
    if not head:
        raise DataError("a lesson begins with '# Title' and '> One sentence.'")
    parts: list[tuple[str, Any]] = []
    end = head.end()
    for block in _BLOCK.finditer(filled, end):
        parts.append(("html", markdown(filled[end : block.start()])))
        if block["picture"]:
            parts.append(("picture", block["picture"]))
        elif block["formula"]:
            parts.append(("html", f'<div class="formula">{formula(block["formula"], block=True)}</div>'))
        else:
            parts.append(("question", read_question(block["question"], markdown)))
        end = block.end()
    parts.append(("html", markdown(filled[end:])))
    kept = tuple((kind, content) for kind, content in parts if kind != "html" or content.strip())
    return Text(head[1], html.unescape(re.sub("<[^>]+>", "", _plain(head[2]))), kept)


def markdown(source: str) -> str:
    """Html of Markdown with formulas between dollar signs; html within it is shown as text."""
    found: list[str] = []

    def keep(match: re.Match[str]) -> str:
        found.append(formula(match[1]))
        return f"\ue000{len(found) - 1}\ue001"

    page: str = _markdown().render(_INLINE.sub(keep, source))
    return re.sub("\ue000(\\d+)\ue001", lambda match: found[int(match[1])], page)


def _plain(sentence: str) -> str:
    return markdown(sentence).strip()


def _fill(source: str, facts: dict[str, Any]) -> str:
    from jinja2 import UndefinedError

    try:
        filled: str = _templates().from_string(source).render(**facts)
    except UndefinedError as error:
        raise DataError(f"the text names a fact that was not computed: {error}") from error
    return filled


def _write(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int):
        return PAGE.count(value)
    text = PAGE.number(value)
    # 0.5 was meant as 0.5; 0.500 tells that it was rounded
    exact = float(f"{value:.2e}") == value and "." in text and "×" not in text
    return text.rstrip("0").rstrip(".") if exact else text


@lru_cache(maxsize=1)
def _templates() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(undefined=StrictUndefined, finalize=_write, autoescape=False, trim_blocks=True)
    filters: dict[str, Callable[..., str]] = {
        "number": PAGE.number,
        "fixed": PAGE.fixed,
        "percent": lambda share, decimals=0: PAGE.fixed(100 * share, decimals) + "\u202f%",
    }
    environment.filters.update(filters)
    return environment


@lru_cache(maxsize=1)
def _markdown() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")
