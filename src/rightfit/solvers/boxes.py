"""Elastic nets in boxes of many tasks and columns, made when they are asked for: most columns never are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rightfit.contracts import Tangent
from rightfit.solvers.quadratic import Box


@dataclass(frozen=True)
class Boxes:
    """What penalties ask of T tasks and p columns, on the original scale."""

    tangent: Tangent
    """of standardized columns: (p,) where all tasks share it, else (T, p)"""
    divisor: np.ndarray
    """(p, T) what coefficients are multiplied by before they are penalized"""
    excluded: np.ndarray
    """(p, T) columns that cannot enter"""

    def take(self, tasks: np.ndarray, columns: np.ndarray) -> Box:
        """Some tasks and columns."""
        out, divisor = (part[columns[:, None], tasks].T for part in (self.excluded, self.divisor))
        cells = (tasks[:, None], columns) if self.tangent.l1.ndim > 1 else (columns,)
        l1, l2, lower, upper = (
            part[cells] for part in (self.tangent.l1, self.tangent.l2, self.tangent.lower, self.tangent.upper)
        )
        with np.errstate(invalid="ignore"):  # infinity times a scale of zero, of excluded columns
            return Box(
                np.where(out, np.inf, l1 * divisor),
                np.where(out, 0.0, l2 * divisor**2),
                np.where(out, 0.0, lower),
                np.where(out, 0.0, upper),
            )

    def renewed(self, fresh: Boxes, tasks: np.ndarray) -> Boxes:
        """With the fresh ones of some tasks (T,), where each has its own."""

        def choose(new: np.ndarray, old: np.ndarray) -> np.ndarray:
            return np.where(tasks[:, None], new, old)

        new, old = fresh.tangent, self.tangent
        return replace(
            self,
            tangent=replace(
                old,
                l1=choose(new.l1, old.l1),
                l2=choose(new.l2, old.l2),
                lower=choose(new.lower, old.lower),
                upper=choose(new.upper, old.upper),
            ),
        )

    def unpenalized(self) -> np.ndarray:
        """(p,) columns that are free of l1 and l2 in some task."""
        free = (self.tangent.l1 == 0) & (self.tangent.l2 == 0)
        return np.asarray((np.atleast_2d(free) & ~self.excluded.T).any(axis=0))

    def unpenalized_alone(self) -> Boxes:
        """What an infinite strength leaves."""
        tangent = self.tangent
        free = (tangent.l1 == 0) & (tangent.l2 == 0)
        return replace(
            self,
            tangent=replace(
                tangent,
                l1=np.where(free, 0.0, np.inf),
                l2=np.zeros_like(tangent.l2),
                lower=np.where(free, tangent.lower, 0.0),
                upper=np.where(free, tangent.upper, 0.0),
            ),
        )


class LastBox:
    """Takes a box, and keeps it for as long as the same is asked for again."""

    def __init__(self) -> None:
        self._asked: tuple[Boxes, np.ndarray, np.ndarray] | None = None
        self._box: Box

    def take(self, boxes: Boxes, tasks: np.ndarray, columns: np.ndarray) -> Box:
        """`Boxes.take`; columns that change are another array."""
        asked = self._asked
        if asked is None or asked[0] is not boxes or asked[2] is not columns or not np.array_equal(asked[1], tasks):
            self._asked, self._box = (boxes, tasks.copy(), columns), boxes.take(tasks, columns)
        return self._box
