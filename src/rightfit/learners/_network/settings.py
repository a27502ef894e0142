"""What is no path in nets: the ranges of their parameters, and the losses that they can learn."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np

from rightfit.contracts import Problem
from rightfit.errors import OptionError
from rightfit.learners._network.walks import WALKS, strongest

RANGES: dict[str, tuple[float, float, bool, bool]] = {
    # least, most, above the least, whole
    "decay": (0.0, np.inf, False, False),
    "l1": (0.0, np.inf, False, False),
    "dropout": (0.0, 0.95, False, False),
    "noise": (0.0, 10.0, False, False),
    "mixup": (0.0, 100.0, False, False),
    "smoothing": (0.0, 0.95, False, False),
    "shift": (0, 1000, False, True),
    "rotate": (0.0, 180.0, False, False),
    "flip": (0, 1, False, True),
    "cutout": (0, 1000, False, True),
    "delete": (0.0, 0.95, False, False),
    "swap": (0.0, 0.5, False, False),
    "synonyms": (0.0, 0.95, False, False),
    "batch": (1, 2**31 - 1, False, True),
    "learning_rate": (0.0, 1.0, True, False),
    "epochs": (1, 1_000_000, False, True),
    "most": (1, 1_000_000, False, True),
    "seeds": (1, 100, False, True),
    "seed": (0, 2**32 - 1, False, True),
    "threads": (1, np.inf, False, True),
}
_SHAPE = {"units": (1, 100_000, False, True), "layers": (0, 100, False, True)}
NORMS = ("none", "batch", "layer")
"""Hidden layers as they are, or normalized over the rows of a batch, or over the units of a row."""
_MODULES = {"perceptron": None, "convolution": "convolution", "text": "text"}
"""Nets that a file of a fit can hold; others are given in Python."""
_WORDS = {"walks": tuple(WALKS), "norm": NORMS, "module": tuple(_MODULES)}
_TOLD = ("thesaurus", "device")
"""Checked where they are used."""


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


def check_word(name: str, value: Any) -> None:
    """OptionError where a parameter is none of its words."""
    if value not in _WORDS[name]:
        raise OptionError(f"{name} must be one of {', '.join(map(repr, _WORDS[name]))}, {value!r} was given")


def combine(wished: Mapping[str, tuple[float | str, ...]], walks: str) -> list[dict[str, Any]]:
    """All combinations of the settings that a user wants tried, as parameters of the learner; none where nothing is
    wished for. ``units`` and ``layers`` stand for ``hidden``; the values of what is walked in are the rungs.
    OptionError names a setting that there is not."""
    known = [*_SHAPE, *_WORDS, *_TOLD, *(name for name in RANGES if name not in ("seed", "threads"))]
    for name, values in wished.items():
        if name not in known:
            raise OptionError(f"network has no setting {name!r}; it has {', '.join(known)}")
        for value in values:
            if name not in _TOLD:
                (check_word if name in _WORDS else check_number)(name, value)
    made = []
    for walked in wished.get("walks", (walks,)) if wished else ():
        own = {name: values for name, values in wished.items() if name not in ("walks", walked)}
        for combined in product(*own.values()):
            told: dict[str, Any] = {
                name: int(value) if name in _SHAPE | RANGES and (_SHAPE | RANGES)[name][3] else value
                for name, value in zip(own, combined, strict=True)
            }
            told |= {"module": _MODULES[told["module"]]} if "module" in told else {}
            units, layers = told.pop("units", 64), told.pop("layers", 2)
            rungs = wished.get(str(walked), ())
            made.append(told | {"walks": walked, "strengths": rungs, "hidden": (units,) * layers})
    return made


def check_hidden(hidden: Any) -> None:
    """OptionError where widths are no whole numbers from 1."""
    if not isinstance(hidden, tuple) or not all(
        isinstance(w, numbers.Integral) and 1 <= int(w) <= 100_000 for w in hidden
    ):
        raise OptionError(f"hidden must hold the units of each hidden layer, such as (64, 64), {hidden!r} was given")


def find_rungs(
    walks: str, strengths: tuple[float, ...], learning_rate: float, decay: float, rows: int
) -> tuple[float, ...]:
    """The rungs, from strong to weak, where so many rows teach; OptionError where there are none that can be walked."""
    check_word("walks", walks)
    top = strongest(walks, learning_rate)
    for strength in strengths:
        check_number(walks, strength)
        if strength >= top:
            raise OptionError(
                f"a {walks} of {strength:g} is the constant model, which every path begins with: give less"
            )
    usual = [s for s in WALKS[walks].rungs if s < top and not (walks == "batch" and s > max(rows, 16))]
    found = WALKS[walks].sort(strengths or usual)
    largest = max(found) if walks == "learning_rate" else learning_rate
    if walks != "decay" and decay * largest > 1:
        raise OptionError(
            f"a decay of {decay:g} at a learning rate of {largest:g} takes more than all of a weight at each step: "
            f"give {1 / largest:g} at most"
        )
    return found


def check_loss(problem: Problem, smoothing: float) -> None:
    """OptionError where nets cannot learn the loss."""
    loss = problem.loss
    if any(problem.monotone):
        raise OptionError("a network cannot promise that predictions only rise or only fall with a column")
    if loss.coupled:
        raise OptionError(
            f"a network cannot learn the loss {loss.name}, whose rows depend on each other: it sees a batch at a time"
        )
    if smoothing and loss.predicts not in ("probability", "class"):
        raise OptionError(f"smoothing is for classes, and the loss {loss.name} has none; leave it at 0")
