"""How many trees, of how many rows, a forest can afford: in memory, always; in time, where there is an end."""

from __future__ import annotations

import math

import numpy as np

from rightfit.contracts import Problem
from rightfit.records import Resamples

MEMORY = 1_000_000_000
"""Bytes that the trees of all resamples may take together."""
_NODE = 34
"""Bytes of a node besides its shares."""
FEWEST = 25
"""Trees below which a forest takes fewer rows a tree instead."""
SHARE = 0.4
"""Of the time that is left: other work may come between, and further threads help less than one hopes."""


def price_tree(problem: Problem, resamples: Resamples) -> float:
    """About how many seconds scikit-learn takes for a tree of all columns on a processor that nobody shares."""
    n = resamples.taught
    return float(8e-8 * problem.columns * n * np.log2(n + 2))


def fit_memory(nodes: float, columns: int, trees: int) -> float:
    """Share of the rows, at most 1, that each of so many ``trees`` may draw, where one of all rows has so many
    ``nodes``; ``columns`` are those of a mean."""
    return float(min(1.0, MEMORY / (trees * (_NODE + 4 * columns)) / nodes))


def fit_time(trees: int, share: float, growing: float, judging: float, left: float) -> tuple[int, float]:
    """Trees a resample and their share of the rows that can be had in the time ``left``, where one tree of all rows
    takes so many seconds for ``growing`` in all resamples, and for ``judging`` the rows."""
    if math.isinf(left):
        return trees, share
    payable = SHARE * max(left, 0.0)
    trees = int(np.clip(payable / (growing * share + judging), FEWEST, trees))
    return trees, float(np.clip((payable / trees - judging) / growing, 1e-3, share))
