"""Asking for help or the version imports nothing heavy."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {"numpy", "polars", "sklearn", "scipy", "rich", "pandas", "pyarrow", "jinja2", "msgspec", "threadpoolctl"}
PROGRAM = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from rightfit.cli import main
with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()):
    code = main(sys.argv[1:])
print(json.dumps([code, out.getvalue(), sorted({name.partition('.')[0] for name in sys.modules})]))
"""


@pytest.mark.parametrize(
    "words",
    [
        ["--version"],
        ["--help"],
        [],
        ["fit", "--help"],
        ["predict", "--help"],
        ["report", "-h"],
        ["path", "--help"],
        ["augment", "--help"],
        ["fti"],
        ["fit"],
    ],
    ids=" ".join,
)
def test_nothing_heavy_is_imported(words: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, check=True)
    code, out, modules = json.loads(done.stdout)
    assert HEAVY & set(modules) == set()
    assert code == (2 if words in (["fti"], ["fit"]) else 0)
    if "--help" in words or "-h" in words:
        assert "rightfit" in out
        assert "Examples:" in out or "Exit codes:" in out
    if words == ["--version"]:
        assert "click" not in modules
        assert out.startswith("rightfit ")
