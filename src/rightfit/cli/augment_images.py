"""The part of ``rightfit augment`` that is about images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rightfit import __version__
from rightfit.augmentation.contact_sheet import image_sheet, spread
from rightfit.augmentation.copies import Augmented, image_arrays, image_copies, image_table
from rightfit.data.images import Images, images_of_table, read_images, read_shape
from rightfit.errors import MissingExtraError, OptionError
from rightfit.store.atomic import written

if TYPE_CHECKING:
    from rightfit.augmentation.images import Change, Motion

_DEFAULTS = {"rotate": 10.0, "shift": 2, "scale": 1.1, "noise": 0.05}
"""Steps that are taken where none is given: whatever an image shows, it shows it still."""


def augment_images(data: str, page: Path | None, output: Path | None, given: dict[str, Any]) -> Augmented:
    """Read the images, write the page and the output that are asked for, say what was done."""
    ending = "" if output is None else output.suffix.lower()
    if output is not None and ending not in (".npz", ".csv", ".parquet"):
        raise OptionError(f"--output: {output.name!r} must end in .npz, .csv or .parquet")
    steps = _steps(given)
    images = _read(data, given)
    if page is not None:
        _write_page(page, images, steps, Path(data.rstrip("/")).name, given)
    if output is None:
        return Augmented(tuple(name for name, _ in steps), len(images.pixels), 0, images.notes)
    copies = given["copies"]
    pixels = image_copies(images, [step for _, step in steps], copies, given["seed"], fill=given["fill"] or "black")
    if ending == ".npz":
        with written(output) as stream:
            arrays: dict[str, Any] = image_arrays(images, pixels, copies)
            np.savez_compressed(stream, **arrays)
    else:
        frame = image_table(images, pixels, copies)
        with written(output) as stream:
            _ = frame.write_csv(stream) if ending == ".csv" else frame.write_parquet(stream)
    return Augmented(tuple(name for name, _ in steps), len(images.pixels), len(pixels), images.notes)


def _read(data: str, given: dict[str, Any]) -> Images:
    shape = None if given["image"] is None else read_shape(given["image"])
    if Path(data).is_dir() or Path(data).suffix.lower() == ".npz":
        return read_images(data, shape, given["label"], given["drop"])
    from rightfit.data.table import read_table

    told = {name: given[name] for name in ("delimiter", "encoding", "decimal", "quoting")}
    assert shape is not None
    return images_of_table(read_table(data, **told), shape, given["label"], given["drop"])


def _steps(given: dict[str, Any]) -> list[tuple[str, Motion | Change]]:
    """The steps by name, in the order in which they are taken."""
    try:
        from rightfit.augmentation.images import Cutout, Flip, Noise, Rotate, Scale, Shift, Turn
    except ImportError as error:
        raise MissingExtraError('augmenting images needs PyTorch: pip install "rightfit[networks]"') from error
    names = ("flip", "turn", "rotate", "shift", "scale", "noise", "cutout")
    asked: dict[str, Any] = {name: given[name] for name in names if given[name] is not None} or _DEFAULTS
    found: list[tuple[str, Motion | Change]] = []
    if flip := asked.get("flip"):
        found += [("flip, left to right", Flip("horizontal"))] if flip != "vertical" else []
        found += [("flip, top to bottom", Flip("vertical"))] if flip != "horizontal" else []
    if asked.get("turn"):
        found.append(("quarter turns", Turn()))
    for name, kind, words in (
        ("rotate", Rotate, "rotate, up to {:g}°"),
        ("shift", lambda most: Shift(most, most), "shift, up to {} px"),
        ("scale", Scale, "scale, up to {:g}"),
        ("noise", Noise, "noise, {:g} of the range"),
        ("cutout", Cutout, "cutout, {} px"),
    ):
        if name in asked:
            found.append((words.format(asked[name]), kind(asked[name])))
    return found


def _write_page(
    page: Path, images: Images, steps: list[tuple[str, Motion | Change]], name: str, given: dict[str, Any]
) -> None:
    from rightfit.augmentation.images import augment_arrays
    from rightfit.report.augment_page import render_images

    rows = spread(len(images.pixels), given["examples"], images.labels, given["seed"])
    captions = [str(row) if images.labels is None else f"{images.labels[row]} (row {row})" for row in rows.tolist()]
    limits = float(images.pixels.min()), float(images.pixels.max())
    sheet = image_sheet(
        images.pixels[rows],
        captions,
        steps,
        lambda chosen, pixels, seed: augment_arrays(chosen, pixels, seed, limits, fill=given["fill"] or "black"),
        seed=given["seed"],
    )
    size = "x".join(map(str, images.shape))
    text = render_images(
        sheet.columns,
        sheet.captions,
        sheet.rows,
        title=f"Augmentation of {name}",
        subtitle=f"{len(rows)} of {len(images.pixels):,} images of {size}, seed {given['seed']}. Labels stay.",
        limits=limits,
        version=__version__,
    )
    with written(page) as stream:
        stream.write(text.encode("utf-8", "replace"))
