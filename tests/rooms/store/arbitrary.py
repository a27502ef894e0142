"""Hypothesis strategies for whole records, made from their annotations: any text, any float, any array."""

from __future__ import annotations

import dataclasses
import types
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import hypothesis.extra.numpy as arrays
import hypothesis.strategies as some
import numpy as np

from rightfit.store.plain import NOT_STORED

_DTYPES = ["?", "u1", "i1", "<i4", "<i8", "<f4", "<f8", ">f8", "<u2"]
_ARRAYS = some.sampled_from(_DTYPES).flatmap(
    lambda d: arrays.arrays(d, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
)
_SCALARS: dict[Any, Any] = {
    str: some.text(max_size=8),
    int: some.integers(-(2**40), 2**40),
    bool: some.booleans(),
    float: some.floats(),
    np.ndarray: _ARRAYS,
}


def records(kind: Any) -> Any:
    """A strategy for values of one annotation."""
    origin, arguments = get_origin(kind), get_args(kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        fields = {
            f.name: some.builds(NOT_STORED[kind, f.name]) if (kind, f.name) in NOT_STORED else records(hints[f.name])
            for f in dataclasses.fields(kind)
        }
        return some.builds(kind, **fields)
    if origin is Literal:
        return some.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return some.none() | records(next(a for a in arguments if a is not type(None)))
    if origin is tuple:
        return some.lists(records(arguments[0]), max_size=2).map(tuple)
    if origin is dict:
        return some.dictionaries(some.text(max_size=5), records(arguments[1]), max_size=2)
    return _SCALARS[kind]


def same(a: Any, b: Any) -> bool:
    """Equal in every field, to the last bit, NaN included."""
    if dataclasses.is_dataclass(a):
        return type(a) is type(b) and all(same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a))
    if isinstance(a, np.ndarray):
        little = a.astype(a.dtype.newbyteorder("<"))
        return (
            isinstance(b, np.ndarray)
            and a.shape == b.shape
            and little.dtype == b.dtype
            and little.tobytes() == b.tobytes()
        )
    if isinstance(a, tuple):
        return isinstance(b, tuple) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, float):
        return isinstance(b, float) and (a == b or (a != a and b != b)) and str(a) == str(b)
    return type(a) is type(b) and a == b
