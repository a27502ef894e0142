"""A real browser for the journeys: a Chromium from the PATH, or a skip that says that there is none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def browser() -> Iterator[Any]:
    """A headless browser; the test is skipped where none is installed."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
    program = next(filter(None, (shutil.which(name) for name in NAMES)), None)
    if program is None:
        pytest.skip(f"no browser on the PATH: looked for {', '.join(NAMES)}")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--renderer-process-limit=1"],
        )
        yield opened
        opened.close()


@dataclass
class Visit:
    """An open page and all that it complained about or asked for."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def visit(opened: Any, file: Path, *, width: int = 1280, **context: Any) -> Iterator[Visit]:
    """Opens ``file`` from disk in a tab of this width. Our pages keep nothing, so that visits with the same options
    take turns in one tab, and with it in one process; who changes the tab itself closes it."""
    kept = next((one for one in opened.contexts if getattr(one, "_asked", None) == context), None)
    if kept is None:
        kept = opened.new_context(**context)
        kept._asked = context
    idle = [page for page in kept.pages if page.url == "about:blank"]
    here = Visit(idle[0] if idle else kept.new_page())
    here.page.set_viewport_size({"width": width, "height": 900})
    heard = {
        "console": lambda message: here.complaints.append(message.text),
        "pageerror": lambda error: here.complaints.append(str(error)),
        "dialog": lambda dialog: (here.complaints.append("dialog"), dialog.dismiss()),
        "request": lambda request: here.requests.append(request.url),
    }
    for event, listener in heard.items():
        here.page.on(event, listener)
    here.page.goto(file.as_uri())
    here.page.wait_for_selector("#reading .big, noscript, main, article", state="attached")
    yield here
    for event, listener in heard.items():
        here.page.remove_listener(event, listener)
    if not here.page.is_closed():
        here.page.goto("about:blank")
