"""The only door to XGBoost."""

from __future__ import annotations

from typing import Any

from rightfit.errors import MissingExtraError

LACKS = "xgboost is not installed, so no boosting was tried: pip install 'rightfit[boosting]'"


def load() -> Any:
    """The module; MissingExtraError says how to get it."""
    try:
        import xgboost
    except ImportError as error:
        raise MissingExtraError(LACKS) from error
    return xgboost


def lacks() -> str:
    """What must be installed, in one line; empty where nothing is missing."""
    try:
        load()
    except MissingExtraError as error:
        return str(error)
    return ""
