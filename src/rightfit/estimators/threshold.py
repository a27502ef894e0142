"""From which probability on is the second of two classes predicted? A choice of its own, with its own evidence."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import Any

import numpy as np

from rightfit.errors import OptionError


@dataclass(frozen=True)
class Threshold:
    """A threshold and what it is worth on held-out predictions."""

    value: float
    accuracy: float
    """Balanced accuracy, each row judged at a threshold that the other folds' rows chose."""
    accuracy_at_half: float
    """Balanced accuracy at 0.5."""

    @property
    def sentence(self) -> str:
        """What the choice is worth."""
        return (
            f"The second class is predicted from a probability of {self.value:.3g} on: balanced accuracy on unseen "
            f"rows {self.accuracy:.4g}, at 0.5 {self.accuracy_at_half:.4g}. That is the threshold's merit, not that of "
            "regularization."
        )


def check_threshold(threshold: Any) -> None:
    """OptionError where it is neither a probability nor "balanced"."""
    if isinstance(threshold, numbers.Real) and not isinstance(threshold, bool) and 0 < float(threshold) < 1:
        return
    if not (isinstance(threshold, str) and threshold == "balanced"):
        raise OptionError(f"threshold must be above 0 and below 1, or 'balanced', not {threshold!r}")


def find_threshold(
    threshold: Any, chance: np.ndarray, y: np.ndarray, weight: np.ndarray, fold: np.ndarray
) -> Threshold:
    """The threshold (n,) held-out chances ask for, or the one that was given. ``fold`` (n,) numbers who judged a row,
    0 for nobody."""
    rows = np.flatnonzero((fold > 0) & (weight > 0) & np.isfinite(chance))
    chance, y, weight, fold = chance[rows], y[rows], weight[rows], fold[rows]
    half = _balanced(y, weight, chance > 0.5)
    if not isinstance(threshold, str):
        value = float(threshold)
        return Threshold(value, _balanced(y, weight, chance > value), half)
    taken = np.zeros(len(y), bool)
    for number in np.unique(fold):
        mine = fold == number
        taken[mine] = chance[mine] > _best(chance[~mine], y[~mine], weight[~mine])
    return Threshold(_best(chance, y, weight), _balanced(y, weight, taken), half)


def _best(chance: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    """The threshold between two chances with the largest balanced accuracy; of equal ones that nearest to 0.5."""
    total = [float(weight[y == c].sum()) for c in (0, 1)]
    if min(total) <= 0:
        return 0.5
    order = np.argsort(chance, kind="stable")
    sorted_chance, share = chance[order], np.where(y[order] == 1, weight[order] / total[1], -weight[order] / total[0])
    ends = np.append(np.flatnonzero(np.diff(sorted_chance) > 0), len(order) - 1)
    # below the threshold: second class missed, first class found
    gain = np.concatenate([[0.0], -np.cumsum(share)[ends]])
    between = 0.5 * (sorted_chance[ends[:-1]] + sorted_chance[ends[:-1] + 1])
    places = np.concatenate([[sorted_chance[0] / 2], between, [0.5 * (1 + sorted_chance[-1])]])
    good = np.flatnonzero(gain >= gain.max() - 1e-12)
    value = float(places[good[np.argmin(np.abs(places[good] - 0.5))]])
    return float(np.clip(value, 1e-9, 1 - 1e-9))


def _balanced(y: np.ndarray, weight: np.ndarray, said: np.ndarray) -> float:
    """Mean over the classes of the share that is found."""
    found = [np.average(said[y == c] == c, weights=weight[y == c]) for c in (0, 1) if weight[y == c].sum() > 0]
    return float(np.mean(found)) if found else float("nan")


def decide(scores: np.ndarray, threshold: Threshold | None, classes: np.ndarray) -> np.ndarray:
    """(n,) labels from log odds (n,) of the second class, taken from the threshold on, or from scores (n, C)."""
    if threshold is None:
        return np.asarray(classes[scores.argmax(axis=1)])
    return np.asarray(classes[(scores > np.log(threshold.value / (1 - threshold.value))).astype(int)])
