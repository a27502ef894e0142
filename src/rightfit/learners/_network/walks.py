"""What a path of nets can walk in, from strong to weak: penalties and noise that are added, and what regularizes
without being called so, which is the size of a batch, the learning rate, and the number of steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from rightfit.records import Axis


@final
@dataclass(frozen=True)
class Walk:
    """One of them. The rungs of a ladder are values of a field of `rightfit.learners._network.rungs.Rung`."""

    name: str
    """Title of the axis."""
    rungs: tuple[float, ...]
    """Those of a ladder where none are told, the strongest first."""
    words: tuple[str, str, str, str]
    """The strongest, a stronger, a weaker, the weakest."""
    position: str = ""
    """How one rung is called; the name and the number where empty."""
    one: str = ""
    """The words for 1."""
    free: str = ""
    """The net at a rung of 0."""
    inverse: bool = False
    """A larger value regularizes less: the strength is 1 / value, and rungs are shown as they are."""

    def sort(self, rungs: Sequence[float]) -> tuple[float, ...]:
        """The strongest first, each once."""
        return tuple(sorted({float(rung) for rung in rungs}, reverse=not self.inverse))

    def strengths(self, rungs: Sequence[float]) -> list[float]:
        """Falling, one a rung."""
        return [1.0 / rung if self.inverse else rung for rung in rungs]

    def axis(self, top: float, rungs: np.ndarray) -> Axis:
        """The words of a path with these rungs, which begins with the constant model at strength ``top``."""
        positions = np.array([0.0 if self.inverse else top, *rungs])
        words = self.position or f"{self.name} {{}}"
        free = self.free or f"the net without {self.name}"
        return Axis(self.name, positions, words, *self.words, free, self.one)


def _plain(name: str, rungs: tuple[float, ...]) -> Walk:
    return Walk(name, rungs, (f"the strongest {name}", f"a stronger {name}", f"a weaker {name}", f"the weakest {name}"))


def strongest(walks: str, learning_rate: float) -> float:
    """Where only the constant model is left: a decay of 1 / learning rate wipes all weights out at each step, a dropout
    of 1 drops every unit; others end there at infinity alone."""
    return {"decay": 1.0 / learning_rate, "dropout": 1.0}.get(walks, np.inf)


WALKS: dict[str, Walk] = {
    "decay": _plain("weight decay", (30.0, 10.0, 3.0, 1.0, 0.0)),
    "dropout": _plain("dropout", (0.7, 0.5, 0.3, 0.1, 0.0)),
    "l1": _plain("absolute penalty", (0.3, 0.1, 0.03, 0.01, 0.0)),
    "noise": _plain("input noise", (1.0, 0.5, 0.2, 0.1, 0.0)),
    "learning_rate": Walk(
        "learning rate",
        (0.05, 0.02, 0.01, 0.005, 0.002, 0.001),
        (
            "the largest learning rate",
            "a larger learning rate",
            "a smaller learning rate",
            "the smallest learning rate",
        ),
    ),
    "batch": Walk(
        "batch size",
        (16.0, 32.0, 64.0, 128.0, 256.0, 512.0),
        ("the smallest batch", "a smaller batch", "a larger batch", "the largest batch"),
        "batches of {} rows",
        "batches of 1 row",
        inverse=True,
    ),
    "epochs": Walk(
        "epochs",
        (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0),
        ("the earliest stop", "an earlier stop", "a later stop", "the latest stop"),
        "{} epochs",
        "1 epoch",
        inverse=True,
    ),
}
