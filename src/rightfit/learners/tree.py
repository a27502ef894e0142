"""One tree: the path walks in pruning, or in shrinkage of a tree that is not pruned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar, Literal, final

import numpy as np

from rightfit.contracts import Learner, Path, Problem, Wishes
from rightfit.errors import OptionError
from rightfit.records import Fitted, Resamples
from rightfit.trees import pruning
from rightfit.trees.grove import Grove
from rightfit.trees.growing import Growth, grow
from rightfit.trees.options import as_settings, check_walk, cross, shrinkage_grid
from rightfit.trees.pace import keep_pace
from rightfit.trees.rows import Rows, read_rows
from rightfit.trees.sizing import price_tree
from rightfit.trees.target import check_problem
from rightfit.trees.together import in_order
from rightfit.trees.tree_path import TreeModel, TreePath, Walk, restore_tree

SURFACE = (10.0, 0.0, 3.0, 30.0, 100.0, 300.0)
"""Rows of shrinkage that are tried, the first one with every setting."""
LOOK = 25
"""Steps of a first look, where time is short."""
_LONG = 50_000
"""Rows from which a table is long."""


@final
@dataclass(frozen=True)
class Tree(Learner):
    """A decision tree that scikit-learn grows once a resample, all steps of the path from it.

    Walking in ``"pruning"``, a strength is the price of a leaf (scikit-learn's ``ccp_alpha``; see
    `rightfit.trees.pruning`), 0 the tree as grown. Walking in ``"shrinkage"``, it is that of hierarchical shrinkage in
    rows (see `rightfit.trees.shrinkage`), infinity the constant model. What is not walked in is held: ``shrinkage``
    rows for every pruned tree, or ``pruning`` for every shrunken one.

    Numbers of rows are weights without their common factor where these are whole, else weights of mean one; with
    Poisson loss and an offset, they are exposures of mean one.

    Parameters
    ----------
    max_depth, max_leaf_nodes
        Limits of the grown tree, None where there is none.
    min_samples_split, min_samples_leaf
        Rows (weight) that a node needs to be split, and that every leaf has.
    max_features
        Share of the features that each split looks at, "sqrt", "log2", or None for all.
    criterion
        What a split minimizes; by default the loss's own, see `rightfit.trees.target`.
    smoothing
        Rows dealt as in the whole sample that are added to every leaf of shares or rates; squared error needs none.
        Where predictions must be monotone they are added to the rows of shrinkage, which keeps the order of leaves.
    strengths
        (K,) decreasing; by default at most ``count`` that stand for the trees of the full fit.
    threads
        Trees grown at a time; results do not depend on it.
    surface
        Further rows of shrinkage at which the pruning of the same trees is walked, see `revisit`.
    """

    max_depth: int | None = None
    min_samples_split: int = 2
    min_samples_leaf: int = 5
    max_features: float | str | None = None
    max_leaf_nodes: int | None = None
    criterion: str | None = None
    walk: Literal["pruning", "shrinkage"] = "pruning"
    pruning: float = 0.0
    shrinkage: float = 0.0
    smoothing: float = 1.0
    strengths: np.ndarray | None = None
    count: int = 100
    seed: int = 0
    threads: int = 1
    surface: tuple[float, ...] = ()
    name: ClassVar[str] = "tree"
    rank: ClassVar[int] = 1

    @classmethod
    def specimens(cls) -> Iterator[Tree]:
        yield cls(count=20)
        yield cls(walk="shrinkage", count=12)
        yield cls(min_samples_leaf=15, shrinkage=10.0, count=20)

    @property
    def growth(self) -> Growth:
        """How far the tree may grow."""
        return Growth(
            self.max_depth, self.min_samples_split, self.min_samples_leaf, self.max_features, self.max_leaf_nodes
        )

    @property
    def words(self) -> str:
        held = {"pruning": self.shrinkage, "shrinkage": self.pruning}[self.walk]
        word = {"pruning": "shrunken by {:g} rows", "shrinkage": "a leaf's price {:.3g}"}[self.walk]
        said = [self.growth.words(), word.format(held) if held else ""]
        return ", ".join(["one tree", *filter(None, said)])

    @property
    def settings(self) -> dict[str, float]:
        held = {"shrinkage": self.shrinkage} if self.walk == "pruning" else {"pruning": self.pruning}
        return as_settings(self.growth) | held

    @classmethod
    def propose(cls, problem: Problem, resamples: Resamples, wishes: Wishes) -> Sequence[Learner]:
        """Small, middling and large leaves, each pruned; the best of them is shrunken less and more. Of long tables,
        whose trees take minutes and are pruned far, the small leaves are larger and the only ones."""
        check_problem(problem, cls.name)
        rows = int((resamples.weight > 0).sum())
        leaves = (5, 1, 20) if rows < _LONG else (5 * rows // _LONG,)
        wanted = wishes.numbers
        first, *others = wanted.pop("shrinkage", SURFACE)
        known = ("max_depth", "min_samples_split", "min_samples_leaf", "max_features", "max_leaf_nodes")
        made = cls(shrinkage=first, surface=tuple(others), seed=wishes.seed, threads=wishes.threads)
        defaults = [{"min_samples_leaf": least} for least in leaves]
        return [replace(made, **options) for options in cross(defaults, wanted, known, cls.name)]

    def fit_paths(self, problem: Problem, resamples: Resamples) -> Sequence[TreePath]:
        """One path a resample, all at the strengths of the full fit.

        Raises
        ------
        OptionError
            Options that make no sense, or a loss that no tree learns.
        """
        self.growth.check()
        check_walk(self.walk, self.strengths, self.count, self.smoothing, self.threads)
        for name in ("pruning", "shrinkage"):
            if not 0 <= getattr(self, name):
                raise OptionError(f"{name} must be a number of 0 or more, not {getattr(self, name)}")
        keep_pace(self, problem, resamples, self.threads)
        rows = read_rows(problem, resamples, self.criterion, self.name)
        grown = in_order([partial(self._grow, rows, k) for k in range(len(resamples))], self.threads)
        smoothing = 0.0 if problem.loss.name == "squared" else self.smoothing
        still = Walk(np.zeros(1), "shrinkage")
        ordered = bool(len(rows.signs))
        paths = [TreePath(tree, still, problem.loss.name, smoothing, rows.columns, ordered=ordered) for tree in grown]
        strengths = self._grid(paths[0]) if self.strengths is None else np.asarray(self.strengths, np.float64)
        walk = Walk(strengths, self.walk, self.pruning, self.shrinkage, constant=self.strengths is None)
        return [path.along(walk) for path in paths]

    @classmethod
    def expect(cls, problem: Problem, resamples: Resamples) -> float:
        paths = 3 if resamples.taught < _LONG else 1
        return paths * len(resamples) * price_tree(problem, resamples) + 1e-5 * resamples.taught * problem.loss.outputs

    def afford(self, problem: Problem, resamples: Resamples) -> Learner:
        """Few steps where a part of the rows teaches, and no surface: the time is worth more for all rows."""
        return replace(self, count=min(self.count, LOOK), surface=()) if resamples.partial else self

    def revisit(
        self, problem: Problem, resamples: Resamples, paths: Sequence[Path], step: int
    ) -> Iterator[tuple[Learner, Sequence[Path]]]:
        """Pruning and shrinkage are one surface of the trees that are grown: a path for each part of ``surface``."""
        grown = [path for path in paths if isinstance(path, TreePath)]
        for rows in self.surface:
            if rows != self.shrinkage:
                yield replace(self, shrinkage=rows), [path.along(replace(path.walk, shrinkage=rows)) for path in grown]

    def _grow(self, rows: Rows, k: int) -> Grove:
        return grow(*rows.resample(k), self.growth, self.seed, rows.columns.codes, rows.signs)

    def _grid(self, path: TreePath) -> np.ndarray:
        if self.walk == "pruning":
            return pruning.grid(path.tree, path.price, self.count)
        return shrinkage_grid(float(path.tree.size[0]), self.count)


def restore(fitted: Fitted) -> TreeModel:
    """The model that `TreeModel.fitted` described."""
    return restore_tree(fitted)
