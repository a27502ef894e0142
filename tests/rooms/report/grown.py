"""Runs of families without coefficients, made from the specimens: shares instead of coefficients, an axis of their own,
a leaderboard and everything that can be drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rightfit.records import Axis, Convergence, Family, Leaves, Picture, Run, Stack, Status, Surface, Tree
from tests.rooms.report.specimen import specimen


def grown(kind: str = "classes", *, depth: int = 3, hostile: bool = False) -> Run:
    """The specimen as if a tree of 2^depth leaves had been grown on its rows."""
    run = specimen(kind, hostile=hostile)
    steps, p = len(run.trace), run.trace.features
    share = np.zeros((steps, p))
    for k in range(1, steps):
        share[k, : min(p, 1 + k // 3)] = 1.0 / min(p, 1 + k // 3)
    used = [np.flatnonzero(row) for row in share]
    trace = replace(
        run.trace,
        intercept=np.zeros((steps, 1)),
        indptr=np.concatenate([[0], np.cumsum([len(u) for u in used])]).astype(np.int64),
        indices=np.concatenate(used).astype(np.int64),
        values=np.concatenate([row[u] for row, u in zip(share, used, strict=True)]),
        outputs=1,
        gap=np.full(steps, np.nan),
        status=np.full(steps, Status.GROWN, np.int8),
        scale=np.ones(p),
        fill=np.zeros(p),
        measures="importance",
    )
    axis = Axis("leaves", np.arange(1.0, steps + 1), "{} leaves", "the hardest pruning", "harder pruning")
    tree = make_tree(run, depth)
    convergence = Convergence(
        np.array([5, 10, 40, 100]),
        np.array([0.9, 0.7, 0.52, 0.5]),
        np.array([0.1, 0.05, 0.02, 0.01]),
        "loss",
        "Enough.",
    )
    before = np.linspace(-2, 2, 41)
    leaves = Leaves(
        np.arange(41) // 8,
        -before * 5,
        np.full(41, 5.0),
        np.full(41, 5.0),
        before,
        before * 5 / 7,
        0.0,
        2.0,
        "Shrunken.",
    )
    surface = Surface(
        "shrinkage",
        np.array([0.0, 3.0, 10.0]),
        np.stack([1.0 / np.arange(1.0, steps + 1) + 0.01 * k for k in range(3)]),
        np.full(3, steps // 2),
        1,
        "Shrinkage bought something.",
    )
    names = ("tree", "linear", "boosting")
    families = (
        Family(
            names[0],
            "one tree, at least 5 rows a leaf",
            {"min_samples_leaf": 5.0},
            "8 leaves",
            0.5,
            0.02,
            0.4,
            0.0,
            0.0,
            "8 leaves",
            8.0,
            "fits",
            "It loses 0.4 on its own rows.",
            3,
            2,
            True,
        ),
        Family(
            names[1],
            "lasso (L1)",
            {"l1_ratio": 1.0},
            "strength 0.01",
            0.6,
            0.02,
            0.5,
            0.1,
            0.02,
            "4 of 9 features",
            4.0,
            "underfits",
            "Out of reach.",
            3,
            3,
        ),
        Family(names[2], reason="xgboost is not installed: pip install 'rightfit[boosting]'"),
    )
    return replace(
        run,
        trace=trace,
        penalty="one tree, at least 5 rows a leaf",
        evidence=replace(run.evidence, axis=axis),
        families=families,
        stack=Stack(names[:2], np.array([0.8, 0.2]), 0.49, 0.02, 0.01, 0.005, "A mixture would gain 0.01."),
        picture=Picture(tree, convergence, leaves, surface, ("A note about the model.",)),
    )


def make_tree(run: Run, depth: int) -> Tree:
    """A full tree that asks for the features in turn."""
    m = 2 ** (depth + 1) - 1
    node = np.arange(m)
    inner = node < m // 2
    level = np.floor(np.log2(node + 1)).astype(int)
    outputs = len(run.task.classes) if len(run.task.classes) > 2 else 1
    return Tree(
        "the chosen tree",
        np.where(inner, level % len(run.features), -1).astype(np.int64),
        np.where(inner, 0.5 + level, np.nan),
        np.where(inner, 2 * node + 1, -1).astype(np.int64),
        np.where(inner, 2 * node + 2, -1).astype(np.int64),
        node % 2 == 0,
        np.round(1000 / 2.0**level),
        np.linspace(-1, 1, m * outputs).reshape(m, outputs),
    )
