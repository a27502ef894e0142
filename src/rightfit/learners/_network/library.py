"""Whether PyTorch is there; it trains nets, and nothing else needs it."""

from __future__ import annotations

from rightfit.errors import MissingExtraError, OptionError

LACKS = "torch is not installed, so no network was tried: pip install 'rightfit[networks]'"


def lacks() -> str:
    """What must be installed, in one line; empty where nothing is missing."""
    try:
        import torch  # noqa: F401
    except ImportError:
        return LACKS
    return ""


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
