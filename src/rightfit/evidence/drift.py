"""Does the order of the rows, or their grouping, matter?

Random folds let a model learn from the future, or from other rows of the same person. What that is worth is the
difference of the held-out losses with ordered (or grouped) and with random folds, on the rows that both scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from rightfit.contracts import Design
from rightfit.errors import DataError
from rightfit.evidence.compare import NOISE, show_percent
from rightfit.evidence.metrics import area_under_roc
from rightfit.records import Drift, Evidence, Feature
from rightfit.rules._averages import Units

_SHOWN = 5
_BLOCK = 64


def drift(
    ordered: Evidence,
    random: Evidence,
    step: int,
    *,
    by: str,
    kind: Literal["time", "group"],
    columns: Sequence[tuple[str, float]] = (),
) -> Drift:
    """What folds that respect time (or groups) say beside random ones at the same step.

    Paired differences over the independent units of ``ordered``. ``columns`` are (name, AUC) pairs from
    `rank_drifting`, strongest first. DataError where no row was scored by both.
    """
    if len(ordered.null) != len(random.null) or len(ordered.strengths) != len(random.strengths):
        raise DataError("both evidences must be about the same rows and steps")
    rows = np.intersect1d(ordered.rows, random.rows)
    units = Units.of(ordered, rows)
    rows = units.rows
    with np.errstate(invalid="ignore"):
        gap = ordered.loss[rows, step].astype(np.float64) - random.loss[rows, step]
        difference, error = units.mean(gap)
        curves = [
            np.array([units.mean(e.loss[rows, k])[0] for k in range(len(e.strengths))]) for e in (ordered, random)
        ]
    shown = [(name, score) for name, score in columns if score > 0.5][:_SHOWN]
    return Drift(
        by=by,
        kind=kind,
        ordered=curves[0],
        random=curves[1],
        difference=difference,
        difference_error=error,
        sentence=_say(difference, error, float(curves[1][step]), by, kind, shown),
        columns=tuple(name for name, _ in shown),
        scores=tuple(float(score) for _, score in shown),
    )


def _say(difference: float, error: float, loss: float, by: str, kind: str, columns: Sequence[tuple[str, float]]) -> str:
    folds = f"folds in order of {by!r}" if kind == "time" else f"folds that keep each {by!r} whole"
    amount = show_percent(abs(difference) / loss) if loss > 0 and np.isfinite(difference) else f"{difference:.3g}"
    direction = "more" if difference >= 0 else "less"
    start = f"With {folds} the model loses {amount} {direction} than with random folds on the same rows"
    if not np.isfinite(error):
        return (
            f"{start}; no standard error can be given, so trust the {'ordered' if kind == 'time' else 'grouped'} folds."
        )
    ratio = abs(difference) / error if error > 0 else (np.inf if difference else 0.0)
    if ratio < NOISE:
        return f"{start}, which is within noise ({ratio:.1f} standard errors): {by!r} does not seem to matter."
    noise = f"{ratio:.1f} standard errors" if np.isfinite(ratio) else "the same on every row"
    if difference < 0:
        return f"{start} ({noise}): later rows are easier, or random folds mix what should stay apart."
    if kind == "group":
        return f"{start} ({noise}): random folds would flatter it, since it recognizes rows of the same {by!r}."
    drifting = f"; most changed over time: {', '.join(name for name, _ in columns[:3])}" if columns else ""
    return (
        f"{start} ({noise}): random folds would flatter it for future rows, "
        f"though ordered folds also learn from fewer rows{drifting}."
    )


def rank_drifting(
    design: Design,
    features: Sequence[Feature],
    time: np.ndarray,
    *,
    weight: np.ndarray | None = None,
    ignore: Sequence[str] = (),
) -> list[tuple[str, float]]:
    """(source column, AUC) of telling the early half of the rows from the late half, strongest first.

    Every design column is looked at alone; AUC below 0.5 is turned around, and a source column takes the largest
    of its design columns. ``ignore`` names source columns to leave out: the time column itself and its parts. Missing
    values count as the column's mean (their indicator has a column of its own). Empty where all times are equal.
    """
    n = design.n
    weight = np.ones(n) if weight is None else weight
    live = np.flatnonzero(weight > 0)
    late = _split(np.asarray(time)[live])
    if not 0 < late.sum() < len(late):
        return []
    columns = np.array([j for j, f in enumerate(features) if f.source not in ignore], dtype=np.int64)
    mean = design.moments((weight / weight.sum())[:, None])[0][:, 0]
    best: dict[str, float] = {}
    for start in range(0, len(columns), _BLOCK):
        block = columns[start : start + _BLOCK]
        values = design.dot_columns(block, np.eye(len(block)), mean)[live]
        for j, column in zip(block, values.T, strict=True):
            score = area_under_roc(late, column, weight[live])
            name = features[j].source
            best[name] = max(best.get(name, 0.5), score, 1 - score)
    return sorted(best.items(), key=lambda item: (-item[1], item[0]))


def _split(time: np.ndarray) -> np.ndarray:
    """(n,) 1.0 for the late half: rows after the middle time, ties together on the side that balances better."""
    _, position, count = np.unique(time, return_inverse=True, return_counts=True)
    before = np.cumsum(count)[:-1]
    if not len(before):
        return np.zeros(len(time))
    cut = int(np.argmin(np.abs(before - len(time) / 2))) + 1
    return (position >= cut).astype(np.float64)
