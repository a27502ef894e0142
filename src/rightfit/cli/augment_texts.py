"""The part of ``rightfit augment`` that is about texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from rightfit import __version__
from rightfit.augmentation.contact_sheet import spread, text_sheet
from rightfit.augmentation.copies import Augmented, text_column, text_copies
from rightfit.augmentation.texts import Delete, Swap, Synonyms, TextAugmentation, TextStep
from rightfit.augmentation.thesaurus import read_thesaurus
from rightfit.augmentation.words import Words
from rightfit.data.table import read_table
from rightfit.errors import ColumnError, OptionError
from rightfit.store.atomic import written

_SHARE = 0.1
"""Of words that each step changes, where no step is given."""


def augment_texts(data: str, page: Path | None, output: Path | None, given: dict[str, Any]) -> Augmented:
    """Read the table, write the page and the output that are asked for, say what was done."""
    if output is not None and output.suffix.lower() not in (".csv", ".parquet"):
        raise OptionError(f"--output: {output.name!r} must end in .csv or .parquet")
    steps = _steps(given)
    told = {name: given[name] for name in ("delimiter", "encoding", "decimal", "quoting")}
    frame = read_table(data, **told).frame
    columns = tuple(dict.fromkeys(given["text"]))
    for name in columns:
        text_column(frame, name)
    if given["label"] is not None and given["label"] not in frame.columns:
        raise ColumnError(f"--label: there is no column {given['label']!r}; the columns are {frame.columns[:10]}")
    if page is not None:
        _write_page(page, frame, columns, steps, Path(data).name, given)
    names = tuple(name for name, _ in steps)
    if output is None:
        return Augmented(names, frame.height)
    augment = TextAugmentation(*(step for _, step in steps), seed=given["seed"])
    made = text_copies(frame, columns, augment, given["copies"])
    with written(output) as stream:
        _ = made.write_csv(stream) if output.suffix.lower() == ".csv" else made.write_parquet(stream)
    return Augmented(names, frame.height, made.height)


def _steps(given: dict[str, Any]) -> list[tuple[str, TextStep]]:
    """The steps by name; all that can be taken, where none is given."""
    thesaurus = given["thesaurus"]
    asked = {name: given[name] for name in ("synonyms", "swap", "delete") if given[name] is not None}
    if "synonyms" in asked and thesaurus is None:
        raise OptionError(
            "--synonyms needs --thesaurus FILE: a table with the columns word and synonyms, or the folder of WordNet's "
            "files; none comes with rightfit"
        )
    if not asked:
        asked = dict.fromkeys((["synonyms"] if thesaurus else []) + ["swap", "delete"], _SHARE)
    elif thesaurus is not None and "synonyms" not in asked:
        asked = {"synonyms": _SHARE, **asked}
    found: list[tuple[str, TextStep]] = []
    for name, share in asked.items():
        match name:
            case "synonyms":
                found.append(("synonyms", Synonyms(read_thesaurus(thesaurus), share)))
            case "swap":
                found.append(("swap", Swap(share)))
            case "delete":
                found.append(("delete", Delete(share)))
    return found


def _write_page(
    page: Path,
    frame: pl.DataFrame,
    columns: tuple[str, ...],
    steps: list[tuple[str, TextStep]],
    name: str,
    given: dict[str, Any],
) -> None:
    from rightfit.report.augment_page import render_texts

    texts: list[str] = []
    captions: list[str] = []
    labels = None if given["label"] is None else frame[given["label"]].fill_null("").cast(pl.String).to_list()
    for column in columns:
        cells = text_column(frame, column)
        full = np.asarray([row for row, text in enumerate(cells) if text and len(Words.of(text)) > 1], dtype=int)
        of_those = None if labels is None else np.asarray([labels[row] for row in full], dtype=str)
        for row in full[spread(len(full), given["examples"], of_those, given["seed"])].tolist():
            texts.append(cells[row] or "")
            label = "" if labels is None else f", {labels[row]}"
            captions.append((f"{column}, " if len(columns) > 1 else "") + f"row {row}{label}")
    sheet = text_sheet(texts, captions, steps, seed=given["seed"])
    text = render_texts(
        sheet.columns,
        sheet.captions,
        sheet.rows,
        title=f"Augmentation of {name}",
        subtitle=f"{len(texts)} texts of {frame.height:,} rows, seed {given['seed']}. Labels stay.",
        version=__version__,
    )
    with written(page) as stream:
        stream.write(text.encode("utf-8", "replace"))
