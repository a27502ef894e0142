"""What a model is worth where rows are moved against it: a line for each way of moving them."""

from __future__ import annotations

from rightfit.records import Robustness
from rightfit.report.legible import legible
from rightfit.report.numbers import PAGE
from rightfit.report.scales import Linear
from rightfit.report.stills import Still

_FROM, _TO, _ACCURACY, _LOSS, _LINE = 130.0, 430.0, 560.0, 700.0, 30


def robustness_still(found: Robustness) -> Still:
    """Accuracy, or the loss where there are no classes, with two standard errors to each side; and both in numbers."""
    classes = len(found.accuracy) > 0
    value, error = (found.accuracy, found.accuracy_error) if classes else (found.loss, found.loss_error)
    what = "rows that are right" if classes else legible(found.measure, 60)
    still = Still(f"{what} where rows are moved by {found.size:g} deviations", 70 + _LINE * len(found.labels))
    low, high = float((value - 2 * error).min()), float((value + 2 * error).max())
    room = 0.04 * (high - low or 1.0)
    x = Linear.over(low - room, high + room, _FROM, _TO)
    still.text(0, 14, f"unseen rows, moved by {found.size:g} deviations", "title")
    if classes:
        still.text(_ACCURACY, 14, "right", "title", "end")
    still.text(_LOSS, 14, legible(found.measure, 30), "title", "end")
    for line, label in enumerate(found.labels):
        y = 42 + _LINE * line
        here = float(value[line])
        still.text(0, y + 4, label)
        still.line("grid", _FROM, y, _TO, y)
        still.line("whisker", x(here - 2 * float(error[line])), y, x(here + 2 * float(error[line])), y)
        still.circle("dot", x(here), y, 4.5)
        if classes:
            share = f"{100 * float(found.accuracy[line]):.1f} % ± {100 * float(found.accuracy_error[line]):.1f}"
            still.text(_ACCURACY, y + 4, share, anchor="end")
        loss = f"{PAGE.number(float(found.loss[line]), 4)} ± {PAGE.number(float(found.loss_error[line]), 2)}"
        still.text(_LOSS, y + 4, loss, anchor="end")
    bottom = 42 + _LINE * len(found.labels)
    still.line("axis", _FROM, bottom - 12, _TO, bottom - 12)
    for tick, words in x.ticks(5):
        still.text(x(tick), bottom + 4, f"{100 * tick:.0f} %" if classes else words, anchor="middle")
    return still
