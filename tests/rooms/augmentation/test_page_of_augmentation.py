"""docs/augmentation.md tells the truth: its code runs, and prints what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[3] / "docs" / "augmentation.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.S)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_code_runs_and_prints_what_it_says(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    if "torch" in block:
        pytest.importorskip("torch")
    exec(compile(block, "docs/augmentation.md", "exec"), {})
    assert capsys.readouterr().out.splitlines() == re.findall(r"^print\(.*\)  # (.*)$", block, flags=re.M)


def test_there_is_code_to_run() -> None:
    assert len(BLOCKS) == 4
