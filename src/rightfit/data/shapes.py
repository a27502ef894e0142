"""Sizes of images in words."""

from __future__ import annotations

import re

from rightfit.errors import OptionError


def read_shape(words: str) -> tuple[int, ...]:
    """``"28x28"`` is (28, 28), height first; ``"32x32x3"`` has three channels. OptionError for anything else."""
    found = re.fullmatch(r"(\d+)[xX×](\d+)(?:[xX×](\d+))?", words.strip())
    shape = tuple(int(number) for number in found.groups() if number) if found else ()
    if not shape or min(shape) < 1:
        raise OptionError(f"image: {words!r} is no size; write height x width, such as 28x28, or 32x32x3 for colours")
    return shape


def say_shape(shape: tuple[int, ...]) -> str:
    """``(32, 32, 3)`` is ``"32x32x3"``."""
    return "x".join(map(str, shape))
