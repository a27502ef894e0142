"""Real data sets that lie beside a checkout, not in it: tests that want them skip where they are absent."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared_data(name: str) -> Path:
    """Path of ``name.csv.gz``, or a skip that says which file is missing."""
    path = FOLDER / f"{name}.csv.gz"
    if not path.exists():
        pytest.skip(f"data set {name} is not beside this checkout")
    return path
