"""Where the chosen model errs, from its held-out predictions."""

from __future__ import annotations

import numpy as np

from rightfit.contracts import Problem
from rightfit.errors import DataError
from rightfit.evidence.calibration import bin_amounts, bin_probabilities
from rightfit.evidence.metrics import count_confusion, find_target, measure_predictions
from rightfit.evidence.tradeoff import average_precision, trace_precision_recall, trace_roc
from rightfit.records import Diagnostics

_SAMPLE = 2000
_NONE = np.empty((0, 2))
_NO_BINS = np.empty((0, 5))


def diagnose(
    problem: Problem,
    held_out: np.ndarray,
    *,
    weight: np.ndarray,
    null: np.ndarray,
    part: np.ndarray | None = None,
    seed: int = 0,
) -> Diagnostics:
    """Figures and pictures of one step.

    held_out  (n, C) linear predictors, NaN where a row was not scored (`predict_held_out`)
    weight    (n,) row weights; rows of weight zero are left out
    null      (n,) loss of the constant model on the same rows (`Evidence.null`), for R2 and explained deviance
    part      (n,) which model predicted the row; one for all where not given

    numbers: sample, R2, RMSE, MAE. Two classes: ROC, precision and recall, calibration, AUC, average precision, Brier,
    log loss, accuracy at 0.5. More classes: confusion, accuracy, balanced accuracy, Brier, log loss. Amounts: deviance
    explained, calibration by tenths of the prediction. Risks: concordance. DataError where no row was scored.
    """
    loss = problem.loss
    rows = np.flatnonzero(~np.isnan(held_out).any(axis=1) & (weight > 0))
    if not len(rows):
        raise DataError("no row was scored, so nothing can be diagnosed; use folds or a holdout that score some rows")
    y, eta, w = problem.y[rows], held_out[rows], weight[rows]
    target = find_target(loss)
    figures = measure_predictions(loss, y, eta, w, null[rows], None if part is None else part[rows])
    if target == "risks":  # nothing to lay beside a relative risk: its target is a time, or a time not yet over
        return Diagnostics(np.empty(0), np.empty(0), _NO_BINS, _NONE, _NONE, np.empty((0, 0)), figures)
    share = w / w.sum()
    several = loss.outputs > 1
    response = loss.response(eta) if several else loss.response(eta[:, 0])
    roc, precision_recall, calibration, confusion = _NONE, _NONE, _NO_BINS, np.empty((0, 0))
    if target == "classes":
        figures["log loss"] = float(share @ loss.value(y, eta if several else eta[:, 0]))
    if target == "classes" and several:
        predicted = response.argmax(axis=1).astype(np.float64)
        confusion = count_confusion(y.astype(np.int64), predicted.astype(np.int64), w, loss.outputs)
    else:
        predicted = response
    if target == "classes" and not several:
        calibration = bin_probabilities(y, response, w)
        if np.isin(y, (0.0, 1.0)).all():
            confusion = count_confusion(y.astype(np.int64), (response > 0.5).astype(np.int64), w, 2)
            if 0 < y.sum() < len(y):
                roc = trace_roc(y, eta[:, 0], w)
                precision_recall = trace_precision_recall(y, eta[:, 0], w)
                figures["average precision"] = average_precision(y, eta[:, 0], w)
    if target == "amounts":
        calibration = bin_amounts(y, response, w)
    sample = np.arange(len(rows))
    if len(rows) > _SAMPLE:
        sample = np.sort(np.random.default_rng(seed).choice(len(rows), _SAMPLE, replace=False))
    return Diagnostics(y[sample], predicted[sample], calibration, roc, precision_recall, confusion, figures)
