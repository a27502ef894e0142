"""What is no path in nets: the ranges of their parameters."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np

from rightfit.errors import OptionError

RANGES: dict[str, tuple[float, float, bool, bool]] = {
    # least, most, above the least, whole
    "decay": (0.0, np.inf, False, False),
    "l1": (0.0, np.inf, False, False),
    "dropout": (0.0, 0.95, False, False),
    "noise": (0.0, 10.0, False, False),
    "mixup": (0.0, 100.0, False, False),
    "smoothing": (0.0, 0.95, False, False),
    "batch": (1, 2**31 - 1, False, True),
    "learning_rate": (0.0, 1.0, True, False),
    "epochs": (1, 1_000_000, False, True),
    "most": (1, 1_000_000, False, True),
    "seeds": (1, 100, False, True),
    "seed": (0, 2**32 - 1, False, True),
    "threads": (1, np.inf, False, True),
}
_SHAPE = {"units": (1, 100_000, False, True), "layers": (0, 100, False, True)}
WALKS = ("decay", "dropout")
STEPS: dict[str, tuple[float, ...]] = {
    "decay": (30.0, 10.0, 3.0, 1.0, 0.0),
    "dropout": (0.7, 0.5, 0.3, 0.1, 0.0),
}
"""Rungs of a ladder where none are told."""


def check_number(name: str, value: Any) -> None:
    """OptionError where a parameter has no sense, with its range."""
    if name == "epochs" and value is None:
        return
    least, most, above, whole = (_SHAPE | RANGES)[name]
    fits = isinstance(value, numbers.Real) and not isinstance(value, bool) and np.isfinite(float(value))
    if not fits or not least <= value <= most or (above and value == least) or (whole and value != int(value)):
        kind = "a whole number" if whole else "a number"
        bounds = f"{'above' if above else 'at least'} {least:g}" + ("" if np.isinf(most) else f" and at most {most:g}")
        raise OptionError(f"{name} must be {kind} {bounds}, {value!r} was given")


def combine(wished: Mapping[str, tuple[float, ...]], walks: str) -> list[dict[str, Any]]:
    """All combinations of the settings that a user wants tried, as parameters of the learner; none where nothing is
    wished for. ``units`` and ``layers`` stand for ``hidden``. OptionError names a setting that there is not."""
    known = [*_SHAPE, *(name for name in RANGES if name not in ("seed", "threads", walks))]
    for name in wished:
        if name == walks:
            raise OptionError(f"{name} is what a path of nets walks in, it is no setting")
        if name not in known:
            raise OptionError(f"network has no setting {name!r}; it has {', '.join(known)}")
    made = []
    for values in product(*wished.values()) if wished else ():
        told: dict[str, Any] = {}
        for name, value in zip(wished, values, strict=True):
            check_number(name, value)
            told[name] = int(value) if (_SHAPE | RANGES)[name][3] else value
        units, layers = told.pop("units", 64), told.pop("layers", 2)
        made.append(told | {"hidden": (units,) * layers})
    return made


def check_hidden(hidden: Any) -> None:
    """OptionError where widths are no whole numbers from 1."""
    if not isinstance(hidden, tuple) or not all(
        isinstance(w, numbers.Integral) and 1 <= int(w) <= 100_000 for w in hidden
    ):
        raise OptionError(f"hidden must hold the units of each hidden layer, such as (64, 64), {hidden!r} was given")


def find_rungs(walks: Any, strengths: tuple[float, ...], learning_rate: float) -> tuple[float, ...]:
    """The strengths of the rungs, falling; OptionError where there are none that can be walked."""
    if walks not in WALKS:
        raise OptionError(f"walks must be one of {', '.join(map(repr, WALKS))}, {walks!r} was given")
    top = strongest(walks, learning_rate)
    if not strengths:
        return tuple(s for s in STEPS[walks] if s < top)
    for strength in strengths:
        check_number(walks, strength)
        if strength >= top:
            raise OptionError(
                f"a {walks} of {strength:g} is the constant model, which every path begins with: give less"
            )
    return tuple(sorted({float(s) for s in strengths}, reverse=True))


def strongest(walks: str, learning_rate: float) -> float:
    """Where only the constant model is left: a decay of 1 / learning rate wipes all weights out at each step, a dropout
    of 1 drops every unit."""
    return 1.0 / learning_rate if walks == "decay" else 1.0
