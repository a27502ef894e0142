"""The quadratic that stands for a loss near a point, on the columns that have been asked for.

With the row curvatures H_i (C, C), weighted, the model of a step d (and of an intercept step a) is

    g'd + sum_i (x_i d + a)' H_i (x_i d + a) / 2,

from which the intercept is profiled out. Coefficients are laid out column by column, C outputs each, in the order
in which columns were asked for, so that a model grows at its end. It may outlive its point: any positive
semi-definite model gives a direction of descent, an exact one gives Newton's.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.linalg.blas import dgemm

from rightfit.solvers.quadratic import Box, gram_solution
from rightfit.solvers.setting import Setting

ABSURD = 1e100
"""No coefficient is as large."""


def pseudo_inverse(total: np.ndarray) -> np.ndarray:
    """(C, C) pseudo-inverse of a positive semi-definite matrix."""
    if len(total) == 1:
        return np.array([[1 / total[0, 0] if total[0, 0] > 0 else 0.0]])
    sizes, vectors = np.linalg.eigh(total)
    kept = sizes > 1e-12 * max(sizes[-1], 0.0)
    some = vectors[:, kept]
    return np.asarray(some / sizes[kept] @ some.T)


class QuadraticModel:
    """Second moments of a task's row curvatures, whose sums over the rows are ``total`` (C, C)."""

    def __init__(self, setting: Setting, task: int, total: np.ndarray):
        self.setting, self.task, self.total = setting, task, total
        self.outputs = C = setting.outputs
        self.columns = np.zeros(0, int)
        self.place = np.full(setting.design.p, -1, dtype=np.int32)
        """(p,) where a column is among ``columns``"""
        self.cross = np.zeros((0, C, C))
        """sum_i (x_ij - shift_j) H_i, for every column"""
        self._room = np.zeros((0, 0))
        self.inverse = pseudo_inverse(total) if setting.intercept else None

    def matrix(self, columns: np.ndarray) -> np.ndarray:
        """(C q, C q) the second derivative on some of the columns that are held."""
        numbers = self._numbers(self.place[columns])
        return self._room[np.ix_(numbers, numbers)]

    def _numbers(self, places: np.ndarray) -> np.ndarray:
        C = self.outputs
        return np.asarray((places[:, None] * C + np.arange(C)).ravel())

    def serves(self, columns: np.ndarray) -> bool:
        """Nothing is missing and nothing is to be let go."""
        return not self._crowded(columns) and self.holds(columns)

    def _crowded(self, columns: np.ndarray) -> bool:
        return len(self.columns) > 2 * len(columns) + 50

    def missing(self, columns: np.ndarray) -> np.ndarray:
        """Those of some columns that are not held; where most of what is held is not asked for, it is let go."""
        if self._crowded(columns):
            keep = columns[self.place[columns] >= 0]
            numbers = self._numbers(self.place[keep])
            self.cross, self._room = self.cross[self.place[keep]], self._room[np.ix_(numbers, numbers)]
            self._name(keep)
        return columns[self.place[columns] < 0]

    def _name(self, columns: np.ndarray) -> None:
        self.place[self.columns] = -1
        self.columns = columns
        self.place[columns] = np.arange(len(columns))

    def extend(
        self, fresh: np.ndarray, first: np.ndarray, second: np.ndarray, shared: np.ndarray | None = None
    ) -> None:
        """Take in more columns f: ``first`` (C, C, f) has the moments of their row curvatures, ``second`` (C, C, f, q)
        those with all columns, held and fresh. ``shared`` (k, q) is what couples the rows, where something does: all
        columns are then fresh."""
        old, C = len(self.columns), self.outputs
        columns = np.concatenate([self.columns, fresh])
        q, f = len(columns), len(fresh)
        cross = np.ascontiguousarray(first.transpose(2, 0, 1))
        block = np.ascontiguousarray(second.transpose(2, 0, 3, 1))
        self.cross = np.concatenate([self.cross, cross])
        if shared is not None:
            # what is left may be rounding alone: a touch of the whole keeps it positive
            block[:, 0, :, 0] -= shared.T @ shared - np.diag(1e-12 * np.diag(block[:, 0, :, 0]))
        elif self.inverse is not None:
            block -= (cross.reshape(f * C, C) @ self.inverse @ self.cross.reshape(q * C, C).T).reshape(block.shape)
        else:
            shift = self.setting.design.shift(columns)
            own = shift[old:, None, None]
            block += np.einsum("jcd,k->jckd", cross + own * self.total, shift)
            block += own[..., None] * self.cross.transpose(1, 0, 2)
        self._make_room(q * C, old * C)
        self._room[old * C : q * C, : q * C] = block.reshape(f * C, q * C)
        self._room[: old * C, old * C : q * C] = self._room[old * C : q * C, : old * C].T
        self._name(columns)

    def forget(self) -> None:
        """Hold no columns."""
        self.cross, self._room = self.cross[:0], np.zeros((0, 0))
        self._name(np.zeros(0, int))

    def _make_room(self, size: int, used: int) -> None:
        if len(self._room) < size:
            width = size + size // 4 if used else size
            room = np.zeros((width, width))
            room[:used, :used] = self._room[:used, :used]
            self._room = room

    def gradient(self, columns: np.ndarray, pull: np.ndarray, total: np.ndarray) -> np.ndarray:
        """(q, C) pull on the profiled coefficients of some columns, from X' D (q, C) and sum D (C,) of the rows' D."""
        if self.inverse is None:
            return pull
        away = self.cross[self.place[columns]] @ (self.inverse @ total)
        return np.asarray(pull - np.outer(self.setting.design.shift(columns), total) - away)

    def intercept_step(self, columns: np.ndarray, step: np.ndarray, total: np.ndarray) -> np.ndarray:
        """(C,) what the intercept does when these coefficients move by ``step`` (q, C)."""
        if self.inverse is None:
            return np.zeros(self.outputs)
        moved = self.inverse @ (total - np.einsum("qcd,qd->c", self.cross[self.place[columns]], step))
        return np.asarray(moved - self.setting.design.shift(columns) @ step)

    def holds(self, columns: np.ndarray) -> bool:
        """All of these."""
        return not (self.place[columns] < 0).any()

    def gain(self, columns: np.ndarray, pull: np.ndarray, total: np.ndarray, free: np.ndarray) -> float:
        """By how much the loss would fall if the ``free`` ones (q, C) of these coefficients took a Newton step."""
        numbers = np.flatnonzero(free.ravel())
        away = self.gradient(columns, pull, total).ravel()[numbers]
        block = self.matrix(columns)[np.ix_(numbers, numbers)]
        # columns may depend on each other: a touch of ridge stands for the pseudo-inverse
        size = np.sqrt(np.diag(block)) + 1e-300
        scaled = block / np.outer(size, size)
        if not (np.isfinite(scaled).all() and np.isfinite(away / size).all()):
            return np.inf
        for ridge in (1e-11, 1e-8, 1e-5):
            try:
                factor = cho_factor(scaled + ridge * np.eye(len(size)))
            except LinAlgError:
                continue
            return 0.5 * float(away / size @ cho_solve(factor, away / size))
        return np.inf

    def revise(
        self, columns: np.ndarray, step: np.ndarray, shift: np.ndarray, change: np.ndarray, total: np.ndarray
    ) -> None:
        """Learn from a step (q, C) of these columns, with ``shift`` (C,) of the intercept, along which the gradients
        changed by ``change`` (q, C) and ``total`` (C,): the model, scaled as a whole so that it has the right size on
        the way, foresees the like from now on (self-scaled BFGS; Oren and Luenberger 1974)."""
        held, C, where = len(self.columns), self.outputs, self.place[columns]
        flat, shift, foreseen, foreseen_total = (part[0] for part in self._along(columns, step[None], shift[None]))
        gradient = foreseen.reshape(held, C).copy()
        if self.inverse is not None:
            change = change - np.outer(self.setting.design.shift(columns), total)
        else:
            total = np.zeros(C)
        before = flat @ foreseen + shift @ foreseen_total
        known = step.ravel() @ change.ravel() + shift @ total
        if not 0.1 * before < known < 10 * before:
            return
        size = known / before
        gradient *= size
        gradient[where] = change
        seen = gradient.ravel()
        lost, cross = size / before, self.cross.reshape(held * C, C)
        left, right = [seen / known, -lost * foreseen], [seen, foreseen]
        if self.inverse is not None:
            more = size * self.total + np.outer(total, total / known) - np.outer(foreseen_total, lost * foreseen_total)
            across = size * cross + np.outer(seen, total / known) - np.outer(foreseen, lost * foreseen_total)
            left += [*(size * cross @ self.inverse).T]
            right += [*cross.T]
            inverse = pseudo_inverse(more)
            left += [*(-across @ inverse).T]
            right += [*across.T]
        diagonal = np.diag(self._room)[: held * C]
        seen_diagonal = size * diagonal + np.einsum("kq,kq->q", right, left)
        if not (seen_diagonal > 1e-12 * size * diagonal).all():  # what was learnt is rounding
            return
        if self.inverse is not None:
            self.total, self.cross, self.inverse = more, across.reshape(held, C, C), inverse
        if len(self._room) > held * C:
            self._room = self._room[: held * C, : held * C].copy()
        self._room = dgemm(1.0, np.array(right).T, np.array(left), beta=size, c=self._room.T, overwrite_c=True).T

    def _along(
        self, columns: np.ndarray, steps: np.ndarray, shifts: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Steps (m, q, C) of some columns on all that are held, flat, and (m, C) of the intercept of shifted columns;
        and by how much the gradients change along them."""
        m, held, C = len(steps), len(self.columns), self.outputs
        move = np.zeros((m, held, C))
        move[:, self.place[columns]] = steps
        flat = move.reshape(m, held * C)
        change = flat @ self._room[: held * C, : held * C]
        if self.inverse is None:
            return flat, np.zeros((m, C)), change, np.zeros((m, C))
        shifts = shifts + self.setting.design.shift(columns) @ steps
        cross = self.cross.reshape(held * C, C)
        across = flat @ cross
        return flat, shifts, change + (across @ self.inverse + shifts) @ cross.T, across + shifts @ self.total

    def along(self, columns: np.ndarray, steps: np.ndarray, shifts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """By how much the gradients of some columns (m, q, C) and of the intercept (m, C) change along steps (m, q, C)
        of these and ``shifts`` (m, C) of the intercept."""
        _, _, change, total = self._along(columns, steps, shifts)
        change = change.reshape(len(steps), len(self.columns), self.outputs)[:, self.place[columns]]
        if self.inverse is not None:
            change = change + self.setting.design.shift(columns)[:, None] * total[:, None, :]
        return change, total

    def minimize(
        self, columns: np.ndarray, coef: np.ndarray, gradient: np.ndarray, box: Box, small: float
    ) -> np.ndarray:
        """(q, C) minimizer of the model with the penalty, over some columns: from ``coef`` (q, C), where the profiled
        gradient is ``gradient`` (q, C); ``box`` holds (q, C)."""
        new = self._minimize(columns, coef, gradient, box, small)
        if np.abs(new).max(initial=0.0) < ABSURD:
            return new
        # rounding has left no bottom: a touch of ridge puts one in
        numbers = self._numbers(self.place[columns])
        touch = 1e-6 * np.abs(self._room[numbers, numbers]).reshape(coef.shape)
        return self._minimize(columns, coef, gradient, Box(box.l1, box.l2 + touch, box.lower, box.upper), small)

    def _minimize(
        self, columns: np.ndarray, coef: np.ndarray, gradient: np.ndarray, box: Box, small: float
    ) -> np.ndarray:
        held, C, where = len(self.columns), self.outputs, self.place[columns]
        if 2 * len(columns) < held:
            flat = Box(*(part.ravel() for part in (box.l1, box.l2, box.lower, box.upper)))
            new = gram_solution(self.matrix(columns), gradient.ravel(), flat, start=coef.ravel(), small=small)
            return new.reshape(len(columns), C)

        # columns that are not asked for stay at zero
        whole = np.zeros((6, held, C))
        whole[2] = np.inf
        whole[:, where] = gradient, coef, box.l1, box.l2, box.lower, box.upper
        pull, start, *parts = whole.reshape(6, -1)
        new = gram_solution(self._room, pull, Box(*parts), start=start, small=small)
        return np.asarray(new.reshape(held, C)[where])


def most_gain(dual: np.ndarray, curvature: np.ndarray) -> float:
    """What a Newton step could gain if it could move every row by itself: a bound for any columns; one output, both
    (n,) and weighted."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return 0.5 * float(np.where(dual == 0, 0.0, dual**2 / curvature).sum())
