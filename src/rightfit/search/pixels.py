"""Columns that are pixels: which they are, and whether all of them are there."""

from __future__ import annotations

from math import prod

from rightfit.data.shapes import read_shape, say_shape
from rightfit.data.table import Table
from rightfit.errors import ColumnError, DataError
from rightfit.records import Schema
from rightfit.search.options import FitOptions


def find_image(table: Table, options: FitOptions) -> tuple[int, ...]:
    """(height, width) or (height, width, channels) of the images that the rows are; () where they are none."""
    size = options.image or table.source.told.get("image")
    return () if size is None else read_shape(size)


def find_kinds(table: Table, options: FitOptions, image: tuple[int, ...]) -> dict[str, str]:
    """The kinds of columns that are told, and those of pixels: numbers, whatever they look like. DataError where
    there are more or fewer pixels than images have."""
    told = dict(options.kinds)
    if not image:
        return told
    named = {name for name, option in options.columns() if option != "--as"}
    pixels = [name for name in table.frame.columns if name not in named]
    if len(pixels) != prod(image):
        advice = "give --drop COLUMN for those that are no pixels" if len(pixels) > prod(image) else "check --image"
        raise DataError(
            f"images of {say_shape(image)} have {prod(image):,} pixels, but {table.source.name} has {len(pixels):,} "
            f"columns for them beside {options.target!r}: {advice}"
        )
    for name in pixels:
        if told.setdefault(name, "number") != "number":
            raise ColumnError(f"column {name!r} is a pixel of an image, and no {told[name]}: leave out --as")
    return told


def check_pixels(schema: Schema, image: tuple[int, ...]) -> None:
    """ColumnError where an image has a hole."""
    for column in schema.having("feature") if image else ():
        if column.missing:
            raise ColumnError(f"pixel {column.name!r} is empty in {column.missing:,} rows: fill it in")
