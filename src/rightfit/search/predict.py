"""Predictions of a stored run for new rows, whole frames or files larger than memory.

Columns of the answer: ``prediction`` (mean, amount or label), and for classes ``probability: <label>`` for each. For
survival the prediction is the risk relative to a row at the training means, ``linear predictor`` its logarithm, and
``survival at <time>`` the probability of no event up to each of the times that are asked for.
Rows keep their order. A frame is predicted in blocks of the same number of rows as a file, so that both doors
give the same answers to the last bit.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import polars as pl

from rightfit import catalog
from rightfit.contracts import Loss, Model
from rightfit.data.dialect import Told
from rightfit.data.encode import encode
from rightfit.data.frames import to_polars
from rightfit.data.schema import check_frame
from rightfit.data.table import read_chunks
from rightfit.errors import ColumnError, OptionError, StoreError
from rightfit.records import Fitted, Note, Run
from rightfit.search.columns import suggest
from rightfit.search.prepare import make_loss
from rightfit.search.survival import check_times, name_time, survive_rows
from rightfit.search.tally import Tally
from rightfit.store.atomic import written

ROWS = 50_000
"""Rows of a block."""


@dataclass(frozen=True)
class Predicted:
    """What a prediction of a file came to."""

    rows: int
    columns: tuple[str, ...]
    notes: tuple[Note, ...]


class Predictor:
    """A run made ready to predict; checks it once. ``times`` ask a run of survival times how likely it is that nothing
    has happened by then."""

    def __init__(self, run: Run, times: Sequence[float] = ()) -> None:
        self.run = run
        self.loss = restore_loss(run)
        self.models = restore_models(run)
        self.offset = next((c.name for c in run.schema.having("offset")), None)
        self.times = check_times(run, times)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the answer's columns."""
        if self.loss.level_free:
            return ("prediction", "linear predictor", *map(name_time, self.times))
        return ("prediction", *(f"probability: {label}" for label in self.run.task.classes))

    def predict(self, frame: pl.DataFrame, first_row: int = 0) -> tuple[pl.DataFrame, tuple[Note, ...]]:
        """The answer for one block of rows, the first of which has this number, and what is to be said about them."""
        checked, notes = check_frame(frame, self.run.schema, first_row=first_row)
        offset = None if self.offset is None else checked[self.offset].cast(pl.Float64).to_numpy()
        design = encode(checked, self.run.schema)
        eta = np.add.reduce([share * model.predict(design, offset) for share, model in self.models])
        response = self.loss.response(eta if self.loss.outputs > 1 else eta[:, 0])
        if self.loss.level_free:
            later, found = survive_rows(self.run, self.loss, checked, eta[:, 0], self.times, first_row)
            parts = zip(self.columns, (response, eta[:, 0], *later), strict=True)
            return pl.DataFrame(dict(parts)), (*notes, *found)
        if not self.run.task.classes:
            return pl.DataFrame({"prediction": response}), notes
        share = response if response.ndim == 2 else np.column_stack([1 - response, response])
        labels = pl.Series("prediction", self.run.task.classes, dtype=pl.String)[np.argmax(share, axis=1)]
        answer = {"prediction": labels} | {name: share[:, c] for c, name in enumerate(self.columns[1:])}
        return pl.DataFrame(answer), notes


def restore_loss(run: Run) -> Loss:
    """The loss of the run; StoreError where this version has none of that name."""
    if run.task.loss not in catalog.names("losses"):
        raise StoreError(f"the run needs a loss that this version does not have: {run.task.loss!r}; upgrade rightfit")
    try:
        return make_loss(run.task)
    except (TypeError, OptionError) as error:
        raise StoreError(f"the run's loss {run.task.loss!r} has parameters that make no sense: {error}") from error


def restore_models(run: Run) -> list[tuple[float, Model]]:
    """What predicts, with its share: one model, or the members of a mixture that have one. StoreError where the arrays
    make no sense."""
    if run.stack is None or not run.stack.members:
        return [(1.0, restore_model(run.fitted))]
    shares = run.stack.weight.tolist()
    if len(shares) != len(run.stack.members):
        raise StoreError("the run holds no usable model: its mixture has other weights than members")
    return [(a, restore_model(member)) for a, member in zip(shares, run.stack.members, strict=True) if a > 0]


def restore_model(fitted: Fitted) -> Model:
    """What predicts; StoreError where this version has no such learner or the arrays make no sense."""
    if fitted.learner not in catalog.names("learners"):
        raise StoreError(
            f"the run needs a learner that this version does not have: {fitted.learner!r}; upgrade rightfit"
        )
    module = importlib.import_module(f"rightfit.learners.{fitted.learner}")
    try:
        model = module.restore(fitted)
    except StoreError:
        raise
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise StoreError(f"the run holds no usable model: {error}") from error
    assert isinstance(model, Model)
    return model


def predict_frame(run: Run, frame: Any, times: Sequence[float] = ()) -> pl.DataFrame:
    """Predictions for a table in memory (pandas, polars, pyarrow, numpy, dict of columns), in the order of its rows;
    for survival with the probability of no event up to each of ``times``.

    Raises ColumnError for a missing or mistyped column. What is to be said about the rows is warned about as
    SuspiciousDataWarning.
    """
    import warnings

    from rightfit.errors import SuspiciousDataWarning

    predictor, tally = Predictor(run, times), Tally()
    whole = to_polars(frame)
    parts = []
    for start in range(0, max(1, whole.height), ROWS):
        answer, notes = predictor.predict(whole[start : start + ROWS], start)
        tally.add(notes)
        parts.append(answer)
    for note in tally.notes():
        if note.severity == "warning":
            warnings.warn(note.sentence, SuspiciousDataWarning, stacklevel=2)
    return pl.concat(parts)


def predict_file(
    run: Run,
    path: str | Path,
    out: str | Path | IO[bytes],
    *,
    ids: Sequence[str] = (),
    times: Sequence[float] = (),
    rows: int = ROWS,
    format: str | None = None,
    told: Told | None = None,
) -> Predicted:
    """Predict a file block by block and write the answer, whole or not at all where ``out`` is a path.

    ids      columns of the file that are copied to the left of the predictions
    times    for survival: times up to which the probability of no event is told
    format   ``csv``, ``parquet`` or ``json`` (one object a line); by the ending of ``out`` where not given, else csv
    told     how the file is written, before what was told of the file of the fit

    CSV is written as it comes, with spreadsheet formulas in text made harmless; Parquet is written at the end, so the
    answer (not the data) must fit into memory.
    """
    predictor, tally = Predictor(run, times), Tally()
    clash = [name for name in ids if name in predictor.columns]
    if clash:
        raise OptionError(f"--id: column {clash[0]!r} has the name of a column of predictions; rename it first")
    format = format or _format_of(out)
    blocks = _predict_blocks(predictor, path, tuple(dict.fromkeys(ids)), rows, tally, told)
    if isinstance(out, str | Path):
        with written(out) as stream:
            count = _write(blocks, stream, format)
    else:
        count = _write(blocks, out, format)
    return Predicted(count, (*dict.fromkeys(ids), *predictor.columns), tally.notes())


def _format_of(out: str | Path | IO[bytes]) -> str:
    """By the ending of the file's name."""
    if not isinstance(out, str | Path):
        return "csv"
    ending = Path(out).suffix.lower()
    known = {
        ".csv": "csv",
        ".txt": "csv",
        ".parquet": "parquet",
        ".pq": "parquet",
        ".jsonl": "json",
        ".ndjson": "json",
        "": "csv",
    }
    if ending not in known:
        raise OptionError(f"--output: the ending {ending!r} is not known; use .csv, .parquet or .jsonl")
    return known[ending]


def _predict_blocks(
    predictor: Predictor, path: str | Path, ids: tuple[str, ...], rows: int, tally: Tally, told: Told | None
) -> Iterator[pl.DataFrame]:
    """Blocks of id columns and predictions."""
    first = 0
    for chunk in read_chunks(path, rows=rows, like=predictor.run.source, told=told):
        for name in ids:
            if name not in chunk.columns:
                raise ColumnError(
                    f"--id: there is no column {name!r} in {Path(path).name}; {suggest(name, chunk.columns)}"
                )
        answer, notes = predictor.predict(chunk, first)
        tally.add(notes)
        first += chunk.height
        yield pl.concat([chunk.select(ids), answer], how="horizontal") if ids else answer


def _write(blocks: Iterator[pl.DataFrame], stream: IO[bytes], format: str) -> int:
    """Write all blocks; the number of rows."""
    from rightfit.data.escape import escape_formulas

    count = 0
    kept: list[pl.DataFrame] = []
    for block in blocks:
        if format == "csv":
            escape_formulas(block).write_csv(stream, include_header=count == 0)
        elif format == "json":
            block.write_ndjson(stream)
        else:
            kept.append(block)
        count += block.height
    if kept:
        pl.concat(kept, how="vertical_relaxed").write_parquet(stream)
    return count
