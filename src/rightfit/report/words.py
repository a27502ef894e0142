"""Sentences: the page's title and headline, and the summary that a terminal prints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rightfit.records import Comparison, Run
from rightfit.report.figures import rule_words
from rightfit.report.legible import legible
from rightfit.report.numbers import PAGE, TERMINAL, Writer, decimals
from rightfit.report.tables import comparison_rows, note_rows


@dataclass(frozen=True)
class Headline:
    """One large figure of the strip at the top."""

    label: str
    figure: str
    detail: str
    good: bool | None = None
    """Whether the difference is in favour of the chosen model by more than two standard errors; None where there is
    none."""


def title(run: Run) -> str:
    """What the page is about."""
    return f"Predicting {legible(run.task.target, 400)}"


def unit(loss: str, label: str = "") -> str:
    """What a standardized coefficient is measured in; ``label`` is the class that it speaks of, where there are
    several."""
    of = {
        "logistic": "log-odds",
        "multinomial": "log-odds",
        "poisson": "log rate",
        "gamma": "log mean",
        "tweedie": "log mean",
    }.get(loss, "change")
    return f"{of}{f' of {legible(label, 40)}' if label else ''} per standard deviation"


def subtitle(run: Run, writer: Writer = PAGE) -> str:
    """File, rows, task, penalty and rule in one line."""
    task = {
        "regression": "a number",
        "counts": "counts",
        "survival": "the time until an event",
        "classes": f"{len(run.task.classes)} classes",
    }[run.task.kind]
    if run.task.kind == "classes" and len(run.task.classes) <= 5:
        task = "classes " + ", ".join(legible(c, 40) for c in run.task.classes)
    if run.task.parameters or run.task.words:
        told = [f"{legible(k, 40)} {writer.number(v)}" for k, v in run.task.parameters.items()]
        told += [f"{legible(k, 40)} {legible(v, 40)}" for k, v in run.task.words.items()]
        task += f" ({legible(run.task.loss, 40)} loss, {', '.join(told)})"
    rows = f"{writer.count(run.source.rows)} rows"
    rule = rule_words(run.choice.rule)
    return " · ".join((legible(run.source.name, 300), rows, task, legible(run.penalty, 200), f"rule: {rule}"))


def candidates_title(run: Run) -> str:
    """Above the table of the paths that were walked."""
    if run.trace.measures == "coefficients":
        return "Penalties compared, each at its own best strength"
    return "Settings compared, each at its own best step"


def used_columns(run: Run) -> frozenset[str]:
    """Names of the file's columns with a non-zero coefficient at the chosen step."""
    part = slice(int(run.trace.indptr[run.choice.step]), int(run.trace.indptr[run.choice.step + 1]))
    indices = run.trace.indices[part][run.trace.values[part] != 0]
    return frozenset(run.features[int(i)].source for i in np.unique(indices // run.trace.outputs))


def headlines(run: Run) -> tuple[Headline, ...]:
    """Loss of the chosen model, what it gains on the others, and how many columns it needs."""
    comparison = run.holdout or run.comparison
    chosen = chosen_row(comparison)
    places = decimals(float(comparison.error[chosen])) if len(comparison.labels) else 3
    measure = legible(comparison.measure, 60)
    seen = "holdout" if run.holdout else "held-out"
    strip = []
    if len(comparison.labels):
        loss, error = float(comparison.loss[chosen]), float(comparison.error[chosen])
        strip.append(
            Headline(f"{seen} {measure}", PAGE.fixed(loss, places), f"± {PAGE.fixed(error, places)} standard error")
        )
    for row, label in enumerate(comparison.labels):
        if row == chosen:
            continue
        gain, error = float(comparison.gain[row]), float(comparison.gain_error[row])
        finer = decimals(error)
        if gain == 0 and error == 0:
            strip.append(Headline(f"better than {_article(legible(label, 60))}", "no", "it is the chosen model itself"))
            continue
        word = "better than" if gain >= 0 else "worse than"
        strip.append(
            Headline(
                f"{word} {_article(legible(label, 60))}",
                PAGE.fixed(abs(gain), finer),
                f"± {PAGE.fixed(error, finer)} paired standard error",
                None if not error > 0 or abs(gain) < 2 * error else gain > 0,
            )
        )
    sources = {f.source for f in run.features}
    used = used_columns(run)
    features = int(run.trace.nonzero()[run.choice.step])
    strip.append(
        Headline(
            "columns used",
            f"{PAGE.count(len(used))} of {PAGE.count(len(sources))}",
            f"{PAGE.count(features)} of {PAGE.count(run.trace.features)} features",
        )
    )
    return tuple(strip[:5])


def chosen_row(comparison: Comparison) -> int:
    """Which row of a comparison is the chosen model."""
    for row, label in enumerate(comparison.labels):
        if label.startswith("chosen"):
            return row
    return len(comparison.labels) - 1


def verdict(run: Run) -> tuple[str, ...]:
    """The run's sentences, or the comparison's where it has none."""
    sentences = run.verdict or (run.comparison.sentence, run.choice.reason)
    return tuple(legible(s, 1_000) for s in sentences[:20] if s)


def summary(run: Run) -> list[str]:
    """The run for a terminal: verdict, comparison, largest coefficients and warnings as plain lines without colour."""
    lines = [f"{title(run)}: {subtitle(run, TERMINAL)}", ""]
    lines += [f"{'' if k else '=> '}{s}" for k, s in enumerate(verdict(run))]
    cells = comparison_rows(run.comparison, TERMINAL)
    lines += ["", f"Losses on {TERMINAL.count(run.comparison.rows)} unseen rows ({legible(run.comparison.where)}):"]
    lines += aligned([cells.headings, *cells.rows])
    if run.holdout:
        cells = comparison_rows(run.holdout, TERMINAL)
        lines += ["", f"And on {TERMINAL.count(run.holdout.rows)} rows of the {legible(run.holdout.where)}:"]
        lines += aligned([cells.headings, *cells.rows])
    lines += _largest(run)
    warnings, _, more = note_rows(run)
    lines += [""] if warnings else []
    lines += [f"Warning: {n.sentence}" for n in warnings[:10]]
    more += max(0, len(warnings) - 10)
    lines += [f"{more} more warnings are in the report."] if more else []
    return lines


def aligned(rows: list[tuple[str, ...]], indent: str = "  ") -> list[str]:
    """Rows as a table: first column left, the others right, two spaces between."""
    cut = [tuple(c if len(c) <= 44 else c[:43] + "…" for c in row) for row in rows]
    widths = [max(len(row[k]) for row in cut) for k in range(len(cut[0]))]
    return [
        (
            indent
            + "  ".join(c.ljust(w) if k == 0 else c.rjust(w) for k, (c, w) in enumerate(zip(row, widths, strict=True)))
        ).rstrip()
        for row in cut
    ]


def _largest(run: Run, most: int = 8) -> list[str]:
    if run.trace.measures == "importance":
        return _most_important(run, most)
    coef = run.trace.coef(run.choice.step)
    size = np.abs(coef * run.trace.scale[:, None]).max(axis=1)
    order = [int(j) for j in np.argsort(-size, kind="stable")[:most] if size[j] > 0]
    if not order:
        return ["", "No feature is used: the chosen model is the constant one."]
    outputs = run.trace.outputs
    heads = [legible(c, 20) for c in run.task.classes[:5]] if outputs > 1 else ["per unit", "per standard deviation"]
    rows: list[tuple[str, ...]] = [("feature", *heads)]
    for j in order:
        values = coef[j, :5] * run.trace.scale[j] if outputs > 1 else (coef[j, 0], coef[j, 0] * run.trace.scale[j])
        rows.append((legible(run.features[j].name, 200), *(TERMINAL.number(float(v)) for v in values)))
    unit = ", per standard deviation" if outputs > 1 else ""
    count = TERMINAL.count(int((size > 0).sum()))
    return ["", f"Largest of {count} non-zero coefficients{unit}:", *aligned(rows)]


def _most_important(run: Run, most: int) -> list[str]:
    share = run.trace.coef(run.choice.step)[:, 0]
    order = [int(j) for j in np.argsort(-share, kind="stable")[:most] if share[j] > 0]
    if not order:
        return ["", "No feature is used: the chosen model is the constant one."]
    rows: list[tuple[str, ...]] = [("feature", "share")]
    rows += [(legible(run.features[j].name, 200), TERMINAL.number(share[j])) for j in order]
    return ["", f"Most important of {TERMINAL.count(int((share > 0).sum()))} features:", *aligned(rows)]


def _article(label: str) -> str:
    return (
        label
        if label.startswith(("the ", "a ", "an "))
        else f"the {label}" + ("" if label.endswith(("model", "fit", "penalty")) else " model")
    )
