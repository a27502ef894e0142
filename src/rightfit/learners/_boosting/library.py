"""The only door to XGBoost."""

from __future__ import annotations

from functools import cache
from typing import Any

from rightfit.errors import MissingExtraError

_INFORMATION = ("feature_types", "feature_names")
LACKS = "xgboost is not installed, so no boosting was tried: pip install 'rightfit[boosting]'"


def load() -> Any:
    """The module; MissingExtraError says how to get it."""
    try:
        import xgboost
    except ImportError as error:
        raise MissingExtraError(LACKS) from error
    return xgboost


@cache
def kinds() -> tuple[type[Any], type[Any]]:
    """XGBoost's booster and its binned rows, which remember the kinds of their columns. XGBoost asks both for them
    before each round and reads them back one by one, which in wide tables takes longer than the round itself. Columns
    have no names."""
    xgboost = load()
    own = [{name: _remembered(kind, name) for name in _INFORMATION} for kind in (xgboost.Booster, xgboost.DMatrix)]
    return type("Booster", (xgboost.Booster,), own[0]), type("Binned", (xgboost.QuantileDMatrix,), own[1])


def forget_kinds(booster: Any) -> Any:
    """A booster of `kinds` as XGBoost's own, which can be copied and pickled; it grows no more."""
    for name in _INFORMATION:
        booster.__dict__.pop(f"_remembered_{name}", None)
    booster.__class__ = load().Booster
    return booster


def _remembered(kind: Any, name: str) -> property:
    """A property of XGBoost's that is read once after it was set."""
    theirs, own = getattr(kind, name), f"_remembered_{name}"

    def read(self: Any) -> Any:
        if own not in self.__dict__:
            self.__dict__[own] = theirs.fget(self)
        return self.__dict__[own]

    def write(self: Any, value: Any) -> None:
        theirs.fset(self, value)
        self.__dict__.pop(own, None)

    return property(read, write)


def lacks() -> str:
    """What must be installed, in one line; empty where nothing is missing."""
    try:
        load()
    except MissingExtraError as error:
        return str(error)
    return ""
