"""Rows that stand in a table more than once: counted, and kept together in folds where that is asked for.

A copy that teaches while its original judges makes the evidence too good: the model is asked what it was told. Whether
copies are mistakes (a file joined twice) or honest repeats (few columns with few values) only the user knows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from rightfit.records import Note, Schema

_USUAL = 0.5
"""Share of the rows from which copies are what such a table is made of, not an accident."""


def code_rows(frame: pl.DataFrame, names: Sequence[str]) -> np.ndarray:
    """(n,) numbers 0, 1, ... in order of first appearance; rows with the same cells in these columns share one.
    Missing cells equal each other."""
    if not names:
        return np.arange(frame.height)
    hashes = frame.select(names).hash_rows(seed=0).to_numpy()
    _, first, code = np.unique(hashes, return_index=True, return_inverse=True)
    place = np.empty(len(first), np.int64)
    place[np.argsort(first, kind="stable")] = np.arange(len(first))
    return np.asarray(place[code])


def judged_columns(schema: Schema) -> list[str]:
    """What makes a row the copy of another: features and target; weights, identifiers and what is left out do not."""
    return [column.name for column in schema.columns if column.role in ("feature", "target", "offset")]


def note_duplicates(code: np.ndarray, *, together: bool, decided: str = "") -> tuple[Note, ...]:
    """How many rows repeat an earlier one, what that means, and what to do.

    Args:
        code: as `code_rows` returns it.
        together: whether copies are kept in one fold.
        decided: what decides the folds instead, in words; empty where rows are dealt at random.
    """
    n = len(code)
    again = np.ones(n, bool)
    again[np.unique(code, return_index=True)[1]] = False
    count = int(again.sum())
    if not count:
        return ()
    copy = int(np.flatnonzero(again)[0])
    original = int(np.flatnonzero(code == code[copy])[0])
    found = (
        f"{count:,} of {n:,} rows repeat{'s' if count == 1 else ''} an earlier row in all features and the target "
        f"(first row {copy}, a copy of row {original})"
    )
    if together:
        return (Note("info", "", f"{found}. Copies stay in one fold with their original."),)
    if count >= _USUAL * n:
        sentence = f"{found}, as rows must where columns take few values. Each is judged as a row of its own."
        return (Note("info", "", sentence),)
    means = "Where a copy teaches while its original judges, the evidence is too good."
    advice = "Take the copies out if they are mistakes"
    advice += f"; the folds are decided by {decided}." if decided else ", or give --duplicates together."
    return (Note("warning", "", f"{found}. {means} {advice}"),)
