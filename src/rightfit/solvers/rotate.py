"""Ridge with more columns than rows: any loss, in as many coordinates as there are rows.

With A = (X - mean) / sqrt(l2), a ridge solution lies in the row space of A, so with A = U S V' the problem in
b is the one in the coordinates a of F = U S, penalized by strength/2 |a|^2, and b = A' U S^-1 a / sqrt(l2)
(Hastie and Tibshirani 2004). Only A A' (n x n) is formed, a few columns at a time; columns are read twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, final

import numpy as np

from rightfit.contracts import Penalty, Tangent
from rightfit.data.blocks_of_rows import BLOCK
from rightfit.data.design import make_design
from rightfit.solvers.newton import newton_paths
from rightfit.solvers.setting import Setting
from rightfit.solvers.steps import Steps


def applies(setting: Setting) -> bool:
    """Whether this is a plain ridge with more columns than rows."""
    box = setting.box(np.zeros((setting.design.p, setting.outputs)), 1.0)
    live = ~setting.excluded.T
    ridge = (box.l1 == 0) & (box.l2 > 0) & np.isinf(box.lower) & np.isinf(box.upper)
    return bool(ridge[live].all()) and bool((live.sum(axis=1) > (setting.weight > 0).sum(axis=1)).all())


def rotated_paths(setting: Setting, strengths: np.ndarray, *, tolerance: float, threads: int) -> list[Steps]:
    """One path a task at these strengths, all above 0."""
    return [_path(setting.only(t), strengths, tolerance, threads) for t in range(setting.tasks)]


def _path(setting: Setting, strengths: np.ndarray, tolerance: float, threads: int) -> Steps:
    rows = np.flatnonzero(setting.weight[0] > 0)
    box = setting.box(np.zeros((setting.design.p, setting.outputs)), 1.0)
    live = np.flatnonzero(~setting.excluded[:, 0])
    l2 = box.l2[0]
    kernel = np.zeros((len(rows), len(rows)))
    for columns, block in _blocks(setting, live, rows):
        block = block / np.sqrt(l2[columns])
        kernel += block @ block.T
    size, U = np.linalg.eigh(kernel)
    keep = size > 1e-13 * size[-1]
    U, root = U[:, keep], np.sqrt(size[keep])
    small = newton_paths(_in_coordinates(setting, rows, U * root), strengths, tolerance=tolerance, threads=threads)[0]
    trace = small.trace(np.zeros(len(root)), np.ones(len(root)))
    C, K = setting.outputs, len(strengths)
    a = np.stack([trace.coef(k) for k in range(K)], axis=1).reshape(len(root), K * C)
    dual = U @ (a / root[:, None])
    coef = np.empty((len(live), K * C))
    at = 0
    for columns, block in _blocks(setting, live, rows):
        coef[at : at + len(columns)] = block.T @ dual / l2[columns, None]
        at += len(columns)
    by_step = coef.reshape(len(live), K, C)
    steps = Steps(setting.design.p, C)
    for k, strength in enumerate(strengths):
        centre = setting.fill[live, 0] @ by_step[:, k] if setting.intercept else 0.0
        steps.add(
            strength,
            live,
            by_step[:, k],
            trace.intercept[k] - centre,
            gap=small.gap[k],
            status=small.status[k],
            complexity=small.complexity[k],
            explained=small.explained[k],
        )
    return steps


def _blocks(setting: Setting, live: np.ndarray, rows: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Some columns at a time, filled, centred where there is an intercept, of the task's rows alone."""
    fill = setting.fill[:, 0]
    few = max(1, BLOCK // setting.design.n)
    for first in range(0, len(live), few):
        columns = live[first : first + few]
        block = setting.design.collect(columns, fill)[rows]
        block += setting.design.shift(columns) - (fill[columns] if setting.intercept else 0.0)
        yield columns, block


def _in_coordinates(setting: Setting, rows: np.ndarray, F: np.ndarray) -> Setting:
    """The same task in the columns of F (n, r)."""
    r = F.shape[1]
    ones = np.ones((r, 1))
    weight = setting.weight[:, rows]
    return replace(
        setting,
        design=make_design(F),
        y=setting.y[rows],
        loss=setting.loss.bind(weight[0]),
        offset=setting.offset[rows],
        penalties=(_Ball(),),
        weight=weight,
        fill=F.T @ weight.T,
        scale=ones,
        divisor=ones,
        excluded=np.zeros((r, 1), bool),
    )


@final
@dataclass(frozen=True)
class _Ball(Penalty):
    """Half the squared norm of the coordinates."""

    name: ClassVar[str] = "ball"

    def tangent(self, coef: np.ndarray, strength: float) -> Tangent:
        p = len(coef)
        return Tangent(np.zeros(p), np.full(p, strength), np.full(p, -np.inf), np.full(p, np.inf))

    def value(self, coef: np.ndarray, strength: float) -> float:
        return 0.5 * strength * float((coef**2).sum())

    def steepest(self, gradient: np.ndarray, strengthless: np.ndarray) -> float:
        raise NotImplementedError("strengths are chosen before coordinates are rotated")

    def sentence(self) -> str:
        return "ridge in rotated coordinates"

    @classmethod
    def specimens(cls, p: int) -> Iterator[Penalty]:
        yield cls()
