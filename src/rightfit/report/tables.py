"""Records as rows of text: what the page's tables hold before any script runs, each bounded in length."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rightfit.records import Column, Comparison, Drift, Family, Note, Run
from rightfit.report.legible import legible
from rightfit.report.numbers import PAGE, Writer, decimals

COLUMNS = 400
NOTES = 30
CLASSES = 30
COEFFICIENTS = 60
PATHS = 100


@dataclass(frozen=True)
class Cells:
    """A table: headings, rows of text and a sentence on what was left out."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    rest: str = ""


def comparison_rows(comparison: Comparison, writer: Writer = PAGE) -> Cells:
    """Loss of each model with its standard error and what the chosen one gains on it."""
    places = decimals(_middle(comparison.error))
    finer = decimals(_middle(comparison.gain_error))
    rows = []
    for label, loss, error, gain, gain_error in zip(
        comparison.labels, comparison.loss, comparison.error, comparison.gain, comparison.gain_error, strict=True
    ):
        same = gain == 0 and gain_error == 0
        advantage = "" if same else f"{writer.fixed(float(gain), finer)} ± {writer.fixed(float(gain_error), finer)}"
        rows.append(
            (legible(label, 200), writer.fixed(float(loss), places), writer.fixed(float(error), places), advantage)
        )
    return Cells(("model", legible(comparison.measure), "standard error", "chosen is better by"), tuple(rows))


def family_rows(families: Sequence[Family], writer: Writer = PAGE) -> Cells:
    """The leaderboard; times only where the run has them."""
    ran = [f for f in families if f.walked]
    places = decimals(_middle([f.error for f in ran]))
    finer = decimals(_middle([f.difference_error for f in ran]))
    timed = any(f.seconds for f in ran)
    headings = [
        "family",
        "held-out loss",
        "standard error",
        "behind the best by",
        "on its own rows",
        "size",
        "verdict",
    ]
    headings += ["seconds to fit", "milliseconds to predict 1,000 rows"] if timed else []
    rows = []
    for f in families:
        name = legible(f.name, 60) + (" (chosen)" if f.chosen else "")
        if not f.walked:
            rows.append((name, *("–" for _ in headings[1:])))
            continue
        behind = f"{writer.fixed(f.difference, finer)} ± {writer.fixed(f.difference_error, finer)}"
        row = [
            name,
            writer.fixed(f.loss, places),
            writer.fixed(f.error, places),
            behind if f.difference_error else "",
            writer.fixed(f.training, places),
            _grouped(f.size, writer),
            f.fit,
        ]
        times = (writer.number(f.seconds), writer.number(1000 * f.predict_seconds, 2)) if timed else ()
        rows.append((*row, *times))
    return Cells(tuple(headings), tuple(rows))


def walked_rows(families: Sequence[Family], writer: Writer = PAGE) -> Cells:
    """Every path that was walked, family by family, each at its own step."""
    found = [(f, c) for f in families for c in f.candidates]
    places = decimals(_middle([c.error for _, c in found]))
    finer = decimals(_middle([c.difference_error for _, c in found if c.difference_error]))
    rows = tuple(
        (
            legible(f.name, 60),
            legible(c.name, 200),
            _grouped(c.size, writer),
            writer.fixed(c.loss, places),
            writer.fixed(c.error, places),
            f"{writer.fixed(c.difference, finer)} ± {writer.fixed(c.difference_error, finer)}"
            if c.difference_error
            else "",
        )
        for f, c in found[:PATHS]
    )
    rest = f"{len(found) - PATHS} further paths are not listed." if len(found) > PATHS else ""
    headings = ("family", "path", "size", "held-out loss", "standard error", "behind the family's best by")
    return Cells(headings, rows, rest)


def _grouped(words: str, writer: Writer) -> str:
    """A size in words, its thousands as the page has them."""
    return re.sub(r"(?<=\d),(?=\d{3})", writer.group, legible(words, 80))


def family_sentences(families: Sequence[Family]) -> tuple[tuple[str, str, str], ...]:
    """Name, verdict, and in sentences what each family is, at which step, and why the verdict; or why it is missing."""
    found = []
    for f in families:
        what = f"{sentence(', '.join(w for w in (f.words, f.step) if w))} " if f.walked else ""
        found.append((legible(f.name, 60), f.fit, legible(what + sentence(f.sentence or f.reason), 1_000)))
    return tuple(found)


def candidate_rows(run: Run, writer: Writer = PAGE) -> Cells:
    """The walked paths, best first as the run has them, each at its own chosen step."""
    places = decimals(_middle([c.error for c in run.candidates]))
    finer = decimals(_middle([c.difference_error for c in run.candidates]))
    penalties = run.trace.measures == "coefficients"
    rows = tuple(
        (
            legible(c.name, 200) + (" (chosen)" if c.chosen else ""),
            *((writer.number(c.settings.get("l1_ratio")),) if penalties else ()),
            writer.fixed(c.loss, places),
            writer.fixed(c.error, places),
            f"{writer.fixed(c.difference, finer)} ± {writer.fixed(c.difference_error, finer)}"
            if c.difference_error
            else "",
            writer.number(c.strength),
            writer.number(c.complexity),
        )
        for c in run.candidates[:100]
    )
    headings = (
        *(("penalty", "L1 share") if penalties else ("model",)),
        legible(run.curve.measure),
        "standard error",
        "behind the best by",
        "strength",
        "degrees of freedom" if penalties else "complexity",
    )
    return Cells(headings, rows)


def coefficient_rows(data: dict[str, Any]) -> Cells:
    """The largest coefficients of the chosen step, for a page without script."""
    rows = []
    for feature in data["features"]:
        at = data["chosen"] - feature["first"]
        values = [c[at] for c in feature["coef"]] if 0 <= at else []
        if any(values):
            rows.append((feature["name"], ", ".join(PAGE.number(v) for v in values[:6]), PAGE.number(feature["scale"])))
    shares = data["axis"]["measures"] == "importance"
    what = "shares" if shares else "coefficients"
    rest = f"{len(rows) - COEFFICIENTS} smaller {what} are not listed here." if len(rows) > COEFFICIENTS else ""
    if shares:
        return Cells(("feature", "share of importance"), tuple(row[:2] for row in rows[:COEFFICIENTS]), rest)
    return Cells(("feature", "coefficient", "one standard deviation"), tuple(rows[:COEFFICIENTS]), rest)


def column_rows(run: Run, used: frozenset[str], *, most: int = COLUMNS) -> Cells:
    """Every column of the file: what it is, why, and what was done to it. Where there are too many, those with a role
    or in the chosen model come first and the rest is counted by kind."""
    columns = run.schema.columns
    shown = columns
    if len(columns) > most:
        first = [c for c in columns if c.role != "feature" or c.name in used][:most]
        names = {c.name for c in first}
        filling = [c for c in columns if c.name not in names][: most - len(first)]
        names |= {c.name for c in filling}
        shown = tuple(c for c in columns if c.name in names)
    rows = tuple(
        (
            legible(c.name, 400),
            c.kind,
            _role(c, used),
            _inside(c),
            " ".join(legible(sentence(t), 500) for t in (c.treatment, c.reason) if t),
        )
        for c in shown
    )
    rest = ""
    if len(shown) < len(columns):
        hidden = {c.name for c in shown}
        kinds: dict[str, int] = {}
        for c in columns:
            if c.name not in hidden:
                kinds[c.kind] = kinds.get(c.kind, 0) + 1
        rest = f"{PAGE.count(len(columns) - len(shown))} further columns are not listed: " + ", ".join(
            f"{PAGE.count(v)} {k}" for k, v in kinds.items()
        )
        rest += ". The .rightfit file holds them all."
    return Cells(("column", "kind", "role", "values", "what was done and why"), rows, rest)


def confusion_rows(run: Run) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
    """(class, ((count, shade 0..9), ...)) by actual class; the shade is the share within the row."""
    confusion = np.asarray(run.diagnostics.confusion, float)[:CLASSES, :CLASSES]
    if not confusion.size:
        return ()
    total = np.maximum(np.nansum(run.diagnostics.confusion, axis=1)[: len(confusion)], 1e-300)
    shade = np.clip(np.nan_to_num(confusion / total[:, None]) * 9.999, 0, 9).astype(int)
    labels = [*run.task.classes, *(str(k) for k in range(len(run.task.classes), len(confusion)))]
    return tuple(
        (
            legible(labels[k], 100),
            tuple((PAGE.number(float(v)), int(s)) for v, s in zip(confusion[k], shade[k], strict=True)),
        )
        for k in range(len(confusion))
    )


def drift_rows(drift: Drift) -> Cells:
    """Columns that tell early rows from late ones."""
    rows = tuple(
        (legible(c, 300), PAGE.fixed(s, 2)) for c, s in zip(drift.columns[:20], drift.scores[:20], strict=False)
    )
    return Cells(("column", "AUC of early against late"), rows)


def note_rows(run: Run) -> tuple[tuple[Note, ...], tuple[Note, ...], int]:
    """Warnings, other notes, and how many warnings are left out; of run, file and schema, each once."""
    notes = tuple(dict.fromkeys((*run.notes, *run.source.notes, *run.schema.notes)))
    warnings = [n for n in notes if n.severity == "warning"]
    others = [n for n in notes if n.severity != "warning"]
    return _shown(warnings), _shown(others), max(0, len(warnings) - NOTES)


def _shown(notes: list[Note]) -> tuple[Note, ...]:
    return tuple(Note(n.severity, legible(n.subject, 300), legible(sentence(n.sentence), 800)) for n in notes[:NOTES])


def reproduce_rows(run: Run) -> tuple[tuple[str, str], ...]:
    """What is needed to get the same run again."""
    rows = [
        ("file", legible(run.source.name, 400)),
        (
            "size",
            f"{PAGE.count(run.source.size)} bytes, {PAGE.count(run.source.rows)} rows, "
            f"{PAGE.count(run.source.columns)} columns",
        ),
        ("format", legible(run.source.format, 200)),
        ("SHA-256", legible(run.source.sha256, 100)),
        ("resamples", legible(run.evidence.name, 200)),
        ("penalty" if run.trace.measures == "coefficients" else "model", legible(run.penalty, 300)),
        ("rule", legible(run.choice.rule, 100)),
        ("seed", str(run.seed)),
        ("rightfit", legible(run.version, 60)),
    ]
    rows += [(f"time: {legible(k, 60)}", f"{PAGE.number(v)} s") for k, v in list(run.seconds.items())[:20]]
    return tuple(rows)


def command_line(run: Run) -> str:
    """The command that repeats the run, quoted for a POSIX shell."""
    return legible(shlex.join(run.command), 3_000)


def sentence(text: str) -> str:
    """``text`` with a capital at its start and a full stop at its end."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if not text or text[-1] in ".!?…" else ".")


def _middle(errors: Sequence[float] | np.ndarray) -> float:
    """Median of the positive standard errors: the decimals of a whole column go by it."""
    values = np.asarray(errors, float)
    values = values[np.isfinite(values) & (values > 0)]
    return float(np.median(values)) if len(values) else 0.0


def _role(column: Column, used: frozenset[str]) -> str:
    if column.role == "feature":
        return "feature, used" if column.name in used else "feature, not used"
    return column.role


def _inside(column: Column) -> str:
    parts = []
    if column.kind == "date" and column.minimum is not None and column.maximum is not None:
        parts.append(f"{_day(column.minimum)} to {_day(column.maximum)}")
    elif column.kind == "number" and column.minimum is not None and column.maximum is not None:
        parts.append(f"{PAGE.number(column.minimum)} to {PAGE.number(column.maximum)}")
    elif column.levels:
        shown = ", ".join(legible(level, 40) for level in column.levels[:6])
        more = len(column.levels) - 6
        parts.append(shown + (f" and {more} more" if more > 0 else ""))
        if column.pooled:
            parts.append(f"{PAGE.count(len(column.pooled))} rare levels pooled")
    elif column.words:
        parts.append(f"{PAGE.count(len(column.words))} words")
    elif column.unique:
        parts.append(f"{PAGE.count(column.unique)} distinct")
    if column.missing:
        parts.append(f"{PAGE.count(column.missing)} missing")
    return "; ".join(parts)


def _day(days: float) -> str:
    day = np.datetime64("1970-01-01") + np.timedelta64(round(max(-7e5, min(2.9e6, days))), "D")
    return str(day)
