"""Someone who wants to know how far a walk has come is told after every step, without a word in any solver's signature;
and a walk that may not take for ever learns how much time it has.

with listen(told), until(moment):    # told(1.0) after each step of each task, in the thread that walks
    solve_paths(...)                 # raises OutOfTime where a step ends after the moment

Who does other work that takes as long tells how many steps it is worth, at least a few times a second. Who can end
early with something worth having asks `left` and stops before the time is up.

What ``told`` raises ends the walk: so does Ctrl-C.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from rightfit.errors import OutOfTime

_listener: ContextVar[Callable[[float], None] | None] = ContextVar("listener", default=None)
_end: ContextVar[float] = ContextVar("end", default=math.inf)


@contextmanager
def listen(told: Callable[[float], None]) -> Iterator[None]:
    """``told`` is called after every step that is added to a path meanwhile."""
    token = _listener.set(told)
    try:
        yield
    finally:
        _listener.reset(token)


@contextmanager
def until(moment: float) -> Iterator[None]:
    """Walks inside end with OutOfTime at this moment of `time.perf_counter`, or at an earlier one that holds."""
    token = _end.set(min(moment, _end.get()))
    try:
        yield
    finally:
        _end.reset(token)


def left() -> float:
    """Seconds that are left; infinite where nobody set an end."""
    return _end.get() - time.perf_counter()


def tell(steps: float = 1.0) -> None:
    """So many more steps are done; OutOfTime where no time is left."""
    told = _listener.get()
    if told is not None:
        told(steps)
    if left() < 0:
        raise OutOfTime("its time is up")


@contextmanager
def share(part: float) -> Iterator[None]:
    """Meanwhile every step counts as this part of one."""
    told = _listener.get()
    if told is None:
        yield
        return
    with listen(lambda steps: told(part * steps)):
        yield
