"""All views of a run, or those that are asked for, in one call."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from rightfit.data.table import Table
from rightfit.errors import FitError, MissingExtraError, OptionError
from rightfit.records import Run, Views
from rightfit.search.walk import Report
from rightfit.views.ground import find_ground

VIEWS = ("bias-variance", "geometry", "bayes", "boundary", "dropout", "information")
"""Names as a user writes them. Each is a file of this room with a function ``see(ground, **options)``, which returns
the record of the same name in `rightfit.records.Views`, or raises OptionError or FitError in a sentence where the
run has no such view."""
_UNASKED: dict[str, dict[str, Any]] = {"dropout": {"train": False}, "information": {"train": False}}
"""Options of views that nobody named: no nets are trained for a run that has none."""


def compute_views(
    run: Run,
    table: Table,
    only: Sequence[str] = (),
    options: Mapping[str, Mapping[str, Any]] | None = None,
    progress: Report | None = None,
) -> Run:
    """The run with its views; those computed before stay.

    ``only`` names the views; all of them where it is empty, and one that the run cannot have is then left out with its
    reason in `Views.missing`. ``options`` are those of each view's ``see``, by its name. FileError where ``table`` is
    not that of the fit.
    """
    for name in only:
        if name not in VIEWS:
            raise OptionError(f"there is no view {name!r}; choose of {', '.join(VIEWS)}")
    ground = find_ground(run, table)
    views = run.views
    names = only or VIEWS
    for k, name in enumerate(names):
        if progress is not None:
            progress("views", k, len(names), f"computing the view {name}")
        missing = {key: reason for key, reason in views.missing.items() if key != name}
        try:
            seen = importlib.import_module(f"rightfit.views.{field_of(name)}").see(
                ground, **({} if only else _UNASKED.get(name, {})), **(options or {}).get(name, {})
            )
            views = replace(views, missing=missing, **{field_of(name): seen})
        except (OptionError, FitError, MissingExtraError) as error:
            if only:
                raise
            views = replace(views, missing=missing | {name: str(error)})
    return replace(run, views=views)


def field_of(name: str) -> str:
    """The field of `Views`, and the file of this room, of a view."""
    field = name.replace("-", "_")
    assert field in {f.name for f in fields(Views)}
    return field
