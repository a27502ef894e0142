"""Gradient boosting with XGBoost: the path walks in rounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from math import ceil
from typing import Any, ClassVar, Literal, final

import numpy as np

from rightfit.contracts import Design, Learner, Model, Path, Problem, Wishes
from rightfit.errors import OptionError
from rightfit.learners._boosting.columns import Columns
from rightfit.learners._boosting.ensemble import Ensemble, check_trees, open_booster, read_trees
from rightfit.learners._boosting.ground import Ground, teaching_share
from rightfit.learners._boosting.growing import Grower
from rightfit.learners._boosting.leaves import show_leaves
from rightfit.learners._boosting.library import forget_kinds, lacks
from rightfit.learners._boosting.memory import Memory
from rightfit.learners._boosting.objective import objective_for
from rightfit.learners._boosting.race import race
from rightfit.learners._boosting.settings import DESIGN, PASSED, bins_for, check_setting, scales, wished
from rightfit.learners._boosting.walking import grow_paths
from rightfit.records import Axis, Fitted, Picture, Resamples, Status

UNSETTLED = 100
"""Rounds where no row is judged, so that no curve can say how many are enough."""


LOOK = 5.0
"""Sum of learning rates of a first look, where time is short."""


@final
@dataclass(frozen=True)
class Boosting(Learner):
    """Gradient boosting of trees (Friedman 2001) as XGBoost grows them (Chen and Guestrin 2016, equations 5 to 7).

    Round t adds, at a learning rate, the tree that lowers

        sum_leaves ( G w + (H + reg_lambda) w^2 / 2 + reg_alpha abs(w) ) + gamma * leaves

    most, with G and H the sums of weight * slope and weight * curvature of the loss over the rows of a leaf, so that a
    leaf's weight is w = -soft(G, reg_alpha) / (H + reg_lambda). Step 0 of the path is no round, the best constant;
    every later step is a number of rounds, and its strength is 1 / (learning_rate * rounds).

    All resamples grow side by side in blocks, and growing ends when the held-out curve has risen or levelled by its own
    noise, see `rightfit.learners._settling`. There is no evaluation set.

    Penalties on leaves are on XGBoost's scale, that of sums over rows: `reg_alpha` and `gamma` are in the units of the
    slope and of the loss. Row weights count copies where they can, see `rightfit.trees.rows.count_copies`.

    Missing values and categories (`Problem.levels`) are XGBoost's own: every split learns where missing values go, and
    asks for a set of levels.

    Parameters
    ----------
    learning_rate : above 0, at most 1
    max_depth : levels of splits in a tree; 0 for no limit, where `max_leaves` has one
    max_leaves : 0 for no limit; otherwise trees grow leaf by leaf, the largest gain first
    min_child_weight : least H of a leaf
    gamma : least gain of a split
    reg_alpha, reg_lambda : cost of the absolute size and of half the square of a leaf's weight
    subsample : share of the rows that a round sees
    colsample_bytree, colsample_bylevel, colsample_bynode : share of the columns that a tree, a level, a split sees
    monotone : (p,) -1, 0 or 1 for each column of the design: predictions fall, do as they like, rise with it; () for
        what the problem asks for
    dropout : share of the trees that a round leaves out (DART, Rashmi and Gilad-Bachrach 2015); each step then costs
        a pass of its own
    skip_dropout : share of the rounds without dropout
    rounds : so many, or None where the curves decide
    most : rounds at which the curves must stop
    spacing : steps of the path are all rounds as far as 1 / spacing, later ones this share apart; 0: every round
    refit : "rescaled"
        what the full fit is at a step: as many rounds times K / (K - 1) for K folds, since it has so many more rows;
        "same", as many; "averaged", the folds' models, of which the mean predictor is taken
    bins : most cells into which a column is cut
    """

    learning_rate: float = 0.1
    max_depth: int = 5
    max_leaves: int = 0
    min_child_weight: float = 1.0
    gamma: float = 0.0
    reg_alpha: float = 0.0
    reg_lambda: float = 1.0
    subsample: float = 1.0
    colsample_bytree: float = 1.0
    colsample_bylevel: float = 1.0
    colsample_bynode: float = 1.0
    monotone: tuple[int, ...] = ()
    dropout: float = 0.0
    skip_dropout: float = 0.0
    rounds: int | None = None
    most: int = 2000
    spacing: float = 0.04
    refit: Literal["rescaled", "same", "averaged"] = "rescaled"
    bins: int = 256
    seed: int = 0
    threads: int = 1
    note: str = field(default="", compare=False)
    """How the settings were found, in a sentence."""
    name: ClassVar[str] = "boosting"
    rank: ClassVar[int] = 2

    @classmethod
    def specimens(cls) -> Iterator[Boosting]:
        yield cls(rounds=15)

    def fit_paths(self, problem: Problem, resamples: Resamples) -> Sequence[BoostingPath]:
        """One path a resample; the full fit's steps are those of the folds, see ``refit``.

        Raises
        ------
        OptionError
            A parameter out of its range, by name, or a loss that cannot be boosted.
        MissingExtraError
            XGBoost is not installed.
        """
        for parameter in fields(self):
            check_setting(parameter.name, getattr(self, parameter.name))
        signs = self.signs(problem)
        if self.max_depth == 0 and self.max_leaves == 0:
            raise OptionError("max_depth is 0, no limit, and so is max_leaves: give one of them a limit")
        judged = bool((resamples.scored & (resamples.weight > 0)).any())
        if self.refit == "averaged" and len(resamples) < 2:
            raise OptionError("refit is 'averaged', but there are no folds to average")
        ground = Ground(problem, resamples, self.bins)
        rounds = self.rounds if self.rounds is not None or judged else UNSETTLED
        factor = teaching_share(resamples) if self.refit == "rescaled" else 1.0
        growers, walked = grow_paths(
            ground,
            self.parameters(ground.columns, signs),
            rounds=rounds,
            most=self.most,
            spacing=self.spacing,
            learning_rate=self.learning_rate,
            factor=factor,
            full=self.refit != "averaged",
            threads=self.threads,
        )
        return self._paths(problem, growers, walked, factor)

    def _paths(self, problem: Problem, growers: list[Grower], walked: list[int], factor: float) -> list[BoostingPath]:
        nominal = np.array(walked)
        with np.errstate(divide="ignore"):
            strengths = 1.0 / (self.learning_rate * nominal)
        grown = [
            Ensemble(forget_kinds(g.booster), g.plot.columns, g.plot.constant, g.tree_weights, g.plot.complete)
            for g in growers
        ]
        growers[0].ground.forget()
        loss = problem.loss.name
        said = [g.memory for g in growers]
        own = [BoostingPath((e,), nominal, strengths, loss, (m,)) for e, m in zip(grown, said, strict=True)]
        if self.refit == "averaged":
            return [BoostingPath(grown, nominal, strengths, loss, said), *own]
        rounds = np.array([rescale(r, factor) for r in walked])
        return [BoostingPath(grown[:1], rounds, strengths, loss, said[:1], self, growers[0]), *own[1:]]

    def signs(self, problem: Problem) -> tuple[int, ...]:
        """The learner's own, or those that the problem asks for."""
        return replace(problem, monotone=self.monotone or problem.monotone).monotone

    def parameters(self, columns: Columns, signs: tuple[int, ...] = ()) -> dict[str, Any]:
        """XGBoost's; predictions obey ``signs`` (p,), see `Problem.monotone`."""
        given: dict[str, Any] = {name: getattr(self, name) for name in PASSED}
        given |= {
            "tree_method": "hist",
            "grow_policy": "lossguide" if self.max_leaves else "depthwise",
            "nthread": 1,
            "seed": self.seed,
            "seed_per_iteration": True,
            "verbosity": 0,
        }
        if any(signs):
            given["monotone_constraints"] = columns.constraints(signs)
        if self.dropout:
            given |= {"booster": "dart", "rate_drop": self.dropout, "skip_drop": self.skip_dropout}
        return given

    @property
    def words(self) -> str:
        parts = [f"learning rate {self.learning_rate:g}"]
        parts.append(f"{self.max_leaves} leaves" if self.max_leaves else f"depth {self.max_depth}")
        usual = {f.name: f.default for f in fields(self)}
        for name, words in (
            ("min_child_weight", "at least {:g} in a leaf"),
            ("gamma", "gamma {:g}"),
            ("reg_alpha", "alpha {:g}"),
            ("reg_lambda", "lambda {:g}"),
            ("dropout", "dropout {:g}"),
        ):
            if getattr(self, name) != usual[name]:
                parts.append(words.format(getattr(self, name)))
        if self.subsample < 1:
            parts.append(f"{self.subsample:.0%} of the rows a round".replace("%", " %"))
        share = self.colsample_bytree * self.colsample_bylevel * self.colsample_bynode
        if share < 1:
            parts.append(f"{share:.0%} of the columns".replace("%", " %"))
        if any(self.monotone):
            parts.append("monotone")
        return "gradient boosting, " + ", ".join(parts)

    @property
    def settings(self) -> dict[str, float]:
        out = {name: float(getattr(self, name)) for name in DESIGN[0]}
        for name in ("max_depth", "max_leaves"):
            out[name] = out[name] or float("inf")
        if self.dropout:
            out |= {"dropout": self.dropout, "skip_dropout": self.skip_dropout}
        return out

    @classmethod
    def propose(cls, problem: Problem, resamples: Resamples, wishes: Wishes) -> Sequence[Boosting]:
        """The setting that survives a race of about a dozen on the held-out curves of the first folds, see
        `rightfit.learners._boosting.race`; with settings wished for, of their combinations."""
        objective_for(problem.loss)
        columns = len(Columns.of(problem.design.p, problem.levels))
        base = cls(seed=wishes.seed, threads=wishes.threads, bins=bins_for(columns))
        made = [cls(**setting) for setting in wished(wishes, base, scales(problem, resamples.weight))]
        return race(made, problem, resamples)

    @classmethod
    def expect(cls, problem: Problem, resamples: Resamples) -> float:
        rounds = (len(resamples) + 6) * 500 * problem.loss.outputs  # the race takes as many as six walks
        return rounds * (4e-4 + 6e-9 * resamples.taught * problem.columns)

    def afford(self, problem: Problem, resamples: Resamples) -> Learner:
        """Few rounds where a part of the rows teaches: what more of them take is worth more for all rows."""
        look = ceil(LOOK / self.learning_rate)
        return replace(self, most=look) if resamples.partial and look < self.most else self

    @classmethod
    def lacks(cls) -> str:
        return lacks()


def rescale(rounds: int, factor: float) -> int:
    """Rounds of the full fit for rounds of the folds."""
    return round(rounds * factor)


@final
class BoostingPath(Path):
    """Numbers of rounds of one booster, or of several whose predictors are averaged."""

    def __init__(
        self,
        members: Sequence[Ensemble],
        rounds: np.ndarray,
        strengths: np.ndarray,
        loss: str,
        memories: Sequence[Memory | None] = (None,),
        learner: Boosting | None = None,
        grower: Grower | None = None,
    ):
        self.members, self.rounds, self.loss = tuple(members), rounds, loss
        self._memories = tuple(memories)
        self.strengths = strengths
        self.status = np.full(len(rounds), Status.GROWN, np.int8)
        self._learner, self._grower = learner, grower

    @cached_property
    def complexity(self) -> np.ndarray:  # type: ignore[override]  # an attribute that few ask for
        """(K,) leaves of all trees, the mean over the boosters; counted when asked for."""
        return np.asarray(np.mean([member.leaves[self.rounds] for member in self.members], axis=0))

    def predict(self, design: Design, offset: np.ndarray | None = None) -> np.ndarray:
        """(K, n, C) predictors; all rounds in one pass over the trees."""
        eta = sum(member.margins(design, self.rounds.tolist()) for member in self.members) / len(self.members)
        return np.asarray(eta if offset is None else eta + offset[None, :, None])

    def remembered(self, problem: Problem, rows: np.ndarray) -> np.ndarray | None:
        """What `predict` says of rows that every booster has judged or learned from, to float32 accuracy."""
        eta = np.zeros((len(self.rounds), len(rows), problem.loss.outputs))
        for memory in self._memories:
            if memory is None or not memory.add_to(eta, problem, rows):
                return None
        eta /= len(self._memories)
        eta += problem.offset[rows, None]
        return eta

    def model(self, step: int) -> BoostingModel:
        rounds = int(self.rounds[step])
        return BoostingModel(tuple(member.cut(rounds) for member in self.members), self.loss)

    def importance(self, step: int) -> np.ndarray:
        """Share of the gain of all splits; a category's is shared by its levels."""
        total = sum(m.columns.spread(m.gains(int(self.rounds[step]))) for m in self.members)
        total = np.asarray(total)
        share = total / (total.sum() or 1.0)
        return np.where(total > 0, np.maximum(share, np.finfo(float).tiny), 0.0)

    def size(self, step: int) -> str:
        many = f"{len(self.members)} models of " if len(self.members) > 1 else ""
        rounds, leaves = int(self.rounds[step]), round(float(self.complexity[step]))
        return f"{many}{rounds:,} round{'' if rounds == 1 else 's'}, {leaves:,} {'leaf' if leaves == 1 else 'leaves'}"

    @property
    def axis(self) -> Axis:
        return Axis(
            "rounds",
            self.rounds.astype(float),
            "{} rounds",
            "the earliest stop",
            "an earlier stop",
            "a later stop",
            "the last round",
            "the last round",
            one="1 round",
        )

    def picture(self, step: int) -> Picture:
        """What alpha and lambda did to the leaves, and how the settings were found."""
        if self._learner is None or self._grower is None:
            return Picture()
        shown = show_leaves(self.members[0], self._grower, int(self.rounds[step]), self._learner)
        return Picture(leaves=shown, notes=(self._learner.note,) if self._learner.note else ())


@final
class BoostingModel(Model):
    """Boosters, each with the constant that it starts from."""

    def __init__(self, members: tuple[Ensemble, ...], loss: str):
        self.members, self.loss = members, loss

    def predict(self, design: Design, offset: np.ndarray | None = None) -> np.ndarray:
        eta = sum(m.margins(design, [m.rounds])[0] for m in self.members) / len(self.members)
        return np.asarray(eta if offset is None else eta + offset[:, None])

    def fitted(self) -> Fitted:
        """Boosters as XGBoost's own JSON, empty for no rounds; columns as design columns."""
        columns = self.members[0].columns
        arrays = {f"booster_{k}": np.frombuffer(member.raw(), np.uint8) for k, member in enumerate(self.members)}
        arrays |= {
            "constant": np.stack([m.constant for m in self.members]),
            "plain": columns.plain,
            "thin": np.stack([m.columns.thin for m in self.members]),
            "levels": np.concatenate([np.zeros(0, np.int64), *columns.levels]),
            "level_ends": np.cumsum([len(category) for category in columns.levels], dtype=np.int64),
        }
        return Fitted("boosting", self.loss, arrays, {"columns": float(columns.p)})


def restore(fitted: Fitted) -> BoostingModel:
    """The model that `BoostingModel.fitted` described. KeyError, TypeError or ValueError for what it cannot have
    described; MissingExtraError where XGBoost is not installed."""
    arrays = fitted.arrays
    constant, plain, thin = arrays["constant"], arrays["plain"], arrays["thin"]
    p = int(fitted.facts["columns"])
    levels = tuple(np.split(arrays["levels"], arrays["level_ends"][:-1])) if len(arrays["level_ends"]) else ()
    every = np.concatenate([plain, *levels])
    if constant.ndim != 2 or not len(constant) or thin.shape != (len(constant), len(plain)):
        raise ValueError("the arrays of a boosted model do not fit together")
    if len(every) != p or not np.array_equal(np.sort(every), np.arange(p)):
        raise ValueError("a boosted model must say of every column how it is read")
    members = []
    for k in range(len(constant)):
        columns = Columns(p, plain, thin[k], levels)
        raw = arrays[f"booster_{k}"].astype(np.uint8, casting="equiv").tobytes()
        booster = None
        if raw:
            try:
                check_trees(read_trees(raw), len(columns), constant.shape[1])
            except RecursionError as error:
                raise ValueError("the booster is no booster") from error
            booster = open_booster(raw)
        members.append(Ensemble(booster, columns, constant[k]))
    return BoostingModel(tuple(members), fitted.loss)
