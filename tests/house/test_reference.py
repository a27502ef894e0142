"""The reference is complete and true: what is public stands in docs/reference, and what stands there exists."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from functools import cache
from typing import Any

import click
import pytest

import rightfit
from rightfit import catalog, contracts, errors, records
from rightfit.cli.commands import COMMANDS, commands
from tests.house.checkout import ROOT, SOURCE

PAGES = ROOT / "docs" / "reference"
DIRECTIVE = re.compile(r"^\.\. auto(?:class|function|method|module):: (\S+)$", re.M)


@cache
def named() -> dict[str, str]:
    """Every name that the pages describe, with its page; twice is an error."""
    found: dict[str, str] = {}
    for page in sorted(PAGES.glob("*.md")):
        for name in DIRECTIVE.findall(page.read_text(encoding="utf-8")):
            assert name not in found, f"{name} stands in {found[name]} and in {page.name}"
            found[name] = page.name
    return found


def _resolve(name: str) -> Any:
    """The object of a dotted name: modules as far as they go, then attributes."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            found = getattr(found, part)
        return found
    raise AttributeError(name)


def _torch_names() -> list[str]:
    """Public names of rightfit.torch, read as text: torch need not be there."""
    tree = ast.parse((SOURCE / "torch" / "__init__.py").read_text(encoding="utf-8"))
    table = next(n for n in tree.body if isinstance(n, ast.AnnAssign) and getattr(n.target, "id", "") == "_LAZY")
    return [f"rightfit.torch.{name}" for name in ast.literal_eval(table.value)]  # type: ignore[arg-type]


def test_everything_public_stands_in_the_reference() -> None:
    wanted = [f"rightfit.{name}" for name in rightfit.__all__] + _torch_names()
    wanted += [f"rightfit.contracts.{name}" for name in contracts.__all__ if inspect.isclass(getattr(contracts, name))]
    for room in ("losses", "penalties", "rules", "learners"):
        wanted += [f"{thing.__module__}.{thing.__name__}" for thing in catalog.everything(room).values()]
    assert len(wanted) > 80
    assert [name for name in wanted if name not in named()] == []


def test_records_and_errors_stand_there_as_a_whole() -> None:
    assert {"rightfit.records", "rightfit.errors"} <= set(named())
    assert len(records.__all__) > 30  # Sphinx takes these
    assert not hasattr(errors, "__all__")  # and of the errors every public class


def test_everything_in_the_reference_exists() -> None:
    for name, page in named().items():
        if name.startswith(("rightfit.torch.", "rightfit.augmentation.")):
            pytest.importorskip("torch")
        try:
            thing = _resolve(name)
        except AttributeError:
            pytest.fail(f"{page} describes {name}, which does not exist")
        assert (thing.__doc__ or "").strip(), f"{name} has no docstring"


def test_the_reference_leads_into_no_private_file() -> None:
    assert [name for name in named() if any(part.startswith("_") for part in name.split("."))] == []


def test_every_command_has_its_section() -> None:
    text = (PAGES / "commands.md").read_text(encoding="utf-8")
    assert [command for command in COMMANDS if f"## rightfit {command}\n" not in text] == []
    assert set(re.findall(r"^```\{command\} (\w+)", text, flags=re.M)) == set(COMMANDS)


@pytest.mark.parametrize("words", ["", *COMMANDS])
def test_a_section_has_every_option(words: str) -> None:
    sys.path.insert(0, str(ROOT / "docs" / "_extensions"))
    try:
        describe = importlib.import_module("commands").describe_command
    finally:
        sys.path.pop(0)
    text = "\n".join(describe(words))
    command = commands.get_command(click.Context(commands), words) if words else commands
    assert command is not None
    assert (command.help or "").split()[0] in text
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            for way in parameter.opts + parameter.secondary_opts:
                assert re.search(rf"^```{{option}} .*{re.escape(way)}\b", text, flags=re.M), f"{words} {way}"
