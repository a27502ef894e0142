"""A fixture under which a hang is a failure: import it and name it in ``pytestmark``."""

from __future__ import annotations

import faulthandler
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

SECONDS = int(20 * float(os.environ.get("RIGHTFIT_TEST_PATIENCE", "1")))
"""20; more where everything is slow on purpose, as under sanitizers."""


@pytest.fixture
def deadline() -> Iterator[None]:
    """Fails the test after 20 s; code that never comes back to Python ends the process, with a traceback, after 60
    s."""

    def late(*_: Any) -> None:
        raise TimeoutError(f"still running after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    faulthandler.dump_traceback_later(3 * SECONDS, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
