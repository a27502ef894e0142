"""How many trees, of how many rows, a forest can afford: in memory, always; in time, where there is an end."""

from __future__ import annotations

import math

import numpy as np

MEMORY = 1_000_000_000
"""Bytes that the trees of all resamples may take together."""
_NODE = 34
"""Bytes of a node besides its shares."""
FEWEST = 25
"""Trees below which a forest takes fewer rows a tree instead."""
_SHARE = 0.5
"""Of the time that is left; the rest is for predictions and for what else is slow."""


def fit_memory(nodes: float, columns: int, trees: int) -> float:
    """Share of the rows, at most 1, that each of so many ``trees`` may draw, where one of all rows has so many
    ``nodes``; ``columns`` are those of a mean."""
    return float(min(1.0, MEMORY / (trees * (_NODE + 4 * columns)) / nodes))


def fit_time(trees: int, resamples: int, share: float, seconds: float, left: float) -> tuple[int, float]:
    """Trees a resample and their share of the rows that can be grown in the time ``left``, where a tree of all rows
    takes ``seconds``."""
    if math.isinf(left):
        return trees, share
    whole = _SHARE * max(left, 0.0) / (resamples * max(seconds, 1e-9))  # trees of all rows that can be paid
    trees = int(np.clip(whole / share, FEWEST, trees))
    return trees, float(np.clip(whole / trees, 1e-3, share))
