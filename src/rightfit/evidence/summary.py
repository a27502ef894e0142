"""Coefficients as a statistician would print them: value, interval, how often selected, and what each figure means."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import numpy as np

from rightfit.evidence.bootstrap_paths import BootstrapPaths
from rightfit.evidence.debiased import Debiased
from rightfit.evidence.false_discovery import FalseDiscovery

_SHOWN = 40
"""Features of a table before '... and 12 more'."""


@dataclass(frozen=True, repr=False)
class Summary:
    """One row a feature and output. Arrays that do not apply are empty. ``str`` prints it."""

    heading: tuple[str, ...]
    """Lines: what was fitted, on what, where the path stopped and why."""
    names: tuple[str, ...]
    outputs: tuple[str, ...]
    """Names of the outputs; one empty name where there is one."""
    coef: np.ndarray
    """(p, C) on the original scale."""
    scaled: np.ndarray
    """(p, C) change of the predictor by one standard deviation of the column."""
    lower: np.ndarray
    upper: np.ndarray
    """(p, C) ends of intervals."""
    estimate: np.ndarray
    """(p, C) what the interval is about, where that is not the coefficient."""
    p_value: np.ndarray
    """(p, C)"""
    selection: np.ndarray
    """(p,) share of resamples whose model uses the feature."""
    false_discovery: np.ndarray
    """(p,) local false discovery rates."""
    intercept: np.ndarray
    """(C,)"""
    interval: str
    """Head of the interval's column, e.g. ``"95 % debiased"``."""
    labels: tuple[str, ...]
    """What the columns of figures mean, a sentence each."""

    def text(self, *, everything: bool = False, width: int = 100) -> str:
        """The table with its heading and the meaning of every column. Features without a coefficient are counted, not
        listed, unless their interval leaves zero out or ``everything`` is asked for."""
        order = self._order(everything)
        shown = order if everything else order[:_SHOWN]
        lines = [part for line in self.heading for part in textwrap.wrap(line, width, break_on_hyphens=False)] + [""]
        lines += _align([self._heads(), *[row for j in shown for row in self._rows(j)]])
        lines.append(f"intercept  {', '.join(_number(b) for b in self.intercept)}")
        if len(order) > len(shown):
            lines.append(f"... and {len(order) - len(shown):,} more; --all, or text(everything=True), lists them")
        rest = len(self.names) - len(order)
        if rest:
            lines.append(f"{rest:,} other feature{'s have' if rest > 1 else ' has'} no coefficient")
        lines.append("")
        for label in self.labels:
            lines += textwrap.wrap(label, width, initial_indent="* ", subsequent_indent="  ", break_on_hyphens=False)
        return "\n".join(lines)

    def plain(self) -> dict[str, Any]:
        """Everything as plain lists and words, one entry a feature, such as JSON holds."""
        entries = []
        for j, name in enumerate(self.names):
            entry: dict[str, Any] = {"feature": name}
            for key, values in (
                ("coefficient", self.coef),
                ("per_deviation", self.scaled),
                ("debiased", self.estimate),
                ("lower", self.lower),
                ("upper", self.upper),
                ("p", self.p_value),
            ):
                if values.size:
                    entry[key] = float(values[j, 0]) if len(self.outputs) == 1 else values[j].tolist()
            if self.selection.size:
                entry["selected"] = float(self.selection[j])
            if self.false_discovery.size:
                entry["mfdr"] = float(self.false_discovery[j])
            entries.append(entry)
        return {
            "heading": self.heading,
            "outputs": self.outputs,
            "intercept": self.intercept.tolist(),
            "interval": self.interval,
            "coefficients": entries,
            "labels": self.labels,
        }

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def _order(self, everything: bool) -> np.ndarray:
        """Features to list, largest scaled coefficient first."""
        size = np.abs(self.scaled).max(axis=1)
        listed = (self.coef != 0).any(axis=1)
        if self.lower.size and self.estimate.size:
            listed |= ((self.lower > 0) | (self.upper < 0)).any(axis=1)
        chosen = np.arange(len(size)) if everything else np.flatnonzero(listed)
        return chosen[np.argsort(-size[chosen], kind="stable")]

    def _heads(self) -> list[str]:
        heads = ["feature", "coefficient", "per std. dev."]
        heads += ["debiased"] if self.estimate.size else []
        heads += [self.interval] if self.lower.size else []
        heads += ["p"] if self.p_value.size else []
        heads += ["selected"] if self.selection.size else []
        return heads + (["mfdr"] if self.false_discovery.size else [])

    def _rows(self, j: int) -> list[list[str]]:
        rows = []
        for c, output in enumerate(self.outputs):
            row = [_name(self.names[j]) + (f" [{_name(output)}]" if output else "")]
            row += [_number(self.coef[j, c]) if self.coef[j, c] else ".", _number(self.scaled[j, c]) or "."]
            row += [_number(self.estimate[j, c])] if self.estimate.size else []
            row += [f"{_number(self.lower[j, c])} to {_number(self.upper[j, c])}"] if self.lower.size else []
            row += [_show_p(self.p_value[j, c])] if self.p_value.size else []
            row += [f"{100 * self.selection[j]:.0f} %" if c == 0 else ""] if self.selection.size else []
            row += [_show_p(self.false_discovery[j])] if self.false_discovery.size else []
            rows.append(row)
        return rows


def summarize_coefficients(
    heading: tuple[str, ...],
    names: tuple[str, ...],
    coef: np.ndarray,
    intercept: np.ndarray,
    scale: np.ndarray,
    *,
    outputs: tuple[str, ...] = ("",),
    selection: np.ndarray | None = None,
    selection_label: str = "",
    debiased: Debiased | None = None,
    false: FalseDiscovery | None = None,
    bootstrap: BootstrapPaths | None = None,
    step: int = 0,
    notes: tuple[str, ...] = (),
) -> Summary:
    """Put together what is known. coef (p, C), intercept (C,), scale (p,) standard deviations of the columns.

    Intervals are those of ``debiased`` or, at ``step``, of ``bootstrap``, whose frequencies then replace ``selection``.
    """
    none = np.empty(0)
    labels = [
        "coefficient: of the penalized fit, on the scale of the column; a dot is a column that it leaves out. per std. "
        "dev.: the same for a change by one standard deviation"
    ]
    lower, upper, estimate, p_value, interval = none, none, none, none, ""
    if debiased is not None:
        lower, upper, estimate, p_value = (
            v[:, None] for v in (debiased.lower, debiased.upper, debiased.estimate, debiased.p_value)
        )
        interval = f"{100 * debiased.level:g} % interval"
        labels += [
            f"debiased, interval: {debiased.label}",
            "p: of the hypothesis that the debiased coefficient is 0, not corrected for the number of columns",
        ]
    elif bootstrap is not None:
        lower, upper = bootstrap.lower[step], bootstrap.upper[step]
        interval = f"{100 * bootstrap.level:g} % bootstrap"
        selection = bootstrap.frequency[step]
        selection_label = f"share of {bootstrap.count:,} bootstrap resamples whose model uses the feature"
        labels.append(f"interval: {bootstrap.label}")
    if selection is not None:
        labels.append(f"selected: {selection_label}")
    if false is not None:
        labels.append(f"mfdr: {false.label}")
    return Summary(
        heading=heading,
        names=names,
        outputs=outputs,
        coef=coef,
        scaled=coef * scale[:, None],
        lower=lower,
        upper=upper,
        estimate=estimate,
        p_value=p_value,
        selection=none if selection is None else selection,
        false_discovery=none if false is None else false.local,
        intercept=intercept,
        interval=interval,
        labels=(*labels, *notes),
    )


def say_folds(name: str) -> str:
    """What a share of the folds' models means."""
    return (
        f"share of the models ({name}) that use the feature; folds share most rows, so that shares are nearer to 0 % "
        "and 100 % than those of new samples would be: for error control see stability selection"
    )


def _align(rows: list[list[str]]) -> list[str]:
    """The first column to the left, the others to the right, a rule under the heads."""
    widths = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]
    return [lines[0], "-" * len(lines[0]), *(line.rstrip() for line in lines[1:])]


def _number(value: float) -> str:
    return "" if not np.isfinite(value) else f"{value:.4g}"


def _show_p(value: float) -> str:
    if not np.isfinite(value):
        return ""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _name(text: str) -> str:
    """Names come from a file: without characters that steer a terminal, and not too long."""
    plain = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return plain if len(plain) <= 40 else f"{plain[:37]}..."
