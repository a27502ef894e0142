"""Images with their labels, from a table of pixels, a folder of class folders, or arrays in a file.

| what | images | labels |
|---|---|---|
| CSV or Parquet | one row each, ``shape`` given; columns in the order of rows of pixels | a column |
| folder | every picture (PNG, JPEG, BMP, WebP), of one size or resized to ``shape``; by Pillow | names of folders |
| ``.npz`` | the one array (n, h, w) or (n, h, w, c); or (n, h * w * c) with ``shape`` | the one array (n,) |
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from rightfit.data.image_arrays import read_arrays
from rightfit.data.image_folder import read_folder
from rightfit.data.shapes import read_shape as read_shape
from rightfit.data.table import Table, read_table
from rightfit.errors import ColumnError, DataError, OptionError
from rightfit.records import Note


@dataclass(frozen=True)
class Images:
    """Images of one size. ``pixels`` is (n, h, w) or (n, h, w, c), bytes where all values are whole numbers from 0 to
    255; ``labels`` is (n,) whole numbers or text, or None; ``table`` is the file where it is a table."""

    pixels: np.ndarray
    labels: np.ndarray | None
    label: str = ""
    names: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    table: Table | None = None
    columns: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """(h, w) or (h, w, c)"""
        return tuple(self.pixels.shape[1:])


def read_images(
    path: str | Path,
    shape: Sequence[int] | None = None,
    label: str | None = None,
    drop: Sequence[str] = (),
) -> Images:
    """Read the images of a file or a folder.

    Args:
        path: a CSV or Parquet file of pixels, a folder of class folders, or an ``.npz`` file.
        shape: (h, w) or (h, w, c) of every image; needed for a table.
        label: column of a table, or array of an ``.npz`` file, with the labels. Where it is not given, a table whose
            columns are one more than the pixels has its first or last column as label, and an ``.npz`` file its one
            array with a value for every image.
        drop: columns of a table that are neither pixels nor label.

    Raises:
        FileError: the file or folder cannot be read, or holds no images.
        ColumnError: a column is missing, or is no number; names the row.
        DataError: images of several sizes, or an array of a wrong shape.
        OptionError: an option has an impossible value.
    """
    path = Path(path)
    if shape is not None:
        shape = tuple(int(number) for number in shape)
        if len(shape) not in (2, 3) or min(shape) < 1:
            raise OptionError(f"shape must be (height, width) or (height, width, channels), not {shape}")
    if drop and (path.is_dir() or path.suffix.lower() == ".npz"):
        raise OptionError(f"--drop: {path.name} has no columns; give it for tables of pixels alone")
    if path.is_dir():
        if label is not None:
            raise OptionError(f"--label: the labels of {path.name} are the names of its folders; leave it out")
        pixels, folders, names, notes = read_folder(path, shape)
        return Images(pixels, folders, "label", names, notes)
    if path.suffix.lower() == ".npz":
        pixels, labels, name = read_arrays(path, shape, label)
        return Images(pixels, labels, name)
    if shape is None:
        raise OptionError(f"image: say how large the images of {path.name} are, such as --image 28x28")
    return images_of_table(read_table(path), shape, label, drop)


def images_of_table(table: Table, shape: tuple[int, ...], label: str | None = None, drop: Sequence[str] = ()) -> Images:
    """The images of a table that was read already; as in `read_images`."""
    frame, name = table.frame, table.source.name
    for column in (*([label] if label else []), *drop):
        if column not in frame.columns:
            raise ColumnError(f"there is no column {column!r} in {name}; its columns start with {frame.columns[:3]}")
    columns = [column for column in frame.columns if column != label and column not in drop]
    wanted = int(np.prod(shape))
    if label is None and len(columns) == wanted + 1:
        label = _odd_one(columns)
        columns.remove(label)
    if len(columns) != wanted:
        size = "x".join(map(str, shape))
        advice = "give --label COLUMN and --drop COLUMN for those that are no pixels" if len(columns) > wanted else ""
        advice = advice or "check --image, and that the label is not one of the pixels"
        raise DataError(
            f"images of {size} have {wanted:,} pixels, but {name} has {len(columns):,} columns for them: {advice}"
        )
    pixels = _numbers(frame.select(columns), name).reshape(frame.height, *shape)
    labels = None if label is None else _labels(frame[label], name)
    return Images(pixels, labels, label or "", notes=_in_order(columns), table=table, columns=tuple(columns))


def _odd_one(columns: list[str]) -> str:
    """The first or the last column: the one that is not named as its neighbours are, else the first."""
    return columns[-1] if _stem(columns[0]) == _stem(columns[1]) != _stem(columns[-1]) else columns[0]


def _stem(name: str) -> str:
    return re.sub(r"\d+", "", name)


def _numbers(frame: pl.DataFrame, name: str) -> np.ndarray:
    """(n, columns) bytes where all are whole and from 0 to 255, else float32; ColumnError names what is no number."""
    cast = frame.cast(pl.Float32, strict=False)
    broken = cast.select(pl.all().is_null() | ~pl.all().is_finite()).to_numpy()
    if broken.any():
        row, column = (int(place) for place in np.argwhere(broken)[0])
        cell = frame[row, column]
        said = "is empty" if cell is None else f"is {cell!r}, no finite number"
        raise ColumnError(
            f"row {row} of {name}: pixel {frame.columns[column]!r} {said}; mend the file, or name the label by --label "
            "and further columns by --drop"
        )
    values = np.array(cast.to_numpy(), order="C")  # polars' own memory may not be written to
    whole = bool(((values >= 0) & (values <= 255) & (values == np.round(values))).all())
    return values.astype(np.uint8) if whole else values


def _labels(column: pl.Series, name: str) -> np.ndarray:
    if column.null_count():
        row = int(column.is_null().arg_max() or 0)
        raise ColumnError(f"row {row} of {name}: the label {column.name!r} is empty; fill it in, or take the row out")
    whole = column.cast(pl.Int64, strict=False) if column.dtype == pl.String else column
    if whole.dtype.is_integer() and not whole.null_count():
        return np.array(whole.to_numpy())
    return np.asarray(column.cast(pl.String).to_list(), dtype=str)


def _in_order(columns: list[str]) -> tuple[Note, ...]:
    """A warning where the numbers in the names of pixels do not ascend: p0, p1, p10, p100 ... is a scrambled image."""
    numbers = [tuple(int(word) for word in re.findall(r"\d+", column)) for column in columns]
    if not all(numbers) or numbers == sorted(numbers):
        return ()
    at = next(k for k in range(1, len(numbers)) if numbers[k] < numbers[k - 1])
    sentence = (
        f"Pixels are taken in the order of the columns, but {columns[at]!r} comes after {columns[at - 1]!r}: "
        "put the columns in order if the images look scrambled."
    )
    return (Note("warning", "", sentence),)
