"""Boosting behind scikit-learn's door: what its regressor and classifier share."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, column_or_1d

from rightfit.contracts import Loss, Problem, Wishes
from rightfit.errors import DataError
from rightfit.estimators.categories import Labelled
from rightfit.estimators.inputs import TrainingRows, read_rows
from rightfit.estimators.parameters import check_choice, check_count
from rightfit.estimators.penalized import read_folds, read_rule
from rightfit.evidence.crossfit import crossfit, predict_held_out
from rightfit.evidence.curve import summarize
from rightfit.learners.boosting import Boosting, BoostingModel, BoostingPath
from rightfit.records import Choice, Curve, Evidence, Leaves, Resamples

PARAMETERS = tuple(f.name for f in fields(Boosting) if f.name not in ("monotone", "spacing", "bins", "note"))
"""Those of `rightfit.learners.boosting.Boosting` that an estimator hands on."""


class Boosted(Labelled, BaseEstimator):
    """Parameters and results of both; users see `BoostingRegressor` and `BoostingClassifier`."""

    path_: BoostingPath
    model_: BoostingModel
    evidence_: Evidence
    curve_: Curve
    choice_: Choice
    folds_: Resamples
    learner_: Boosting
    leaves_: Leaves | None

    def fit_boosted(
        self,
        rows: TrainingRows,
        y: np.ndarray,
        weight: np.ndarray,
        loss: Loss,
        groups: Any,
        offset: Any,
        *,
        even: np.ndarray | None,
    ) -> np.ndarray:
        """Walk, gather evidence, choose; sets what is new and returns the (n, C) held-out predictors."""
        options: Any = self
        rule = read_rule(options.rule)
        check_choice("settings", options.settings, ("given", "race"))
        check_count("threads", options.threads)
        resamples = read_folds(options, rows, y, groups, even=even, weight=weight)
        named = self.categories_
        problem = Problem(
            named.expand(rows.X, rows.design),
            y,
            loss,
            read_offset(offset, len(y)),
            levels=named.levels(rows.X.shape[1]),
        )
        signs = named.signs(() if options.monotone is None else tuple(int(sign) for sign in options.monotone))
        if options.settings == "race":
            wishes = Wishes(seed=options.seed, threads=options.threads)
            chosen = Boosting.propose(problem, resamples, wishes)[0]
            given = {name: getattr(options, name) for name in ("rounds", "most", "refit")}
            learner = replace(chosen, monotone=signs, **given)
        else:
            given = {name: getattr(options, name) for name in PARAMETERS}
            learner = Boosting(monotone=signs, **given)
        paths, evidence = crossfit(problem, resamples, learner)
        choice = rule.choose(evidence)
        full, step = paths[0], choice.step
        assert isinstance(full, BoostingPath)
        self.learner_, self.folds_ = learner, resamples
        self.evidence_, self.curve_, self.choice_ = evidence, summarize(evidence), choice
        self.leaves_ = full.picture(step).leaves
        self.path_ = BoostingPath(full.members, full.rounds, full.strengths, full.loss)
        self.model_ = full.model(step)
        options.rounds_ = int(full.rounds[step])
        options.feature_importances_ = named.fold(full.importance(step))
        options.loss_ = loss.name
        return predict_held_out(paths, problem, resamples, step)

    def predict_eta(self, X: Any, offset: Any = None) -> np.ndarray:
        """(n, C) predictors on the scale of the link."""
        check_is_fitted(self)
        rows = read_rows(self, self.categories_.code(X), missing=True)
        design = self.expand(rows)
        return self.model_.predict(design, None if offset is None else read_offset(offset, design.n))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = True
        return tags


def read_offset(offset: Any, n: int) -> np.ndarray:
    """(n,) finite numbers, zeros where none are given."""
    if offset is None:
        return np.zeros(n)
    values = np.asarray(column_or_1d(offset, dtype=np.float64))
    if len(values) != n:
        raise DataError(f"offset has {len(values)} values for {n} rows; give one for each row")
    if not np.isfinite(values).all():
        raise DataError(f"offset in row {int(np.argmin(np.isfinite(values)))} is not finite")
    return values
