"""Figures of the page quick_start.md."""

from __future__ import annotations

from pathlib import Path

import rightfit

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def fit() -> str:
    """The sentence that the first fit gives as its reason."""
    saved = rightfit.fit(EXAMPLES / "breast_cancer.csv", target="diagnosis", learners=("linear",))
    return f"> {saved.run.choice.reason}"
