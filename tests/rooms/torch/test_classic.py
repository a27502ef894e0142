"""The classic net of the examples, shortened: it runs, learns, and is the same for the same seed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("torch")
import polars
import torch

from tests.house.checkout import ROOT
from tests.shared import shared_data


def _example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("classic_network", ROOT / "examples" / "classic_network.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where its dataclass looks for its annotations
    spec.loader.exec_module(module)
    return module


def test_the_classic_net_learns_digits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A quarter of the rows, a few epochs."""
    path, module = tmp_path / "digits.csv", _example()
    polars.read_csv(shared_data("mnist_5k")).gather_every(4).write_csv(path)
    first = module.main(path, epochs=6, rows=400)
    said = capsys.readouterr().out
    assert "2 parameters (203,264 numbers) with decay, 2 parameters (266 numbers) without" in said
    assert "of 450 rows are right" in said
    assert first.epochs == 6 and first.test_loss < 0.7
    assert first.attacked.plain > 0.8 > first.attacked.robust > 0.4
    second = module.main(path, epochs=6, rows=400)
    assert all(torch.equal(a, b) for a, b in zip(first.net.parameters(), second.net.parameters(), strict=True))
    assert first.attacked == second.attacked
