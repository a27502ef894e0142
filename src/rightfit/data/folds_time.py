"""Ordered folds: an expanding window over time.

The rows are cut into folds + 1 blocks of nearly equal size along time. Fold k judges block k with a model of the blocks
before it, so nobody learns from the future. Rows of equal time stay in one block. The first block is never judged.
"""

from __future__ import annotations

import numpy as np

from rightfit.data.codes import find_missing
from rightfit.errors import OptionError, RowError
from rightfit.records import Note


def cut_time(time: np.ndarray, folds: int, rows: np.ndarray) -> tuple[np.ndarray, Note]:
    """(n,) block numbers 0 ... folds in order of time, and the note that says which rows are never scored.

    ``time`` (n,) holds numbers or numpy dates; ``rows`` (n,) are the rows' numbers for errors. RowError names a row
    without a time, OptionError says when there are fewer different times than blocks.
    """
    missing = find_missing(time)
    if time.dtype == object and not missing.all():
        time = _plain(time)
        missing = find_missing(time)
    if missing.any():
        raise RowError(f"row {rows[np.flatnonzero(missing)[0]]} has no time; fill it in, or leave the row out")
    if time.dtype.kind not in "biufmM":
        raise OptionError("time must hold numbers or dates, not text; turn it into dates first")
    if time.dtype.kind == "f" and not np.isfinite(time).all():
        raise RowError(f"row {rows[np.flatnonzero(~np.isfinite(time))[0]]} has an infinite time; give it a finite one")
    moments, position, count = np.unique(time, return_inverse=True, return_counts=True)
    if len(moments) < folds + 1:
        raise OptionError(
            f"folds: {folds} ordered folds need at least {folds + 1} different times, but there are {len(moments)}; "
            + (f"ask for {len(moments) - 1} folds or fewer" if len(moments) > 2 else "use random folds")
        )
    cuts = _cut_evenly(np.cumsum(count), folds + 1)
    block = np.searchsorted(cuts, np.arange(len(moments)), side="right")[position]
    first = int((block == 0).sum())
    note = Note(
        "info",
        "time",
        f"the first {first} of {len(time)} rows (up to {_show(moments[cuts[0] - 1])}) are never scored: "
        "they only teach, since no earlier rows exist to learn from",
    )
    return block.astype(np.int64), note


def _cut_evenly(ends: np.ndarray, blocks: int) -> np.ndarray:
    """(blocks - 1,) positions among the different times at which a new block starts, as close to equal numbers of
    rows as ties allow; ``ends`` are the cumulated row counts. Every block gets at least one time."""
    cuts = np.empty(blocks - 1, np.int64)
    least = 1
    for b in range(1, blocks):
        most = len(ends) - (blocks - b)
        wanted = ends[-1] * b / blocks
        candidates = np.arange(least, most + 1)
        cuts[b - 1] = candidates[np.argmin(np.abs(ends[candidates - 1] - wanted))]
        least = int(cuts[b - 1]) + 1
    return cuts


def _plain(time: np.ndarray) -> np.ndarray:
    """Python dates and numbers in an object array as one numpy type; OptionError for anything else."""
    for dtype in (np.float64, "datetime64[us]"):
        try:
            if any(isinstance(v, str) for v in time.tolist()):
                break
            return time.astype(dtype)
        except (TypeError, ValueError):
            continue
    raise OptionError("time must hold numbers or dates, not text; turn it into dates first")


def _show(moment: np.generic) -> str:
    if moment.dtype.kind == "M":
        text = str(moment)
        return text.replace("T00:00:00", "").split(".")[0].replace("T", " ")
    return f"{moment:.6g}" if moment.dtype.kind == "f" else str(moment)
