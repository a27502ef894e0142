"""Metrics of predictions, all weighted; numpy only. y (n,), predictions on the response scale, weights (n,) > 0.

Those that are no mean over rows (AUC, balanced accuracy, R2) are why held-out predictions are kept at all.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from rightfit.contracts import Loss, Predicts

Target = Literal["numbers", "amounts", "classes", "risks"]


_TARGETS: dict[Predicts, Target] = {
    "number": "numbers",
    "amount": "amounts",
    "count": "amounts",
    "probability": "classes",
    "class": "classes",
    "risk": "risks",
}


def find_target(loss: Loss) -> Target:
    """Which metrics and pictures suit what the loss predicts."""
    return _TARGETS[loss.predicts]


def measure_predictions(
    loss: Loss,
    y: np.ndarray,
    eta: np.ndarray,
    weight: np.ndarray,
    null: np.ndarray,
    part: np.ndarray | None = None,
) -> dict[str, float]:
    """All metrics that make sense for this loss. eta (n, C); ``null`` (n,) loss of the constant model on the rows;
    ``part`` (n,) which model predicted the row, one for all where not given.

    numbers   R2 (against the constant model of each fold; for other losses than the squared one the share of the loss
              that is explained), RMSE, MAE
    amounts   deviance explained (against the same), RMSE, MAE
    classes   AUC (two classes), accuracy (most probable class; 0.5 for two), balanced accuracy, Brier
    risks     concordance (of pairs that one model predicted)

    With several targets y (n, C), errors are means over them too.

    A metric that the rows cannot give (AUC with one class) is NaN.
    """
    target = find_target(loss)
    if target == "classes":
        return _measure_classes(loss, y, eta, weight)
    if target == "risks":
        return loss.measures(y, eta[:, 0], weight, np.zeros(len(y)) if part is None else part)
    eta = eta if loss.outputs > 1 else eta[:, 0]
    value, away = loss.value(y, eta), (y - loss.response(eta)).reshape(len(y), -1)
    share = weight / weight.sum()
    base = share @ null
    explained = 1 - float(share @ value / base) if base > 0 else np.nan
    name = "deviance explained" if target == "amounts" else "R2" if loss.quadratic else "loss explained"
    return {
        name: explained,
        "RMSE": float(np.sqrt(share @ (away**2).mean(axis=1))),
        "MAE": float(share @ np.abs(away).mean(axis=1)),
    } | loss.measures(y, eta, weight, np.zeros(len(y)) if part is None else part)


def _measure_classes(loss: Loss, y: np.ndarray, eta: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    share = weight / weight.sum()
    if eta.shape[1] > 1:
        probability = loss.response(eta)
        code = y.astype(np.int64)
        table = count_confusion(code, probability.argmax(axis=1), weight, probability.shape[1])
        truth = np.zeros_like(probability)
        truth[np.arange(len(y)), code] = 1.0
        brier = float(share @ ((probability - truth) ** 2).sum(axis=1))
        return {"accuracy": accuracy(table), "balanced accuracy": balanced_accuracy(table), "Brier": brier}
    probability = loss.response(eta[:, 0])
    brier = float(share @ (probability - y) ** 2)
    if not np.isin(y, (0.0, 1.0)).all():
        return {"Brier": brier}
    table = count_confusion(y.astype(np.int64), (probability > 0.5).astype(np.int64), weight, 2)
    return {
        "AUC": area_under_roc(y, eta[:, 0], weight),
        "accuracy": accuracy(table),
        "balanced accuracy": balanced_accuracy(table),
        "Brier": brier,
    }


def area_under_roc(y: np.ndarray, score: np.ndarray, weight: np.ndarray) -> float:
    """Weighted share of (event, other) pairs in which the event scores higher, ties half (Mann & Whitney 1947).
    NaN where one of the classes has no row."""
    order = np.argsort(score)  # ties are summed below, so that their order matters to nobody
    ranked = score[order]
    event, other = (weight * y)[order], (weight * (1 - y))[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    event, other = np.add.reduceat(event, starts), np.add.reduceat(other, starts)
    pairs = event.sum() * other.sum()
    if pairs == 0:
        return np.nan
    return float(event @ (np.cumsum(other) - other / 2) / pairs)


def count_confusion(actual: np.ndarray, predicted: np.ndarray, weight: np.ndarray, classes: int) -> np.ndarray:
    """(C, C) weighted counts, actual by predicted."""
    return np.bincount(actual * classes + predicted, weight, minlength=classes * classes).reshape(classes, classes)


def accuracy(table: np.ndarray) -> float:
    """Weighted share of rows on the diagonal of a confusion table."""
    return float(np.trace(table) / table.sum())


def balanced_accuracy(table: np.ndarray) -> float:
    """Mean over the classes that occur of the share of their rows that is predicted as such."""
    rows = table.sum(axis=1)
    return float(np.mean(np.diag(table)[rows > 0] / rows[rows > 0]))
