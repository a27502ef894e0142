"""The directive ``computed``: what a function of ``docs/computed`` returns, as Markdown, computed while the page is built.

    ```{computed} rules.one_se
    ```

The function's own source is shown below in a fold, so that a reader can run it. Sentences around the figures rest on
``assert`` in the function: where a figure no longer says what the page says, the page is not built.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any


def find_computation(name: str) -> Callable[[], str]:
    """``rules.one_se`` -> the function ``one_se`` of ``docs/computed/rules.py``."""
    module, _, function = name.partition(".")
    found: Callable[[], str] = getattr(importlib.import_module(f"computed.{module}"), function)
    return found


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's door."""
    from docutils import nodes
    from sphinx.util.docutils import SphinxDirective

    class Computed(SphinxDirective):
        required_arguments = 1

        def run(self) -> list[Any]:
            function = find_computation(self.arguments[0])
            self.env.note_dependency(inspect.getsourcefile(function) or "")
            found = self.parse_text_to_nodes(function())
            source = nodes.literal_block("", inspect.getsource(function), language="python")
            before = nodes.raw("", "<details class='how'><summary>How this was computed</summary>", format="html")
            return [*found, before, source, nodes.raw("", "</details>", format="html")]

    app.add_directive("computed", Computed)
    return {"parallel_read_safe": True}
