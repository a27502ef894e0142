"""The path of a forest: all its trees shrunken together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from rightfit.contracts import Design, Model, Path
from rightfit.errors import StoreError
from rightfit.records import Axis, Fitted, Picture, Status
from rightfit.solvers.watch import tell
from rightfit.trees import shrinkage
from rightfit.trees.columns import Columns, restore_columns
from rightfit.trees.grove import Grove, from_arrays, join
from rightfit.trees.target import link


@dataclass(frozen=True)
class Sample:
    """The rows that bags were drawn from: what a forest says at infinite shrinkage."""

    centre: np.ndarray
    """(C,) their mean, or their shares"""
    size: float
    """their number, as weight"""


@final
class ForestPath(Path):
    """Strengths of hierarchical shrinkage of trees that are grown once.

    The forest's mean is the mean over trees; shares and rates get the sample's as one more tree, so that none is 0."""

    def __init__(
        self,
        trees: Sequence[Grove],
        sample: Sample,
        strengths: np.ndarray,
        loss: str,
        columns: Columns,
        picture: Callable[[ForestPath, float], Picture] | None = None,
        *,
        ordered: bool = False,
    ):
        """``ordered`` trees keep the order of their leaves, see `rightfit.trees.shrinkage.steady`."""
        self.ordered = ordered
        self.trees, self.sample, self.strengths = tuple(trees), sample, strengths
        self.loss, self.columns, self._picture = loss, columns, picture
        self.complexity = np.mean([shrinkage.freedom(tree, strengths) for tree in self.trees], axis=0)
        self.leaves = sum(int(tree.leaves[0]) for tree in self.trees)
        self.status = np.full(len(strengths), Status.GROWN, np.int8)

    def predict(self, design: Design, offset: np.ndarray | None = None) -> np.ndarray:
        X = self.columns.read(design)
        total = np.zeros((len(X), len(self.strengths), len(self.sample.centre)))
        for tree, says in self.shrunken(self.strengths):
            tell(0.0)
            total += says[tree.descend(X)[0]]
        out = self.settle(total, len(self.trees), self.sample.centre).transpose(1, 0, 2)
        return out if offset is None else out + offset[None, :, None]

    def without_rows(self) -> ForestPath:
        """The path without the rows that its picture is drawn from."""
        return ForestPath(self.trees, self.sample, self.strengths, self.loss, self.columns, ordered=self.ordered)

    def shrunken(self, strengths: np.ndarray) -> Iterator[tuple[Grove, np.ndarray]]:
        """Each tree with what its nodes say, (N, K, C)."""
        for tree in self.trees:
            yield tree, shrinkage.shrink(tree, strengths, self.sample.centre, self.sample.size)

    def settle(self, total: np.ndarray, count: int | np.ndarray, centre: np.ndarray) -> np.ndarray:
        """Linear predictors of sums (..., C) over ``count`` trees."""
        return settle(self.loss, total, count, centre)

    def model(self, step: int) -> ForestModel:
        parts = [says[:, 0] for _, says in self.shrunken(self.strengths[step : step + 1])]
        says = [np.where(tree.feature[:, None] < 0, part, 0.0) for tree, part in zip(self.trees, parts, strict=True)]
        return ForestModel(join(self.trees), np.concatenate(says), self.sample.centre, self.loss, self.columns)

    def importance(self, step: int) -> np.ndarray:
        """What the splits on a feature take off the impurity, times what shrinkage keeps of it, over all trees."""
        strength = float(self.strengths[step])
        gain = np.sum([shrinkage.gains(tree, strength, self.columns) for tree in self.trees], axis=0)
        return gain / (gain.sum() or 1.0)

    def size(self, step: int) -> str:
        if np.isinf(self.strengths[step]):
            return "a constant"
        return f"{len(self.trees):,} trees, {self.leaves:,} leaves"

    @property
    def axis(self) -> Axis:
        return Axis(
            name="effective leaves a tree",
            positions=1 + self.complexity,
            words="{} effective leaves a tree",
            strongest="the strongest shrinkage",
            stronger="stronger shrinkage",
            weaker="weaker shrinkage",
            weakest="the weakest shrinkage",
            free="the forest without shrinkage",
        )

    def picture(self, step: int) -> Picture:
        return Picture() if self._picture is None else self._picture(self, float(self.strengths[step]))


@final
class ForestModel(Model):
    """All trees in one grove: ``says`` (N, C) is the shrunken mean of every leaf."""

    def __init__(self, grove: Grove, says: np.ndarray, centre: np.ndarray, loss: str, columns: Columns):
        self.grove, self.says, self.centre, self.loss, self.columns = grove, says, centre, loss, columns

    def predict(self, design: Design, offset: np.ndarray | None = None) -> np.ndarray:
        total = np.zeros((design.n, len(self.centre)))
        for leaf in self.grove.descend(self.columns.read(design)):
            total += self.says[leaf]
        eta = settle(self.loss, total, len(self.grove.roots), self.centre)
        return eta if offset is None else eta + offset[:, None]

    def fitted(self) -> Fitted:
        arrays = {**self.grove.routes(), **self.columns.arrays(), "says": self.says, "centre": self.centre}
        return Fitted("forest", self.loss, arrays, {"features": float(self.columns.p)})


def settle(loss: str, total: np.ndarray, count: int | np.ndarray, centre: np.ndarray) -> np.ndarray:
    """(..., outputs) linear predictors of sums (..., C) over ``count`` trees, with the sample's mean as one more tree
    unless the loss is squared error."""
    return link(loss, total / count if loss == "squared" else (total + centre) / (count + 1))


def restore_whole(fitted: Fitted) -> ForestModel:
    """The model that `ForestModel.fitted` described; StoreError where it is damaged."""
    columns = restore_columns(int(fitted.facts["features"]), fitted.arrays)
    says, centre = fitted.arrays["says"], fitted.arrays["centre"]
    grove = from_arrays(fitted.arrays, columns)
    if says.ndim != 2 or centre.ndim != 1 or says.shape != (grove.nodes, len(centre)):
        raise StoreError("the forest has nodes that say nothing: the file is damaged, fit again")
    return ForestModel(grove, says, centre, fitted.loss, columns)
