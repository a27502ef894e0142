"""Groups of columns as every task sees them, and how far from optimal a point can be at most.

In the coordinates that are penalized (s b, s the columns' deviations or 1), a group costs

    P_g(b) = norm_g ||b_g|| + l1_g sum_j |b_j| + l2_g/2 ||b_g||^2 ,

whose conjugate at z is h^2 / (2 l2_g) with h = (||soft(z_g, l1_g)|| - norm_g)_+, infinite for h > 0 where l2_g is 0
(Ndiaye, Fercoq, Gramfort and Salmon 2017). The duality gap is a sum of Fenchel-Young terms as in
`rightfit.solvers.certificate`: every one is >= 0 and none cancels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rightfit.contracts import Penalty
from rightfit.solvers.block_quadratic import WALL, BlockPenalty
from rightfit.solvers.rows import Rows
from rightfit.solvers.setting import Setting


@dataclass(frozen=True)
class Groups:
    """Columns by group, and each group's price at one strength."""

    order: np.ndarray
    """(p,) columns, group after group"""
    starts: np.ndarray
    """(G + 1,) where each group begins in ``order``"""
    inverse: np.ndarray
    """(T, p) 1 / s of each task, 0 where a column is excluded"""
    norm: np.ndarray
    """(G,)"""
    l1: np.ndarray
    """(G,)"""
    l2: np.ndarray
    """(G,)"""

    @staticmethod
    def of(setting: Setting, strength: float) -> Groups:
        """The groups of the setting's penalty."""
        assert isinstance(setting.penalty, Penalty)
        tangent = setting.penalty.tangent(np.zeros((setting.design.p, setting.outputs)), strength)
        assert tangent.groups is not None and tangent.norm is not None
        first = np.full(len(tangent.norm), 0)
        first[tangent.groups[::-1]] = np.arange(len(tangent.groups))[::-1]
        l1, l2 = np.where(np.isinf(tangent.l1[first]), 0.0, tangent.l1[first]), tangent.l2[first]
        # all that costs nothing is one group at the end, which the kernel minimizes at once
        free = (tangent.norm == 0) & (l1 == 0) & (l2 == 0) & ~np.isinf(tangent.l1[first])
        number = np.cumsum(~free) - 1
        count = int((~free).sum())
        code = np.where(free, count, number)[tangent.groups]
        count += bool(free.any())
        order = np.argsort(code, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(code, minlength=count))])
        out = setting.excluded.T
        inverse = np.where(out, 0.0, 1 / np.where(out, 1.0, setting.divisor.T))
        norm = np.where(np.isinf(tangent.l1[first]), 1.0, tangent.norm)  # excluded: never pulled, whatever the price
        price = (np.append(part[~free], np.zeros(count - (~free).sum())) for part in (norm, l1, l2))
        return Groups(order, starts, inverse, *price)

    @cached_property
    def in_order(self) -> bool:
        """The columns lie group after group."""
        return bool((self.order == np.arange(len(self.order))).all())

    @cached_property
    def free(self) -> np.ndarray:
        """(G,) groups that cost nothing."""
        return (self.norm == 0) & (self.l1 == 0) & (self.l2 == 0)

    def columns(self, some: np.ndarray) -> np.ndarray:
        """(q,) the columns of some groups, group after group."""
        sizes = self.starts[some + 1] - self.starts[some]
        ends = np.cumsum(sizes)
        return self.order[np.arange(ends[-1] if len(ends) else 0) + np.repeat(self.starts[some] - ends + sizes, sizes)]

    def sums(self, values: np.ndarray) -> np.ndarray:
        """(T', G) sums over groups of (T', p, C) numbers."""
        flat = values.sum(axis=2) if values.shape[2] > 1 else values[:, :, 0]
        if not len(self.norm):
            return np.zeros((len(values), 0))
        in_order = flat if self.in_order else flat[:, self.order]
        return np.asarray(np.add.reduceat(in_order, self.starts[:-1], axis=1))

    def spread(self, values: np.ndarray) -> np.ndarray:
        """(..., p) the group's number for each column."""
        out = np.empty((*values.shape[:-1], len(self.order)))
        out[..., self.order] = np.repeat(values, np.diff(self.starts), axis=-1)
        return out

    def pulled(self, tasks: np.ndarray, pull: np.ndarray, scale: np.ndarray | None = None) -> np.ndarray:
        """(T', G) ||soft(z_g, l1_g)|| for the pulls (T', p, C) of the coefficients, times ``scale`` (T',)."""
        z = pull * self.inverse[tasks][:, :, None]
        if scale is not None:
            z *= scale[:, None, None]
        if self.l1.any():
            z = np.maximum(np.abs(z) - self.spread(self.l1)[None, :, None], 0.0)
        return np.sqrt(self.sums(np.square(z)))

    def cost(self, tasks: np.ndarray, coef: np.ndarray) -> np.ndarray:
        """(T',) penalty of coefficients (T', p, C)."""
        with np.errstate(divide="ignore", over="ignore"):
            z = coef / np.where(self.inverse[tasks] > 0, self.inverse[tasks], 1.0)[:, :, None]
            square = self.sums(np.square(z))
            out = np.sqrt(square) @ self.norm + square @ self.l2 / 2
            return np.asarray(out + self.sums(np.abs(z)) @ self.l1) if self.l1.any() else np.asarray(out)

    def block_penalty(
        self, tasks: np.ndarray, some: np.ndarray, outputs: int, member: np.ndarray | None = None
    ) -> BlockPenalty:
        """What the kernel wants for some groups: a block is a group's coefficients, column by column, output by
        output. Those that are no ``member`` (T, G) of a task's working set stay zero there."""
        sizes = np.diff(self.starts)[some] * outputs
        starts = np.concatenate([[0], np.cumsum(sizes)])
        norm, l2 = (np.broadcast_to(part[some], (len(tasks), len(some))) for part in (self.norm, self.l2))
        if member is not None:
            norm = np.where(member[tasks[:, None], some], norm, WALL)
        l1 = np.repeat(self.l1[some], sizes)
        inverse = np.repeat(self.inverse[tasks[:, None], self.columns(some)], outputs, axis=1)
        return BlockPenalty(starts, norm, l2, np.broadcast_to(l1, inverse.shape), inverse)


def group_gaps(
    groups: Groups,
    rows: Rows,
    tasks: np.ndarray,
    eta: np.ndarray,
    coef: np.ndarray,
    pull: np.ndarray,
    slack: np.ndarray,
) -> np.ndarray:
    """(T',) absolute duality gaps at eta (T', n, C) and coef (T', p, C) with ``pull`` = -X' (weight * slope of the
    loss); ``slack`` (T',) is what is left at the intercept and the groups that cost nothing."""
    size = groups.pulled(tasks, pull)
    hard = (groups.l2 == 0) & ~groups.free
    scale = np.ones(len(tasks))
    over = (size > groups.norm) & hard
    if over.any():
        scale = _scale(groups, tasks, pull, size, over)
    gap = slack.copy()
    tight = np.flatnonzero(scale < 1)
    if len(tight):
        gap[tight] += np.maximum(rows.young(tasks[tight], turned(eta[tight]), scale[tight]), 0.0)
        if groups.l1.any() or (groups.l2 > 0).any():
            size = groups.pulled(tasks, pull, scale)
    with np.errstate(divide="ignore", invalid="ignore"):
        conjugate = np.where(groups.l2 > 0, np.maximum(size - groups.norm, 0.0) ** 2 / (2 * groups.l2), 0.0)
    dot = groups.sums(coef * pull) * scale[:, None]
    z = coef / np.where(groups.inverse[tasks] > 0, groups.inverse[tasks], 1.0)[:, :, None]
    square = groups.sums(np.square(z))
    share = np.sqrt(square) * groups.norm + 0.5 * square * groups.l2 + conjugate - dot
    if groups.l1.any():
        share += groups.sums(np.abs(z)) * groups.l1
    share[:, groups.free] = 0.0
    return np.asarray(gap + np.maximum(share, 0.0).sum(axis=1))


def _scale(groups: Groups, tasks: np.ndarray, pull: np.ndarray, size: np.ndarray, over: np.ndarray) -> np.ndarray:
    """(T',) the largest s <= 1 with ||soft(s z_g, l1_g)|| <= norm_g in every group without an l2 part."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if not groups.l1.any():
            return np.where(over, groups.norm / size, 1.0).min(axis=1, initial=1.0)
    low, high = np.zeros(len(tasks)), np.ones(len(tasks))
    wrong = over.any(axis=1)
    low[~wrong] = 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        bad = ((groups.pulled(tasks, pull, middle) > groups.norm) & over).any(axis=1)
        low, high = np.where(bad, low, middle), np.where(bad, middle, high)
        if (high - low <= 1e-16).all():
            break
    return np.where(wrong, low, 1.0)


def turned(eta: np.ndarray) -> np.ndarray:
    """(T', C, n) from predictors (T', n, C)."""
    return np.ascontiguousarray(eta.swapaxes(1, 2))
