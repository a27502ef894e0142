"""The strongest step that cannot be told from the best one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from rightfit.contracts import Rule
from rightfit.errors import OptionError
from rightfit.records import Choice, Evidence
from rightfit.rules._averages import Averages, average
from rightfit.rules._words import find_end, say_step, show_difference, show_step, without_article


@final
@dataclass(frozen=True)
class OneStandardError(Rule):
    """min { k <= best : d_k <= width * e_k }, with d_k the mean *paired* difference of step k to the best step on the
    same unseen rows and e_k its standard error.

    The rule of Breiman, Friedman, Olshen & Stone (1984, Classification and Regression Trees, section 3.4.3) compares
    with the standard error of the best mean itself, which also holds how much rows differ in difficulty; pairing
    takes that out, so that the simpler model is preferred only where the data cannot tell it from the best. Never
    weaker than the best step; equal to it where there is no standard error.

    ``width`` is in standard errors, >= 0. Raises OptionError for another width, DataError where no row was scored,
    FitError where no step has a finite loss.
    """

    width: float = 1.0

    name: ClassVar[str] = "one_se"

    def __post_init__(self) -> None:
        if not (np.isfinite(self.width) and self.width >= 0):
            raise OptionError(f"width must be a number of standard errors, 0 or more, not {self.width!r}")

    def choose(self, evidence: Evidence) -> Choice:
        found = average(evidence)
        enough = self._near(found)
        step = int(enough[0])
        at_end, words = find_end(evidence, step)
        runner_up, why = self._find_runner_up(evidence, found, enough)
        reason = self._explain(evidence, found, step) + words
        return Choice(self.name, step, float(evidence.strengths[step]), reason, runner_up, why, at_end)

    def _near(self, found: Averages) -> np.ndarray:
        """Steps up to the best one that are within ``width`` paired standard errors of it; the best is one."""
        with np.errstate(invalid="ignore"):
            near = found.difference[: found.best] <= self.width * found.difference_error[: found.best]
        return np.append(np.flatnonzero(near), found.best)

    def _explain(self, evidence: Evidence, found: Averages, step: int) -> str:
        here, mean = show_step(evidence, step), f"{found.mean[step]:.4g}"
        width = f"{self.width:g} paired standard error" + ("" if self.width == 1 else "s")
        if step < found.best:
            return (
                f"{here} is {evidence.axis.strongest} within {width} of the best "
                f"({say_step(evidence, found.best)}): it loses more by {_show(found, step)}; "
                f"mean loss {mean} against {found.mean[found.best]:.4g} {evidence.measure}."
            )
        if found.units.count < 2:
            return (
                f"{here} has the smallest mean loss on unseen rows; with one independent unit no standard error exists."
            )
        if step == 0:
            return f"{here} has the smallest mean loss on unseen rows, {mean} {evidence.measure}."
        return (
            f"{here} has the smallest mean loss on unseen rows, {mean} {evidence.measure}, "
            f"and no {without_article(evidence.axis.stronger)} is within {width} of it."
        )

    def _find_runner_up(self, evidence: Evidence, found: Averages, enough: np.ndarray) -> tuple[int, str]:
        """The next strongest step that also qualifies; without one, the stronger step that missed by least."""
        step = int(enough[0])
        if len(enough) > 1:
            second = int(enough[1])
            return second, (
                f"{show_step(evidence, second)} is the next strongest within the width: "
                f"it loses more than the best by {_show(found, second)}."
            )
        stronger = np.flatnonzero(np.isfinite(found.difference[:step]))
        if not len(stronger):
            return -1, ""
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = found.difference[stronger] / found.difference_error[stronger]
        second = int(stronger[np.argmin(np.where(np.isnan(ratio), np.inf, ratio))])
        return second, (
            f"{show_step(evidence, second)} came nearest among the stronger ones: "
            f"it loses more by {_show(found, second)}."
        )

    @classmethod
    def specimens(cls) -> Iterator[Rule]:
        yield cls()
        yield cls(width=0.0)
        yield cls(width=2.0)


def _show(found: Averages, step: int) -> str:
    return show_difference(float(found.difference[step]), float(found.difference_error[step]))
