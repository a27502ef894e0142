"""The options of a fit, read back from the command line that a run records."""

from __future__ import annotations

from collections.abc import Sequence
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from rightfit.errors import StoreError
from rightfit.search.options import WAYS, FitOptions, read_penalties


def read_command(words: Sequence[str]) -> FitOptions:
    """The inverse of `FitOptions.command`; StoreError where these are not its words, OptionError where the options make
    no sense."""
    if len(words) < 5 or tuple(words[:2]) != ("rightfit", "fit"):
        raise StoreError("the run does not record the command of a fit: its rows cannot be read as the fit did")
    types = get_type_hints(FitOptions)
    given: dict[str, Any] = {}
    rest = list(words[3:])
    while rest:
        option = rest.pop(0)
        name = option.removeprefix("--").replace("-", "_")
        flag = name.removeprefix("no_")
        if bool in (types.get(flag), *get_args(types.get(flag))):
            given[flag] = name == flag
        elif not rest or not (name in types or name in ("as", "setting", "penalty")):
            raise StoreError(f"the run's command holds {option!r}, which this version does not know")
        elif name == "as":
            column, _, kind = rest.pop(0).rpartition("=")
            given["kinds"] = given.get("kinds", {}) | {column: kind}
        elif name == "setting":
            setting, _, values = rest.pop(0).partition("=")
            given["settings"] = given.get("settings", {}) | {setting: read_values(values)}
        elif name == "monotone":
            column, _, sign = rest.pop(0).rpartition("=")
            given[name] = given.get(name, {}) | {column: WAYS.get(sign, 0)}
        elif name == "penalty":
            given |= read_penalties(rest.pop(0).split(","))
        elif name == "learners":
            given[name] = tuple(rest.pop(0).split(","))
        else:
            given[name] = _read(types[name], rest.pop(0), given.get(name, ()))
    return FitOptions(**given)


def _read(kind: Any, word: str, before: tuple[str, ...]) -> Any:
    """One value of an option of this type; names come one by one, numbers with commas."""
    inner = next(a for a in get_args(kind) if a is not NoneType) if NoneType in get_args(kind) else kind
    if get_origin(inner) is tuple:
        return _numbers(word) if float in get_args(inner) else (*before, word)
    return inner(word) if inner in (int, float) else word


def read_values(words: str) -> tuple[float | str, ...]:
    """Values of a setting: ``"3,6"`` are numbers, ``"batch"`` is a word."""
    found: list[float | str] = []
    for word in words.split(","):
        try:
            found.append(float(word))
        except ValueError:
            found.append(word.strip())
    return tuple(found)


def _numbers(words: str) -> tuple[float, ...]:
    return tuple(float(word) for word in words.split(","))
