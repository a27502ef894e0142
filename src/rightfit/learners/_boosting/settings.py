"""What is no path in boosting: the ranges of its parameters, and a dozen settings that differ where it matters."""

from __future__ import annotations

import numbers
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from rightfit.contracts import Problem, Wishes
from rightfit.errors import OptionError
from rightfit.learners._boosting.objective import derivatives

_RANGES: dict[str, tuple[float, float, bool, bool]] = {
    # least, most, above the least, whole
    "learning_rate": (0.0, 1.0, True, False),
    "max_depth": (0, 30, False, True),
    "max_leaves": (0, 100_000, False, True),
    "min_child_weight": (0.0, np.inf, False, False),
    "gamma": (0.0, np.inf, False, False),
    "reg_alpha": (0.0, np.inf, False, False),
    "reg_lambda": (0.0, np.inf, False, False),
    "subsample": (0.0, 1.0, True, False),
    "colsample_bytree": (0.0, 1.0, True, False),
    "colsample_bylevel": (0.0, 1.0, True, False),
    "colsample_bynode": (0.0, 1.0, True, False),
    "dropout": (0.0, 1.0, False, False),
    "skip_dropout": (0.0, 1.0, False, False),
    "rounds": (1, np.inf, False, True),
    "most": (1, np.inf, False, True),
    "spacing": (0.0, 1.0, False, False),
    "bins": (2, 65_536, False, True),
    "seed": (0, 2**31 - 1, False, True),
    "threads": (1, np.inf, False, True),
}
PASSED = (
    "learning_rate",
    "max_depth",
    "max_leaves",
    "min_child_weight",
    "gamma",
    "reg_alpha",
    "reg_lambda",
    "subsample",
    "colsample_bytree",
    "colsample_bylevel",
    "colsample_bynode",
)
"""Parameters that XGBoost has by the same name."""
WIDE = 100_000
"""Cells of all columns together above which a proposal cuts columns into fewer; at least 16 each."""
_CHOICES = {"refit": ("rescaled", "same", "averaged")}


def _setting(rate: float, depth: int, **others: float) -> dict[str, float]:
    usual = {
        "learning_rate": rate,
        "max_depth": depth,
        "max_leaves": 0,
        "min_child_weight": 1.0,
        "gamma": 0.0,
        "reg_alpha": 0.0,
        "reg_lambda": 1.0,
        "subsample": 1.0,
        "colsample_bytree": 1.0,
        "colsample_bylevel": 1.0,
        "colsample_bynode": 1.0,
    }
    return usual | others


DESIGN: tuple[dict[str, float], ...] = (
    _setting(0.1, 5, min_child_weight=3.0, subsample=0.8, colsample_bynode=0.6),
    _setting(0.1, 3, subsample=0.8, colsample_bynode=0.8),
    _setting(0.05, 7, min_child_weight=5.0, subsample=0.7, colsample_bynode=0.4, reg_lambda=3.0),
    _setting(0.1, 6),
    _setting(0.05, 4, min_child_weight=10.0, subsample=0.5, colsample_bynode=0.5, reg_lambda=10.0),
    _setting(0.1, 2, subsample=0.8, colsample_bynode=0.5),
    _setting(0.05, 8, min_child_weight=2.0, subsample=0.8, colsample_bynode=0.3),
    _setting(0.1, 5, subsample=0.8, colsample_bynode=0.8, reg_alpha=2.0, gamma=1.0),
    _setting(0.1, 0, max_leaves=12, min_child_weight=10.0, subsample=0.8, colsample_bynode=0.6),
    _setting(0.1, 1, subsample=0.8, colsample_bynode=0.8),
    _setting(0.05, 5, min_child_weight=20.0, subsample=0.8, colsample_bytree=0.5, reg_lambda=30.0, reg_alpha=1.0),
    _setting(0.3, 4, min_child_weight=5.0, subsample=0.9, colsample_bynode=0.8, reg_lambda=10.0),
)
"""Settings to try, the most promising first: from additive models (depth 1) to deep trees of few columns, with and
without samples of rows, leaf penalties in and out. ``reg_alpha`` and ``gamma`` are in units of the problem, see
`scales`."""


def check_setting(name: str, value: Any) -> None:
    """OptionError where a parameter has no sense, with its range."""
    if name in _CHOICES and value not in _CHOICES[name]:
        raise OptionError(f"{name} must be one of {', '.join(map(repr, _CHOICES[name]))}, {value!r} was given")
    if name == "monotone" and not all(sign in (-1, 0, 1) for sign in value):
        raise OptionError("monotone must hold -1, 0 or 1 for each column")
    if name not in _RANGES or (name == "rounds" and value is None):
        return
    least, most, above, whole = _RANGES[name]
    fits = isinstance(value, numbers.Real) and not isinstance(value, bool) and np.isfinite(float(value))
    if not fits or not least <= value <= most or (above and value == least) or (whole and value != int(value)):
        kind = "a whole number" if whole else "a number"
        bounds = f"{'above' if above else 'at least'} {least:g}" + ("" if np.isinf(most) else f" and at most {most:g}")
        raise OptionError(f"{name} must be {kind} {bounds}, {value!r} was given")


def bins_for(columns: int) -> int:
    """Most cells a column: 256, fewer in wide tables, where histograms of all columns are what a round costs."""
    return int(np.clip(WIDE // columns, 16, 256))


def scales(problem: Problem, weight: np.ndarray) -> dict[str, float]:
    """What one unit of alpha and of gamma is for a problem, so that the design suits any unit of the target: the root
    mean square of the slopes at the best constant, and that squared over the mean curvature, which is twice what a leaf
    of one usual row gains."""
    rows = np.flatnonzero(weight > 0)
    share = weight[rows] / weight[rows].sum()
    y, offset = problem.y[rows], problem.offset[rows]
    constant = np.nan_to_num(problem.loss.null(y, share, offset), posinf=0.0, neginf=0.0)
    slope, curvature = derivatives(problem.loss.bind(weight[rows]), y, offset[:, None] + constant)
    square = float(share @ (slope**2).mean(axis=1))
    mean = float(share @ curvature.mean(axis=1))
    return {"reg_alpha": float(np.sqrt(square)), "gamma": square / mean if mean > 0 else 0.0}


def wished(wishes: Wishes, base: Any, units: dict[str, float]) -> Iterator[dict[str, Any]]:
    """Parameters of the learners to race: all combinations of what a user wants tried, or the design."""
    always = {"seed": base.seed, "threads": base.threads, "bins": base.bins}
    unknown = [name for name in wishes.settings if name not in _RANGES or name in ("seed", "threads")]
    if unknown:
        known = ", ".join(name for name in _RANGES if name not in ("seed", "threads"))
        raise OptionError(f"boosting has no setting {unknown[0]!r}; it has {known}")
    if not wishes.settings:
        for setting in DESIGN:
            scaled = {name: value * units.get(name, 1.0) for name, value in setting.items()}
            yield always | {name: int(v) if _RANGES[name][3] else v for name, v in scaled.items()}
        return
    for values in product(*wishes.settings.values()):
        made: dict[str, Any] = {**DESIGN[0], **dict(zip(wishes.settings, values, strict=True))}
        for name, value in made.items():
            check_setting(name, value)
        yield always | {name: int(v) if _RANGES[name][3] else v for name, v in made.items()}
