"""What a row's loss is made of, from the linear predictors that several models give it.

With B models, predictors eta_b and their mean m,

    total     T = mean_b loss(y, eta_b)
    central   C = loss(y, m) - (T - loss(y, m)) / (B - 1)
    variance  V = T - C = B / (B - 1) * (T - loss(y, m)) >= 0 for a convex loss.

For half the squared error, loss(y, m) exceeds its expectation at infinitely many models by variance / (2 B), which the
second term of C takes away: C and V are then free of bias for every B, and for B = 2 they are the product of the two
residuals and the squared difference of the two predictors, both halved. For log loss the mean of the linear predictors
is the centre in the dual space, probabilities averaged geometrically (Heskes 1998, Neural Computation 10; Pfau 2013, "A
generalized bias-variance decomposition for Bregman divergences"; Buja, Stuetzle and Shen 2005), V is the mean
Kullback-Leibler divergence of the models from that centre, and the correction is that of the jackknife: right to first
order in 1 / B. The same holds for every loss whose target enters linearly (counts); of all other convex losses V is
Jensen's gap.

For wrong classes (Domingos 2000, "A unified bias-variance decomposition for zero-one loss") the central prediction is
the class with most votes; where it is right, models that differ from it cost, and where it is wrong, those that hit the
right class gain: T = C + (cost) - (gain), exactly. A mode has no correction for few models; none is made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rightfit.contracts import Loss


@dataclass(frozen=True)
class Split:
    """Parts of each row's loss, (K, r); total = central + variance."""

    central: np.ndarray
    variance: np.ndarray

    @property
    def total(self) -> np.ndarray:
        return self.central + self.variance


class Tally:
    """Sums over the models that scored a row, for n rows and K steps."""

    def __init__(self, loss: Loss, y: np.ndarray, steps: int):
        n = len(y)
        self.loss, self.y = loss, y
        self.models = np.zeros(n, np.int64)
        self.eta = np.zeros((steps, n, loss.outputs))
        self.lost = np.zeros((steps, n))

    def add(self, rows: np.ndarray, eta: np.ndarray) -> None:
        """Linear predictors (K, r, C) of one more model."""
        self.models[rows] += 1
        self.eta[:, rows] += eta
        self.lost[:, rows] += lose(self.loss, self.y[rows], eta)

    def split(self, rows: np.ndarray) -> Split:
        """The parts of rows that at least two models scored."""
        count = self.models[rows]
        total = self.lost[:, rows] / count
        at_mean = lose(self.loss, self.y[rows], self.eta[:, rows] / count[:, None])
        variance = (total - at_mean) * (count / (count - 1))
        return Split(total - variance, variance)


def split_votes(votes: np.ndarray, y: np.ndarray) -> Split:
    """Parts of the share of wrong classes: votes (K, r, C), at least one a row, and the row's class (r,). Of equal
    votes the first class is taken."""
    models = votes.sum(axis=2)
    right = np.take_along_axis(votes, y.astype(np.int64)[None, :, None], axis=2)[:, :, 0] / models
    central = (votes.argmax(axis=2) != y).astype(np.float64)
    return Split(central, (1 - right) - central)


def count_votes(eta: np.ndarray) -> np.ndarray:
    """(K, r, C) a vote for the most probable class at each linear predictor (K, r, C), or (K, r, 1) of two classes."""
    chosen = eta.argmax(axis=2) if eta.shape[2] > 1 else (eta[:, :, 0] > 0).astype(np.int64)
    return np.asarray(chosen[:, :, None] == np.arange(max(2, eta.shape[2])))


def lose(loss: Loss, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
    """(K, r) losses at (K, r, C) linear predictors."""
    steps, count, outputs = eta.shape
    with np.errstate(over="ignore", invalid="ignore"):
        if outputs == 1:
            return loss.value(y, eta[:, :, 0])
        whole = loss.value(np.concatenate([y] * steps), eta.reshape(steps * count, outputs))
    return whole.reshape(steps, count)
