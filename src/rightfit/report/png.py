"""Pixels as a PNG file (ISO/IEC 15948), written by hand: eight bits, no filter, no dependency."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np


def encode_png(pixels: np.ndarray) -> bytes:
    """A PNG of (h, w) grey or (h, w, c) bytes, c = 1 to 4: grey, grey and alpha, red green blue, and alpha."""
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3) or 0 in pixels.shape:
        raise ValueError(f"a picture must be (h, w) or (h, w, c) bytes, but is {pixels.shape} of {pixels.dtype}")
    cube = pixels if pixels.ndim == 3 else pixels[:, :, None]
    height, width, channels = cube.shape
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    lines = np.zeros((height, 1 + width * channels), np.uint8)  # a 0 before each line: no filter
    lines[:, 1:] = cube.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    body = zlib.compress(lines.tobytes(), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def as_bytes(pixels: np.ndarray, low: float, high: float) -> np.ndarray:
    """Values from ``low`` to ``high`` as bytes from 0 to 255."""
    if pixels.dtype == np.uint8 and low >= 0 and high > 1:
        return pixels
    share = (pixels.astype(np.float64) - low) / (high - low if high > low else 1.0)
    return np.asarray(np.rint(np.clip(share, 0, 1) * 255), dtype=np.uint8)


def data_address(picture: bytes) -> str:
    """A PNG as an address that a page can hold."""
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
