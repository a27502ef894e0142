"""How far a long command has come: a bar with the time left on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any


class Progress:
    """Called as ``progress(stage, done, total, message)`` with work done of the total; writes to stderr alone."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self.interrupted = False
        """True once a fit has said that Ctrl-C stopped it early."""
        self._start = time.perf_counter()
        self._bar: Any = None
        self._task: Any = None
        self._last = ""

    def __enter__(self) -> Progress:
        if not self.quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            columns = (
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TimeElapsedColumn(),
                TextColumn("left:"),
                TimeRemainingColumn(),
            )
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task("", total=None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, stage: str, done: float, total: float, message: str) -> None:
        if stage == "interrupted":
            self.interrupted = True
        if self.quiet:
            return
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total, description=message)
        elif message != self._last:
            share = f"{100 * done / total:3.0f} %" if total else "     "
            print(
                f"rightfit: {time.perf_counter() - self._start:6.1f} s  {share}  {message}", file=sys.stderr, flush=True
            )
        self._last = message
