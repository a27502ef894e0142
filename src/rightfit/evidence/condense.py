"""Evidence of many rows as sums over blocks of rows: what a run keeps.

The matrix of losses has a cell for every row and step: 135 MB for a third of a million rows and 100 steps. Means need
only sums, and paired standard errors only that independent units stay apart. So units are put at random into at most
`BLOCKS` blocks inside their fold, and a block counts as one row and one unit: its loss is the weighted mean of its
rows, its weight their sum. Every mean stays what it was (within the rounding of float32); a standard error is that of
cluster totals, unbiased for its square, and differs by about 1 / sqrt(2 BLOCKS) = 0.7 % of itself (Cochran 1977,
Sampling Techniques, section 6.4). What a run says (curve, choice, comparison, verdict) comes from the whole matrix,
before it is condensed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rightfit.records import Evidence
from rightfit.rules._averages import count_rows

LARGEST = 20_000
"""Rows up to which evidence is kept whole."""
BLOCKS = 10_000


def condense(evidence: Evidence, *, largest: int = LARGEST, blocks: int = BLOCKS, seed: int = 0) -> Evidence:
    """The same evidence with at most about ``blocks`` rows; itself where it has no more than ``largest``.

    Args:
        evidence: whole.
        largest: rows up to which nothing is done.
        blocks: blocks over all folds; every fold has at least one.
        seed: of the deal of units to blocks.
    """
    if len(evidence.weight) <= largest:
        return evidence
    live = np.flatnonzero(~np.isnan(evidence.null) & (evidence.weight > 0))
    code, unit = _deal(evidence.fold[live], evidence.unit[live], blocks, seed)
    count = int(code.max(initial=-1)) + 1
    weight = np.bincount(code, evidence.weight[live], count)
    share = evidence.weight[live] / weight[code]
    first = np.zeros(count, np.int64)
    first[code[::-1]] = live[::-1]
    loss = np.empty((count, evidence.loss.shape[1]), np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        for k in range(loss.shape[1]):
            loss[:, k] = np.bincount(code, share * evidence.loss[live, k], count)
    null = np.bincount(code, share * evidence.null[live], count)
    fold = evidence.fold[first]
    rest = float(evidence.weight.sum() - weight.sum())
    if len(live) < len(evidence.weight) and rest > 0:  # rows that taught and were never judged
        loss = np.vstack([loss, np.full((1, loss.shape[1]), np.nan, np.float32)])
        null, weight = np.append(null, np.nan), np.append(weight, rest)
        unit, fold = np.append(unit, -1), np.append(fold, 0)
    return replace(
        evidence, loss=loss, null=null, weight=weight, unit=unit, fold=fold, count=count_rows(evidence), blocks=count
    )


def _deal(fold: np.ndarray, unit: np.ndarray, blocks: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(r,) block of each row, and (blocks,) the bucket of units that each block belongs to. A bucket is one block
    unless its units have rows in several folds."""
    units, first, member = np.unique(unit, return_index=True, return_inverse=True)
    home = fold[first]
    order = np.random.default_rng([seed, 88]).permutation(len(units))
    order = order[np.argsort(home[order], kind="stable")]
    # Along this order units of one fold stand together, so that equal pieces of a fold are its buckets.
    bucket = np.empty(len(units), np.int64)
    start = 0
    for number in np.unique(home):
        mine = order[home[order] == number]
        pieces = max(1, min(len(mine), round(blocks * len(mine) / len(units))))
        bucket[mine] = start + np.arange(len(mine)) * pieces // len(mine)
        start += pieces
    pair = bucket[member] * (int(fold.max(initial=0)) + 1) + fold
    found, code = np.unique(pair, return_inverse=True)
    return code, found // (int(fold.max(initial=0)) + 1)
