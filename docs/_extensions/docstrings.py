"""Docstrings are written for readers of the source: formulas stand indented, absolute values between bars, arguments in
two columns. Here they become what Sphinx understands."""

from __future__ import annotations

import re
from typing import Any

_BARS = re.compile(r"(``.+?``|`.+?`)|(\|)")
_TAIL = re.compile(r"(?<![`\\])\b(\w+)_(?=[\s,.;:)(\]]|$)")
_UNDERLINE = re.compile(r"-{3,}\s*$")
_TWO_COLUMNS = re.compile(r"(\S(?:.{0,22}\S)?)\s{2,}(\S.*)")


def adapt(lines: list[str]) -> list[str]:
    """Lines of one docstring, as reStructuredText."""
    found: list[str] = []
    sections = False
    for block in _blocks(lines):
        sections = sections or any(_UNDERLINE.match(line) for line in block)
        if not sections and block[0].startswith("    "):
            found += ["::", "", *block, ""]
        elif not sections and _is_table(block):
            found += [*_define(block), ""]
        else:
            found += [*(_escape(line) for line in block), ""]
    return found


def _blocks(lines: list[str]) -> list[list[str]]:
    """Paragraphs; indented ones that follow one another are one."""
    blocks: list[list[str]] = []
    fresh = True
    for line in lines:
        if not line.strip():
            fresh = True
            continue
        indented = line.startswith("    ")
        if fresh and blocks and indented and blocks[-1][0].startswith("    "):
            blocks[-1] += ["", line]
        elif fresh or (not indented and blocks[-1][0].startswith("    ")):
            blocks.append([line])
        else:
            blocks[-1].append(line)
        fresh = False
    return blocks


def _is_table(block: list[str]) -> bool:
    starts = [bool(_TWO_COLUMNS.match(line)) for line in block]
    return starts[0] and all(start or line.startswith("    ") for start, line in zip(starts, block, strict=True))


def _define(block: list[str]) -> list[str]:
    lines: list[str] = []
    for line in block:
        if row := _TWO_COLUMNS.match(line):
            lines += ["", _escape(row[1]), f"   {_escape(row[2])}"]
        else:
            lines.append(f"   {_escape(line.strip())}")
    return lines[1:]


def _escape(line: str) -> str:
    """Bars and words such as ``coef_`` are no links."""
    if line.lstrip().startswith(".. "):
        return line
    return _TAIL.sub(r"\1\\_", _BARS.sub(lambda found: found[1] or r"\|", line))


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's door; before napoleon, which reads the sections."""

    def process(app: Any, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
        # pages have words of their own in place of a module's
        lines[:] = [] if what == "module" else adapt(lines)

    def skip(app: Any, what: str, name: str, obj: object, skipped: bool, options: object) -> bool | None:
        return True if re.fullmatch(r"set_\w+_request", name) else None  # scikit-learn makes these

    app.connect("autodoc-process-docstring", process, priority=400)
    app.connect("autodoc-skip-member", skip)
    return {"parallel_read_safe": True}
