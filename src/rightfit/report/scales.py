"""Scales from data to pixels, with ticks at round numbers: what ``scale.js`` does in a browser, for pictures that need
none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rightfit.report.numbers import PAGE

Ticks = list[tuple[float, str]]
"""Values and their labels."""


@dataclass(frozen=True)
class Linear:
    """Equal steps of the value are equal steps on paper."""

    low: float
    high: float
    start: float
    end: float

    @staticmethod
    def over(low: float, high: float, start: float, end: float) -> Linear:
        """A range without extent gets some around it."""
        if not high > low:
            low, high = low - 0.5 * (abs(low) or 1), high + 0.5 * (abs(high) or 1)
        return Linear(low, high, start, end)

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def clamp(self, value: float) -> float:
        """The place of the value, or of the nearest one that is on paper."""
        return self(min(self.high, max(self.low, value)))

    def ticks(self, most: int) -> Ticks:
        """About ``most`` round values."""
        rough = (self.high - self.low) / max(1, most)
        power = 10.0 ** math.floor(math.log10(rough))
        unit = next((k for k in (1, 2, 5, 10) if k * power >= 0.85 * rough), 10) * power
        places = min(12, max(0, -math.floor(math.log10(unit) + 1e-9)))
        first, last = math.ceil(self.low / unit - 1e-9), math.floor(self.high / unit + 1e-9)
        return [(k * unit, _label(k * unit, places)) for k in range(first, last + 1)]


@dataclass(frozen=True)
class Strengths:
    """A logarithmic axis, strongest at the left. Strength zero has no logarithm: it stands apart at the right end. What
    rises along the path, such as rounds, is drawn from the other side: start is then the right edge."""

    low: float
    """Decimal logarithms of the weakest positive strength and of the strongest."""
    high: float
    start: float
    end: float
    """Where the weakest positive strength stands."""
    right: float
    zero: bool

    @staticmethod
    def over(strengths: Sequence[float], start: float, right: float) -> Strengths:
        positive = [s for s in strengths if s > 0]
        zero = len(positive) < len(strengths)
        low, high = (math.log10(f(positive)) if positive else 0.0 for f in (min, max))
        apart = math.copysign(max(18.0, 0.06 * abs(right - start)), right - start)
        end = right - apart if zero and positive else right
        return Strengths(low, high, start, end, right, zero)

    def __call__(self, strength: float) -> float:
        if not strength > 0:
            return self.right
        if not self.high > self.low:
            return self.start if self.zero else (self.start + self.right) / 2
        return self.start + (self.high - math.log10(strength)) / (self.high - self.low) * (self.end - self.start)

    def ticks(self, room: float) -> Ticks:
        """Powers of ten, with multiples where there is room for them."""
        span = abs(self.end - self.start) / max(self.high - self.low, 1e-9)
        multiples = (1, 2, 5) if span > 3.6 * room else (1, 3) if span > 1.9 * room else (1,)
        every = max(1, math.ceil(room / span))
        found: Ticks = []
        for exponent in range(math.floor(self.low) - 1, math.ceil(self.high) + 1):
            for multiple in multiples if exponent % every == 0 else ():
                place = exponent + math.log10(multiple)
                clear = not self.zero or abs(self.right - self(10.0**place)) > 0.6 * room
                if self.low - 1e-9 <= place <= self.high + 1e-9 and clear:
                    found.append((10.0**place, PAGE.number(multiple * 10.0**exponent, 1)))
        return [*found, (0.0, "0")] if self.zero else found


def _label(value: float, places: int) -> str:
    size = abs(value)
    if size > 0 and (size >= 1e6 or (places > 4 and size < 1e-3)):
        return PAGE.number(value, 2)
    return PAGE.fixed(value, places)


def spread(wanted: Sequence[float], gap: float, top: float, bottom: float) -> list[float]:
    """Positions in the same order, at least ``gap`` apart, between ``top`` and ``bottom`` where there is room."""
    order = sorted(range(len(wanted)), key=lambda k: wanted[k])
    placed = [0.0] * len(wanted)
    last = -math.inf
    for k in order:
        last = placed[k] = max(wanted[k], last + gap, top)
    nearest = math.inf
    for k in reversed(order):
        nearest = placed[k] = min(placed[k], nearest - gap, bottom)
    return placed
