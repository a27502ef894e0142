"""The path of one tree: pruned and shrunken, all steps from the tree as it was grown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, final

import numpy as np

from rightfit.contracts import Design, Model, Path
from rightfit.errors import StoreError
from rightfit.records import Axis, Fitted, Picture, Status
from rightfit.records import Tree as Drawing
from rightfit.trees import pruning, shrinkage
from rightfit.trees.columns import Columns, restore_columns
from rightfit.trees.grove import Grove, from_arrays
from rightfit.trees.target import link

_TOLD = 100
"""Nodes whose levels a drawing holds at most, those of most rows: others are never drawn, and each is an array."""


@dataclass(frozen=True)
class Walk:
    """What is walked in, and what is held."""

    strengths: np.ndarray
    """(K,) decreasing"""
    kind: Literal["pruning", "shrinkage"]
    pruning: float = 0.0
    """Price of a leaf at every step of a walk in shrinkage."""
    shrinkage: float = 0.0
    """Rows of shrinkage at every step of a walk in pruning."""
    constant: bool = True
    """The first step is the constant model, whatever its strength."""

    @property
    def prices(self) -> np.ndarray:
        """(K,) of a leaf."""
        if self.kind == "shrinkage":
            return np.full(len(self.strengths), self.pruning)
        out = np.array(self.strengths, np.float64)
        if self.constant:
            out[0] = np.inf
        return out

    @cached_property
    def steps(self) -> list[tuple[float, float]]:
        """(K,) price of a leaf and rows of shrinkage."""
        prices = self.prices.tolist()
        if self.kind == "shrinkage":
            return list(zip(prices, self.strengths.tolist(), strict=True))
        return [(price, self.shrinkage) for price in prices]


@final
class TreePath(Path):
    """Steps of one grown tree."""

    def __init__(
        self,
        tree: Grove,
        walk: Walk,
        loss: str,
        smoothing: float,
        columns: Columns,
        price: np.ndarray | None = None,
        *,
        ordered: bool = False,
    ):
        """``ordered`` trees keep the order of their leaves, see `rightfit.trees.shrinkage.steady`."""
        self.tree, self.walk, self._price, self.ordered = tree, walk, price, ordered
        self.loss, self.smoothing, self.columns = loss, smoothing, columns
        self.strengths = walk.strengths
        if walk.kind == "pruning":
            kept = shrinkage.keep(tree.size, walk.shrinkage)
            self.leaves = pruning.count_leaves(tree, self.price, walk.prices)
            self.complexity = pruning.sum_standing(tree, self.price, walk.prices, kept)
        else:
            left = tree.cut(~self._stands(walk.pruning))[0]
            self.leaves = np.full(len(walk.strengths), left.leaves[0])
            self.complexity = shrinkage.freedom(left, walk.strengths)
        self.status = np.full(len(walk.strengths), Status.GROWN, np.int8)

    def along(self, walk: Walk) -> TreePath:
        """Another way over the same tree: pruning and shrinkage are one surface of one grown tree."""
        return TreePath(self.tree, walk, self.loss, self.smoothing, self.columns, self._price, ordered=self.ordered)

    def predict(self, design: Design, offset: np.ndarray | None = None) -> np.ndarray:
        leaf = self.tree.descend(self.columns.read(design))[0]
        rest, says = self._rest, self._says
        steps = enumerate(self.walk.steps)
        out = np.stack([says[rows][leaf if rest is None else rest[leaf, k]] for k, (_, rows) in steps])
        return out if offset is None else out + offset[None, :, None]

    def model(self, step: int) -> TreeModel:
        alpha, rows = self.walk.steps[step]
        small, kept = self.tree.cut(~self._stands(alpha))
        return TreeModel(small, self._says[rows][kept], self.loss, self.columns)

    def importance(self, step: int) -> np.ndarray:
        """What the splits on a feature take off the impurity, times what shrinkage keeps of it."""
        alpha, rows = self.walk.steps[step]
        gain = shrinkage.gains(self.tree, rows, self.columns, self._stands(alpha))
        return gain / (gain.sum() or 1.0)

    def size(self, step: int) -> str:
        leaves = int(self.leaves[step])
        return "1 leaf" if leaves == 1 else f"{leaves:,} leaves"

    @property
    def axis(self) -> Axis:
        if self.walk.kind == "pruning":
            return Axis(
                name="leaves",
                positions=self.leaves.astype(np.float64),
                words="{} leaves",
                one="1 leaf",
                strongest="the hardest pruning",
                stronger="harder pruning",
                weaker="milder pruning",
                weakest="the mildest pruning",
                free="the whole tree",
            )
        return Axis(
            name="effective leaves",
            positions=1 + self.complexity,
            words="{} effective leaves",
            strongest="the strongest shrinkage",
            stronger="stronger shrinkage",
            weaker="weaker shrinkage",
            weakest="the weakest shrinkage",
            free="the tree without shrinkage",
        )

    def picture(self, step: int) -> Picture:
        return self.model(step).picture()

    @property
    def price(self) -> np.ndarray:
        """(N,) `rightfit.trees.pruning.collapse` of the tree, found when it is first asked for."""
        if self._price is None:
            self._price = pruning.collapse(self.tree)
        return self._price

    def _stands(self, alpha: float) -> np.ndarray:
        return self.tree.feature >= 0 if alpha == 0 else pruning.standing(self.tree, self.price, alpha)

    @cached_property
    def _rest(self) -> np.ndarray | None:
        """(N, K) where a row that reaches a node stays; None where that is the node."""
        prices = self.walk.prices
        return pruning.resting(self.tree, self.price, prices) if prices.any() else None

    @cached_property
    def _says(self) -> dict[float, np.ndarray]:
        """(N, C) linear predictors of all nodes, for each number of rows of shrinkage on the way."""
        strengths = np.array(list(dict.fromkeys(rows for _, rows in self.walk.steps)))
        values = shrinkage.steady(self.tree, strengths, self.smoothing, ordered=self.ordered).transpose(1, 0, 2)
        says = [link(self.loss, value) for value in values]
        return dict(zip(strengths.tolist(), says, strict=True))


@final
class TreeModel(Model):
    """One tree: ``says`` (N, C) is the linear predictor of every node."""

    def __init__(self, tree: Grove, says: np.ndarray, loss: str, columns: Columns):
        self.tree, self.says, self.loss, self.columns = tree, says, loss, columns

    def predict(self, design: Design, offset: np.ndarray | None = None) -> np.ndarray:
        leaf = self.tree.descend(self.columns.read(design))[0]
        eta = self.says[leaf]
        return eta if offset is None else eta + offset[:, None]

    def fitted(self) -> Fitted:
        arrays = {**self.tree.arrays(), **self.columns.arrays(), "says": self.says}
        return Fitted("tree", self.loss, arrays, {"features": float(self.columns.p)})

    def picture(self) -> Picture:
        """The tree to be drawn."""
        tree, columns = self.tree, self.columns
        inner, plain = tree.feature >= 0, tree.feature < len(columns.plain)
        first = np.array([*columns.plain, *(category[0] for category in columns.levels)], np.int64)
        places = np.split(tree.places[0], np.cumsum(tree.codes)[:-1])
        levels = {}
        asked = np.flatnonzero(~plain)
        for node in asked[np.argsort(-tree.size[asked], kind="stable")][:_TOLD].tolist():
            k = int(tree.feature[node]) - len(columns.plain)
            levels[str(node)] = columns.levels[k][places[k][:-1] <= tree.threshold[node]]
        drawing = Drawing(
            title="the chosen tree",
            feature=np.where(inner, first[tree.feature], -1),
            threshold=np.where(inner & plain, tree.threshold, np.nan),
            left=tree.left.astype(np.int64),
            right=tree.right.astype(np.int64),
            missing_left=tree.missing_left > 0,
            rows=tree.size,
            value=self.says,
            levels=levels,
        )
        return Picture(tree=drawing)


def restore_tree(fitted: Fitted) -> TreeModel:
    """The model that `TreeModel.fitted` described; StoreError where it is damaged."""
    columns = restore_columns(int(fitted.facts["features"]), fitted.arrays)
    tree = from_arrays(fitted.arrays, columns)
    says = fitted.arrays["says"]
    if says.ndim != 2 or len(says) != tree.nodes:
        raise StoreError("the tree has nodes that say nothing: the file is damaged, fit again")
    return TreeModel(tree, says, fitted.loss, columns)
