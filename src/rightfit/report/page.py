"""A run as one html file that opens from disk, offline, and asks nobody for anything."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from rightfit.errors import FileError
from rightfit.records import Run
from rightfit.report import figures, tables, words
from rightfit.report.bayes import bayes_rows, bayes_stills
from rightfit.report.drawings import drawings
from rightfit.report.dropout import dropout_rows
from rightfit.report.legible import legible
from rightfit.report.numbers import PAGE, plain
from rightfit.report.shell import wrap
from rightfit.report.squares import square_stills
from rightfit.report.stills import curve_still, drift_still, path_still
from rightfit.report.views import view_data, view_sentences, view_stills

LIMIT = 2_500_000
"""Most bytes of a page."""


def write_page(run: Run, path: str | os.PathLike[str]) -> None:
    """Writes the report of ``run`` to ``path``, all or nothing. FileError where the file cannot be written."""
    target = Path(path)
    page = render(run).encode("utf-8", "replace")
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(page)
            mask = os.umask(0)
            os.umask(mask)
            Path(name).chmod(0o666 & ~mask)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise FileError(
            f"the report cannot be written to {target}: {error.strerror or error}; choose another place with -o."
        ) from error


def render(run: Run) -> str:
    """The report of ``run`` as html of at most `LIMIT` bytes: where it would be larger, fewer features and columns are
    listed."""
    budget = 1.0
    while True:
        page = _render(run, budget)
        if len(page.encode("utf-8", "replace")) <= LIMIT or budget < 1e-3:
            return page
        budget /= 2


def _render(run: Run, budget: float) -> str:
    path = figures.path_data(
        run.trace, run.features, run.curve, run.choice, run.choices, axis=run.evidence.axis, budget=budget
    )
    figures.feature_details(path["features"], run.schema, run.selection)
    used = words.used_columns(run)
    first = run.task.classes[0] if path["outputs"] > 1 and run.task.classes else ""
    diagnostics, drift = figures.diagnostics_data(run), figures.drift_data(run.drift, path["steps"])
    warnings, notes, more = tables.note_rows(run)
    views = view_data(run, path)
    comparisons = [c for c in (run.comparison, run.holdout) if c is not None and len(c.labels)]
    return wrap(
        "report.html",
        {
            **path,
            "loss": run.task.loss,
            "kind": run.task.kind,
            "classes": [legible(c, 200) for c in run.task.classes[: path["outputs"]]] if path["outputs"] > 1 else [],
            "event": legible(run.task.classes[1], 200) if len(run.task.classes) == 2 else "",
            "target": legible(run.task.target, 400),
            "diagnostics": diagnostics,
            "drift": drift,
            "comparisons": [figures.comparison_data(c) for c in comparisons],
            "views": views,
        },
        pictures=[s for s in (path_still(path, words.unit(run.task.loss, first)), curve_still(path)) if s is not None],
        squares=square_stills(diagnostics),
        drifting=[s for s in (drift_still(path, drift),) if s is not None],
        figures=[(name, PAGE.number(value)) for name, value in diagnostics["figures"].items()],
        title=words.title(run),
        target=legible(run.task.target, 400),
        subtitle=words.subtitle(run),
        headlines=words.headlines(run),
        verdict=[plain(s) for s in words.verdict(run)],
        warnings=warnings,
        notes=notes,
        more_warnings=PAGE.count(more) if more else "",
        comparisons=[
            (legible(c.where, 300), plain(legible(c.sentence, 800)), tables.comparison_rows(c)) for c in comparisons
        ],
        candidates=tables.candidate_rows(run) if len(run.candidates) > 1 and not run.families else None,
        candidates_title=words.candidates_title(run),
        measures=run.trace.measures,
        coefficients_title="Coefficients" if run.trace.measures == "coefficients" else "What it uses",
        families=tables.family_rows(run.families) if run.families else None,
        walked=tables.walked_rows(run.families) if any(len(f.candidates) > 1 for f in run.families) else None,
        untimed=bool(run.families) and not any(f.seconds for f in run.families),
        family_sentences=[(name, fit, plain(text)) for name, fit, text in tables.family_sentences(run.families)],
        stack_sentence=plain(legible(run.stack.sentence, 800)) if run.stack else "",
        drawings=[(title, plain(legible(text, 800)), still) for title, text, still in drawings(run)],
        picture_notes=[plain(legible(note, 800)) for note in run.picture.notes[:20]],
        choices=[
            (
                figures.rule_words(c.rule),
                plain(legible(tables.sentence(c.reason), 500)),
                # nothing lies beyond no penalty at all, and many a reason says it itself
                c.at_end if c.strength > 0 and "end of the path" not in c.reason else "",
            )
            for c in run.choices
        ],
        coefficients=tables.coefficient_rows(path),
        columns=tables.column_rows(run, used, most=max(20, int(budget * tables.COLUMNS))),
        confusion=tables.confusion_rows(run),
        drift=run.drift,
        drift_sentence=plain(legible(run.drift.sentence, 1_000)) if run.drift else "",
        drift_columns=tables.drift_rows(run.drift) if run.drift else None,
        views=run.views,
        view_stills=view_stills(run.views, views, path),
        held=_held(run),
        dropout_cells=dropout_rows(run.views.dropout) if run.views.dropout is not None else None,
        bayes_cells=bayes_rows(run),
        bayes_pictures=bayes_stills(path, views.get("bayes")),
        view_sentences={
            name: [plain(legible(text, 1_200)) for text in sentences]
            for name, sentences in view_sentences(run.views).items()
        },
        task_reason=legible(tables.sentence(run.task.reason), 500),
        command=tables.command_line(run),
        reproduce=tables.reproduce_rows(run),
        version=legible(run.version, 60),
    )


def _held(run: Run) -> list[tuple[str, str]]:
    """Where the columns beside the plane of two are held."""
    if run.views.boundary is None:
        return []
    pairs = list(run.views.boundary.held.items())[: tables.COLUMNS]
    return [(legible(name, 80), plain(legible(value, 80))) for name, value in pairs]
