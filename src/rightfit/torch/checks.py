"""Numbers that options may be; a wrong one is named in one sentence."""

from __future__ import annotations

import math

from rightfit.errors import OptionError


def check_range(name: str, value: float, lower: float, upper: float = math.inf, *, ends: str = "[]") -> float:
    """``value`` where it lies between both bounds, which belong to the range where ``ends`` has a square bracket."""
    above = value >= lower if ends[0] == "[" else value > lower
    below = value <= upper if ends[1] == "]" else value < upper
    if not (above and below) or not math.isfinite(value):
        low = f"{lower:g} or more" if ends[0] == "[" else f"above {lower:g}"
        high = "" if upper == math.inf else f" and {'at most' if ends[1] == ']' else 'below'} {upper:g}"
        raise OptionError(f"{name} must be {low}{high}, not {value!r}")
    return float(value)


def check_count(name: str, value: int, lower: int = 1) -> int:
    """``value`` where it is a whole number and at least ``lower``."""
    if isinstance(value, bool) or value != int(value) or value < lower:
        raise OptionError(f"{name} must be a whole number, {lower} or more, not {value!r}")
    return int(value)
