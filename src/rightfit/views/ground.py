"""What every view is computed from: the problem, the rows and the learner of a run, made again from its file.

A run holds no rows. The file of the fit, known by its checksum, is read with the options that the run's command
records: the same rows are set aside, the same columns encoded, the same folds dealt; and of the settings that were
tried, those of the chosen candidate walk again at the run's own strengths.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from rightfit.contracts import Learner, Problem
from rightfit.data.table import Table
from rightfit.errors import FileError, OptionError
from rightfit.records import Resamples, Run
from rightfit.search.asked import read_command
from rightfit.search.dealing import deal
from rightfit.search.options import FitOptions
from rightfit.search.prepare import prepare
from rightfit.search.proposals import propose


@dataclass(frozen=True)
class Ground:
    """A run with the rows that it was fitted on."""

    run: Run
    problem: Problem
    """As the fit encoded it; rows that were set aside are not among it."""
    folds: Resamples
    """Those of the fit: weights of the rows, and which rows are one independent unit."""
    learner: Learner
    """That of the chosen candidate, at the run's strengths where these can be told to it."""
    options: FitOptions
    frame: pl.DataFrame
    """The rows of the problem as the user's columns, typed as the schema says."""

    @property
    def weight(self) -> np.ndarray:
        """(n,) the user's row weights."""
        return self.folds.weight

    @property
    def unit(self) -> np.ndarray | None:
        """(n,) rows with the same number are drawn together; None where every row is its own unit."""
        return self.folds.unit if len(self.folds.unit) else None


def find_ground(run: Run, table: Table) -> Ground:
    """The ground of a run; FileError where the table is not that of the fit, OptionError where the settings of the run
    are not found again."""
    if table.source.sha256 != run.source.sha256:
        raise FileError(
            f"{table.source.name} is not the file of the fit: the run was made from {run.source.name} with "
            f"{run.source.rows:,} rows and another checksum; give that very file"
        )
    options = replace(read_command(run.command), time_budget=None)
    prepared = prepare(table, options)
    if prepared.features != run.features or prepared.task != run.task:
        raise OptionError(
            f"{table.source.name} is encoded otherwise by this version than in the run; make the run again with "
            "`rightfit fit`"
        )
    folds = deal(prepared, options).folds
    learner = _find_learner(run, prepared.rows.problem, folds, options)
    return Ground(run, prepared.rows.problem, folds, learner, options, prepared.rows.frame)


def _find_learner(run: Run, problem: Problem, folds: Resamples, options: FitOptions) -> Learner:
    """The proposal that the run took, by its words and its numbers."""
    proposed = propose(run.fitted.learner, problem, folds, options)
    # what a family varies over the same fits differs from a proposal in numbers that are held
    candidates = [*proposed, *(one.vary(one.learner.recall(run.settings)) for one in proposed)]
    same = [one for one in candidates if one.words == run.penalty and one.settings == run.settings]
    if not same:
        raise OptionError(
            f"the run's {run.penalty} is not found among what {run.fitted.learner} models propose for these rows, so "
            "its path cannot be walked again; give its settings with --setting when you fit"
        )
    learner = same[0].learner
    fixed = run.trace.measures == "coefficients" and "strengths" in {f.name for f in dataclasses.fields(learner)}  # type: ignore[arg-type]
    return replace(learner, strengths=run.trace.strengths) if fixed else learner  # type: ignore[type-var]
