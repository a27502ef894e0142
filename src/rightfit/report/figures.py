"""What the pictures are drawn from: a run as one bounded block of plain data for the page's script.

Sizes are bounded, whatever the run: at most 400 steps, and as many features as fit into a budget of numbers and
bytes, the most important ones first: those of the chosen model by size, then the others by the largest size they reach
anywhere. What is left out is counted, and the page says so. Sizes are those of standardized columns (coefficient times
the column's standard deviation), the only ones that can be compared.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from rightfit.records import Axis, Choice, Comparison, Curve, Diagnostics, Drift, Feature, Run, Schema, Status, Trace
from rightfit.report.legible import legible

STEPS = 400
CELLS = 120_000
"""Most coefficients on a page: steps x features x outputs."""
BYTES = 1_100_000
"""Most bytes of features on a page."""
POINTS = 1_000
"""Most points of a scatter or a curve."""
OUTPUTS = 60
"""Most classes that coefficients are shown of."""


def numbers(values: Iterable[float], digits: int = 5) -> list[float | int | None]:
    """Short JSON numbers; what is not finite becomes null."""
    return [_short(float(v), digits) for v in values]


def path_data(
    trace: Trace,
    features: Sequence[Feature],
    curve: Curve | None,
    choice: Choice | None,
    choices: Sequence[Choice],
    *,
    axis: Axis | None = None,
    budget: float = 1.0,
) -> dict[str, Any]:
    """Everything that the path picture, the curve, the bars and the coefficient table need.

    ``budget`` scales the number of features that are kept; the page halves it where it became too large.
    """
    chosen = choice.step if choice else len(trace) - 1
    axis = axis or Axis()
    places = axis.positions if len(axis.positions) else trace.strengths
    steps = _steps(len(trace), {chosen, *(c.step for c in choices)})
    outputs = min(trace.outputs, OUTPUTS)
    kept, used = _order(trace, chosen, max(10, int(budget * CELLS) // (len(steps) * outputs)))
    dense = _dense(trace, kept, steps)[:, :, :outputs]
    entries: list[dict[str, Any]] = []
    size = 0
    for column, index in enumerate(kept):
        entry = _feature(trace, int(index), features[index], dense[:, column])
        size += len(json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace"))
        if entries and size > budget * BYTES:
            break
        entries.append(entry)
    position = {int(step): k for k, step in enumerate(steps)}
    return {
        "steps": [int(s) for s in steps],
        "total": len(trace),
        "strengths": numbers(places[steps], 6),
        "axis": {
            "name": axis.name,
            "title": "strength of regularization" if axis.name == "strength" else axis.name,
            "words": axis.words,
            "one": axis.one,
            "rising": bool(places[-1] > places[0]),
            "measures": trace.measures,
        },
        "nonzero": [int(k) for k in trace.nonzero()[steps]],
        "complexity": numbers(trace.complexity[steps], 4),
        "gap": numbers(trace.gap[steps], 2),
        "status": [int(s) for s in trace.status[steps]],
        "statusWords": [s.sentence for s in Status],
        "explained": numbers(trace.explained[steps]),
        "chosen": position[chosen],
        "hasChoice": choice is not None,
        "marks": [{"rule": legible(c.rule), "label": rule_words(c.rule), "step": position[c.step]} for c in choices],
        "features": entries,
        "p": trace.features,
        "used": used,
        "outputs": outputs,
        "allOutputs": trace.outputs,
        "curve": _curve(curve, steps) if curve else None,
    }


def feature_details(features: Sequence[dict[str, Any]], schema: Schema, selection: np.ndarray) -> None:
    """Adds to each feature of `path_data` what the table says of it: training range and share of resamples that select
    it."""
    columns = {c.name: c for c in schema.columns}
    for entry in features:
        source = columns.get(entry.pop("source"))
        if (
            source is not None
            and entry["role"] == "value"
            and source.minimum is not None
            and source.maximum is not None
        ):
            entry["range"] = numbers((source.minimum, source.maximum), 4)
        elif source is not None and entry["role"] == "value" and source.kind == "yes/no":
            entry["range"] = [0, 1]
        if len(selection) > entry["index"]:
            entry["selected"] = _short(float(selection[entry["index"]]), 3)


def diagnostics_data(run: Run) -> dict[str, Any]:
    """Scatter, calibration, ROC and precision-recall as short lists; empty where they do not apply."""
    d: Diagnostics = run.diagnostics
    several = len(run.task.classes) > 2
    rows = _thin(len(d.actual), POINTS)
    scatter = run.task.kind != "classes" and len(d.predicted) == len(d.actual) and np.ndim(d.predicted) == 1
    both = (
        not several and run.task.kind == "classes" and len(d.predicted) == len(d.actual) and np.ndim(d.predicted) == 1
    )
    return {
        "kind": run.task.kind,
        "actual": numbers(d.actual[rows], 4) if scatter or both else [],
        "predicted": numbers(d.predicted[rows], 4) if scatter or both else [],
        "calibration": [numbers(row, 4) for row in np.atleast_2d(d.calibration)[:100] if len(row) >= 4],
        "roc": [numbers(row, 4) for row in d.roc[_thin(len(d.roc), POINTS // 2)]],
        "precisionRecall": [numbers(row, 4) for row in d.precision_recall[_thin(len(d.precision_recall), POINTS // 2)]],
        "classes": [legible(c, 200) for c in run.task.classes[:200]],
        "target": legible(run.task.target),
        "figures": {metric_words(k): _short(float(v), 5) for k, v in list(d.figures.items())[:30]},
    }


def drift_data(drift: Drift | None, steps: Sequence[int]) -> dict[str, Any] | None:
    """The two curves, with folds in order and at random."""
    if drift is None or len(drift.ordered) <= max(steps) or len(drift.random) <= max(steps):
        return None
    picked = list(steps)
    return {"kind": drift.kind, "ordered": numbers(drift.ordered[picked]), "random": numbers(drift.random[picked])}


def comparison_data(comparison: Comparison) -> dict[str, Any]:
    """Losses and their standard errors, for the picture beside the table."""
    return {
        "loss": numbers(comparison.loss),
        "error": numbers(comparison.error),
        "labels": [legible(t, 200) for t in comparison.labels],
    }


def rule_words(rule: str) -> str:
    """A rule's name as the page writes it."""
    known = {"best": "best", "one_se": "one standard error", "aic": "AIC", "bic": "BIC", "ebic": "EBIC", "gcv": "GCV"}
    return known.get(rule, legible(rule, 60).replace("_", " "))


def metric_words(name: str) -> str:
    """A metric's name as the page writes it."""
    return {"R2": "R²", "D2": "D²"}.get(name, legible(name, 80))


def _short(value: float, digits: int) -> float | int | None:
    if not math.isfinite(value):
        return None
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded == int(rounded) and abs(rounded) < 1e15 else rounded


def _thin(size: int, most: int) -> np.ndarray:
    return np.unique(np.linspace(0, size - 1, min(size, most)).round().astype(int)) if size else np.zeros(0, int)


def _steps(total: int, wanted: set[int]) -> np.ndarray:
    """All steps, or an even selection of them that holds the wanted ones."""
    return np.unique(np.concatenate([_thin(total, STEPS), np.array(sorted(wanted), int)]))


def _order(trace: Trace, chosen: int, most: int) -> tuple[np.ndarray, int]:
    """The features to keep, most important first, and how many are non-zero anywhere."""
    feature = trace.indices // trace.outputs
    size = np.abs(trace.values) * trace.scale[feature]
    anywhere = np.zeros(trace.features)
    np.maximum.at(anywhere, feature, np.nan_to_num(size))
    here = np.zeros(trace.features)
    part = slice(int(trace.indptr[chosen]), int(trace.indptr[chosen + 1]))
    np.maximum.at(here, feature[part], np.nan_to_num(size[part]))
    present = np.zeros(trace.features, bool)
    present[feature[trace.values != 0]] = True
    order = np.lexsort((np.arange(trace.features), -anywhere, -here))
    order = order[present[order]]
    return order[:most], len(order)


def _dense(trace: Trace, kept: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """(steps, kept, outputs) coefficients on the original scale."""
    place = np.full(trace.features, -1)
    place[kept] = np.arange(len(kept))
    out = np.zeros((len(steps), len(kept), trace.outputs))
    for row, step in enumerate(steps):
        part = slice(int(trace.indptr[step]), int(trace.indptr[step + 1]))
        feature, output = np.divmod(trace.indices[part], trace.outputs)
        known = place[feature] >= 0
        out[row, place[feature[known]], output[known]] = trace.values[part][known]
    return out


def _feature(trace: Trace, index: int, feature: Feature, values: np.ndarray) -> dict[str, Any]:
    """``values`` (steps, outputs); leading zeros are not stored but counted in ``first``."""
    nonzero = np.flatnonzero(np.any(values != 0, axis=1))
    first = int(nonzero[0]) if len(nonzero) else 0
    return {
        "index": index,
        "name": legible(feature.name, 400),
        "source": feature.source,
        "role": feature.role,
        "scale": _short(float(trace.scale[index]), 5),
        "first": first,
        "coef": [numbers(values[first:, c], 4) for c in range(values.shape[1])],
    }


def _curve(curve: Curve, steps: np.ndarray) -> dict[str, Any]:
    def at(values: np.ndarray) -> list[float | int | None]:
        return numbers(values[steps]) if len(values) > max(steps) else []

    metrics: Mapping[str, np.ndarray] = curve.metrics
    return {
        "mean": at(curve.mean),
        "error": at(curve.error),
        "difference": at(curve.difference),
        "differenceError": at(curve.difference_error),
        "training": at(curve.training),
        "null": _short(curve.null, 5),
        "measure": legible(curve.measure, 100),
        "rows": int(curve.rows),
        "metrics": {metric_words(k): at(v) for k, v in list(metrics.items())[:12]},
    }
