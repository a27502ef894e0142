"""Penalized regression with a path, evidence and a choice that gives its reason."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin, clone
from sklearn.utils.validation import check_is_fitted, column_or_1d

from rightfit import catalog
from rightfit.contracts import Loss, Problem
from rightfit.data.design import make_design
from rightfit.errors import OptionError
from rightfit.estimators.explained import explained
from rightfit.estimators.inputs import read_regression, read_rows
from rightfit.estimators.penalized import Penalized, fit_penalized

LOSSES = ("squared", "huber", "quantile", "gamma", "tweedie", "poisson")
POSITIVE = ("gamma", "tweedie", "poisson")


class PenalizedRegressor(RegressorMixin, Penalized):
    """Walk from strong to weak regularization, score every step on rows it has not seen, and stop by a rule.

    minimize over (b, b0)   sum_i w_i loss(y_i, b0 + x_i b) / sum w + strength * penalty(s b)

    with s the columns' standard deviations (1 without ``standardize``). Missing values are taken as the column's mean
    in each fit's own rows. A weight of 2 is the row twice, in the fit, in the folds and in the choice: folds are
    dealt to different rows, so that copies are never on both sides.

    Parameters
    ----------
    loss : {"squared", "huber", "quantile", "gamma", "tweedie", "poisson"}, or a loss
        "squared" takes several targets too, y (n, t): ``penalty="group"`` keeps or drops a column for all of them
        together, ``"elastic_net"`` fits each by itself, at one strength.
        A made loss carries parameters: ``Huber(delta=2.0)``, ``Quantile(level=0.9, width=0.1)``, ``Tweedie(1.7)`` of
        `rightfit.losses`. By name they suit the target (`rightfit.contracts.Loss.suggest`): a delta of 1.345 robust
        spreads of the target, the median with a width of a tenth of that spread, the power 1.5.
    penalty : name in `rightfit.penalties`, or a penalty
        ``"elastic_net"``, ``"adaptive"``, ``"mcp"``, ``"scad"``, ``"slope"``, ``"fused"`` ... A made penalty carries
        factors, bounds and other numbers, e.g. ``Mcp(gamma=2.0, factors=f)`` of `rightfit.penalties.mcp`.
    l1_ratio : float
        For a penalty by name: 0 (ridge) to 1 (lasso).
    positive : bool
        For a penalty by name: coefficients of 0 or more only.
    feature_groups : list of p whole numbers or words, or None
        For ``penalty="group"`` and ``"sparse_group"``: columns with the same entry are one group
        (`rightfit.penalties.group`). Not to be confused with the ``groups`` of rows that `fit` takes.
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
    coef_ : (p,) or (t, p), original scale
    intercept_ : float or (t,)
    fill_, scale_ : (p,) means and standard deviations of the columns
    row_loss_ : `rightfit.contracts.Loss`, with its parameters
    relax_ : float
    selection_ : (p,) share of the folds whose model uses the column
    n_features_in_, feature_names_in_
    """

    def __init__(
        self,
        *,
        loss: Any = "squared",
        penalty: Any = "elastic_net",
        l1_ratio: float = 1.0,
        positive: bool = False,
        feature_groups: Any = None,
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
        self.positive = positive
        self.feature_groups = feature_groups
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
        kind = check_loss(self.loss)
        squared, shape = kind.name == "squared", tuple(getattr(y, "shape", ()))
        if not squared and len(shape) == 2 and shape[1] > 1:
            raise OptionError(f"loss: y has {shape[1]} columns, and only the squared loss takes several")
        rows = read_regression(self, X, y, sample_weight, many=squared, missing=True)
        several = rows.y.shape[1] > 1
        loss, target = self.loss, rows.y if several else rows.y[:, 0]
        if several:
            loss = catalog.find("losses", "multi_squared")(rows.y.shape[1])
        elif not isinstance(loss, Loss):
            loss = kind(**kind.suggest(kind().check(target), rows.weight))
        self.row_loss_ = loss
        target = loss.check(target)
        coef, intercept = fit_penalized(self, rows, target, rows.weight, loss, groups, even=None, relax=self.relax)
        self.coef_ = np.ascontiguousarray(coef.T) if several else coef[:, 0]
        self.intercept_ = intercept if several else float(intercept[0])
        return self

    def predict(self, X: Any) -> np.ndarray:
        """(n,) or (n, t) means of the target; for huber its centre, for quantile the quantile."""
        check_is_fitted(self)
        eta = self.predict_eta(X, self.loss_)
        return np.asarray(self.row_loss_.response(eta if self.row_loss_.outputs > 1 else eta[:, 0]))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """R2, or for other losses than the squared one D2: the share of the loss of the best constant for these rows
        (the deviance, for counts and amounts) that is explained."""
        check_is_fitted(self)
        if self.row_loss_.quadratic:
            return float(super().score(X, y, sample_weight))
        loss, target = self.row_loss_, self.row_loss_.check(column_or_1d(y))
        eta = self.predict_eta(X, self.loss_)[:, 0]
        return explained(loss, target, eta, sample_weight, np.zeros(len(target)))

    def read_training(self, X: Any, y: Any, sample_weight: Any) -> tuple[Problem, np.ndarray]:
        """The rows of the fit as a problem, with their weights."""
        rows = read_regression(clone(self), X, y, sample_weight, many=True, missing=True)
        loss = self.row_loss_
        target = loss.check(rows.y if rows.y.shape[1] > 1 else rows.y[:, 0])
        return Problem(rows.design, target, loss, np.zeros(rows.design.n)), rows.weight

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = getattr(self.loss, "name", self.loss) == "squared"
        tags.target_tags.positive_only = getattr(self.loss, "name", self.loss) in POSITIVE
        return tags

    def predict_interval(self, X: Any, *, level: float = 0.9) -> np.ndarray:
        """(n, 2) ends of prediction intervals from the models of the folds (CV+; jackknife+ where ``folds`` leaves out
        one row at a time), see `rightfit.evidence.conformal`: whatever the noise, about ``level`` of new rows like
        those of the fit lie inside, and provably at least 2 level - 1, less a little for few rows."""
        check_is_fitted(self)
        if self.conformal_ is None:
            raise OptionError("prediction intervals are for one target: fit the targets one by one")
        ends: np.ndarray = self.conformal_.interval(make_design(read_rows(self, X, missing=True)), level=level)
        return ends


def check_loss(loss: Any) -> type[Loss]:
    """The class of a loss by name, or of one that is made already."""
    if isinstance(loss, Loss):
        if loss.name in LOSSES:
            return type(loss)
    elif isinstance(loss, str) and loss in LOSSES:
        kind: type[Loss] = catalog.find("losses", loss)
        return kind
    raise OptionError(f"loss must be one of {', '.join(map(repr, LOSSES))}, or one of these made, not {loss!r}")
