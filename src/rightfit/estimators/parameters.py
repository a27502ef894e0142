"""Checks of constructor parameters; every refusal is an OptionError that names the parameter."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from rightfit.errors import OptionError


def check_number(name: str, value: Any, *, least: float = 0.0, most: float = np.inf, above: bool = False) -> float:
    """A real number in [least, most], or above ``least``; infinity only where ``most`` is infinity and allowed."""
    if isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_):
        number = float(value)
        if least <= number <= most and not (above and number <= least):
            return number
    bounds = f"{'above' if above else 'at least'} {least:g}" + ("" if np.isinf(most) else f" and at most {most:g}")
    raise OptionError(f"{name} must be a number {bounds}, not {value!r}")


def check_finite(name: str, value: Any, *, least: float = 0.0, above: bool = False) -> float:
    """As `check_number`, infinity refused."""
    return check_number(name, value, least=least, most=np.finfo(float).max, above=above)


def check_count(name: str, value: Any, *, least: int = 1) -> int:
    """A whole number of at least ``least``."""
    if isinstance(value, numbers.Integral) and not isinstance(value, bool | np.bool_) and int(value) >= least:
        return int(value)
    raise OptionError(f"{name} must be a whole number of at least {least}, not {value!r}")


def check_flag(name: str, value: Any) -> bool:
    """True or False."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    raise OptionError(f"{name} must be True or False, not {value!r}")


def check_choice(name: str, value: Any, choices: tuple[Any, ...]) -> Any:
    """One of ``choices``."""
    if isinstance(value, str | None) and value in choices:
        return value
    raise OptionError(f"{name} must be one of {', '.join(map(repr, choices))}, not {value!r}")


def check_strengths(name: str, values: Any, *, above: bool = False, infinite: bool = False) -> np.ndarray:
    """(K,) numbers of 0 or more (above 0 where ``above``), in the user's order."""
    array = np.atleast_1d(np.asarray(values, dtype=object))
    if array.ndim != 1 or not len(array):
        raise OptionError(f"{name} must be a list of at least one number, not {values!r}")
    check = check_number if infinite else check_finite
    return np.array([check(f"{name}[{k}]", v, above=above) for k, v in enumerate(array)])
