"""The sparsest step whose loss is within some per cent of the best one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from rightfit.contracts import Rule
from rightfit.errors import OptionError
from rightfit.records import Choice, Evidence
from rightfit.rules._averages import average
from rightfit.rules._words import find_end, say_step, show_step


@final
@dataclass(frozen=True)
class Within(Rule):
    """argmin of df_k over { k <= best : m_k <= (1 + percent / 100) m_best }; of equal ones the strongest.

    m_k is the weighted mean of the held-out loss of step k, df_k its effective degrees of freedom (for the lasso the
    number of non-zero coefficients). The price of simplicity is named in advance, in per cent of the loss, whatever the
    noise: with many rows, where one standard error is next to nothing, it is the rule that still gives a small model.
    Never weaker than the best step.

    ``percent`` >= 0. Raises OptionError for another number, DataError where no row was scored, FitError where no step
    has a finite loss.
    """

    percent: float = 1.0

    name: ClassVar[str] = "within"

    def __post_init__(self) -> None:
        if not (np.isfinite(self.percent) and self.percent >= 0):
            raise OptionError(f"percent must be a number of per cent, 0 or more, not {self.percent!r}")

    def choose(self, evidence: Evidence) -> Choice:
        found = average(evidence)
        best, mean = found.best, found.mean
        most = mean[best] + self.percent / 100 * abs(mean[best])
        near = np.append(np.flatnonzero(mean[:best] <= most), best)
        freedom = np.asarray(evidence.complexity, np.float64)[near]
        order = near[np.argsort(np.where(np.isnan(freedom), np.inf, freedom), kind="stable")]
        step = int(order[0])
        at_end, words = find_end(evidence, step)
        here, unit = show_step(evidence, step), evidence.measure
        if step == best:
            reason = (
                f"{here} has the smallest mean loss on unseen rows, {mean[best]:.4g} {unit}, and no sparser step is "
                f"within {self.percent:g} % of it.{words}"
            )
        else:
            more = f"{100 * (mean[step] / mean[best] - 1):.2g} % more" if mean[best] > 0 else "no more"
            reason = (
                f"{here} is the sparsest step within {self.percent:g} % of the best "
                f"({say_step(evidence, best)}): it loses {more}, {mean[step]:.4g} against {mean[best]:.4g} {unit}, "
                f"with {evidence.complexity[step]:.4g} instead of {evidence.complexity[best]:.4g} degrees of "
                f"freedom.{words}"
            )
        if len(order) < 2:
            return Choice(self.name, step, float(evidence.strengths[step]), reason, -1, "", at_end)
        second = int(order[1])
        why = (
            f"{show_step(evidence, second)} is the next sparsest within {self.percent:g} %: mean loss "
            f"{mean[second]:.4g}, {evidence.complexity[second]:.4g} degrees of freedom."
        )
        return Choice(self.name, step, float(evidence.strengths[step]), reason, second, why, at_end)

    @classmethod
    def specimens(cls) -> Iterator[Rule]:
        yield cls()
        yield cls(0.0)
        yield cls(20.0)
