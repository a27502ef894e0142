"""Whether PyTorch is there, and how it shares the machine; it trains nets, and nothing else needs it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from rightfit.errors import MissingExtraError, OptionError

_OWN = 0.5
"""Load above the number of processors that tells of others."""
LACKS = "torch is not installed, so no network was tried: pip install 'rightfit[networks]'"


def lacks() -> str:
    """What must be installed, in one line; empty where nothing is missing."""
    try:
        import torch  # noqa: F401
    except ImportError:
        return LACKS
    return ""


@contextmanager
def unhindered() -> Iterator[None]:
    """One thread meanwhile where others keep the processors busy. Threads that share a small product wait for each
    other without letting go of their processor: on two processors with four other processes an epoch took ten to
    thirty times as long on two threads as on one. Results do not depend on it."""
    try:
        busy = os.getloadavg()[0]
    except (AttributeError, OSError):  # not known on every system
        busy = 0.0
    if busy <= (os.cpu_count() or 1) + _OWN:
        yield
        return
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="openmp"):
        yield


def check_device(device: str) -> None:
    """OptionError where torch cannot compute there."""
    import torch

    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, TypeError) as error:
        raise OptionError(f"torch cannot compute on device {device!r} here; take 'cpu'") from error


PREDICTS = "these nets need torch to predict, as perceptrons do not: pip install 'rightfit[networks]'"


def require(why: str = LACKS) -> None:
    """MissingExtraError says what for, and how to get it."""
    if lacks():
        raise MissingExtraError(why)
