"""The contents of the course, for the page course.md."""

from __future__ import annotations

from rightfit.learn.course import LESSONS, TECHNIQUES, load_page


def _link(name: str, words: str) -> str:
    return f'<a href="course/{name}.html">{words}</a>'


def contents() -> str:
    """Lessons with their sentences."""
    lines = []
    for number, name in enumerate(LESSONS, start=1):
        text = load_page(name).text
        lines.append(f"{number}. {_link(name, text.title)}\n   {text.sentence}")
    return "\n".join([":::{container} cards numbered", *lines, ":::"])


def techniques() -> str:
    """What is taught, and in which lessons."""
    titles = {name: load_page(name).text.title for name in LESSONS}
    rows = [
        f"| {words} | {', '.join(_link(name, titles[name]) for name in names)} |"
        for words, names in TECHNIQUES.items()
        if names
    ]
    return "\n".join(["| | |", "|---|---|", *rows])
