"""The path of one penalty on all rows, without folds: what enters when, as a picture and not as a proof."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rightfit.data.table import Table
from rightfit.records import Feature, Note, Resamples, Task, Trace
from rightfit.search.mixing import mix
from rightfit.search.options import FitOptions
from rightfit.search.prepare import prepare


@dataclass(frozen=True)
class Walked:
    """A path and the names of its features."""

    trace: Trace
    features: tuple[Feature, ...]
    task: Task
    penalty: str
    """In words."""
    order: tuple[tuple[int, int], ...]
    """(feature, step) in the order in which features enter; those that enter at the same step by the size of their
    standardized coefficient there."""
    notes: tuple[Note, ...]


def walk_table(table: Table, options: FitOptions, share: float | str) -> Walked:
    """Walk the full fit's path with one share of the absolute penalty, or a family by name. Errors as in
    `rightfit.search.fit`."""
    prepared = prepare(table, options)
    problem, full = prepared.rows.problem, Resamples.full(prepared.rows.weight)
    made = mix(problem, full, share, options)
    trace = made.learner.fit_paths(problem, full)[0].trace()
    return Walked(trace, prepared.features, prepared.task, made.words, entry_order(trace), prepared.notes)


def entry_order(trace: Trace) -> tuple[tuple[int, int], ...]:
    """(feature, step) of every feature that ever has a non-zero coefficient, in order of entry."""
    first = np.full(trace.features, -1)
    size = np.zeros(trace.features)
    for step in range(len(trace)):
        part = slice(trace.indptr[step], trace.indptr[step + 1])
        feature = trace.indices[part] // trace.outputs
        new = first[feature] < 0
        np.maximum.at(size, feature[new], np.abs(trace.values[part][new]) * trace.scale[feature[new]])
        first[feature[new]] = step
    entered = np.flatnonzero(first >= 0)
    order = entered[np.lexsort((-size[entered], first[entered]))]
    return tuple((int(j), int(first[j])) for j in order)
