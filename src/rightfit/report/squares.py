"""Small square stills of where a model errs: predicted against actual, ROC, precision and recall, calibration."""

from __future__ import annotations

from typing import Any

from rightfit.report.numbers import PAGE
from rightfit.report.scales import Linear
from rightfit.report.stills import Still

_SIZE, _LEFT, _TOP, _BOTTOM = 340, 46, 42, 298


def square_stills(diagnostics: dict[str, Any]) -> list[Still]:
    """Those that apply; ``diagnostics`` is what `rightfit.report.figures.diagnostics_data` gives."""
    classes = diagnostics["kind"] == "classes"
    stills = []
    if not classes and diagnostics["actual"]:
        stills.append(_scatter(diagnostics))
    figures = diagnostics["figures"]
    if diagnostics["roc"]:
        still, x, y = _square(_titled("ROC", figures, "AUC"), 0, 1, "false positive rate", "true positive rate")
        still.line("diagonal", x(0), y(0), x(1), y(1))
        still.path("line loss", [(x(a), y(b)) for a, b in diagnostics["roc"]])
        stills.append(still)
    if diagnostics["precisionRecall"]:
        title = _titled("Precision and recall", figures, "average precision")
        still, x, y = _square(title, 0, 1, "recall", "precision")
        still.path("line loss", [(x(a), y(b)) for a, b in diagnostics["precisionRecall"]])
        stills.append(still)
    if diagnostics["calibration"]:
        stills.append(_calibration(diagnostics["calibration"], classes=classes))
    return stills


def _square(title: str, low: float, high: float, x_title: str, y_title: str) -> tuple[Still, Linear, Linear]:
    """Axes from ``low`` to ``high`` both ways."""
    still = Still(f"{title}: {y_title} against {x_title}", _SIZE, _SIZE)
    x = Linear.over(low, high, _LEFT, _SIZE - 12)
    y = Linear.over(low, high, _BOTTOM, _TOP)
    still.text(0, 13, title, "title")
    still.text(0, 31, y_title)
    still.text(_SIZE - 12, _SIZE - 4, x_title, anchor="end")
    still.grid(y, _LEFT, _SIZE - 12, 5)
    for value, label in x.ticks(5):
        still.line("axis", x(value), _BOTTOM, x(value), _BOTTOM + 4)
        still.text(x(value), _BOTTOM + 18, label, anchor="middle")
    still.line("axis", _LEFT, _BOTTOM, _SIZE - 12, _BOTTOM)
    return still, x, y


def _scatter(diagnostics: dict[str, Any]) -> Still:
    pairs = [
        (p, a)
        for p, a in zip(diagnostics["predicted"], diagnostics["actual"], strict=True)
        if p is not None and a is not None
    ]
    both = [v for pair in pairs for v in pair] or [0.0]
    margin = 0.03 * (max(both) - min(both) or 1)
    low, high = min(both) - margin, max(both) + margin
    still, x, y = _square("Predicted against actual", low, high, "predicted", "actual")
    still.line("diagonal", x(low), y(low), x(high), y(high))
    for predicted, actual in pairs:
        still.circle("point", x(predicted), y(actual), 1.8 if len(pairs) > 400 else 2.6)
    return still


def _calibration(rows: list[list[Any]], *, classes: bool) -> Still:
    known = [v for row in rows for v in row[:4] if v is not None] or [0.0]
    low, high = (0.0, 1.0) if classes else (min(known), max(known))
    margin = 0.01 if classes else 0.03 * (high - low or 1)
    low, high = low - margin, high + margin
    words = ("predicted probability", "observed share") if classes else ("mean predicted", "mean observed")
    still, x, y = _square("Calibration", low, high, words[0], f"{words[1]}, 95 % intervals")
    still.line("diagonal", x(low), y(low), x(high), y(high))
    for predicted, observed, *ends in rows:
        if predicted is None or observed is None:
            continue
        if ends[0] is not None and ends[1] is not None:
            still.line("whisker", x.clamp(predicted), y.clamp(ends[0]), x.clamp(predicted), y.clamp(ends[1]))
        still.circle("dot", x.clamp(predicted), y.clamp(observed), 4)
    return still


def _titled(title: str, figures: dict[str, Any], name: str) -> str:
    value = figures.get(name)
    return title if value is None else f"{title}, {name} {PAGE.number(value)}"
