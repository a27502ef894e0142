"""Someone who wants to know how far a walk has come is told after every step, without a word in any solver's signature.

with listen(told):                # told(1.0) after each step of each task, in the thread that walks
    solve_paths(...)

Who does other work that takes as long tells how many steps it is worth.

What ``told`` raises ends the walk: so does Ctrl-C.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_listener: ContextVar[Callable[[float], None] | None] = ContextVar("listener", default=None)


@contextmanager
def listen(told: Callable[[float], None]) -> Iterator[None]:
    """``told`` is called after every step that is added to a path meanwhile."""
    token = _listener.set(told)
    try:
        yield
    finally:
        _listener.reset(token)


def tell(steps: float = 1.0) -> None:
    """So many more steps are done."""
    told = _listener.get()
    if told is not None:
        told(steps)


@contextmanager
def share(part: float) -> Iterator[None]:
    """Meanwhile every step counts as this part of one."""
    told = _listener.get()
    if told is None:
        yield
        return
    with listen(lambda steps: told(part * steps)):
        yield
