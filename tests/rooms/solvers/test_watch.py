"""A walk ends when its time is up, wherever it is."""

from __future__ import annotations

import math
import time

import pytest

from rightfit.errors import OutOfTime
from rightfit.solvers.watch import left, listen, tell, until


def test_an_inner_end_is_never_later_than_an_outer_one() -> None:
    assert left() == math.inf
    tell()
    now = time.perf_counter()
    with until(now + 50):
        with until(now + 100):
            assert 40 < left() <= 50
        with until(now + 10):
            assert left() <= 10
        assert left() > 40
    assert left() == math.inf


def test_what_is_late_ends_after_it_was_told() -> None:
    heard: list[float] = []
    with listen(heard.append), until(time.perf_counter() - 1), pytest.raises(OutOfTime):
        tell(3.0)
    assert heard == [3.0]
