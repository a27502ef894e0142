"""The summary of a run: its coefficients and, with the file of the fit, their intervals."""

from __future__ import annotations

from typing import Any

from rightfit import catalog
from rightfit.data.schema import check_frame, rows_with_target
from rightfit.data.table import Table
from rightfit.errors import OptionError
from rightfit.evidence.describe import check_options, describe
from rightfit.evidence.summary import Summary, say_folds, summarize_coefficients
from rightfit.records import Run
from rightfit.search.mixing import name_of
from rightfit.search.prepare import number_rows


def describe_run(run: Run, table: Table | None = None, **options: Any) -> Summary:
    """The table of coefficients of the chosen model; ``options`` are those of `rightfit.evidence.describe.describe`.

    A run holds no rows: intervals need the table that it was fitted on. Of another table with the same columns, all
    rows with a target are taken, and the summary says so.
    """
    if run.trace.measures != "coefficients":
        raise OptionError(
            f"the run's model has no coefficients to list: it is a {run.penalty}; its report shows what it uses, and "
            "`rightfit fit --learners linear` finds a model that has some"
        )
    step, trace, curve = run.choice.step, run.trace, run.curve
    heading = (
        f"{run.task.target} from {run.source.name}: {run.penalty}, {curve.measure}, {len(run.evidence.weight):,} rows, "
        f"{trace.features:,} features",
        f"strength {run.choice.strength:.4g}, step {step + 1} of {len(trace)}. {run.choice.reason}",
        f"unseen rows ({run.evidence.name}): mean loss {curve.mean[step]:.4g} ± {curve.error[step]:.2g}, "
        f"constant model {curve.null:.4g}",
    )
    outputs = run.task.classes if trace.outputs > 1 else ("",)
    names = tuple(feature.name for feature in run.features)
    shared: dict[str, Any] = {
        "outputs": outputs,
        "selection": run.selection,
        "selection_label": say_folds(run.evidence.name),
    }
    if table is None:
        check_options(options.get("intervals", "none"), options.get("level", 0.95))
        note = "no intervals: a run holds no rows; give the file that it was fitted on"
        coef, intercept = trace.coef(step), trace.intercept[step]
        return summarize_coefficients(heading, names, coef, intercept, trace.scale, notes=(note,), **shared)
    frame, _ = rows_with_target(table.frame, run.task.target)
    checked, _ = check_frame(frame, run.schema, need_target=True)
    rows = number_rows(checked, run.schema, run.task)
    learner = catalog.find("learners", "linear")(
        penalty=_find_penalty(run), standardize=bool(run.settings["standardize"])
    )
    notes = []
    if table.source.sha256 != run.source.sha256:
        notes.append(
            f"the intervals are from {table.source.name}, {len(rows.weight):,} rows, which is not the file of the fit"
        )
    elif len(rows.weight) != len(run.evidence.weight):
        notes.append(
            f"the intervals are from all {len(rows.weight):,} rows with a target, those set aside from the fit included"
        )
    return describe(
        rows.problem, rows.weight, learner, trace, step, heading=heading, notes=tuple(notes), **shared, **options
    )


def _find_penalty(run: Run) -> Any:
    """The penalty that was walked: an elastic net by its share, another family by its name, as `mix` makes them."""
    if "l1_ratio" in run.settings:
        ratio = run.settings.get("l1_ratio in the target's unit", run.settings["l1_ratio"])
        return catalog.find("penalties", "elastic_net")(l1_ratio=ratio)
    chosen = next(candidate.name for candidate in run.candidates if candidate.chosen)
    family = next(name for name in catalog.names("penalties") if name_of(name) == chosen)
    return catalog.find("penalties", family)()
