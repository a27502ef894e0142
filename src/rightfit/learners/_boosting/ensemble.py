"""A grown booster: its trees as data, its margins after any number of rounds, and its rounds cut short."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, final

import msgspec
import numpy as np

from rightfit.contracts import Design
from rightfit.learners._boosting.columns import Columns
from rightfit.learners._boosting.ground import make_matrix, sum_rounds
from rightfit.learners._boosting.library import load

_NODES = re.compile(rb"num_nodesSL.{8}(\d+)", re.DOTALL)
"""The number of nodes of a tree where XGBoost writes in bytes, which takes a fifth of the time that its JSON takes."""


class Tree(msgspec.Struct):
    """One tree as XGBoost writes it, the fields that are read here."""

    left_children: list[int]
    right_children: list[int]
    split_indices: list[int]
    split_conditions: list[float]
    """Thresholds, and at leaves the leaf's weight times the learning rate."""
    default_left: list[int]
    loss_changes: list[float]
    sum_hessian: list[float]


class _Model(msgspec.Struct):
    trees: list[Tree]
    iteration_indptr: list[int]
    tree_info: list[int]


class _Plain(msgspec.Struct):
    model: _Model


class _Booster(msgspec.Struct):
    """With dropout the trees lie one floor deeper."""

    model: _Model | None = None
    gbtree: _Plain | None = None


class _Learner(msgspec.Struct):
    gradient_booster: _Booster


class _File(msgspec.Struct):
    learner: _Learner


@final
class Ensemble:
    """The rounds of one resample, and the constant that they start from."""

    def __init__(
        self,
        booster: Any,
        columns: Columns,
        constant: np.ndarray,
        tree_weights: dict[int, list[float]] | None = None,
        complete: np.ndarray | None = None,
    ):
        """``booster`` is None for no rounds; ``tree_weights`` are those of a booster with dropout by rounds.
        ``complete`` (q,) marks columns without a missing value among the rows that taught it: no split learned where
        missing values go, so they go to the larger child."""
        self.booster, self.columns, self.constant = booster, columns, constant
        self.tree_weights = tree_weights or {}
        self.complete = complete

    @property
    def rounds(self) -> int:
        """All of them."""
        return 0 if self.booster is None else int(self.booster.num_boosted_rounds())

    @cached_property
    def trees(self) -> list[list[Tree]]:
        """The trees of each round, one an output."""
        return read_trees(bytes(self.booster.save_raw("json")))

    @cached_property
    def leaves(self) -> np.ndarray:
        """(rounds + 1,) leaves of all trees of the first rounds."""
        nodes = [int(count) for count in _NODES.findall(bytes(self.booster.save_raw("ubj")))]
        if len(nodes) != self.rounds * len(self.constant):  # another way of writing
            nodes = [len(tree.left_children) for trees in self.trees for tree in trees]
        each = (np.array(nodes, np.int64).reshape(-1, len(self.constant)) + 1) // 2  # a split has two children
        return np.concatenate([[0], np.cumsum(each.sum(axis=1))])

    @cached_property
    def _splits(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The column that every split asks for and what it gained, above 0, round after round; (rounds + 1,) splits of
        the first rounds."""
        flat = [tree for trees in self.trees for tree in trees]
        inner = np.array([child >= 0 for tree in flat for child in tree.left_children], bool)
        asked = np.array([column for tree in flat for column in tree.split_indices], np.int64)[inner]
        gained = np.array([gain for tree in flat for gain in tree.loss_changes])[inner]
        each = [sum(sum(child >= 0 for child in t.left_children) for t in trees) for trees in self.trees]
        return asked, np.maximum(gained, np.finfo(float).tiny), np.cumsum([0, *each])

    def gains(self, rounds: int) -> np.ndarray:
        """(q,) what the splits of XGBoost's columns gained in these rounds; above 0 where there is one."""
        asked, gained, ends = self._splits
        end = ends[min(rounds, len(ends) - 1)]
        return np.bincount(asked[:end], gained[:end], minlength=len(self.columns))

    def margins(self, design: Design, rounds: Sequence[int]) -> np.ndarray:
        """(S, n, C) predictors after each of these rising numbers of rounds, offset not added: one pass over the trees
        for all of them, with dropout one pass each."""
        if self.tree_weights:
            return np.stack([self.cut(count).margins(design, [count])[0] for count in rounds])
        outputs = len(self.constant)
        out = np.empty((len(rounds), design.n, outputs))
        for rows, values in self.columns.blocks(design):
            matrix = make_matrix(self.columns, values, outputs)
            booster = self.booster
            if self.complete is not None and np.isnan(values[:, self.complete]).any():
                booster = self._stored
            for step, count in enumerate(rounds):
                out[step, rows] = self.constant + sum_rounds(booster, matrix, count, outputs)
        return out

    def cut(self, rounds: int) -> Ensemble:
        """The ensemble as it was after so many rounds."""
        booster = None
        if rounds:
            booster = self.booster[:rounds] if rounds < self.rounds else self.booster
        if booster is not None and self.tree_weights:
            whole = msgspec.json.decode(bytes(booster.save_raw("json")))
            whole["learner"]["gradient_booster"]["weight_drop"] = self.tree_weights[rounds]
            booster = open_booster(msgspec.json.encode(whole))
        return Ensemble(booster, self.columns, self.constant, complete=self.complete)

    def raw(self) -> bytes:
        """All rounds as XGBoost's own JSON; empty for none."""
        return b"" if self.booster is None else bytes(self._stored.save_raw("json"))

    @cached_property
    def _stored(self) -> Any:
        """The booster as it is stored: with a place for missing values where the teaching rows had none."""
        if self.booster is None or self.complete is None:
            return self.booster
        whole = msgspec.json.decode(bytes(self.booster.save_raw("json")))
        held = whole["learner"]["gradient_booster"]
        for tree in held.get("gbtree", held)["model"]["trees"]:
            _send_missing(tree, self.complete)
        return open_booster(msgspec.json.encode(whole))


def _send_missing(tree: dict[str, Any], complete: np.ndarray) -> None:
    """Missing values of complete columns go to the child with more curvature: more rows, for squared error."""
    left, right = np.asarray(tree["left_children"]), np.asarray(tree["right_children"])
    size, asked = np.asarray(tree["sum_hessian"]), np.asarray(tree["split_indices"])
    inner = np.flatnonzero((left >= 0) & complete[asked])
    way = np.asarray(tree["default_left"])
    way[inner] = size[left[inner]] >= size[right[inner]]
    tree["default_left"] = way.tolist()


def open_booster(raw: bytes) -> Any:
    """A booster from its JSON; ValueError where it is none."""
    booster = load().Booster()
    booster.load_model(bytearray(raw))
    return booster


def read_trees(raw: bytes) -> list[list[Tree]]:
    """The trees of each round; ValueError where that is no booster, or a tree leads nowhere."""
    held = msgspec.json.decode(raw, type=_File).learner.gradient_booster
    model = held.gbtree.model if held.gbtree else held.model
    if model is None:
        raise ValueError("the booster has no trees")
    ends, trees = model.iteration_indptr, model.trees
    if not ends or ends[0] != 0 or ends[-1] != len(trees) or any(a > b for a, b in pairwise(ends)):
        raise ValueError("the booster's rounds do not hold its trees")
    return [trees[a:b] for a, b in pairwise(ends)]


def check_trees(rounds: list[list[Tree]], columns: int, outputs: int) -> None:
    """ValueError where a tree has a child before its parent, or asks for a column that is not there."""
    for trees in rounds:
        if len(trees) != outputs:
            raise ValueError("a round does not have a tree for each output")
        for tree in trees:
            left, right = np.asarray(tree.left_children), np.asarray(tree.right_children)
            asked = np.asarray(tree.split_indices)
            m = len(left)
            if not (len(right) == len(asked) == len(tree.split_conditions) == m) or m == 0:
                raise ValueError("the arrays of a tree differ in length")
            inner, number = left >= 0, np.arange(m)
            if ((right >= 0) != inner).any() or (left >= m).any() or (right >= m).any():
                raise ValueError("a tree leads nowhere")
            if (left[inner] <= number[inner]).any() or (right[inner] <= number[inner]).any():
                raise ValueError("a tree leads back to where it came from")
            if (asked[inner] < 0).any() or (asked[inner] >= columns).any():
                raise ValueError("a tree asks for a column that is not there")
