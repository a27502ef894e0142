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
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
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
    """Opens ``file`` from disk in a fresh context of this width."""
    fresh = opened.new_context(viewport={"width": width, "height": 900}, **context)
    here = Visit(fresh.new_page())
    here.page.on("console", lambda message: here.complaints.append(message.text))
    here.page.on("pageerror", lambda error: here.complaints.append(str(error)))
    here.page.on("dialog", lambda dialog: (here.complaints.append("dialog"), dialog.dismiss()))
    here.page.on("request", lambda request: here.requests.append(request.url))
    here.page.goto(file.as_uri())
    here.page.wait_for_selector("#reading .big, noscript, main, article", state="attached")
    yield here
    fresh.close()
