"""The public face: small, sorted, documented."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys

import rightfit
from tests.house.checkout import SOURCE, modules, syntax


def test_public_names_are_sorted_and_there() -> None:
    names = rightfit.__all__
    assert list(names) == sorted(names, key=str.casefold) or list(names) == sorted(names)
    assert len(set(names)) == len(names)
    for name in names:
        assert getattr(rightfit, name) is not None
    assert set(names) <= set(dir(rightfit))


def test_public_names_are_documented() -> None:
    for name in rightfit.__all__:
        thing = getattr(rightfit, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert (thing.__doc__ or "").strip(), f"rightfit.{name} has no docstring"


def test_import_of_the_package_is_light() -> None:
    program = "import sys, rightfit; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"numpy", "scipy", "sklearn", "polars"} & set(done.stdout.split())


def test_unknown_names_are_attribute_errors() -> None:
    assert not hasattr(rightfit, "no_such_name")


def test_everything_public_has_a_docstring() -> None:
    bare: list[str] = []
    for path in modules():
        place = path.relative_to(SOURCE).as_posix()
        tree = syntax(path)
        if not ast.get_docstring(tree):
            bare.append(place)
        for node in tree.body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
                if not ast.get_docstring(node):
                    bare.append(f"{place}: {node.name}")
    assert bare == []


def test_everything_public_has_types() -> None:
    bare: list[str] = []
    for path in modules():
        for node in ast.walk(syntax(path)):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and node.returns is None:
                bare.append(f"{path.relative_to(SOURCE).as_posix()}: {node.name}")
    assert bare == []
