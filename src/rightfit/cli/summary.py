"""A run in the words that a terminal shows, or as one JSON object."""

from __future__ import annotations

import json
import math
import shutil
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rightfit.records import Candidate, Choice, Comparison, Family, Note, Robustness, Run

_NAMES = 8
"""Column names that are listed before '... and 12 more'."""
_PATHS = 6
"""Paths of a family that are listed."""


def fit_lines(run: Run, run_file: Path, page_file: Path | None) -> list[str]:
    """What `rightfit fit` prints: verdict, model, columns, warnings, files."""
    lines = [f"{run.source.name}: {run.source.rows:,} rows, {run.source.columns:,} columns ({run.source.format})", ""]
    for i, sentence in enumerate(run.verdict):
        lines += wrap(sentence, "" if i == 0 else "  ")
    lines += ["", *_model_lines(run), "", *_column_lines(run)]
    warnings = [note for note in run.notes if note.severity == "warning"]
    lines += note_lines(warnings)
    lines += ["", f"run     {run_file}"]
    if page_file is not None:
        lines.append(f"report  {page_file}")
    return [printable(line) for line in lines]


def _model_lines(run: Run) -> list[str]:
    """The chosen step, the candidates beside it, the comparison on held-out rows."""
    step = run.choice.step
    used = int(run.trace.nonzero()[step])
    lines = wrap(
        f"model   {run.penalty}, {step_words(run)}: {used:,} of {run.trace.features:,} features", " " * 8, first=""
    )
    lines += wrap(f"rule    {run.choice.rule}: {run.choice.reason}", " " * 8, first="")
    for comparison in (run.comparison, run.holdout):
        if comparison is not None:
            lines += [f"        {comparison.where}, {comparison.rows:,} rows, {comparison.measure}"]
            lines += [f"          {text}" for text in _table(comparison)]
    if run.families:
        lines += ["        families, mean loss on held-out rows"]
        lines += [f"          {text}" for text in _leaderboard(run.families)]
        for family in run.families:
            if len(family.candidates) > 1:
                lines += [f"        {family.name}: paths tried, and what they lose more than its best"]
                lines += [text for c in _nearest(family) for text in _path(c)]
    elif len(run.candidates) > 1:
        lines += ["        paths tried, mean loss on held-out rows"]
        for c in run.candidates:
            lines += [f"          {c.name:<28} {c.loss:.5g} ± {c.error:.2g}{'   chosen' if c.chosen else ''}"]
    return lines


def step_words(run: Run) -> str:
    """The chosen step as its family calls it: ``strength 0.012``, ``120 rounds``."""
    return run.evidence.axis.say(run.choice.step, run.choice.strength)


def _leaderboard(families: Iterable[Family]) -> list[str]:
    """One line a family, and its reason where it has no result."""
    families = list(families)
    width = max(len(family.name) for family in families)
    lines = []
    for family in families:
        if not family.walked:
            lines += wrap(f"{family.name:<{width}}  none: {family.reason}", " " * (width + 2), first="")
            continue
        behind = "" if family.difference == 0 else f"   {family.difference:+.2g} ± {family.difference_error:.2g}"
        times = f"   {_time(family.seconds)} to fit, {_time(family.predict_seconds)} to predict 1,000 rows"
        chosen = "   chosen" if family.chosen else ""
        lines.append(f"{family.name:<{width}}  {family.loss:.5g} ± {family.error:.2g}{behind}   {family.fit}{chosen}")
        what = family.size if family.size.startswith(family.step) else f"{family.step}, {family.size}"
        lines += wrap(f"{family.words}: {what}{times}", " " * (width + 2))
    return lines


def _time(seconds: float) -> str:
    """``0.26 ms``, ``930 ms``, ``1.6 s``, ``1,234 s``"""
    if seconds < 0.0995:
        return f"{1000 * seconds:.2g} ms"
    if seconds < 0.9995:
        return f"{1000 * seconds:.0f} ms"
    return f"{seconds:.3g} s" if seconds < 999.5 else f"{seconds:,.0f} s"


def _nearest(family: Family) -> list[Candidate]:
    """The best paths of a family."""
    return sorted(family.candidates, key=lambda c: c.difference)[:_PATHS]


def _path(candidate: Candidate) -> list[str]:
    """One path of a family in a line or two."""
    behind = f"{candidate.difference:+.2g} ± {candidate.difference_error:.2g}" if candidate.difference_error else "best"
    return wrap(f"{behind:<18} {candidate.name}: {candidate.size}", " " * 29, first=" " * 10)


def _table(comparison: Comparison) -> list[str]:
    """One line a model: its loss and how much worse than the chosen one it is."""
    width = max(len(label) for label in comparison.labels)
    lines = []
    for label, loss, error, gain, gain_error in zip(
        comparison.labels, comparison.loss, comparison.error, comparison.gain, comparison.gain_error, strict=True
    ):
        worse = "" if gain == 0 else f"   {gain:+.2g} ± {gain_error:.2g} against the chosen one"
        lines.append(f"{label:<{width}}  {loss:.5g} ± {error:.2g}{worse}")
    return lines


def _column_lines(run: Run) -> list[str]:
    """Columns by role and kind."""
    groups: dict[str, list[str]] = {}
    for column in run.schema.columns:
        word: str = column.kind if column.role == "feature" else column.role
        groups.setdefault(word, []).append(column.name)
    numbers, words = run.task.parameters.items(), run.task.words.items()
    told = (*(f"{name} {value:.4g}" for name, value in numbers), *(f"{name} {word}" for name, word in words))
    loss = ", ".join((f"{run.task.loss} loss", *told))
    lines = [f"target  {run.task.target}: {run.task.kind} ({loss}). {run.task.reason}"]
    groups.pop("target", None)
    for word, names in groups.items():
        lines += wrap(f"{word}: {listed(names)}", " " * 8, first="        ")
    return wrap(lines[0], " " * 8, first="") + lines[1:]


def listed(names: Iterable[str]) -> str:
    """``a, b and 3 more``."""
    names = list(names)
    return ", ".join(names[:_NAMES]) + (f" and {len(names) - _NAMES:,} more" if len(names) > _NAMES else "")


def note_lines(notes: Iterable[Note]) -> list[str]:
    """Warnings, one paragraph each."""
    return [printable(line) for note in notes for line in wrap(f"warning: {note.sentence}", "         ", first="")]


def wrap(text: str, indent: str, first: str | None = None) -> list[str]:
    """Lines of at most the terminal's width (100 in a log)."""
    width = min(100, shutil.get_terminal_size((100, 24)).columns)
    lines = textwrap.wrap(
        printable(text),
        max(40, width),
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return lines or [""]


def printable(text: str) -> str:
    """Without characters that steer a terminal: names come from a file."""
    return "".join(c if c.isprintable() else " " if c in "\t\n\r" else "\N{REPLACEMENT CHARACTER}" for c in text)


def fit_as_json(run: Run, run_file: Path, page_file: Path | None, *, interrupted: bool = False) -> str:
    """The result of a fit as one JSON object."""
    step = run.choice.step
    return as_json(
        {
            "run": str(run_file),
            "report": None if page_file is None else str(page_file),
            "interrupted": interrupted,
            "rows": run.source.rows,
            "task": {
                "kind": run.task.kind,
                "loss": run.task.loss,
                "parameters": run.task.parameters | run.task.words,
                "target": run.task.target,
                "classes": run.task.classes,
            },
            "verdict": run.verdict,
            "model": {
                "penalty": run.penalty,
                "settings": run.settings,
                "strength": run.choice.strength,
                "step": step_words(run),
                "features": run.trace.features,
                "selected": int(run.trace.nonzero()[step]),
            },
            "choice": _choice(run.choice),
            "choices": [_choice(c) for c in run.choices],
            "candidates": [_candidate(c) for c in run.candidates],
            "families": [_family(family) for family in run.families],
            "stack": None
            if run.stack is None
            else {
                "weights": dict(zip(run.stack.names, run.stack.weight.tolist(), strict=True)),
                "loss": run.stack.loss,
                "error": run.stack.error,
                "gain": run.stack.gain,
                "gain_error": run.stack.gain_error,
                "predicts": bool(run.stack.members),
            },
            "comparison": _comparison(run.comparison),
            "holdout": None if run.holdout is None else _comparison(run.holdout),
            "figures": run.diagnostics.figures,
            "robustness": None if run.robustness is None else _robustness(run.robustness),
            run.trace.measures: _values(run),
            "notes": [{"severity": n.severity, "subject": n.subject, "sentence": n.sentence} for n in run.notes],
            "command": run.command,
            "seconds": run.seconds,
        }
    )


def _family(family: Family) -> dict[str, Any]:
    told = {name: getattr(family, name) for name in family.__dataclass_fields__}
    return told | {"candidates": [_candidate(c) for c in family.candidates]}


def _candidate(candidate: Candidate) -> dict[str, Any]:
    names = ("name", "loss", "error", "difference", "difference_error", "size", "chosen")
    return {name: getattr(candidate, name) for name in names}


def _choice(choice: Choice) -> dict[str, Any]:
    return {
        "rule": choice.rule,
        "step": choice.step,
        "strength": choice.strength,
        "reason": choice.reason,
        "at_end": choice.at_end,
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    models = [
        {
            "model": label,
            "loss": float(loss),
            "error": float(error),
            "gain": float(gain),
            "gain_error": float(gain_error),
        }
        for label, loss, error, gain, gain_error in zip(
            comparison.labels, comparison.loss, comparison.error, comparison.gain, comparison.gain_error, strict=True
        )
    ]
    return {
        "where": comparison.where,
        "measure": comparison.measure,
        "rows": comparison.rows,
        "models": models,
        "sentence": comparison.sentence,
    }


def _values(run: Run) -> list[dict[str, Any]]:
    """Features that the chosen step uses, with one coefficient for each output, or their shares."""
    value = "coefficient" if run.trace.measures == "coefficients" else "share"
    coef = run.trace.coef(run.choice.step)
    used = [j for j in range(len(coef)) if coef[j].any()]
    return [
        {"feature": run.features[j].name, value: float(coef[j, 0]) if coef.shape[1] == 1 else coef[j].tolist()}
        for j in used
    ]


def as_json(plain: Any) -> str:
    """One line of strict JSON: what is not finite becomes null."""
    return json.dumps(_finite(plain), ensure_ascii=False, allow_nan=False)


def _finite(plain: Any) -> Any:
    if isinstance(plain, dict):
        return {str(k): _finite(v) for k, v in plain.items()}
    if isinstance(plain, list | tuple):
        return [_finite(v) for v in plain]
    if isinstance(plain, float):
        return float(plain) if math.isfinite(plain) else None
    return plain


def _robustness(found: Robustness) -> dict[str, Any]:
    """A line for each way in which rows are moved."""
    lines = [
        {"moved": label, "loss": loss, "loss_error": error}
        for label, loss, error in zip(found.labels, found.loss.tolist(), found.loss_error.tolist(), strict=True)
    ]
    for line, share, error in zip(lines, found.accuracy.tolist(), found.accuracy_error.tolist(), strict=False):
        line |= {"accuracy": share, "accuracy_error": error}
    return {"size": found.size, "columns": found.columns, "rows": found.rows, "lines": lines}
