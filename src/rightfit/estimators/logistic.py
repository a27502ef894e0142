"""Logistic regression, two classes or more, under scikit-learn's name and scales."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from rightfit.errors import OptionError
from rightfit.estimators.base import LinearClassifier
from rightfit.estimators.classes import make_loss, weigh_classes
from rightfit.estimators.convergence import check_finished
from rightfit.estimators.fitting import walk_once
from rightfit.estimators.inputs import read_classes
from rightfit.estimators.parameters import check_flag, check_number
from rightfit.records import Trace


class LogisticRegression(LinearClassifier):
    """minimize C sum_i w_i log_loss_i + l1_ratio ||b||_1 + (1 - l1_ratio)/2 ||b||^2, as
    `sklearn.linear_model.LogisticRegression`; multinomial for three classes or more.

    rightfit's strength is 1 / (C sum w), where w holds the class weights too.

    Parameters
    ----------
    C : float
        Inverse strength, above 0; infinity for no penalty.
    l1_ratio : float
        0 (ridge) to 1 (lasso).
    penalty : {"l2", "l1", "elasticnet", None}, older name
        ``"l2"`` and ``"l1"`` stand for l1_ratio 0 and 1, ``"elasticnet"`` for l1_ratio as given, None for C infinite.
    fit_intercept : bool
    class_weight : {class: weight}, "balanced" or None
    intercept_scaling : 1
        Other values are refused: the intercept is never penalized.
    dual, tol, random_state, solver, max_iter, verbose, warm_start, n_jobs
        Accepted and without effect: they steer scikit-learn's solvers. Any penalty goes with any solver's name. (Its
        ``"liblinear"`` penalizes the intercept; here nothing does.)

    Attributes
    ----------
    classes_ : (C,)
    coef_ : (1, p) for two classes, else (C, p)
    intercept_ : (1,) or (C,)
    n_iter_ : (1,) int, 1: strengths that were walked
    n_features_in_, feature_names_in_
    """

    def __init__(
        self,
        penalty: Any = "deprecated",
        *,
        C: float = 1.0,
        l1_ratio: float | None = 0.0,
        dual: bool = False,
        tol: float = 1e-4,
        fit_intercept: bool = True,
        intercept_scaling: float = 1,
        class_weight: Any = None,
        random_state: Any = None,
        solver: str = "lbfgs",
        max_iter: int = 100,
        verbose: int = 0,
        warm_start: bool = False,
        n_jobs: int | None = None,
    ):
        self.penalty = penalty
        self.C = C
        self.l1_ratio = l1_ratio
        self.dual = dual
        self.tol = tol
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.class_weight = class_weight
        self.random_state = random_state
        self.solver = solver
        self.max_iter = max_iter
        self.verbose = verbose
        self.warm_start = warm_start
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> LogisticRegression:
        """Fit to (n, p) columns and (n,) labels. FitError where the classes are separable and nothing is penalized."""
        C = check_number("C", self.C, above=True)
        l1_ratio, penalized = read_penalty(self.penalty, self.l1_ratio)
        intercept = check_flag("fit_intercept", self.fit_intercept)
        check_scaling(self.intercept_scaling)
        rows = read_classes(self, X, y, sample_weight)
        assert rows.labels is not None
        weight = weigh_classes(self.class_weight, rows.labels, rows.y, rows.weight)
        strength = 1.0 / (C * weight.sum()) if penalized and np.isfinite(C) else 0.0
        loss = make_loss(len(rows.labels))
        trace = walk_once(rows.design, rows.y, loss, weight, strength, l1_ratio=l1_ratio, intercept=intercept).trace()
        check_finished([trace])
        self.classes_ = rows.labels
        self.coef_, self.intercept_ = read_step(trace, 0)
        self.n_iter_ = np.ones(1, dtype=np.int32)
        return self


def read_penalty(penalty: Any, l1_ratio: Any) -> tuple[float, bool]:
    """The share of the absolute penalty, and whether there is a penalty, from the old and the new parameter."""
    ratio = 0.0 if l1_ratio is None else check_number("l1_ratio", l1_ratio, most=1.0)
    if isinstance(penalty, str) and penalty == "deprecated":
        return ratio, True
    if penalty is None:
        return 0.0, False
    if penalty == "elasticnet":
        if l1_ratio is None:
            raise OptionError("l1_ratio must be given with penalty='elasticnet'")
        return ratio, True
    if penalty not in ("l1", "l2"):
        raise OptionError(
            f"penalty must be 'l1', 'l2', 'elasticnet' or None, not {penalty!r}; or leave it and set l1_ratio"
        )
    share = float(penalty == "l1")
    if l1_ratio not in (None, 0.0, share):
        warnings.warn(f"l1_ratio={l1_ratio} has no effect with penalty={penalty!r}", UserWarning, stacklevel=3)
    return share, True


def check_scaling(value: Any) -> None:
    """OptionError for an intercept scaling that would penalize the intercept."""
    if value != 1:
        raise OptionError(f"intercept_scaling must be 1, not {value!r}: the intercept is never penalized here")


def read_step(trace: Trace, step: int) -> tuple[np.ndarray, np.ndarray]:
    """coef_ (C, p) and intercept_ (C,) of one step, with C = 1 for two classes.

    Without a penalty, adding a number to a column's coefficients in all classes changes nothing: they are given with
    mean zero, the limit of a vanishing ridge.
    """
    coef = trace.coef(step).T
    if len(coef) > 1 and trace.strengths[step] == 0:
        coef = coef - coef.mean(axis=0)
    return np.ascontiguousarray(coef), trace.intercept[step].copy()
