"""Tasks on several threads, their results in order, whoever waits told after each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from rightfit.solvers.watch import tell

T = TypeVar("T")


def in_order(tasks: Sequence[Callable[[], T]], threads: int) -> list[T]:
    """What each task returns. scikit-learn lets go of the interpreter while it grows a tree, so that threads help."""
    out = []
    if threads == 1:
        for task in tasks:
            out.append(task())
            tell()
        return out
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(copy_context().run, task) for task in tasks]  # they know how much time is left
        try:
            for future in futures:
                out.append(future.result())
                tell()
        finally:
            for future in futures:
                future.cancel()
    return out
