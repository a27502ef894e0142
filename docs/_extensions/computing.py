"""The directive ``computed``: what a function of ``docs/computed`` returns, computed while the page is built.

    ```{computed} rules.one_se
    ```

Sentences around the figures rest on ``assert`` in the function: where a figure no longer says what the page says, the
page is not built.
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
    from sphinx.util.docutils import SphinxDirective

    class Computed(SphinxDirective):
        required_arguments = 1

        def run(self) -> list[Any]:
            function = find_computation(self.arguments[0])
            self.env.note_dependency(inspect.getsourcefile(function) or "")
            return self.parse_text_to_nodes(function())

    app.add_directive("computed", Computed)
    return {"parallel_read_safe": True}
