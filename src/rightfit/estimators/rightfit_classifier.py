"""What `rightfit fit` does to a file, for a frame with classes as target."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import assert_all_finite
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from rightfit.errors import DataError
from rightfit.estimators.on_tables import OnTables, fit_run, place_classes, read_table, split_target


class RightFitClassifier(ClassifierMixin, OnTables):
    """The whole way on a table: columns understood, categories and dates coded, several penalties walked and proven on
    rows they have not seen, one step chosen, with a run and a report.

    Parameters
    ----------
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
    classes_ : (C,)
    n_features_in_, feature_names_in_
    """

    def __init__(
        self,
        *,
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

    def fit(self, X: Any, y: Any) -> RightFitClassifier:
        """Fit a frame (pandas, polars, pyarrow) or an array; y holds the labels, or names their column."""
        frame, values, target = split_target(read_table(self, X), y)
        values = column_or_1d(values, warn=True)
        assert_all_finite(values, input_name="y")
        check_classification_targets(values)
        labels, codes = np.unique(values, return_inverse=True)
        if len(labels) < 2:
            raise DataError(f"the target holds one class only, {labels[0]!r}: at least two classes are needed")
        names = np.array([f"{label}" for label in labels.tolist()])
        self.run_ = fit_run(self, frame, names[codes], target, "classes")
        self.classes_ = labels
        first = np.unique(codes, return_index=True)[1]
        self.order_ = place_classes(self.run_, frame[first], names, target)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """(n,) labels of the most probable class."""
        share = self.predict_proba(X)
        return np.asarray(self.classes_[share.argmax(axis=1)])

    def predict_proba(self, X: Any) -> np.ndarray:
        """(n, C) probabilities, columns as in classes_."""
        check_is_fitted(self)
        answer = self.predict_table(X)
        return np.asarray(answer[:, 1:].to_numpy()[:, self.order_])
