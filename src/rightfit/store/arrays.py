"""Arrays <-> the bytes of a ``.npy`` member, for plain numbers alone: nothing in them can run."""

from __future__ import annotations

import io
import math

import numpy as np

from rightfit.errors import StoreError

DTYPES = frozenset("|b1 |i1 |u1 <i2 <u2 <i4 <u4 <i8 <u8 <f4 <f8".split())
"""Truth values, integers and floats of at most 8 bytes, little-endian."""


def to_bytes(array: np.ndarray, where: str) -> bytes:
    """``.npy`` version 1.0, C order, little-endian; StoreError for anything but plain numbers."""
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).reshape(array.shape)
    if little.dtype.str not in DTYPES:
        raise StoreError(f"{where} cannot be stored: its values are of type {array.dtype}, not plain numbers")
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, little, version=(1, 0), allow_pickle=False)
    return buffer.getvalue()


def from_bytes(data: bytes, where: str) -> np.ndarray:
    """The array, writable and in C order. The header must promise exactly the bytes that follow it: nothing is
    allocated on its word alone."""
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        if version != (1, 0):
            raise ValueError(version)
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    except Exception as error:  # numpy documents ValueError, but a crafted header can raise others
        raise StoreError(f"{where} is not a .npy array") from error
    start = stream.tell()
    if dtype.str not in DTYPES or fortran:
        raise StoreError(f"{where} is an array of a type that runs do not hold: {dtype}")
    if any(d < 0 for d in shape) or math.prod(shape) * dtype.itemsize != len(data) - start:
        raise StoreError(f"{where} does not have the size that its header promises")
    try:
        return np.frombuffer(data, dtype, offset=start).reshape(shape).copy()
    except ValueError as error:  # more dimensions than numpy has
        raise StoreError(f"{where} has an impossible shape") from error
