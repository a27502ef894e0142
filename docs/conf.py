"""Sphinx settings: Markdown pages, no request to anywhere while building or reading."""

from __future__ import annotations

from importlib.metadata import version as installed
from typing import Any

project = "rightfit"
author = "The rightfit developers"
version = release = installed("rightfit")

extensions = ["myst_parser", "sphinx.ext.autodoc"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_heading_anchors = 3
# Pages link to files of the checkout, which are no pages themselves.
suppress_warnings = ["myst.xref_missing"]

html_theme = "alabaster"
html_theme_options = {"description": "Regularization that is proven on unseen rows", "show_powered_by": False}
html_show_copyright = False

autodoc_typehints = "description"
autodoc_member_order = "bysource"


def setup(app: Any) -> None:
    """Leave out docstrings of modules: they are Markdown for readers of the source, and the pages have their own."""

    def empty(app: Any, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
        if what == "module":
            lines.clear()

    app.connect("autodoc-process-docstring", empty)
