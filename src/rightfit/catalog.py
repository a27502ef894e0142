"""What is in a room: file name = public name, no registration.

A room is a package whose files hold one class each. ``find("losses", "poisson")`` imports
``rightfit/losses/poisson.py`` and returns the one class in it that derives from the room's contract.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Any

from rightfit.contracts import Learner, Loss, Penalty, ProxPenalty, Rule
from rightfit.errors import OptionError

_PROMISES: dict[str, tuple[type, ...]] = {
    "losses": (Loss,),
    "penalties": (Penalty, ProxPenalty),
    "rules": (Rule,),
    "learners": (Learner,),
}


def names(room: str) -> list[str]:
    """Public names of what the room holds, sorted; nothing is imported but the room itself."""
    package = importlib.import_module(f"rightfit.{room}")
    return sorted(m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_"))


def find(room: str, name: str) -> type[Any]:
    """The class of this name; OptionError lists the names there are."""
    if name not in names(room):
        raise OptionError(f"there is no {room} named {name!r}; choose one of: {', '.join(names(room))}")
    module = importlib.import_module(f"rightfit.{room}.{name}")
    promise = _PROMISES[room]
    found = [
        c
        for c in vars(module).values()
        if inspect.isclass(c) and issubclass(c, promise) and c.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise TypeError(
            f"rightfit/{room}/{name}.py must define exactly one {promise[0].__name__}, it defines {len(found)}"
        )
    return found[0]


def everything(room: str) -> dict[str, type[Any]]:
    """All classes of a room by name."""
    return {name: find(room, name) for name in names(room)}
