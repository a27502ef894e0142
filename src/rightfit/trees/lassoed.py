"""A forest put through the lasso, so that few trees are left (Friedman & Popescu 2003, Importance Sampled Learning
Ensembles; with a share of the forest as offset, Shang, Bannon, Haibe-Kains & Tibshirani 2025, Lassoed Forests).

A column is what one tree says, as a linear predictor; its coefficient is 0 or more. A row that a tree has drawn is told
nothing new by it: there the mean of the trees that have not drawn the row stands for it. So the lasso learns from trees
that do not know the row's target. The linear predictor is

    mix * forest + b0 + sum_t b_t tree_t

With mix 0 the trees of coefficient 0 are thrown away; with any other the forest stays, and the lasso corrects it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from rightfit import catalog
from rightfit.contracts import Design, Model, Path, Problem
from rightfit.data.design import make_design
from rightfit.errors import OptionError, StoreError
from rightfit.records import Axis, Fitted, Resamples, Status, Trace
from rightfit.solvers.watch import tell
from rightfit.trees import shrinkage
from rightfit.trees.columns import Columns, restore_columns
from rightfit.trees.forest_path import ForestModel, ForestPath, restore_whole
from rightfit.trees.grove import Grove, from_arrays, join
from rightfit.trees.out_of_bag import OutOfBag
from rightfit.trees.target import link

_BEYOND = 10.0
"""Times the full fit's strongest penalty, so that no resample's first step has a tree."""
_LEAF = 1.0
"""Rows dealt as in the sample that are added to every leaf of shares or rates."""


def listen_to(forests: Sequence[ForestPath], unseen: Sequence[tuple[np.ndarray, OutOfBag]], step: int) -> list[Heard]:
    """What the trees of each resample's forest at one step say of its rows; ``unseen`` are these rows and which of its
    trees have not drawn them."""
    found = []
    for forest, (_, rows) in zip(forests, unseen, strict=True):
        tell(0.0)
        trees = Says(forest, float(forest.strengths[step]))
        found.append(Heard(trees, *trees.out_of_bag(rows)))
    return found


def lasso(
    problem: Problem,
    resamples: Resamples,
    heard: Sequence[Heard],
    unseen: Sequence[tuple[np.ndarray, OutOfBag]],
    step: int,
    *,
    mix: float = 0.0,
    count: int = 50,
) -> list[LassoedPath]:
    """One path a resample at the strengths of the full fit, over its forest at one step, from what `listen_to` has
    ``heard`` of the rows of ``unseen``. OptionError where the loss has several outputs or mix is no share."""
    check_lasso(problem, mix)
    kind: Any = catalog.find("learners", "linear")
    penalty = catalog.find("penalties", "elastic_net")

    def learn(Z: np.ndarray, k: int, mean: np.ndarray, strengths: np.ndarray | None) -> Any:
        live = unseen[k][0]
        learner = kind(
            penalty(lower=np.zeros(Z.shape[1])), strengths=strengths, count=count, standardize=False, tolerance=1e-7
        )
        told = Problem(make_design(Z), problem.y[live], problem.loss, problem.offset[live] + mix * mean)
        return learner.fit_paths(told, Resamples.full(resamples.weights(k)[live]))[0]

    strengths = None
    out = []
    for k, own in enumerate(heard):
        tell(0.0)
        if strengths is None:
            strengths = learn(own.Z, k, own.mean, None).strengths.copy()
            strengths[0] *= _BEYOND
        out.append(LassoedPath(own.trees, learn(own.Z, k, own.mean, strengths).trace(), step, mix))
    return out


@dataclass(frozen=True)
class Heard:
    """What the trees of a forest say of rows that they have not drawn."""

    trees: Says
    Z: np.ndarray
    """(n, T)"""
    mean: np.ndarray
    """(n,) of those trees"""


def lacks_lasso(problem: Problem) -> bool:
    """Whether a forest that learns this problem cannot be put through the lasso: it has several linear predictors."""
    return problem.loss.outputs > 1


def check_lasso(problem: Problem, mix: float) -> None:
    """OptionError where a forest cannot be put through the lasso, or not with this share of it."""
    if lacks_lasso(problem):
        raise OptionError("a forest of more than two classes cannot be put through the lasso; thin it with two classes")
    if not 0 <= mix <= 1:
        raise OptionError(f"mix must lie between 0 (few trees alone) and 1 (the forest, corrected), not {mix}")


class Says:
    """What each tree of a forest says, as linear predictors (n, T)."""

    def __init__(self, forest: ForestPath, strength: float):
        self.forest, self.loss = forest, forest.loss
        smoothing = 0.0 if self.loss == "squared" else _LEAF
        centre, size, ordered = forest.sample.centre, forest.sample.size, forest.ordered
        self.says: list[np.ndarray] = []
        """(N,) for each tree"""
        for tree in forest.trees:
            mean = shrinkage.steady(tree, np.array([strength]), smoothing, ordered=ordered, centre=centre, size=size)
            self.says.append(link(self.loss, mean[:, 0])[:, 0])

    def observe(self, X: np.ndarray) -> np.ndarray:
        """(n, T) for new rows."""
        pairs = zip(self.forest.trees, self.says, strict=True)
        return np.stack([says[tree.descend(X)[0]] for tree, says in pairs], axis=1)

    def out_of_bag(self, rows: OutOfBag) -> tuple[np.ndarray, np.ndarray]:
        """(n, T) for rows of the fit, and (n,) the mean of the trees that have not drawn the row, which also stands for
        those that have. Where all have, it is the sample's own mean."""
        Z = self.observe(rows.X)
        free = rows.unseen.T
        count = free.sum(axis=1)
        constant = link(self.loss, rows.centre)[:, 0]
        mean = np.where(count > 0, np.where(free, Z, 0.0).sum(axis=1) / np.maximum(count, 1), constant)
        return np.where(free, Z, mean[:, None]), mean


@final
class LassoedPath(Path):
    """Strengths of the lasso over the trees of a forest."""

    def __init__(self, trees: Says, trace: Trace, step: int, mix: float):
        self.trees, self.trace_, self.step, self.mix = trees, trace, step, mix
        self.strengths, self.complexity = trace.strengths, trace.complexity
        self.status = np.full(len(trace), Status.GROWN, np.int8)
        self.counts = trace.nonzero()

    def predict(self, design: Design, offset: np.ndarray | None = None) -> np.ndarray:
        Z = self.trees.observe(self.trees.forest.columns.read(design))
        steps = [
            _add(Z, self.trace_.coef(k)[:, 0], self.trace_.intercept[k, 0], self.mix) for k in range(len(self.counts))
        ]
        out = np.stack(steps)[:, :, None]
        return out if offset is None else out + offset[None, :, None]

    def model(self, step: int) -> LassoedModel:
        coef = self.trace_.coef(step)[:, 0]
        used = np.arange(len(coef)) if self.mix else np.flatnonzero(coef)
        used = used if len(used) else np.arange(1)
        forest = self.trees.forest
        grove = join([forest.trees[t] for t in used])
        says = np.concatenate([self.trees.says[t] for t in used])
        return LassoedModel(
            grove, says, coef[used], float(self.trace_.intercept[step, 0]), self.mix, forest.loss, forest.columns
        )

    def importance(self, step: int) -> np.ndarray:
        """Gains of the trees' splits, times their weights."""
        forest, coef = self.trees.forest, self.trace_.coef(step)[:, 0]
        weight = coef + self.mix / len(forest.trees)
        strength = float(forest.strengths[self.step])
        gain = sum(
            w * shrinkage.gains(tree, strength, forest.columns)
            for w, tree in zip(weight, forest.trees, strict=True)
            if w
        )
        gain = np.zeros(forest.columns.p) + gain
        return gain / (gain.sum() or 1.0)

    def size(self, step: int) -> str:
        trees = self.trees.forest.trees
        used = range(len(trees)) if self.mix else np.flatnonzero(self.trace_.coef(step)[:, 0])
        leaves = sum(int(trees[t].leaves[0]) for t in used)
        return f"{len(used)} {'tree' if len(used) == 1 else 'trees'}, {leaves:,} leaves"

    @property
    def axis(self) -> Axis:
        return Axis(
            name="corrected trees" if self.mix else "trees",
            positions=self.counts.astype(np.float64),
            words="{} corrected trees" if self.mix else "{} trees",
            one="1 corrected tree" if self.mix else "1 tree",
            strongest="the strongest lasso of trees",
            stronger="a stronger lasso of trees",
            weaker="a weaker lasso of trees",
            weakest="the weakest lasso of trees",
            free="the trees without a penalty",
        )


@final
class LassoedModel(Model):
    """Weighted trees: ``says`` (N,) linear predictors of all nodes, ``coef`` (T,) of the trees."""

    def __init__(
        self,
        grove: Grove,
        says: np.ndarray,
        coef: np.ndarray,
        intercept: float,
        mix: float,
        loss: str,
        columns: Columns,
    ):
        self.grove, self.says, self.coef, self.intercept = grove, says, coef, intercept
        self.mix, self.loss, self.columns = mix, loss, columns

    def predict(self, design: Design, offset: np.ndarray | None = None) -> np.ndarray:
        Z = self.says[self.grove.descend(self.columns.read(design))].T
        eta = _add(Z, self.coef, self.intercept, self.mix)[:, None]
        return eta if offset is None else eta + offset[:, None]

    def count(self) -> tuple[int, int]:
        """Trees that a prediction needs, and their leaves."""
        used = np.flatnonzero(self.coef + self.mix)
        return len(used), int(self.grove.leaves[self.grove.roots[used]].sum())

    def fitted(self) -> Fitted:
        arrays = {**self.grove.routes(), **self.columns.arrays(), "says": self.says, "coef": self.coef}
        facts = {"features": float(self.columns.p), "intercept": self.intercept, "mix": self.mix}
        return Fitted("forest", self.loss, arrays, facts)


def restore_forest(fitted: Fitted) -> ForestModel | LassoedModel:
    """The forest, whole or put through the lasso, that was described; StoreError where it is damaged."""
    if "intercept" not in fitted.facts:
        return restore_whole(fitted)
    columns = restore_columns(int(fitted.facts["features"]), fitted.arrays)
    grove, says, coef = from_arrays(fitted.arrays, columns), fitted.arrays["says"], fitted.arrays["coef"]
    if says.shape != (grove.nodes,) or coef.shape != grove.roots.shape:
        raise StoreError("the forest has nodes that say nothing: the file is damaged, fit again")
    facts = fitted.facts
    return LassoedModel(grove, says, coef, facts["intercept"], facts["mix"], fitted.loss, columns)


def _add(Z: np.ndarray, coef: np.ndarray, intercept: float, mix: float) -> np.ndarray:
    """(n,) mix * mean of the columns + intercept + sum of the weighted columns, tree by tree."""
    total = np.full(len(Z), intercept)
    for weight, column in zip(coef + mix / Z.shape[1], Z.T, strict=True):
        if weight:
            total += weight * column
    return total
