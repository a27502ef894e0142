"""What `rightfit fit` does to a file, for a frame with an amount or a count as target."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils import assert_all_finite
from sklearn.utils.validation import column_or_1d

from rightfit.errors import OptionError
from rightfit.estimators.on_tables import OnTables, fit_run, read_table, split_target


class RightFitRegressor(RegressorMixin, OnTables):
    """The whole way on a table: columns understood, categories and dates coded, several penalties walked and proven on
    rows they have not seen, one step chosen, with a run and a report.

    Parameters
    ----------
    task : {"regression", "counts"}
    loss : {"squared", "huber", "quantile", "gamma", "tweedie", "poisson"} or None
        The usual one of the task where None.
    power, delta, level, width : float or None
        Parameters of tweedie, huber and quantile; they suit the target where None.
    penalty : str or None
        Names as after ``--penalty``, e.g. ``"mcp"`` or ``"lasso,mcp"``; lasso, elastic net and ridge where None.
    kinds, image, drop, id, weight, offset, group, time, dates, fold_column, duplicates, folds, repeats
        As in `rightfit.search.options.FitOptions`, which are the command line's; columns are given by name.
    rule, l1_ratio, strengths, standardize, holdout, attack, seed, threads
        Likewise.
    learners, settings, monotone, prefer, time_budget
        Likewise; linear models alone by themselves, ``learners="linear,tree,boosting"`` compares families.

    Attributes
    ----------
    run_ : `rightfit.records.Run`
    n_features_in_, feature_names_in_
    """

    def __init__(
        self,
        *,
        task: str = "regression",
        loss: str | None = None,
        power: float | None = None,
        delta: float | None = None,
        level: float | None = None,
        width: float | None = None,
        kinds: Any = None,
        image: str | None = None,
        drop: Any = (),
        id: Any = (),
        weight: str | None = None,
        offset: str | None = None,
        group: str | None = None,
        time: str | None = None,
        dates: bool = True,
        fold_column: str | None = None,
        duplicates: str = "apart",
        folds: int | None = None,
        repeats: int = 1,
        rule: str = "one_se",
        penalty: Any = None,
        l1_ratio: Any = None,
        strengths: int = 100,
        standardize: bool = True,
        holdout: float = 0.0,
        attack: float = 0.0,
        seed: int = 0,
        threads: int | None = None,
        learners: Any = "linear",
        settings: Any = None,
        monotone: Any = None,
        prefer: str = "best",
        time_budget: float | None = None,
    ):
        self.task = task
        self.loss = loss
        self.power = power
        self.delta = delta
        self.level = level
        self.width = width
        self.kinds = kinds
        self.image = image
        self.drop = drop
        self.id = id
        self.weight = weight
        self.offset = offset
        self.group = group
        self.time = time
        self.dates = dates
        self.fold_column = fold_column
        self.duplicates = duplicates
        self.folds = folds
        self.repeats = repeats
        self.rule = rule
        self.penalty = penalty
        self.l1_ratio = l1_ratio
        self.strengths = strengths
        self.standardize = standardize
        self.holdout = holdout
        self.attack = attack
        self.seed = seed
        self.threads = threads
        self.learners = learners
        self.settings = settings
        self.monotone = monotone
        self.prefer = prefer
        self.time_budget = time_budget

    def fit(self, X: Any, y: Any) -> RightFitRegressor:
        """Fit a frame (pandas, polars, pyarrow) or an array; y holds the target's values, or names its column."""
        if self.task not in ("regression", "counts"):
            raise OptionError(f"task must be 'regression' or 'counts', not {self.task!r}")
        frame, values, target = split_target(read_table(self, X), y)
        values = column_or_1d(values, dtype=np.float64, warn=True)
        assert_all_finite(values, input_name="y")
        self.run_ = fit_run(self, frame, values, target, self.task)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """(n,) amounts or expected counts; for huber centres, for quantile the quantile."""
        return np.asarray(self.predict_table(X)["prediction"].to_numpy())
