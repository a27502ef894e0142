"""One idea a file: none grows beyond what can be read at a sitting."""

from __future__ import annotations

from pathlib import Path

from tests.house.checkout import ROOT, SOURCE, modules


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_source_file_above_400_lines() -> None:
    sizes = {path.relative_to(SOURCE).as_posix(): _lines(path) for path in modules()}
    assert len(sizes) > 20
    assert {name: size for name, size in sizes.items() if size > 400} == {}


def test_kernel_of_at_most_2850_lines() -> None:
    sizes = {path.name: _lines(path) for path in (ROOT / "kernel").iterdir() if path.suffix in {".cpp", ".hpp", ".h"}}
    assert sizes
    assert sum(sizes.values()) <= 2850, sizes
