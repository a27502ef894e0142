"""Which laws try what is added: the names of the tests themselves, for the pages under extending/."""

from __future__ import annotations

import ast
from pathlib import Path

LAWS = Path(__file__).resolve().parents[2] / "tests" / "laws"


def tell(*files: str) -> str:
    """Names of the tests of some files of tests/laws, as sentences."""
    lines: list[str] = []
    for name in files:
        tree = ast.parse((LAWS / f"test_{name}.py").read_text(encoding="utf-8"))
        tests = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
        assert tests, name
        lines += [f"`tests/laws/test_{name}.py`", "", *(f"- {_say(test)}" for test in tests), ""]
    return "\n".join(lines)


def _say(test: str) -> str:
    return test.removeprefix("test_").replace("_", " ")


def penalties() -> str:
    """What every penalty with a tangent must obey."""
    return tell("penalties")


def prox_penalties() -> str:
    """What every penalty with a proximal operator must obey."""
    return tell("prox_penalties")


def losses() -> str:
    """What every loss must obey."""
    return tell("losses")


def rules() -> str:
    """What every rule must obey."""
    return tell("rules")


def learners() -> str:
    """What every family must obey."""
    return tell("learners", "paths")
