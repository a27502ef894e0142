"""Predictive intervals of new rows from the exact posterior of a ridge."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from rightfit.data.encode import encode
from rightfit.data.frames import to_polars
from rightfit.data.schema import check_frame
from rightfit.data.table import Table
from rightfit.errors import OptionError
from rightfit.records import Run
from rightfit.views.ground import find_ground
from rightfit.views.penalized_fit import read_fit
from rightfit.views.posteriors import find_exact


def predict_believed(
    run: Run, table: Table, frame: Any, *, level: float = 0.95, noise: float | None = None
) -> pl.DataFrame:
    """``prediction``, ``lower`` and ``upper`` of each row of ``frame``: the target of a new row lies between them with
    probability ``level``, given prior and model. Noise of the row and doubt about all coefficients count together:

        x'b +- q sqrt(v (1 + u'(U'U)^-1 u + z'(Z'Z + g I)^-1 z)),  q of Student's distribution

    table : that of the fit. OptionError for anything but squared loss with a ridge (or without a penalty), FileError
    where the table is not that of the fit, ColumnError for a column that is missing or mistyped.
    """
    if not 0 < level < 1:
        raise OptionError(f"level must be a share above 0 and below 1, such as 0.95, not {level!r}")
    ground = find_ground(run, table)
    with threadpool_limits(1):
        fit = read_fit(ground, noise=noise)
    if fit.absolute or not fit.problem.loss.quadratic:
        raise OptionError(
            f"predictive intervals are exact for squared loss with a ridge, not for {run.penalty} with "
            f"{fit.problem.loss.name} loss; conformal intervals (PenalizedRegressor.predict_interval) suppose neither"
        )
    checked, _ = check_frame(to_polars(frame), run.schema)
    design = encode(checked, run.schema)
    every = np.arange(design.p)
    columns = design.collect(every, fit.trace.fill) + design.shift(every)
    with threadpool_limits(1):
        known = find_exact(fit, level)
        assert known.normal is not None
        found = known.normal.predict(columns, fit.g, level)
    offset = next((c.name for c in run.schema.having("offset")), None)
    if offset is not None:
        found += checked[offset].cast(pl.Float64).to_numpy()[:, None]
    return pl.DataFrame(dict(zip(("prediction", "lower", "upper"), found.T, strict=True)))
