"""Random forests: the path walks in the shrinkage of all trees."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Literal, final

import numpy as np

from rightfit.contracts import Learner, Path, Problem, Wishes
from rightfit.errors import OptionError
from rightfit.records import Evidence, Fitted, Resamples
from rightfit.solvers.watch import left, tell
from rightfit.trees.bags import draw, name_units
from rightfit.trees.columns import Columns
from rightfit.trees.forest_path import ForestModel, ForestPath, Sample
from rightfit.trees.grove import Grove
from rightfit.trees.growing import Growth, grow
from rightfit.trees.lassoed import LassoedModel, LassoedPath, check_lasso, lacks_lasso, lasso, listen_to, restore_forest
from rightfit.trees.options import as_settings, check_walk, cross, shrinkage_grid
from rightfit.trees.out_of_bag import OutOfBag, draw_convergence, judge, leave_out
from rightfit.trees.rows import Rows, read_rows
from rightfit.trees.sizing import FEWEST, SHARE, fit_memory, fit_time, price_tree
from rightfit.trees.target import check_problem
from rightfit.trees.together import in_order
from rightfit.trees.tuning import climb, lose_least, take_some

_CLASSES = ("probability", "class")
_SETTINGS = (
    "n_estimators",
    "max_features",
    "max_depth",
    "min_samples_split",
    "min_samples_leaf",
    "max_leaf_nodes",
)
_FIRST = 3
"""Trees that tell how long one takes and how large it is."""
_ASKED = 2_000
"""Rows that are asked how long a tree takes."""
_SMALL = 200
"""Rows that a tree draws at least."""
_TAUGHT = 20_000
"""Rows that the lasso learns from at most."""
MIXES = (0.0, 0.5)
"""Shares of the forest that the lasso corrects."""
_TRIAL = 25
"""Trees of the small forests that settings are compared by."""


@final
@dataclass(frozen=True)
class Forest(Learner):
    """The mean of trees, each grown by scikit-learn on its own bag of rows (Breiman 2001, Random forests).

    Walking in ``"shrinkage"``, all trees are shrunken together: a strength is that of hierarchical shrinkage in rows
    (see `rightfit.trees.shrinkage`), 0 the forest as it was grown, infinity the constant model. All strengths come from
    the same trees. Walking in ``"trees"``, the forest of one shrinkage is put through the lasso, which leaves few trees
    (see `rightfit.trees.lassoed`).

    Bags are drawn as `rightfit.trees.bags` says. Numbers of rows are weights without their common factor where
    these are whole, else weights of mean one.

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
    shrinkage, mix
        Held while walking in trees: rows of shrinkage, and the share of the forest that is kept as offset. With a mix
        of 0 the walk begins at the constant model, else at that share of the forest.
    strengths
        (K,) of shrinkage, decreasing; by default ``count`` from infinity to 0.
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
    walk: Literal["shrinkage", "trees"] = "shrinkage"
    shrinkage: float = 0.0
    mix: float = 0.0
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

    def grid(self, size: float) -> np.ndarray:
        """(K,) the strengths that were asked for, or those for a sample of this size."""
        return shrinkage_grid(size, self.count) if self.strengths is None else np.asarray(self.strengths, np.float64)

    @property
    def words(self) -> str:
        plain = Growth(
            self.max_depth, self.min_samples_split, self.min_samples_leaf, self.max_features, self.max_leaf_nodes
        )
        what = f"forest of {self.n_estimators} trees"
        if self.walk == "trees":
            what = f"{what} corrected by the lasso, {self.mix:g} of it kept" if self.mix else f"few trees of a {what}"
        return ", ".join(filter(None, [what, plain.words()]))

    @property
    def settings(self) -> dict[str, float]:
        own = {"n_estimators": float(self.n_estimators), "max_samples": self.max_samples}
        held = {"shrinkage": self.shrinkage, "mix": self.mix} if self.walk == "trees" else {}
        return own | as_settings(self.growth("squared")) | held

    @classmethod
    def propose(cls, problem: Problem, resamples: Resamples, wishes: Wishes) -> Sequence[Learner]:
        """One forest: the share of features and the size of leaves that lose least on out-of-bag rows of small forests,
        as many trees, of as many rows, as memory and time allow. Settings that a user wants tried are all returned."""
        check_problem(problem, cls.name)
        share = 1 / np.sqrt(len(Columns.of_problem(problem))) if problem.loss.predicts in _CLASSES else 1 / 3
        start = {"max_features": float(share), "min_samples_leaf": 1}
        for name in wishes.settings:
            if name not in _SETTINGS:
                raise OptionError(f"a forest has no setting {name!r}; it has {', '.join(_SETTINGS)}")
        made = cls(seed=wishes.seed, threads=wishes.threads)
        small, whole = take_some(problem, resamples)
        trial = replace(made, n_estimators=_TRIAL, count=8)
        n, m, few = int((resamples.weight > 0).sum()), len(resamples), small.design.n
        began = time.perf_counter()
        first = replace(trial, n_estimators=_FIRST).grow_paths(small, whole)[0]
        first.predict(small.design)
        once = (time.perf_counter() - began) / _FIRST
        nodes = 2 * first.leaves / _FIRST * n / few

        def score(options: dict[str, Any]) -> float:
            learner = replace(trial, **options)
            return lose_least(learner.out_of_bag(small, whole, learner.grow_paths(small, whole)[0]))

        ladders: dict[str, tuple[float, ...]] = {"max_features": (float(share), 0.15, 1 / 3, 0.7)}
        ladders["min_samples_leaf"] = (1, 3, 8)
        ladders = {name: values for name, values in ladders.items() if name not in wishes.settings}
        best = climb(start, ladders, score) if 7 * _TRIAL * once < 0.1 * left() else start
        out: list[Learner] = []
        for options in cross([best], wishes.numbers, _SETTINGS, cls.name):
            learner = replace(made, **options)
            columns = max(1, problem.loss.outputs)
            out.append(replace(learner, max_samples=fit_memory(nodes, columns, m * learner.n_estimators)))
        return out

    @classmethod
    def expect(cls, problem: Problem, resamples: Resamples) -> float:
        columns = problem.columns
        share = 1 / np.sqrt(columns) if problem.loss.predicts in _CLASSES else 1 / 3
        growing = len(resamples) * share * price_tree(problem, resamples)
        return float(cls.n_estimators * (growing + 2e-7 * resamples.taught * problem.loss.outputs))

    def afford(self, problem: Problem, resamples: Resamples) -> Learner:
        """As many trees as there is time for, and then of fewer rows, as far as a few trees of some rows tell; the
        fewest where a part of the rows teaches, which is a first look."""
        live, taught = resamples.weight > 0, (resamples.multiplicity[0] > 0) & (resamples.weight > 0)
        n, judged = int(taught.sum()), int((resamples.scored.any(axis=0) & live).sum())
        wanted = min(FEWEST, self.n_estimators) if resamples.partial else self.n_estimators
        some, whole = take_some(problem, replace(resamples, weight=np.where(taught, resamples.weight, 0.0)), _ASKED)
        moments = [time.perf_counter()]
        path = replace(self, n_estimators=_FIRST).grow_paths(some, whole)[0]
        moments.append(time.perf_counter())
        for some_trees in (path.trees[:1], path.trees):
            ForestPath(some_trees, path.sample, path.strengths, path.loss, path.columns).predict(some.design)
            moments.append(time.perf_counter())
        grown, one, all_of_them = np.diff(moments)
        few = some.design.n
        growing = len(resamples) * grown / _FIRST * (n * np.log2(n + 1)) / (few * np.log2(few + 1))
        judging = max(0.0, all_of_them - one) / (_FIRST - 1) * (judged + n) / few
        once = max(0.0, one - judging * few / (judged + n)) * (judged + n) / few
        trees, share = fit_time(wanted, self.max_samples, growing, judging, left() - once / SHARE)
        share = min(self.max_samples, max(share, _SMALL / n))
        return replace(self, n_estimators=trees, max_samples=share)

    @classmethod
    def specimens(cls) -> Iterator[Forest]:
        yield cls(n_estimators=12, count=8)
        yield cls(n_estimators=12, min_samples_leaf=3, walk="trees", shrinkage=2.0)

    def revisit(
        self, problem: Problem, resamples: Resamples, paths: Sequence[Path], step: int
    ) -> Iterator[tuple[Learner, Sequence[Path]]]:
        """The forest of this step put through the lasso, alone and with a share of the forest as offset."""
        grown = [path for path in paths if isinstance(path, ForestPath)]
        shrinkage = float(paths[0].strengths[step])
        if lacks_lasso(problem) or self.n_estimators < 2 or np.isinf(shrinkage) or not grown:
            return
        unseen = self.left_out(problem, resamples)
        heard = listen_to(grown, unseen, step)
        for mix in MIXES:
            thinner = replace(self, walk="trees", shrinkage=shrinkage, mix=mix, strengths=None)
            yield thinner, lasso(problem, resamples, heard, unseen, step, mix=mix)

    def recall(self, settings: Mapping[str, float]) -> Learner:
        """Settings with a mix are those of a forest that was put through the lasso."""
        if "mix" not in settings:
            return self
        return replace(self, walk="trees", strengths=None, shrinkage=settings["shrinkage"], mix=settings["mix"])

    def fit_paths(self, problem: Problem, resamples: Resamples) -> Sequence[ForestPath | LassoedPath]:
        """One path a resample, all at the same strengths.

        Raises
        ------
        OptionError
            Options that make no sense, or a loss that no tree learns.
        """
        if self.walk not in ("shrinkage", "trees"):
            raise OptionError(f"walk must be 'shrinkage' or 'trees', not {self.walk!r}")
        if self.walk == "shrinkage":
            return self.grow_paths(problem, resamples)
        check_lasso(problem, self.mix)
        still = replace(self, walk="shrinkage", strengths=np.array([self.shrinkage]))
        unseen = self.left_out(problem, resamples)
        heard = listen_to(still.grow_paths(problem, resamples), unseen, 0)
        return lasso(problem, resamples, heard, unseen, 0, mix=self.mix)

    def grow_paths(self, problem: Problem, resamples: Resamples) -> list[ForestPath]:
        """The paths in shrinkage, one a resample."""
        growth = self.growth(problem.loss.name)
        growth.check()
        check_walk("shrinkage", self.strengths, self.count, 0.0, self.threads)
        if self.n_estimators < 1:
            raise OptionError(f"n_estimators must be 1 or more, {self.n_estimators} was given")
        if not 0 < self.max_samples <= 1:
            raise OptionError(f"max_samples must lie above 0 and be at most 1, {self.max_samples} was given")
        rows = read_rows(problem, resamples, self.criterion, self.name)
        tell(0.0)
        names = name_units(rows, resamples.unit)
        tell(0.0)
        samples = [self._sample(rows, k) for k in range(len(resamples))]
        strengths = self.grid(samples[0].size)
        count = range(self.n_estimators)
        tasks = [partial(self._grow, rows, names, growth, k, b) for k in range(len(resamples)) for b in count]
        trees = in_order(tasks, self.threads)
        drawing = draw_convergence(problem, resamples.weight, rows.live(0), self._left_out(rows, names))
        T, loss = self.n_estimators, problem.loss.name
        paths = []
        for k in range(len(resamples)):
            tell(0.0)
            own, drawn = trees[k * T : (k + 1) * T], None if k else drawing
            ordered = bool(len(rows.signs))
            paths.append(ForestPath(own, samples[k], strengths, loss, rows.columns, drawn, ordered=ordered))
        return paths

    def out_of_bag(self, problem: Problem, resamples: Resamples, path: ForestPath) -> Evidence:
        """Evidence of the full fit's path from the rows that its trees have not drawn, see
        `rightfit.trees.out_of_bag`."""
        rows = read_rows(problem, resamples, self.criterion, self.name)
        names = name_units(rows, resamples.unit)
        return judge(path, problem, resamples, rows.live(0), self._left_out(rows, names))

    def left_out(self, problem: Problem, resamples: Resamples) -> list[tuple[np.ndarray, OutOfBag]]:
        """Rows that each resample learns from, and which of its trees have not drawn them; of very many rows some are
        enough, spread evenly."""
        rows = read_rows(problem, resamples, self.criterion, self.name)
        names = name_units(rows, resamples.unit)
        found = []
        for k in range(len(resamples)):
            live = rows.live(k)
            some = np.unique(np.linspace(0, len(live) - 1, min(len(live), _TAUGHT)).astype(np.int64))
            found.append((live[some], self._left_out(rows, names, k).take(some)))
            tell(0.0)
        return found

    def _left_out(self, rows: Rows, names: np.ndarray, k: int = 0) -> OutOfBag:
        own = names[rows.live(k)]
        return leave_out(rows, own, np.array([self.bag(own, b) == 0 for b in range(self.n_estimators)]), k)

    def bag(self, names: np.ndarray, b: int) -> np.ndarray:
        """(n,) times that tree b has drawn each row."""
        return draw(names, int(np.random.SeedSequence([self.seed, b]).generate_state(2)[1]), self.max_samples)

    def _grow(self, rows: Rows, names: np.ndarray, growth: Growth, k: int, b: int) -> Grove:
        seed = int(np.random.SeedSequence([self.seed, b]).generate_state(1)[0])
        drawn = rows.bag(k, self.bag(names[rows.live(k)], b))
        return grow(*drawn, growth, seed, rows.columns.codes, rows.signs).lean()

    def _sample(self, rows: Rows, k: int) -> Sample:
        live = rows.live(k)
        target, copies = rows.target.take(live), rows.copies[live] * rows.multiplicity[k, live]
        weight = copies * target.exposure
        return Sample(weight @ target.means() / weight.sum(), float(weight.sum()))


def restore(fitted: Fitted) -> ForestModel | LassoedModel:
    """The model that `ForestModel.fitted` or `LassoedModel.fitted` described."""
    return restore_forest(fitted)
