"""A contact sheet: originals, what each step alone makes of them, and what all steps make of them together.

A sheet is plain names and cells; `rightfit.report.augment_page` shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import numpy as np

from rightfit.augmentation.texts import TextAugmentation, TextStep

if TYPE_CHECKING:
    from rightfit.augmentation.images import Change, Motion

Cell = TypeVar("Cell")


@dataclass(frozen=True)
class Sheet(Generic[Cell]):
    """``columns[0]`` is the original; every row has as many cells; ``captions`` name the rows."""

    columns: tuple[str, ...]
    captions: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def spread(count: int, most: int, labels: np.ndarray | None, seed: int) -> np.ndarray:
    """Up to ``most`` rows of ``count``, ascending: drawn by seed, so that labels take turns where there are any."""
    order = np.random.default_rng(seed).permutation(count)
    if labels is None:
        return np.sort(order[:most])
    found, inverse = np.unique(labels[order], return_inverse=True)
    turn = np.empty(count, dtype=int)
    for k in range(len(found)):
        those = np.flatnonzero(inverse == k)
        turn[those] = np.arange(len(those))
    return np.sort(order[np.argsort(turn, kind="stable")[:most]])


def image_sheet(
    pixels: np.ndarray,
    captions: Sequence[str],
    steps: Sequence[tuple[str, Motion | Change]],
    augment: Callable[[Sequence[Motion | Change], np.ndarray, int], np.ndarray],
    *,
    together: int = 3,
    seed: int = 0,
) -> Sheet[np.ndarray]:
    """A sheet of images (n, h, w[, c]); ``augment`` applies steps to such an array from a seed. A step is shown at
    work, whatever its chance is; only all of them together have their chances."""
    columns = ["original", *(name for name, _ in steps)]
    made = [pixels]
    made += [augment((replace(cast(Any, step), chance=1.0),), pixels, seed + k) for k, (_, step) in enumerate(steps)]
    if len(steps) > 1 or together > 1:
        every = [step for _, step in steps]
        made += [augment(every, pixels, seed + len(steps) + k) for k in range(together)]
        columns += [f"together, draw {k + 1}" if len(steps) > 1 else f"draw {k + 2}" for k in range(together)]
    return Sheet(tuple(columns), tuple(captions), tuple(zip(*made, strict=True)))


def text_sheet(
    texts: Sequence[str], captions: Sequence[str], steps: Sequence[tuple[str, TextStep]], *, seed: int = 0
) -> Sheet[str]:
    """A sheet of texts, each changed by each step."""
    made = [TextAugmentation(step, seed=seed)(texts) for _, step in steps]
    cells = [list(texts), *([text or "" for text in changed] for changed in made)]
    columns = ("original", *(name for name, _ in steps))
    return Sheet(columns, tuple(captions), tuple(zip(*cells, strict=True)))
