"""Penalized regression with a path, evidence and a choice that gives its reason."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import d2_tweedie_score
from sklearn.utils.validation import check_is_fitted

from rightfit import catalog
from rightfit.contracts import Loss
from rightfit.data.design import make_design
from rightfit.errors import OptionError
from rightfit.estimators.inputs import read_regression, read_rows
from rightfit.estimators.penalized import Penalized, fit_penalized

LOSSES = ("squared", "poisson")


class PenalizedRegressor(RegressorMixin, Penalized):
    """Walk from strong to weak regularization, score every step on rows it has not seen, and stop by a rule.

    minimize over (b, b0)   sum_i w_i loss(y_i, b0 + x_i b) / sum w + strength * penalty(s b)

    with s the columns' standard deviations (1 without ``standardize``). Missing values are taken as the column's mean
    in each fit's own rows. A weight of 2 is the row twice, in the fit, in the folds and in the choice: folds are
    dealt to different rows, so that copies are never on both sides.

    Parameters
    ----------
    loss : {"squared", "poisson"}
    penalty : name in `rightfit.penalties`, or a penalty
        A made penalty carries factors and bounds, e.g. ``ElasticNet(0.5, lower=np.zeros(p))``.
    l1_ratio : float
        For a penalty by name: 0 (ridge) to 1 (lasso).
    rule : name in `rightfit.rules`, or a rule
        ``"one_se"``, ``"best"``, ``"information"`` ...
    folds : int, None, splitter or list of (train, test) rows
        10 where None, fewer where there are fewer different rows.
    repeats : int
        Times the rows are dealt anew.
    strengths : list or None
        The path; by default ``count`` strengths from where all coefficients are zero down to ``ratio`` times that.
    standardize, fit_intercept : bool
    tolerance : float
        Duality gap of the path, relative to the loss of the constant model.
    relax : float or list of floats
        0 (the penalized fit) to 1 (the chosen columns fitted again without a penalty); of a list, each is walked and
        the one that loses least on unseen rows is taken. glmnet's gamma is 1 - relax.
    seed : int
        Deals the folds.

    Attributes
    ----------
    path_ : `rightfit.records.Trace`, all steps on all rows
    evidence_ : `rightfit.records.Evidence`, held-out loss by row and step
    curve_ : `rightfit.records.Curve`, its means and standard errors
    choice_ : `rightfit.records.Choice`, the step with its reason
    folds_ : `rightfit.records.Resamples`
    strength_ : float
    coef_ : (p,), original scale
    intercept_ : float
    fill_, scale_ : (p,) means and standard deviations of the columns
    relax_ : float
    selection_ : (p,) share of the folds whose model uses the column
    n_features_in_, feature_names_in_
    """

    def __init__(
        self,
        *,
        loss: str = "squared",
        penalty: Any = "elastic_net",
        l1_ratio: float = 1.0,
        rule: Any = "one_se",
        folds: Any = None,
        repeats: int = 1,
        strengths: Any = None,
        count: int = 100,
        ratio: float | None = None,
        standardize: bool = True,
        fit_intercept: bool = True,
        tolerance: float = 1e-7,
        relax: Any = 0.0,
        seed: int = 0,
    ):
        self.loss = loss
        self.penalty = penalty
        self.l1_ratio = l1_ratio
        self.rule = rule
        self.folds = folds
        self.repeats = repeats
        self.strengths = strengths
        self.count = count
        self.ratio = ratio
        self.standardize = standardize
        self.fit_intercept = fit_intercept
        self.tolerance = tolerance
        self.relax = relax
        self.seed = seed

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> PenalizedRegressor:
        """Fit, prove and choose; rows of one of the ``groups`` (n,) are judged by models that have seen none of it."""
        if self.loss not in LOSSES:
            raise OptionError(f"loss must be one of {', '.join(map(repr, LOSSES))}, not {self.loss!r}")
        loss: Loss = catalog.find("losses", self.loss)()
        rows = read_regression(self, X, y, sample_weight, missing=True)
        target = loss.check(rows.y[:, 0])
        coef, intercept = fit_penalized(self, rows, target, rows.weight, loss, groups, even=None, relax=self.relax)
        self.coef_, self.intercept_ = coef[:, 0], float(intercept[0])
        return self

    def predict(self, X: Any) -> np.ndarray:
        """(n,) means: amounts, or expected counts."""
        eta = self.predict_eta(X, self.loss)[:, 0]
        return np.exp(eta) if self.loss == "poisson" else eta

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """R2, or for counts D2, the share of the Poisson deviance that is explained."""
        if self.loss != "poisson":
            return float(super().score(X, y, sample_weight))
        return float(d2_tweedie_score(y, self.predict(X), sample_weight=sample_weight, power=1))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = self.loss == "poisson"
        return tags

    def predict_interval(self, X: Any, *, level: float = 0.9) -> np.ndarray:
        """(n, 2) ends of prediction intervals from the models of the folds (CV+; jackknife+ where ``folds`` leaves out
        one row at a time), see `rightfit.evidence.conformal`: whatever the noise, about ``level`` of new rows like
        those of the fit lie inside, and provably at least 2 level - 1, less a little for few rows."""
        check_is_fitted(self)
        ends: np.ndarray = self.conformal_.interval(make_design(read_rows(self, X, missing=True)), level=level)
        return ends
