"""The html file around the words and the data: one template, one style, one script, nothing else.

The Content-Security-Policy forbids everything but this very style and this very script, by their SHA-256; the page can
therefore neither load nor send anything, and text that came from a file cannot run. That text is escaped by the
template, and in the data block every character that html could mistake for markup is written as a JSON escape.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

SCRIPTS = (
    "number",
    "scale",
    "svg",
    "state",
    "path",
    "curve",
    "reading",
    "coefficients",
    "diagnostics",
    "drift",
    "tables",
    "main",
)
VIEWS = {
    "biasVariance": ("steps", "bias_variance"),
    "geometry": ("steps", "contours", "plane", "solid", "walks"),
    "bayes": ("bayes",),
    "boundary": ("steps", "contours", "boundary"),
    "dropout": ("masks",),
    "information": ("steps", "information"),
}
"""Scripts that only pages with these views need."""
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def wrap(template: str, data: dict[str, Any], **words: Any) -> str:
    """The page ``template`` of the folder ``assets`` with ``data`` for the script and ``words`` for the template."""
    style, script = _style(), _script(tuple(data.get("views", ())))
    page: str = (
        _templates()
        .get_template(template)
        .render(policy=policy(style, script), style=style, script=script, data=as_json(data), **words)
    )
    return page


def wrap_still(template: str, style: str, **words: Any) -> str:
    """The page ``template`` without any script, with the style of all pages and the one of this name."""
    both = "\n" + asset("page.css") + asset(f"{style}.css")
    page: str = _templates().get_template(template).render(policy=policy(both, ""), style=both, **words)
    return page


def policy(style: str, script: str) -> str:
    """The Content-Security-Policy of a page with this style and this script and nothing else."""
    return (
        f"default-src 'none'; style-src 'sha256-{_digest(style)}'; script-src 'sha256-{_digest(script)}'; "
        "img-src data:; form-action 'none'; base-uri 'none'"
    )


def as_json(data: dict[str, Any]) -> str:
    """JSON that can stand in a script element, whatever the strings hold."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character, escape in _ESCAPES.items():
        text = text.replace(character, escape)
    return text


def enclose(script: str) -> str:
    """Scripts that follow each other, with names of their own that no other script sees."""
    return f'\n"use strict";\n(() => {{\n{script}\n}})();\n'


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def asset(name: str) -> str:
    """A file of the folder ``assets`` as text."""
    return files("rightfit.report").joinpath("assets", name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _style() -> str:
    return "\n" + "".join(asset(f"{name}.css") for name in ("page", "pictures"))


@lru_cache(maxsize=8)
def _script(views: tuple[str, ...]) -> str:
    own = dict.fromkeys(name for view in views for name in VIEWS[view])
    names = (*SCRIPTS[:-1], *own, SCRIPTS[-1])  # the last one draws what the others have told it
    return enclose("\n".join(asset(f"{name}.js") for name in names))


@lru_cache(maxsize=1)
def _templates() -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FunctionLoader(asset), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["trusted"] = Markup
    return environment
