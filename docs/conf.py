"""Sphinx settings: Markdown pages that read from disk and make no request, neither while they are built nor read."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

from rightfit import __version__

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_extensions"), str(HERE)]

project = "rightfit"
author = "The rightfit developers"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "commands", "computing", "docstrings"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# Pages link to files of the checkout, which are no pages themselves; fields of several records share a name.
suppress_warnings = ["myst.xref_missing", "ref.python"]

html_theme = "furo"
html_title = "rightfit"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["from_disk.js"]
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#14589c", "color-brand-content": "#14589c"},
    "dark_css_variables": {"color-brand-primary": "#7db8f2", "color-brand-content": "#7db8f2"},
}
highlight_language = "text"
pygments_style = "friendly"
pygments_dark_style = "github-dark"

autodoc_typehints = "description"
autodoc_member_order = "bysource"
# Blocks for PyTorch are described where there is no torch, too.
autodoc_mock_imports = [] if importlib.util.find_spec("torch") else ["torch"]


def setup(app: Any) -> None:
    """The course is laid out beside the pages: it has pages of its own, the same as ``rightfit learn`` opens."""

    def write(app: Any, failed: Exception | None) -> None:
        if failed is None and app.builder.format == "html":
            from rightfit.learn.course import write_course

            write_course(Path(app.outdir) / "course", home="../course.html")

    app.connect("build-finished", write)
