"""The prior that a strength stands for, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bayes:
    """The path read as a prior, and the posterior of the chosen step."""

    sentences: tuple[str, ...] = ()
    """What the view says, and what it rests on."""
