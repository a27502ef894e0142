"""How likely it is that nothing has happened to a row by some time, from the baseline hazard that a run keeps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from rightfit.contracts import Loss
from rightfit.data.times import encode_strata
from rightfit.errors import ColumnError, OptionError
from rightfit.records import Note, Run


def check_times(run: Run, times: Sequence[float]) -> tuple[float, ...]:
    """The times, each once; OptionError names the first that the run cannot tell about."""
    known = run.fitted.baseline
    if len(times) and not known:
        what = (
            "was made without a baseline hazard: fit it again" if run.task.kind == "survival" else "predicts no times"
        )
        raise OptionError(f"--times: the run {what}")
    for time in times:
        if not np.isfinite(time) or time < 0:
            raise OptionError(f"--times: {time} is no time; give numbers of 0 or more")
        if time > known["until"].max():
            until = f"{known['until'].max():g}"
            raise OptionError(
                f"--times: {time:g} is too late: the training rows were watched until {until}, not beyond"
            )
    return tuple(dict.fromkeys(float(time) for time in times))


def name_time(time: float) -> str:
    """The name of its column."""
    return f"survival at {time:.15g}"


def survive_rows(
    run: Run, loss: Loss, frame: pl.DataFrame, eta: np.ndarray, times: Sequence[float], first_row: int
) -> tuple[list[pl.Series], list[Note]]:
    """(n,) probabilities of no event up to each time, missing where the row's stratum was not watched so long, and a
    note of that. ColumnError where the stratum of a checked row is not known."""
    if not times:
        return [], []
    for column in run.schema.having("stratum"):
        if column.name not in frame.columns:
            raise ColumnError(f"column {column.name!r} is missing: survival at --times differs between its values")
        labels = frame[column.name].cast(pl.String).fill_null("")
        new = labels.is_in(list(column.levels)).not_()
        if new.any():
            row = int(new.arg_max() or 0)
            raise ColumnError(
                f"column {column.name!r} has {labels[row]!r} in row {first_row + row}, which no training row has: "
                "nothing is known about its survival"
            )
    share = loss.survive(run.fitted.baseline, eta, encode_strata(frame, run.schema), np.array(times))
    later = [pl.Series(values, nan_to_null=True) for values in share.T]
    notes = []
    for time, values in zip(times, later, strict=True):
        if gone := values.null_count():
            name = name_time(time)
            notes.append(Note("warning", name, f"{gone:,} rows have no {name}: their stratum was not watched so long"))
    return later, notes
