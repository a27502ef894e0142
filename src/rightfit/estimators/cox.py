"""Cox's proportional hazards with a path, evidence and a choice that gives its reason."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from rightfit.errors import DataError
from rightfit.estimators.inputs import TrainingRows, read_rows, read_weighted
from rightfit.estimators.penalized import Penalized, fit_penalized
from rightfit.estimators.survival import find_strata, label_strata, read_times
from rightfit.losses.cox import Cox


class CoxRegressor(Penalized):
    """Cox's proportional hazards: walk from strong to weak regularization, score every step on rows it has not seen,
    and stop by a rule.

    minimize over b   sum_i w_i loss_i(x_i b) / sum w + strength * penalty(s b)

    with loss_i half the deviance of the partial likelihood for an event, 0 for a row without (`rightfit.losses.cox`),
    and s the columns' standard deviations (1 without ``standardize``). The hazard of a row is exp(x b) times one that
    all rows of a stratum share, so there is no intercept. glmnet's lambda is the strength.

    A fold's loss is what its rows add to that of the rows which taught (Verweij and van Houwelingen 1993), so that
    small folds, and even leave-one-out, can be scored.

    Parameters
    ----------
    ties : {"efron", "breslow"}
        Events at the same time. glmnet has Breslow's, `survival::coxph` Efron's by default. Under Efron's a row of
        weight 2 is not the row twice.
    penalty, l1_ratio, rule, folds, repeats, strengths, count, ratio, standardize, tolerance, seed
        As in `rightfit.PenalizedRegressor`; folds hold as many events each. ``strengths=[0.0]`` is no penalty.

    Attributes
    ----------
    path_, evidence_, curve_, choice_, folds_, strength_, coef_, fill_, scale_, n_features_in_, feature_names_in_
        As in `rightfit.PenalizedRegressor`. ``evidence_.metrics`` and ``curve_.metrics`` hold the concordance.
    intercept_ : float
        What makes the predictor 0 at the means of the columns.
    baseline_ : dict of arrays
        ``time`` and ``hazard``: the cumulative hazard at the means of the columns, Breslow's estimate or Efron's after
        ``ties``; ``stratum`` numbers the labels ``strata_``, of which ``until`` says how long each was watched.
    """

    def __init__(
        self,
        *,
        ties: str = "efron",
        penalty: Any = "elastic_net",
        l1_ratio: float = 1.0,
        rule: Any = "one_se",
        folds: Any = None,
        repeats: int = 1,
        strengths: Any = None,
        count: int = 100,
        ratio: float | None = None,
        standardize: bool = True,
        tolerance: float = 1e-7,
        seed: int = 0,
    ):
        self.ties = ties
        self.penalty = penalty
        self.l1_ratio = l1_ratio
        self.rule = rule
        self.folds = folds
        self.repeats = repeats
        self.strengths = strengths
        self.count = count
        self.ratio = ratio
        self.standardize = standardize
        self.tolerance = tolerance
        self.seed = seed

    fit_intercept = True
    """The learner's, which centres the columns; a partial likelihood has no level."""

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None, *, entry: Any = None, strata: Any = None
    ) -> CoxRegressor:
        """Fit, prove and choose.

        y is (n, 2), time and event, or a structured array with a boolean and a number; ``entry`` (n,) the times from
        which rows were watched (left truncation), ``strata`` (n,) labels: rows are compared inside a stratum alone.
        """
        loss = Cox(ties=self.ties)
        target = loss.check(read_times(y, entry, strata))
        check_consistent_length(X, target)
        X, design, weight = read_weighted(self, X, sample_weight, missing=True)
        if not (target[:, 1] * weight).any():
            raise DataError("no row of positive weight has an event: a partial likelihood needs at least one")
        rows = TrainingRows(X, design, target, weight, False)
        coef, intercept = fit_penalized(self, rows, target, weight, loss, groups, even=target[:, 1])
        self.coef_, self.intercept_ = coef[:, 0], float(intercept[0])
        self.strata_ = np.zeros(1) if strata is None else label_strata(strata, design.n)[0]
        self.baseline_ = loss.baseline(target, self.predict_eta(X, "cox")[:, 0], weight)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """(n,) linear predictors: the log of the risk relative to a row at the means of the columns."""
        return self.predict_eta(X, "cox")[:, 0]

    def predict_risk(self, X: Any) -> np.ndarray:
        """(n,) risks relative to a row at the means of the columns, exp of `predict`."""
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(self.predict(X)))

    def predict_survival(self, X: Any, times: Any, *, strata: Any = None) -> np.ndarray:
        """(n, k) probabilities that a row has no event up to each of ``times`` (k,), as R's ``survfit``; NaN beyond the
        last time that a row of its stratum was watched. ``strata`` (n,) where the fit had them."""
        check_is_fitted(self)
        eta = self.predict(X)
        moments = np.atleast_1d(np.asarray(times, dtype=np.float64))
        if moments.ndim != 1 or not np.isfinite(moments).all():
            raise DataError("times must be a list of finite numbers")
        return Cox(ties=self.ties).survive(self.baseline_, eta, find_strata(strata, len(eta), self.strata_), moments)

    def score(self, X: Any, y: Any, sample_weight: Any = None, *, entry: Any = None, strata: Any = None) -> float:
        """Harrell's concordance: 0.5 is chance, 1 a perfect order."""
        check_is_fitted(self)
        loss = Cox(ties=self.ties)
        target = loss.check(read_times(y, entry, strata))
        weight = np.ones(len(target)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        eta = self.predict(read_rows(self, X, missing=True))
        return loss.measures(target, eta, weight, np.zeros(len(target)))["concordance"]
