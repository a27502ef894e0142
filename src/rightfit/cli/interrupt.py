"""Ctrl-C ends a fit soon, whatever it is doing.

Python itself looks at Ctrl-C between two of its own instructions, so that a long call into compiled code, such as a
factorization, would first run to its end. A thread that wakes at once waits `PATIENCE` seconds for the program to
stop by itself; if it has not, nothing is worth waiting for, and the process ends with a sentence and exit code 130.
It does so only inside `watch`, where no file is being written: nothing is left half done.

Where a path is done already, the fit finishes with it instead; a second Ctrl-C ends it.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from rightfit.cli.progress import Progress

PATIENCE = 1.5
"""Seconds."""
SENTENCE = "stopped by Ctrl-C; nothing was saved"


@contextmanager
def watch(progress: Progress, *, as_json: bool) -> Iterator[None]:
    """Ctrl-C ends what is inside within about `PATIENCE` seconds, or finishes with what ``progress`` says is kept."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread alone
        return
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    done = threading.Event()
    usual = signal.signal(signal.SIGINT, _raise_unless(progress))
    before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    thread = threading.Thread(target=_wait, args=(ours, done, progress, as_json), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        signal.set_wakeup_fd(before)
        signal.signal(signal.SIGINT, usual)
        theirs.close()
        thread.join(timeout=1)
        ours.close()


def _raise_unless(progress: Progress) -> Callable[[int, FrameType | None], None]:
    """Python's own answer to Ctrl-C, but not once all paths are walked: what is left then is the end of the work."""

    def answer(number: int, frame: FrameType | None) -> None:
        if not progress.finishing:
            raise KeyboardInterrupt

    return answer


def _wait(ours: socket.socket, done: threading.Event, progress: Progress, as_json: bool) -> None:
    """Sleep until a signal comes or the other end is closed."""
    while not done.is_set():
        with suppress(OSError):
            received = ours.recv(64)
            if not received:
                return
            if signal.SIGINT not in received:
                continue
            if progress.kept and not progress.asked:
                progress.asked = True
                progress.say("Ctrl-C: finishing with the paths that are done; press it again to leave at once")
                continue
            until = time.monotonic() + (0 if progress.asked else PATIENCE)
            if not done.wait(max(0.0, until - time.monotonic())):
                _leave(progress, as_json)


def _leave(progress: Progress, as_json: bool) -> None:
    from rightfit.cli.commands import fail

    progress.close()
    code = fail("Stopped", SENTENCE, 130, as_json)
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
