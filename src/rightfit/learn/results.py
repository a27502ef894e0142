"""What a lesson has computed: named facts, claims that hold, and pictures with everything that their controls can show.

A picture has controls of a few stops each, panels, and layers in them. A layer that depends on some of the controls is
given once for every combination of their stops, in C order: the page looks it up and computes nothing. Pictures
whose arithmetic is small may instead name a script of their own (``script``) and give it ``numbers``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np

DIGITS = 4
"""Significant digits of what is only drawn."""


class Control(msgspec.Struct, frozen=True, omit_defaults=True):
    """A slider, or buttons where ``buttons`` is set, over a few stops; each stop has its words."""

    name: str
    label: str
    stops: tuple[str, ...]
    start: int = 0
    buttons: bool = False


class Axis(msgspec.Struct, frozen=True, omit_defaults=True):
    """``kind``: linear, log (both from ``low`` to ``high``), strength (strongest at the left, 0 apart; ``values``) or
    names (``names``, one place each)."""

    title: str
    low: float = 0.0
    high: float = 1.0
    kind: str = "linear"
    values: tuple[float, ...] = ()
    names: tuple[str, ...] = ()


class Panel(msgspec.Struct, frozen=True, omit_defaults=True):
    """One coordinate system. ``grid``: the x of layers that give none. ``square``: equal units on both axes."""

    title: str
    x: Axis
    y: Axis
    grid: tuple[float | None, ...] = ()
    height: int = 280
    square: bool = False


class Layer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is drawn, see the functions below. ``style`` names its colour, ``words`` stand in the legend (or,
    for rules and labels, in the picture)."""

    kind: str
    style: str = ""
    words: str = ""
    x: tuple[float | None, ...] = ()
    y: tuple[float | None, ...] = ()
    low: tuple[float | None, ...] = ()


class Drawn(msgspec.Struct, frozen=True, omit_defaults=True):
    """Layers of one panel, for every combination of stops of the controls ``by``."""

    panel: int
    layers: tuple[tuple[Layer, ...], ...]
    by: tuple[str, ...] = ()


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is said beside the picture, for every combination of stops of the controls ``by``."""

    sentences: tuple[str, ...]
    by: tuple[str, ...] = ()


class Picture(msgspec.Struct, frozen=True, omit_defaults=True):
    """A picture by name; the text places it with ``[[picture NAME]]``."""

    name: str
    title: str
    controls: tuple[Control, ...] = ()
    panels: tuple[Panel, ...] = ()
    drawn: tuple[Drawn, ...] = ()
    said: Said | None = None
    script: str = ""
    numbers: dict[str, Any] = {}


class Results(msgspec.Struct, frozen=True, omit_defaults=True):
    """``facts``: numbers and words that the text names. ``claims``: sentences that were tried and hold."""

    facts: dict[str, Any]
    claims: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()


def line(y: Any, x: Any = (), *, style: str = "loss", words: str = "") -> Layer:
    """A line through points; broken where a value is not finite."""
    return Layer("line", style, words, short(x), short(y))


def band(low: Any, high: Any, x: Any = (), *, style: str = "loss", words: str = "") -> Layer:
    """What lies between two lines."""
    return Layer("band", style, words, short(x), short(high), short(low))


def points(y: Any, x: Any = (), *, style: str = "loss", words: str = "") -> Layer:
    """Dots; ``style`` ending in "-ring" leaves them open."""
    return Layer("points", style, words, short(x), short(y))


def bars(y: Any, x: Any = (), *, style: str = "loss", words: str = "") -> Layer:
    """Columns from zero, at the places of a names axis (0, 1, ...) or at ``x``."""
    return Layer("bars", style, words, short(x), short(y))


def rule(x: Any, *, style: str = "now", words: str = "", left: bool = False) -> Layer:
    """A vertical line through the whole panel, with its words at the top, at its right or ``left``."""
    return Layer("rule", style, words, short([x]), (-1,) if left else ())


def level(y: Any, *, style: str = "null", words: str = "") -> Layer:
    """A horizontal line through the whole panel, with its words above its end."""
    return Layer("level", style, words, (), short([y]))


def shape(x: Any, y: Any, *, style: str = "shape", words: str = "") -> Layer:
    """A closed outline."""
    return Layer("shape", style, words, short(x), short(y))


def label(x: float, y: float, words: str, *, style: str = "") -> Layer:
    """Words at a place."""
    return Layer("label", style, words, short([x]), short([y]))


def cells(x: Any, y: Any, value: Any, *, style: str = "two", words: str = "") -> Layer:
    """A map: centres of its columns (c,) and rows (r,), and values 0 to 1 (r, c), drawn from one colour over paper
    (0.5) to the other in 17 shades."""
    value = np.asarray(value, np.float64)
    return Layer("cells", style, words, short(x), short(y), tuple(int(v) for v in np.rint(value.ravel() * 16)))


def draw(
    panel: int, controls: Sequence[Control], by: Sequence[str], layers: Callable[..., Sequence[Layer] | Layer]
) -> Drawn:
    """``layers`` called with the index of a stop for every combination of the controls ``by``, by their names."""
    found = [layers(**stops) for stops in combinations(controls, by)]
    return Drawn(panel, tuple((one,) if isinstance(one, Layer) else tuple(one) for one in found), tuple(by))


def say(controls: Sequence[Control], by: Sequence[str], sentence: Callable[..., str]) -> Said:
    """``sentence`` called with the index of a stop for every combination of the controls ``by``, by their names."""
    found = (sentence(**stops) for stops in combinations(controls, by))
    return Said(tuple(re.sub(r"(?<![\w)])-(?=\d)", "\u2212", words) for words in found), tuple(by))


def combinations(controls: Sequence[Control], by: Sequence[str]) -> list[dict[str, int]]:
    """All combinations of stops of the controls ``by``; the last one moves fastest."""
    sizes = {control.name: len(control.stops) for control in controls}
    return [dict(zip(by, stops, strict=True)) for stops in itertools.product(*(range(sizes[name]) for name in by))]


def make_results(facts: dict[str, Any], claims: dict[str, Any], pictures: Sequence[Picture]) -> Results:
    """What a lesson returns. AssertionError names claims that do not hold: then the text of the lesson is wrong."""
    reserved = {"true", "false", "none"} & {name.lower() for name in facts}
    if reserved:
        raise ValueError(f"facts cannot be named {', '.join(sorted(reserved))}: the text reads these words otherwise")
    wrong = [claim for claim, holds in claims.items() if not holds]
    if wrong:
        raise AssertionError(f"the lesson claims what does not hold: {'; '.join(wrong)}")
    return Results({name: _plain(value) for name, value in facts.items()}, tuple(claims), tuple(pictures))


def _plain(value: Any) -> Any:
    """A fact as it is stored: NumPy's numbers as Python's, with six significant digits."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    value = value.item() if isinstance(value, np.generic) else value
    return float(f"{value:.6g}") if isinstance(value, float) else value


def short(values: Any) -> tuple[float | None, ...]:
    """Numbers as they are stored: four significant digits, None where not finite."""
    return tuple(_short(float(value)) for value in np.asarray(values, np.float64).ravel())


def _short(value: float) -> float | None:
    if not np.isfinite(value):
        return None
    kept = float(f"{value:.{DIGITS - 1}e}")
    return int(kept) if kept == int(kept) and abs(kept) < 1e6 else kept
