"""How far a long command has come: a bar with the time left on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

_QUIET = 10.0
"""Seconds after which a log hears of the same stage again."""


class Progress:
    """Called as ``progress(stage, done, total, message)`` with work done of the total; writes to stderr alone."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self.interrupted = False
        """True once a fit has said that Ctrl-C stopped it early."""
        self.kept = False
        """True once a path is done, with which a fit could finish."""
        self.finishing = False
        """True once nothing is walked any more."""
        self.asked = False
        """True once Ctrl-C has asked for that."""
        self._start = time.perf_counter()
        self._bar: Any = None
        self._task: Any = None
        self._last = ""
        self._printed = 0.0

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
        self.close()

    def close(self) -> None:
        """Take the bar away and give the cursor back."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def say(self, sentence: str) -> None:
        """A line of its own, above the bar."""
        if self.quiet:
            return
        if self._bar is not None:
            self._bar.console.print(f"rightfit: {sentence}", markup=False, highlight=False)
        else:
            print(f"rightfit: {sentence}", file=sys.stderr, flush=True)

    def __call__(self, stage: str, done: float, total: float, message: str) -> None:
        if stage == "expected":
            self.say(message)
            return
        if stage == "interrupted":
            self.interrupted = True
        if stage == "walked":
            self.kept = True
        self.finishing = stage == "evidence"
        if self.quiet:
            return
        elapsed = time.perf_counter() - self._start
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total, description=message)
        elif message != self._last or elapsed - self._printed >= _QUIET:
            share = f"{100 * done / total:3.0f} %" if total else "     "
            print(f"rightfit: {elapsed:6.1f} s  {share}  {message}", file=sys.stderr, flush=True)
            self._printed = elapsed
        self._last = message
