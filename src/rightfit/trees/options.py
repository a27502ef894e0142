"""Options that trees and forests share: checked, said in numbers, and crossed with a user's wishes."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rightfit.errors import OptionError
from rightfit.trees.growing import Growth

_WHOLE = ("max_depth", "max_leaf_nodes", "min_samples_split", "min_samples_leaf", "n_estimators")


def check_walk(walk: str, strengths: np.ndarray | None, count: int, smoothing: float, threads: int) -> None:
    """OptionError names the first option that makes no sense."""
    if walk not in ("pruning", "shrinkage"):
        raise OptionError(f"walk must be 'pruning' or 'shrinkage', not {walk!r}")
    if count < 1:
        raise OptionError(f"count must be 1 or more, {count} was given")
    if threads < 1:
        raise OptionError(f"threads must be 1 or more, {threads} was given")
    if not 0 <= smoothing < np.inf:
        raise OptionError(f"smoothing must be a number of rows, 0 or more, not {smoothing}")
    if strengths is not None:
        values = np.asarray(strengths, np.float64)
        sound = values.ndim == 1 and len(values) > 0 and bool((values >= 0).all() and (np.diff(values) < 0).all())
        if not sound:
            raise OptionError("strengths must be numbers of 0 or more that decrease from step to step")


def shrinkage_grid(size: float, count: int) -> np.ndarray:
    """(K,) decreasing strengths in rows: infinity, the constant model; then from ten times the sample down to a tenth
    of a row, equally spaced in logarithm; then 0, the tree itself."""
    if count < 3:
        return np.array([np.inf, 0.0])[-count:] if count > 1 else np.array([np.inf])
    return np.concatenate([[np.inf], np.geomspace(max(10 * size, 1.0), 0.1, count - 2), [0.0]])


def as_settings(growth: Growth) -> dict[str, float]:
    """The limits of growth in numbers; infinity where there is no limit."""
    out = {name: float(getattr(growth, name) or np.inf) for name in ("max_depth", "max_leaf_nodes")}
    out |= {name: float(getattr(growth, name)) for name in ("min_samples_split", "min_samples_leaf")}
    if not isinstance(growth.max_features, str):
        out["max_features"] = float(growth.max_features or 1.0)
    return out


def cross(
    defaults: Sequence[Mapping[str, Any]], wishes: Mapping[str, Sequence[float]], known: Sequence[str], family: str
) -> list[dict[str, Any]]:
    """The family's settings, each with every combination of the values that a user wants tried; equal ones once."""
    for name in wishes:
        if name not in known:
            raise OptionError(f"a {family} has no setting {name!r}; it has {', '.join(known)}")
    combined = list(itertools.product(*([(name, value) for value in values] for name, values in wishes.items())))
    out: list[dict[str, Any]] = []
    for default in defaults:
        for wanted in combined:
            options = {name: _read(name, value) for name, value in {**default, **dict(wanted)}.items()}
            if options not in out:
                out.append(options)
    return out


def _read(name: str, value: Any) -> Any:
    """Whole numbers as such, infinity as no limit."""
    if name not in _WHOLE or value is None:
        return value
    if np.isinf(value):
        return None
    if value != int(value):
        raise OptionError(f"{name} must be a whole number, not {value}")
    return int(value)
