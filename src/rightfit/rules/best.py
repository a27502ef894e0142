"""The step that loses least on unseen rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from rightfit.contracts import Rule
from rightfit.records import Choice, Evidence
from rightfit.rules._averages import average
from rightfit.rules._words import find_end, show_difference, show_step


@final
@dataclass(frozen=True)
class Best(Rule):
    """argmin over k of the weighted mean of the held-out loss; of equal steps the strongest.

    Raises DataError where no row was scored, FitError where no step has a finite loss.
    """

    name: ClassVar[str] = "best"

    def choose(self, evidence: Evidence) -> Choice:
        found = average(evidence)
        step = found.best
        at_end, words = find_end(evidence, step)
        spread = f" ± {found.error[step]:.2g}" if np.isfinite(found.error[step]) else ""
        reason = (
            f"{show_step(evidence, step)} has the smallest mean loss on unseen rows: "
            f"{found.mean[step]:.4g}{spread} {evidence.measure}, {len(found.units.rows):,} rows.{words}"
        )
        others = np.flatnonzero(np.isfinite(found.mean) & (np.arange(len(found.mean)) != step))
        if not len(others):
            return Choice(self.name, step, float(evidence.strengths[step]), reason, -1, "", at_end)
        second = int(others[np.argmin(found.mean[others])])
        why = (
            f"{show_step(evidence, second)} comes next: it loses more by "
            f"{show_difference(found.difference[second], found.difference_error[second])}."
        )
        return Choice(self.name, step, float(evidence.strengths[step]), reason, second, why, at_end)

    @classmethod
    def specimens(cls) -> Iterator[Rule]:
        yield cls()
