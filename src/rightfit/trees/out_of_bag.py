"""Evidence of a forest without a second fit: every row is judged by the trees that have not drawn it (Breiman 1996,
Out-of-bag estimation).

It is the evidence of a forest of about a third of the trees, and of the rows that the forest itself learns from, so it
says nothing against other families, which folds do; but it is free. Where a forest is shrunken toward the mean of its
sample, that mean is taken without the row as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from rightfit.contracts import Problem
from rightfit.records import Convergence, Evidence, Picture, Resamples
from rightfit.trees import shrinkage
from rightfit.trees.forest_path import ForestPath, settle
from rightfit.trees.rows import Rows
from rightfit.trees.target import link

_ORDERS = 20
"""Draws of trees behind a spread."""
_DRAWN = 1000
"""Rows behind a picture."""


@dataclass(frozen=True)
class OutOfBag:
    """Rows of the full fit, and which of its trees have not drawn them."""

    X: np.ndarray
    """(n, p) float32"""
    unseen: np.ndarray
    """(T, n) bool"""
    centre: np.ndarray
    """(n, C) mean of the sample without the row's unit"""

    def take(self, rows: np.ndarray) -> OutOfBag:
        """Some of the rows."""
        return OutOfBag(self.X[rows], self.unseen[:, rows], self.centre[rows])

    def predict(self, path: ForestPath) -> np.ndarray:
        """(n, K, outputs) linear predictors, offset not counted; NaN where every tree has drawn the row."""
        total = np.zeros((len(self.X), len(path.strengths), self.centre.shape[1]))
        for t, (tree, says) in enumerate(path.shrunken(path.strengths)):
            rows = np.flatnonzero(self.unseen[t])
            total[rows] += says[tree.descend(self.X[rows])[0]]
        count = self.unseen.sum(axis=0)
        total += (count[:, None] * self._moved(path, path.strengths))[:, :, None] * self._shift(path)[:, None, :]
        eta = settle(path.loss, total, np.maximum(count, 1)[:, None, None], self.centre[:, None, :])
        eta[count == 0] = np.nan
        return eta

    def predict_trees(self, path: ForestPath, strength: float) -> np.ndarray:
        """(n, T, C) what each tree says at one strength, on the scale of means; 0 where it has drawn the row."""
        out = np.zeros((len(self.X), len(path.trees), self.centre.shape[1]))
        strengths = np.array([strength])
        shift = self._shift(path) * self._moved(path, strengths)
        for t, (tree, says) in enumerate(path.shrunken(strengths)):
            rows = np.flatnonzero(self.unseen[t])
            out[rows, t] = says[tree.descend(self.X[rows])[0], 0] + shift[rows]
        return out

    def _shift(self, path: ForestPath) -> np.ndarray:
        return self.centre - path.sample.centre

    def _moved(self, path: ForestPath, strengths: np.ndarray) -> np.ndarray:
        """(K,) how much of the sample's mean is in a prediction."""
        return np.asarray(1.0 - shrinkage.keep(np.array(path.sample.size), strengths))


def leave_out(rows: Rows, names: np.ndarray, unseen: np.ndarray, k: int = 0) -> OutOfBag:
    """The rows that resample k learns from: ``names`` (l,) of their units, ``unseen`` (T, l) by which trees."""
    X, target, copies = rows.resample(k)
    weight = copies * target.exposure
    means = target.means()
    code = np.unique(names, return_inverse=True)[1]
    units = int(code.max()) + 1
    weight_of = np.bincount(code, weight, units)
    sums = np.stack([np.bincount(code, weight * column, units) for column in means.T], axis=1)
    left = weight.sum() - weight_of
    alone = left <= 0  # a single unit: nothing is left without it
    centre = np.where(alone[:, None], sums, sums.sum(axis=0) - sums) / np.where(alone, weight_of, left)[:, None]
    return OutOfBag(X, unseen, np.maximum(centre[code], 0.0) if target.classes else centre[code])


def judge(path: ForestPath, problem: Problem, resamples: Resamples, live: np.ndarray, rows: OutOfBag) -> Evidence:
    """Losses of rows ``live`` of the problem that trees have not drawn, at every step of the full fit's path."""
    n, steps = len(problem.y), len(path.strengths)
    eta = rows.predict(path) + problem.offset[live, None, None]
    judged = np.flatnonzero(~np.isnan(eta[:, 0, 0]))
    place = live[judged]
    loss, null, fold = np.full((n, steps), np.nan, np.float32), np.full(n, np.nan), np.zeros(n, np.int64)
    for k in range(steps):
        loss[place, k] = problem.lose(place, eta[judged, k])
    constant = link(path.loss, rows.centre) + problem.offset[live, None]
    null[place] = problem.lose(place, constant[judged])
    fold[place] = 1
    own = path.predict(problem.design.take(live), problem.offset[live])
    training = np.array([np.average(problem.lose(live, part), weights=resamples.weight[live]) for part in own])
    return Evidence(
        strengths=path.strengths,
        loss=loss,
        null=null,
        weight=resamples.weight,
        unit=resamples.unit if len(resamples.unit) else np.arange(n),
        fold=fold,
        complexity=path.complexity,
        measure=problem.loss.measure,
        training=training,
        name=f"out-of-bag rows of {len(path.trees)} trees",
        features=problem.design.p,
        quadratic=problem.loss.quadratic,
        dispersion=problem.loss.dispersion,
        axis=path.axis,
    )


def draw_convergence(
    problem: Problem, weight: np.ndarray, live: np.ndarray, rows: OutOfBag
) -> Callable[[ForestPath, float], Picture]:
    """What draws a path at one strength, from at most a thousand rows spread evenly."""
    some = np.unique(np.linspace(0, len(live) - 1, min(len(live), _DRAWN)).astype(int))
    return partial(_draw, problem, live[some], weight[live[some]], rows.take(some))


def _draw(
    problem: Problem, live: np.ndarray, weight: np.ndarray, rows: OutOfBag, path: ForestPath, strength: float
) -> Picture:
    return Picture(convergence=converge(path, strength, problem, live, weight, rows))


def converge(
    path: ForestPath, strength: float, problem: Problem, live: np.ndarray, weight: np.ndarray, rows: OutOfBag
) -> Convergence:
    """Loss of out-of-bag rows against the number of trees at one strength: the mean over orders of the trees, and its
    spread over trees drawn again from these."""
    T = len(path.trees)
    says = rows.predict_trees(path, strength)
    counts = np.unique(np.minimum(T, np.round(np.geomspace(1, T, 12)).astype(int)))
    counts = counts[counts >= min(5, T)]
    random = np.random.default_rng(0)
    orders = np.array([random.permutation(T) for _ in range(_ORDERS)])
    draws = random.integers(T, size=(_ORDERS, T))

    def lose(order: np.ndarray) -> np.ndarray:
        total = np.cumsum(says[:, order], axis=1)[:, counts - 1]
        count = np.cumsum(rows.unseen[order], axis=0)[counts - 1].T
        out = np.empty(len(counts))
        for m in range(len(counts)):
            seen = np.flatnonzero(count[:, m])
            eta = settle(path.loss, total[seen, m], count[seen, m][:, None], rows.centre[seen])
            lost = problem.lose(live[seen], eta + problem.offset[live[seen], None])
            out[m] = np.average(lost, weights=weight[seen])
        return out

    mean = np.mean([lose(order) for order in orders], axis=0)
    spread = np.std([lose(order) for order in draws], axis=0, ddof=1)
    return Convergence(counts, mean, spread, problem.loss.measure, _say(counts, mean, spread))


def _say(counts: np.ndarray, mean: np.ndarray, spread: np.ndarray) -> str:
    half = int(np.abs(counts - counts[-1] / 2).argmin())
    if half == len(counts) - 1:
        return ""
    # loss = a + b / trees, so that the next doubling gains half of what the last one has gained
    slope = (mean[half] - mean[-1]) / (1 / counts[half] - 1 / counts[-1])
    gain = max(0.0, slope / (2 * counts[-1]))
    share = gain / mean[-1] if mean[-1] > 0 else 0.0
    return (
        f"Twice as many trees would take about {100 * share:.1f} % off the loss of {counts[-1]} trees; "
        f"drawn again, these would differ by {100 * spread[-1] / mean[-1]:.1f} %."
    )
