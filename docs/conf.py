"""Sphinx settings: Markdown pages, no request to anywhere while building or reading."""

from __future__ import annotations

import re
from importlib.metadata import version as installed
from typing import Any

project = "rightfit"
author = "The rightfit developers"
version = release = installed("rightfit")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_heading_anchors = 3
# Pages link to files of the checkout, which are no pages themselves; fields of several records share a name.
suppress_warnings = ["myst.xref_missing", "ref.python"]

html_theme = "alabaster"
html_theme_options = {"description": "Regularization that is proven on unseen rows", "show_powered_by": False}
html_show_copyright = False

autodoc_typehints = "description"
autodoc_member_order = "bysource"


def setup(app: Any) -> None:
    """Docstrings are written for readers of the source; two things in them would mislead Sphinx."""

    def adapt(app: Any, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
        if what == "module":  # Markdown; the pages have their own words
            lines.clear()
        # attributes such as coef_ are names, not links
        name_with_tail = re.compile(r"(?<![`\\])\b(\w+)_(?=[\s,.;:)(\]]|$)")
        lines[:] = [line if line.startswith("..") else name_with_tail.sub(r"\1\\_", line) for line in lines]

    app.connect("autodoc-process-docstring", adapt)
