"""The pieces of code of docs/torch.md run in order, and the tables that it shows are the ones that they print."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("torch")

from tests.house.checkout import ROOT

PAGE = (ROOT / "docs" / "torch.md").read_text(encoding="utf-8")


def test_the_code_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    pieces = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.M | re.S)
    assert len(pieces) > 7
    names: dict[str, object] = {}
    for piece in pieces:
        exec(compile(piece, "docs/torch.md", "exec"), names)
    printed = capsys.readouterr().out
    table = re.search(r"^```text\n(parameter .*?)^```$", PAGE, flags=re.M | re.S)
    assert table is not None and table[1] in printed


def test_every_public_name_has_a_place_on_the_page() -> None:
    import rightfit.torch as rt

    results = {"DropoutPrediction", "ParameterGroups", "Robustness"}
    assert [name for name in rt.__all__ if name not in PAGE and name not in results] == []
