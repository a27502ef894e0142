"""Random forests: the path walks in the shrinkage of all trees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, final

import numpy as np

from rightfit.contracts import Learner, Problem, Wishes
from rightfit.errors import OptionError
from rightfit.records import Fitted, Resamples
from rightfit.trees.bags import draw, name_units
from rightfit.trees.forest_path import ForestModel, ForestPath, Sample, restore_forest
from rightfit.trees.grove import Grove
from rightfit.trees.growing import Growth, grow
from rightfit.trees.options import as_settings, check_walk, cross, shrinkage_grid
from rightfit.trees.rows import Rows, read_rows
from rightfit.trees.target import check_problem
from rightfit.trees.together import in_order


@final
@dataclass(frozen=True)
class Forest(Learner):
    """The mean of trees, each grown by scikit-learn on its own bag of rows (Breiman 2001, Random forests), shrunken
    together: a strength is that of hierarchical shrinkage in rows (see `rightfit.trees.shrinkage`), 0 the forest as it
    was grown, infinity the constant model. All strengths come from the same trees.

    Bags are drawn as `rightfit.trees.bags` says. Numbers of rows are weights where these are whole, else weights of
    mean one.

    Parameters
    ----------
    n_estimators
        Trees. More do not overfit, but cost.
    max_features
        Share of the features that each split looks at, "sqrt", "log2"; by default the square root for classes, a third
        for amounts and counts.
    max_depth, min_samples_split, min_samples_leaf, max_leaf_nodes, criterion
        As in `rightfit.learners.tree.Tree`.
    max_samples
        Mean number of times that a row is in a bag, above 0 and at most 1.
    strengths
        (K,) decreasing; by default ``count`` from infinity to 0.
    threads
        Trees grown at a time; results do not depend on it.
    """

    n_estimators: int = 100
    max_features: float | str | None = None
    max_depth: int | None = None
    min_samples_split: int = 2
    min_samples_leaf: int = 1
    max_leaf_nodes: int | None = None
    max_samples: float = 1.0
    criterion: str | None = None
    strengths: np.ndarray | None = None
    count: int = 30
    seed: int = 0
    threads: int = 1
    name: ClassVar[str] = "forest"
    rank: ClassVar[int] = 2

    def growth(self, loss: str) -> Growth:
        """How far a tree may grow."""
        usual: float | str = "sqrt" if loss in ("logistic", "multinomial") else 1 / 3
        share = usual if self.max_features is None else self.max_features
        return Growth(self.max_depth, self.min_samples_split, self.min_samples_leaf, share, self.max_leaf_nodes)

    @property
    def words(self) -> str:
        plain = Growth(
            self.max_depth, self.min_samples_split, self.min_samples_leaf, self.max_features, self.max_leaf_nodes
        )
        return ", ".join(filter(None, [f"forest of {self.n_estimators} trees", plain.words()]))

    @property
    def settings(self) -> dict[str, float]:
        return {"n_estimators": float(self.n_estimators), **as_settings(self.growth("squared"))}

    @classmethod
    def propose(cls, problem: Problem, resamples: Resamples, wishes: Wishes) -> Sequence[Learner]:
        """Deep trees, and some with larger leaves."""
        check_problem(problem, cls.name)
        known = (
            "n_estimators",
            "max_features",
            "max_depth",
            "min_samples_split",
            "min_samples_leaf",
            "max_leaf_nodes",
        )
        defaults = [{"min_samples_leaf": 1}, {"min_samples_leaf": 5}]
        return [
            cls(**options, seed=wishes.seed, threads=wishes.threads)
            for options in cross(defaults, wishes.settings, known, cls.name)
        ]

    def fit_paths(self, problem: Problem, resamples: Resamples) -> Sequence[ForestPath]:
        """One path a resample, all at the same strengths.

        Raises
        ------
        OptionError
            Options that make no sense, or a loss that no tree learns.
        """
        growth = self.growth(problem.loss.name)
        growth.check()
        check_walk("shrinkage", self.strengths, self.count, 0.0, self.threads)
        if self.n_estimators < 1:
            raise OptionError(f"n_estimators must be 1 or more, {self.n_estimators} was given")
        if not 0 < self.max_samples <= 1:
            raise OptionError(f"max_samples must lie above 0 and be at most 1, {self.max_samples} was given")
        rows = read_rows(problem, resamples, self.criterion, self.name)
        names = name_units(rows, resamples.unit)
        samples = [self._sample(rows, k) for k in range(len(resamples))]
        strengths = self.strengths
        if strengths is None:
            strengths = shrinkage_grid(samples[0].size, self.count)
        tasks = [
            partial(self._grow, rows, names, growth, k, b)
            for k in range(len(resamples))
            for b in range(self.n_estimators)
        ]
        trees = in_order(tasks, self.threads)
        T = self.n_estimators
        return [
            ForestPath(trees[k * T : (k + 1) * T], samples[k], strengths, problem.loss.name, problem.design.p)
            for k in range(len(resamples))
        ]

    def bag(self, names: np.ndarray, b: int) -> np.ndarray:
        """(n,) times that tree b has drawn each row."""
        return draw(names, int(np.random.SeedSequence([self.seed, b]).generate_state(2)[1]), self.max_samples)

    def _grow(self, rows: Rows, names: np.ndarray, growth: Growth, k: int, b: int) -> Grove:
        X, target, copies = rows.resample(k)
        drawn = self.bag(names[rows.live(k)], b)
        seed = int(np.random.SeedSequence([self.seed, b]).generate_state(1)[0])
        return grow(X, target, copies * drawn, growth, seed).lean()

    def _sample(self, rows: Rows, k: int) -> Sample:
        _, target, copies = rows.resample(k)
        weight = copies * target.exposure
        shares = target.y[:, None] == np.arange(target.classes) if target.classes else target.y[:, None]
        return Sample(weight @ shares / weight.sum(), float(weight.sum()))


def restore(fitted: Fitted) -> ForestModel:
    """The model that `ForestModel.fitted` described."""
    return restore_forest(fitted)
