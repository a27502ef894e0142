"""Records <-> JSON values, driven by the records' own annotations.

``to_plain`` turns a record into dicts, lists, strings and numbers and hands every array to a collector;
``from_plain`` is its inverse. Both walk the annotations of `rightfit.records`, so that a field added there is
stored without a line here, and a value that does not fit its annotation is refused on either way:

    str, int, bool, Literal    themselves
    float                      a number; ``"nan"``, ``"inf"`` and ``"-inf"`` as words, since JSON has none
    X | None                   null or X
    tuple[X, ...]              a list
    dict[str, X]               an object
    ndarray                    ``{"array": 7}``: the number of a member
    dataclass                  an object of its fields, without those that are not stored
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from rightfit.errors import StoreError
from rightfit.records import Candidate, Family, Run

NOT_STORED: dict[tuple[type, str], Callable[[], Any]] = {
    (Run, "seconds"): dict,
    (Candidate, "seconds"): float,
    (Family, "seconds"): float,
    (Family, "predict_seconds"): float,
}
"""Wall times differ from run to run; without them the same seed gives the same bytes."""

_WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


@cache
def _fields(record: type) -> tuple[tuple[dataclasses.Field[Any], Any], ...]:
    """Fields of a dataclass with their resolved types, in order."""
    hints = get_type_hints(record)
    return tuple((f, hints[f.name]) for f in dataclasses.fields(record))


def to_plain(value: Any, kind: Any, collect: Callable[[np.ndarray], int], where: str) -> Any:
    """``value`` as JSON values; ``kind`` is its annotation, ``where`` its place for messages."""
    if kind is np.ndarray:
        return {"array": collect(np.asarray(value))}
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _record_to_plain(value, kind, collect, where)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        inner = next(a for a in arguments if a is not type(None))
        return None if value is None else to_plain(value, inner, collect, where)
    if origin is tuple:
        return [to_plain(v, arguments[0], collect, f"{where}[{i}]") for i, v in enumerate(value)]
    if origin is dict:
        return {str(k): to_plain(v, arguments[1], collect, f"{where}[{k!r}]") for k, v in value.items()}
    return _scalar_to_plain(value, kind, where)


def _record_to_plain(value: Any, kind: type, collect: Callable[[np.ndarray], int], where: str) -> dict[str, Any]:
    """A dataclass as an object of its fields, without those that are not stored."""
    if type(value) is not kind:
        raise StoreError(f"{where} cannot be stored: it is a {type(value).__name__}, not a {kind.__name__}")
    return {
        f.name: to_plain(getattr(value, f.name), hint, collect, f"{where}.{f.name}")
        for f, hint in _fields(kind)  # type: ignore[arg-type]  # a class is hashable
        if (kind, f.name) not in NOT_STORED
    }


def _scalar_to_plain(value: Any, kind: Any, where: str) -> Any:
    """A number, a truth value or a string; numpy's scalars become Python's."""
    if isinstance(value, np.generic):
        value = value.item()
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
        return number if math.isfinite(number) else str(number)
    if (get_origin(kind) is Literal and value in get_args(kind)) or (kind in (str, int, bool) and type(value) is kind):
        return value
    raise StoreError(f"{where} cannot be stored: {value!r} is not a {getattr(kind, '__name__', kind)}")


def from_plain(plain: Any, kind: Any, array: Callable[[int], np.ndarray], where: str) -> Any:
    """The value of annotation ``kind`` that ``plain`` stands for; StoreError names the place of what does not fit."""
    if kind is np.ndarray:
        number = plain.get("array") if isinstance(plain, dict) and len(plain) == 1 else None
        if type(number) is not int:
            raise StoreError(f"{where} is not an array")
        return array(number)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _record_from_plain(plain, kind, array, where)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        inner = next(a for a in arguments if a is not type(None))
        return None if plain is None else from_plain(plain, inner, array, where)
    if origin is tuple:
        if not isinstance(plain, list):
            raise StoreError(f"{where} is not a list")
        return tuple(from_plain(v, arguments[0], array, f"{where}[{i}]") for i, v in enumerate(plain))
    if origin is dict:
        if not isinstance(plain, dict):
            raise StoreError(f"{where} is not an object")
        return {k: from_plain(v, arguments[1], array, f"{where}[{k!r}]") for k, v in plain.items()}
    return _scalar_from_plain(plain, kind, where)


def _record_from_plain(plain: Any, kind: type, array: Callable[[int], np.ndarray], where: str) -> Any:
    """A dataclass from an object of its fields; fields with a default may be missing, unknown ones may not occur."""
    if not isinstance(plain, dict):
        raise StoreError(f"{where} is not an object")
    values: dict[str, Any] = {}
    for field, hint in _fields(kind):
        if (kind, field.name) in NOT_STORED:
            values[field.name] = NOT_STORED[kind, field.name]()
        elif field.name in plain:
            values[field.name] = from_plain(plain[field.name], hint, array, f"{where}.{field.name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise StoreError(f"{where}.{field.name} is missing")
    unknown = sorted(set(plain) - set(values))
    if unknown:
        raise StoreError(f"{where} has a field that this version does not know: {unknown[0]!r}")
    return kind(**values)


def _scalar_from_plain(plain: Any, kind: Any, where: str) -> Any:
    """A number, a truth value or a string of exactly the annotated type."""
    if kind is float:
        if isinstance(plain, str) and plain in _WORDS:
            return _WORDS[plain]
        if type(plain) is float:
            return plain
    elif get_origin(kind) is Literal:
        if isinstance(plain, str | int) and plain in get_args(kind):
            return plain
    elif kind in (str, int, bool) and type(plain) is kind:
        return plain
    raise StoreError(f"{where} holds a value of the wrong type")
