"""The files of this checkout, for tests that read them as text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "rightfit"
_FOLDERS = ("src", "kernel", "tests", "docs", "benchmarks", "examples", "changelog.d", ".github", ".ci")
_TEXT = {".py", ".cpp", ".hpp", ".md", ".toml", ".txt", ".yml", ".yaml", ".css", ".js", ".html", ".R", ".json", ""}
_BUILT = {"__pycache__", "_build", "out", ".venv"}


def texts() -> Iterator[Path]:
    """Every text file that belongs to the project, and none that was built."""
    for path in sorted(ROOT.iterdir()):
        if path.is_file() and path.suffix in _TEXT:
            yield path
    for folder in _FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in _TEXT and not _BUILT & set(path.relative_to(ROOT).parts):
                yield path


def modules() -> Iterator[Path]:
    """Every Python file of the package."""
    return (path for path in sorted(SOURCE.rglob("*.py")) if "__pycache__" not in path.parts)


@cache
def syntax(path: Path) -> ast.Module:
    """A Python file as a tree; read once."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> frozenset[str]:
    """Dotted names that a file imports, at its top or inside functions; ``from a import b`` gives a and a.b."""
    found: set[str] = set()
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)
