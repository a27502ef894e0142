"""Two columns of a run as the sides of a plane, and the rows of a table that lie on its grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from rightfit.contracts import Design, Problem
from rightfit.data.encode import encode, list_features, list_levels
from rightfit.errors import ColumnError, OptionError
from rightfit.records import Column, Run, Schema, Side
from rightfit.search.columns import suggest
from rightfit.views.ground import Ground

POINTS = 51
"""Values of a number at which models are asked."""
LEVELS = 12
"""Most levels of a category that are asked, the commonest first."""
ROWS = 300
"""Rows of the fit that are shown."""
_TAIL = 0.005
"""Share of the rows beyond each end of a side."""
_KINDS = ("number", "category", "yes/no")


@dataclass(frozen=True)
class Grid:
    """The plane, and all that is asked on it."""

    sides: tuple[Side, Side]
    held: dict[str, str]
    frame: pl.DataFrame
    """(m2 * m1 rows) the second side by rows, columns as `rightfit.data.schema.check_frame` returns them."""
    rows: np.ndarray
    """(r,) numbers of the rows that are shown."""

    @property
    def shape(self) -> tuple[int, int]:
        """(m2, m1)"""
        return len(self.sides[1].values), len(self.sides[0].values)

    def design(self, schema: Schema) -> Design:
        """What a model sees of it."""
        return encode(self.frame, schema)


def make_grid(ground: Ground, wanted: Sequence[str], seed: int) -> Grid:
    """The plane of the columns named, or of those two that matter most to the chosen model.

    Raises OptionError where there are no two such columns, ColumnError for a name that the model does not know.
    """
    run, frame = ground.run, ground.frame
    names = _choose(run, wanted)
    taught = np.flatnonzero(ground.weight > 0)
    shown = np.sort(np.random.default_rng([seed, 61]).choice(taught, min(ROWS, len(taught)), replace=False))
    sides = tuple(_side(run.schema.column(name), frame[name], taught, shown) for name in names)
    first, second = sides
    columns: dict[str, pl.Series] = {}
    held: dict[str, str] = {}
    m1, m2 = len(first.values), len(second.values)
    for column in run.schema.having("feature"):
        series = frame[column.name]
        if column.name in names:
            side = sides[names.index(column.name)]
            values = side.levels or tuple(side.values.tolist())
            told = [values[k] for k in (np.tile(np.arange(m1), m2) if side is first else np.repeat(np.arange(m2), m1))]
        else:
            value = _usual(column, series.gather(taught))
            told = [value] * (m1 * m2)
            held[column.name] = (
                "no value" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
            )
        columns[column.name] = pl.Series(column.name, told, dtype=series.dtype)
    return Grid((first, second), held, pl.DataFrame(columns), shown)


def narrow(ground: Ground, grid: Grid) -> tuple[Schema, Problem]:
    """The schema and the problem of the two columns alone."""
    names = {side.name for side in grid.sides}
    schema = replace(
        ground.run.schema,
        columns=tuple(
            replace(c, role="dropped") if c.role == "feature" and c.name not in names else c
            for c in ground.run.schema.columns
        ),
    )
    features = list_features(schema)
    problem = replace(
        ground.problem,
        design=encode(ground.frame, schema),
        groups=np.array([feature.group for feature in features]),
        levels=list_levels(features),
    )
    return schema, problem


def _choose(run: Run, wanted: Sequence[str]) -> tuple[str, ...]:
    """Two names of the user's columns."""
    usable = {c.name: c for c in run.schema.having("feature") if c.kind in _KINDS}
    if wanted:
        sources = {feature.name: feature.source for feature in run.features}
        names = tuple(dict.fromkeys(name if name in usable else sources.get(name, name) for name in wanted))
        for name in names:
            if name not in sources.values():
                known = sorted(set(sources.values()))
                raise ColumnError(f"columns: the model has no column {name!r}; {suggest(name, known)}")
            if name not in usable:
                raise OptionError(
                    f"columns: {name!r} is a {run.schema.column(name).kind} column; the sides of a plane "
                    "are numbers or categories"
                )
        if len(names) != 2:
            raise OptionError("columns: name two different columns of the file")
        return names
    share = np.abs(run.trace.coef(run.choice.step)).sum(axis=1) * run.trace.scale
    anywhere = np.zeros(run.trace.features)
    np.maximum.at(anywhere, run.trace.indices // run.trace.outputs, np.abs(np.nan_to_num(run.trace.values)))
    anywhere *= run.trace.scale
    size = dict.fromkeys(usable, (0.0, 0.0))
    for j, feature in enumerate(run.features):
        if feature.source in size:
            here, ever = size[feature.source]
            size[feature.source] = (here + float(share[j]), ever + float(anywhere[j]))
    names = tuple(sorted(size, key=lambda name: (-size[name][0], -size[name][1])))[:2]
    if len(names) < 2 or max(size[name][1] for name in names) == 0:
        raise OptionError(
            "the model uses fewer than two columns of numbers or categories: there is no plane to look at"
        )
    return names


def _side(column: Column, series: pl.Series, taught: np.ndarray, shown: np.ndarray) -> Side:
    if column.kind == "number":
        values = series.to_numpy().astype(np.float64)
        known = values[taught][~np.isnan(values[taught])]
        low, high = np.quantile(known, (_TAIL, 1 - _TAIL))
        if low == high:
            low, high = float(known.min()), float(known.max())
        return Side(column.name, np.linspace(low, high, POINTS), (), values[shown])
    counts = dict(zip(column.levels, column.counts, strict=False)) if column.counts else {}
    kept = sorted(column.levels, key=lambda level: -counts.get(level, 0))[:LEVELS]
    levels = tuple(level for level in column.levels if level in kept)
    place = {level: float(k) for k, level in enumerate(levels)}
    rows = np.array([place.get(value, np.nan) for value in series.gather(shown).to_list()])
    return Side(column.name, np.arange(float(len(levels))), levels, rows)


def _usual(column: Column, series: pl.Series) -> object:
    """The median of numbers and dates, the commonest value of all else; None where there is none."""
    known = series.drop_nulls()
    if not len(known):
        return None
    if column.kind == "number":
        return known.quantile(0.5, "nearest")
    if column.kind == "date":
        return known.sort()[(len(known) - 1) // 2]
    counts = known.value_counts(sort=False)
    return counts.sort(["count", column.name], descending=[True, False])[column.name][0]
