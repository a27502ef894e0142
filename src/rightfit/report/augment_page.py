"""Contact sheets as pages: originals on the left, what augmentation makes of them beside them, named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

import numpy as np

from rightfit.report.legible import legible
from rightfit.report.png import as_bytes, data_address, encode_png
from rightfit.report.shell import wrap_still

Piece = tuple[str, str]
"""``same``, ``gone`` or ``new``, and a stretch of text."""

_TOKEN = re.compile(r"\w+(?:['’-]\w+|(?<=\d)[.,]\d+)*|\s+|[^\w\s]")
_LONGEST = 600


def render_images(
    columns: Sequence[str],
    captions: Sequence[str],
    rows: Sequence[Sequence[np.ndarray]],
    *,
    title: str,
    subtitle: str = "",
    limits: tuple[float, float] = (0.0, 255.0),
    version: str = "",
) -> str:
    """One self-contained page of images (h, w) or (h, w, c) whose values lie between ``limits``, (rows, columns)."""
    cells = [[data_address(encode_png(as_bytes(cell, *limits))) for cell in row] for row in rows]
    height, width = rows[0][0].shape[:2]
    enlarged = max(1, min(round(84 / width), (920 // len(columns) - 8) // width))
    table = [
        {"caption": legible(caption, 60), "cells": list(zip(columns, row, strict=True))}
        for caption, row in zip(captions, cells, strict=True)
    ]
    return wrap_still(
        "augment.html",
        "augment",
        title=legible(title, 400),
        subtitle=legible(subtitle, 600),
        columns=columns,
        images=table,
        texts=[],
        width=min(width * enlarged, 160),
        height=round(min(width * enlarged, 160) * height / width),
        coarse=enlarged > 1,
        version=version,
    )


def render_texts(
    columns: Sequence[str],
    captions: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    title: str,
    subtitle: str = "",
    version: str = "",
) -> str:
    """One self-contained page of texts, original and augmented, with what left and what came marked."""
    table = []
    for caption, (original, *others) in zip(captions, rows, strict=True):
        made = []
        for name, text in zip(columns[1:], others, strict=True):
            before, after = changes(original, text)
            made.append({"name": name, "before": before, "after": after})
        table.append({"caption": legible(caption, 60), "made": made})
    return wrap_still(
        "augment.html",
        "augment",
        title=legible(title, 400),
        subtitle=legible(subtitle, 600),
        columns=columns,
        images=[],
        texts=table,
        version=version,
    )


def changes(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """The two texts in pieces: what both have is ``same``, what only the first has ``gone``, what is added ``new``."""
    old, new = (_TOKEN.findall(text[:_LONGEST]) for text in (before, after))
    first: list[Piece] = []
    second: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for pieces, tokens, word in ((first, old[a:b], "gone"), (second, new[c:d], "new")):
            if tokens:
                pieces.append(("same" if kind == "equal" else word, legible("".join(tokens), _LONGEST)))
    for pieces, text in ((first, before), (second, after)):
        if len(text) > _LONGEST:
            pieces.append(("same", " …"))
    return first, second
