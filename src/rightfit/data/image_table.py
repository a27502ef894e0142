"""Images as a table: a row each, a column for each pixel and channel, and one for the label.

Columns are called ``pixel y x`` or ``pixel y x channel``, counted from 0 at the top left; the label is the column
``label`` of a folder, and the array's name of an ``.npz`` file.
"""

from __future__ import annotations

import hashlib
import itertools
from pathlib import Path

import polars as pl

from rightfit.data.shapes import read_shape, say_shape
from rightfit.records import Source


def holds_images(path: str | Path) -> bool:
    """Whether there are images in it and no table: a folder, or a file of arrays."""
    return Path(path).is_dir() or Path(path).suffix.lower() == ".npz"


def read_frame(path: str | Path, size: str | None) -> tuple[pl.DataFrame, Source]:
    """The images of a folder of class folders or of an ``.npz`` file, and where they came from. FileError, DataError
    and OptionError as in `rightfit.data.images.read_images`."""
    from rightfit.data.images import read_images

    found = read_images(path, None if size is None else read_shape(size))
    rows = found.pixels.reshape(len(found.pixels), -1)
    names = [f"pixel {' '.join(map(str, place))}" for place in itertools.product(*map(range, found.shape))]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    if found.labels is not None:
        frame = frame.with_columns(pl.Series(found.label, found.labels.tolist()))
    size, name = say_shape(found.shape), Path(path).resolve().name
    total, digest = _weigh(Path(path), found.names)
    words = f"{'folder of pictures' if found.names else 'arrays'}, images of {size}"
    return frame, Source(name, total, digest, words, frame.height, frame.width, found.notes, {"image": size})


def _weigh(path: Path, names: tuple[str, ...]) -> tuple[int, str]:
    """Bytes, and the sha256 of names and contents."""
    digest, total = hashlib.sha256(), 0
    for name in names or ("",):
        content = (path / name if name else path).read_bytes()
        digest.update(name.encode() + hashlib.sha256(content).digest() if name else content)
        total += len(content)
    return total, digest.hexdigest()
