"""Whether PyTorch is there; it trains nets, and nothing else needs it."""

from __future__ import annotations

from rightfit.errors import MissingExtraError

LACKS = "torch is not installed, so no network was tried: pip install 'rightfit[networks]'"


def lacks() -> str:
    """What must be installed, in one line; empty where nothing is missing."""
    try:
        import torch  # noqa: F401
    except ImportError:
        return LACKS
    return ""


def require() -> None:
    """MissingExtraError says how to get it."""
    if lacks():
        raise MissingExtraError(LACKS)
