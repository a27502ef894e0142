"""The catalog finds every concrete class of the rooms, and every one is final and frozen."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil

import pytest

from rightfit import catalog
from rightfit.contracts import Learner, Loss, Penalty, ProxPenalty, Rule
from rightfit.errors import OptionError

ROOMS: dict[str, tuple[type, ...]] = {
    "losses": (Loss,),
    "penalties": (Penalty, ProxPenalty),
    "rules": (Rule,),
    "learners": (Learner,),
}


def _concrete(room: str, promise: tuple[type, ...]) -> set[type]:
    """Classes of a room that keep its promise, found without the catalog: every module below the room is
    imported and searched."""
    package = importlib.import_module(f"rightfit.{room}")
    found: set[type] = set()
    for module in pkgutil.walk_packages(package.__path__, f"rightfit.{room}."):
        try:
            content = vars(importlib.import_module(module.name))
        except ModuleNotFoundError as error:
            assert error.name == "torch", module.name  # the only extra that some private modules need at once
            continue
        for thing in content.values():
            if inspect.isclass(thing) and issubclass(thing, promise) and not inspect.isabstract(thing):
                found.add(thing)
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_catalog_finds_every_class(room: str) -> None:
    listed = catalog.everything(room)
    assert listed
    assert set(listed.values()) == _concrete(room, ROOMS[room])


@pytest.mark.parametrize("room", ROOMS)
def test_names_of_files_are_public_names(room: str) -> None:
    for name, thing in catalog.everything(room).items():
        assert getattr(thing, "name", name) == name


@pytest.mark.parametrize("room", ROOMS)
def test_concrete_classes_are_final_and_frozen(room: str) -> None:
    for thing in catalog.everything(room).values():
        assert getattr(thing, "__final__", False), f"{thing.__qualname__} lacks @final"
        assert dataclasses.is_dataclass(thing), f"{thing.__qualname__} is no dataclass"
        parameters = thing.__dataclass_params__  # type: ignore[attr-defined]
        assert parameters.frozen, f"{thing.__qualname__} is not frozen"
        assert thing.__bases__ in {(promise,) for promise in ROOMS[room]}, (
            f"{thing.__qualname__} derives from something else"
        )


def test_unknown_names_are_answered_with_the_known_ones() -> None:
    with pytest.raises(OptionError, match=r"no losses named 'squarred'.*squared"):
        catalog.find("losses", "squarred")
