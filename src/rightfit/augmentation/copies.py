"""A file with augmented copies below its rows. The column `ORIGIN` says of which row, counted from 0, a row is the copy
or the original: give it as ``--group``, so that copies never judge a model that was taught their original."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from rightfit.augmentation.texts import TextAugmentation
from rightfit.data.images import Images
from rightfit.errors import ColumnError, OptionError
from rightfit.records import Note

if TYPE_CHECKING:
    from rightfit.augmentation.images import Change, Motion

ORIGIN = "original_row"


@dataclass(frozen=True)
class Augmented:
    """What was done to a file: the steps by name, its rows, the rows that were written, and what is to be said."""

    steps: tuple[str, ...]
    rows: int
    written: int = 0
    notes: tuple[Note, ...] = ()


def image_copies(
    images: Images,
    steps: Sequence[Motion | Change],
    copies: int,
    seed: int,
    *,
    fill: Literal["black", "edge"] = "black",
) -> np.ndarray:
    """((1 + copies) * n, h, w[, c]) the images and below them their copies, each copy from a seed of its own."""
    from rightfit.augmentation.images import augment_arrays

    limits = float(images.pixels.min()), float(images.pixels.max())
    made = [augment_arrays(steps, images.pixels, seed + k, limits, fill=fill) for k in range(copies)]
    return np.concatenate([images.pixels, *made])


def image_table(images: Images, pixels: np.ndarray, copies: int) -> pl.DataFrame:
    """The table that the images came from, with all ``pixels`` of `image_copies`; OptionError if it was no table."""
    if images.table is None:
        raise OptionError("--output: images that came from no table are written as .npz; choose a name that ends so")
    frame = repeated(images.table.frame, copies)
    flat = pixels.reshape(len(pixels), -1)
    return frame.with_columns(pl.Series(name, flat[:, k]) for k, name in enumerate(images.columns))


def image_arrays(images: Images, pixels: np.ndarray, copies: int) -> dict[str, np.ndarray]:
    """The arrays of an .npz file: images, labels where there are any, and origins."""
    arrays = {"images": pixels}
    if images.labels is not None:
        arrays["labels"] = np.tile(images.labels, 1 + copies)
    return arrays | {ORIGIN: np.tile(np.arange(len(images.pixels)), 1 + copies)}


def text_copies(frame: pl.DataFrame, columns: Sequence[str], augment: TextAugmentation, copies: int) -> pl.DataFrame:
    """The table and below it copies whose texts in ``columns`` are augmented; other cells are those of the original."""
    out = repeated(frame, copies)
    for name in columns:
        texts = text_column(frame, name)
        made = [text for copy in range(copies) for text in augment(texts, copy)]
        out = out.with_columns(pl.Series(name, texts + made, dtype=pl.String))
    return out


def text_column(frame: pl.DataFrame, name: str) -> list[str | None]:
    """The cells of a column of text; ColumnError names what is there instead."""
    if name not in frame.columns:
        import difflib

        near = difflib.get_close_matches(name, frame.columns, n=1)
        advice = f"did you mean {near[0]!r}?" if near else f"the columns are {', '.join(frame.columns[:10])}."
        raise ColumnError(f"--text: there is no column {name!r}; {advice}")
    if frame[name].dtype != pl.String:
        raise ColumnError(f"--text: column {name!r} holds {frame[name].dtype}, no text")
    texts: list[str | None] = frame[name].to_list()
    if not any(texts):
        raise ColumnError(f"--text: column {name!r} is empty in every row")
    return texts


def repeated(frame: pl.DataFrame, copies: int) -> pl.DataFrame:
    """The rows and below them their copies, with their origins in a last column."""
    if ORIGIN in frame.columns:
        raise ColumnError(f"there is a column {ORIGIN!r} already: augment the file that this one was made from")
    origins = pl.Series(ORIGIN, np.tile(np.arange(frame.height), 1 + copies))
    return pl.concat([frame] * (1 + copies)).with_columns(origins)
