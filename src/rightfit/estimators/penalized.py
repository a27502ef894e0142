"""A path, its evidence and a choice: the work behind PenalizedRegressor and PenalizedClassifier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.model_selection import check_cv
from sklearn.utils.validation import check_is_fitted, column_or_1d

from rightfit import catalog
from rightfit.contracts import Loss, Path, Penalty, Problem, ProxPenalty, Rule
from rightfit.data.design import make_design
from rightfit.data.resample import make_folds
from rightfit.errors import OptionError
from rightfit.estimators.convergence import check_finished, tolerance_for
from rightfit.estimators.distinct import deal_distinct
from rightfit.estimators.folds import as_resamples
from rightfit.estimators.inference import Inference
from rightfit.estimators.inputs import TrainingRows, read_rows
from rightfit.estimators.parameters import check_count, check_finite, check_flag, check_number, check_strengths
from rightfit.estimators.picture import Picture, draw
from rightfit.evidence.conformal import make_conformal
from rightfit.evidence.crossfit import crossfit
from rightfit.evidence.curve import summarize
from rightfit.learners.linear import Linear, LinearModel
from rightfit.records import Choice, Curve, Evidence, Resamples, Trace


class Penalized(Inference, BaseEstimator):
    """Parameters and results that both general estimators share; users see `PenalizedRegressor` and
    `PenalizedClassifier`."""

    positive: bool = False
    path_: Trace
    evidence_: Evidence
    curve_: Curve
    choice_: Choice
    fill_: np.ndarray

    def predict_eta(self, X: Any, loss: str) -> np.ndarray:
        """(n, C) linear predictors; a missing value is its column's mean in the rows of the fit."""
        check_is_fitted(self)
        X = read_rows(self, X, missing=True)
        design = make_design(X)
        coef = np.atleast_2d(np.asarray(self.coef_)).T
        intercept = np.atleast_1d(np.asarray(self.intercept_))
        return LinearModel(coef, intercept, self.fill_, loss).predict(design)

    def plot(self, save_as: Any = None) -> Picture:
        """The path with the held-out loss under it: a page that notebooks show, written to ``save_as`` if given."""
        check_is_fitted(self)
        return draw(self, self.path_, self.curve_, self.loss_, save_as)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = True
        return tags


def fit_penalized(
    options: Any,
    rows: TrainingRows,
    y: np.ndarray,
    weight: np.ndarray,
    loss: Loss,
    groups: Any,
    *,
    even: np.ndarray | None,
    relax: Any = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Walk all folds, gather evidence, choose, and set what is new. Coefficients (p, C) and intercept (C,).

    They are the path's at the chosen step, brought to a smaller duality gap. ``even`` (n,) numbers the classes of which
    every fold gets its share.
    """
    positive = check_flag("positive", options.positive)
    penalty = read_penalty(
        options.penalty, options.l1_ratio, rows.design.p if positive else None, getattr(options, "feature_groups", None)
    )
    rule = read_rule(options.rule)
    resamples = read_folds(options, rows, y, groups, even=even, weight=weight)
    problem = Problem(rows.design, y, loss, np.zeros(rows.design.n))
    learner = make_learner(options, penalty, resamples)
    learner, paths, evidence, choice = _walk(relax, learner, problem, resamples, rule)
    trace = paths[0].trace()
    # where there may be several optima, the way that was walked is walked again
    way = slice(choice.step if penalty.convex else 0, choice.step + 1)
    finest = replace(learner, strengths=trace.strengths[way], tolerance=tolerance_for(loss))
    own = finest.fit_paths(problem, Resamples.full(weight))[0].trace()
    check_finished([own])
    options.path_, options.evidence_, options.curve_, options.choice_ = trace, evidence, summarize(evidence), choice
    options.folds_ = resamples
    options.strength_ = float(choice.strength)
    options.loss_ = loss.name
    options.fill_, options.scale_ = own.fill, own.scale
    options.relax_ = learner.relax
    options.selection_ = share_of_folds(paths, choice.step)
    options.learner_ = learner
    options.conformal_ = None
    if loss.predicts in ("number", "amount", "count") and loss.outputs == 1:
        options.conformal_ = make_conformal(paths, problem, resamples, choice.step)
    return own.coef(len(own) - 1), own.intercept[-1]


def _walk(
    relax: Any, learner: Linear, problem: Problem, resamples: Resamples, rule: Rule
) -> tuple[Linear, Sequence[Path], Evidence, Choice]:
    """The paths with their evidence and choice; of several shares of relaxing, the one that loses least at its own
    choice, the smallest of equal ones."""
    best: tuple[Linear, Sequence[Path], Evidence, Choice] | None = None
    least = np.inf
    shares = np.unique(np.atleast_1d(np.asarray(relax, dtype=object)))
    for share in shares:
        own = replace(learner, relax=check_number("relax", share, most=1.0))
        paths, evidence = crossfit(problem, resamples, own)
        choice = rule.choose(evidence)
        mean = float(summarize(evidence).mean[choice.step])
        if best is None or mean < least:
            best, least = (own, paths, evidence, choice), mean
    if best is None:
        raise OptionError("relax: give a number from 0 to 1, or a list of them")
    return best


def share_of_folds(paths: Sequence[Path], step: int) -> np.ndarray:
    """(p,) share of the folds whose model uses the feature."""
    traces = [path.trace() for path in (paths[1:] if len(paths) > 1 else paths)]
    return np.asarray(np.mean([(trace.coef(step) != 0).any(axis=1) for trace in traces], axis=0))


def make_learner(options: Any, penalty: Penalty | ProxPenalty, resamples: Resamples) -> Linear:
    """The linear learner with the estimator's options.

    The default grid is deeper with more rows than columns, where equal rows count once: so repeating a row, which is a
    weight, changes nothing.
    """
    live = resamples.weight > 0
    different = len(np.unique(resamples.unit[live])) if len(resamples.unit) else int(live.sum())
    ratio = check_finite("ratio", options.ratio, above=True) if options.ratio is not None else None
    given = None if options.strengths is None else check_strengths("strengths", options.strengths)
    return Linear(
        penalty,
        strengths=None if given is None else np.unique(given)[::-1],
        count=check_count("count", options.count),
        ratio=ratio or (1e-4 if different > options.n_features_in_ else 1e-2),
        standardize=check_flag("standardize", options.standardize),
        intercept=check_flag("fit_intercept", options.fit_intercept),
        tolerance=check_finite("tolerance", options.tolerance, above=True),
    )


def read_penalty(
    penalty: Any, l1_ratio: Any, positive: int | None = None, feature_groups: Any = None
) -> Penalty | ProxPenalty:
    """A penalty by name with its share of the absolute penalty, or one that is made already; ``positive`` is the number
    of columns whose coefficients must be 0 or more, ``feature_groups`` (p,) says which columns are a group."""
    if isinstance(penalty, Penalty | ProxPenalty):
        if positive is not None:
            raise OptionError("positive: give it with a penalty by name; a made one takes lower=np.zeros(p) itself")
        if feature_groups is not None:
            raise OptionError("feature_groups: give it with a penalty by name; a made one carries its own groups")
        return penalty
    if not isinstance(penalty, str):
        raise OptionError(f"penalty must be a name or a rightfit penalty, not {penalty!r}")
    kind: Any = catalog.find("penalties", penalty)
    fields, given = kind.__dataclass_fields__, {}
    if "l1_ratio" in fields:
        given["l1_ratio"] = l1_ratio
    elif l1_ratio != 1:
        raise OptionError(f"l1_ratio: penalty {penalty} has none; leave it out")
    if positive is not None:
        if "lower" not in fields:
            raise OptionError(f"positive: penalty {penalty} takes no bounds; choose elastic_net, mcp, scad or adaptive")
        given["lower"] = np.zeros(positive)
    if "groups" in fields:
        given["groups"] = None if feature_groups is None else np.asarray(feature_groups)
    elif feature_groups is not None:
        raise OptionError(f"feature_groups: penalty {penalty} has none; choose group or sparse_group")
    made: Penalty | ProxPenalty = kind(**given)
    return made


def read_rule(rule: Any) -> Rule:
    """A rule by name, or one that is made already."""
    if isinstance(rule, Rule):
        return rule
    if not isinstance(rule, str):
        raise OptionError(f"rule must be a name or a rightfit rule, not {rule!r}")
    made: Rule = catalog.find("rules", rule)()
    return made


def read_folds(
    options: Any, rows: TrainingRows, y: np.ndarray, groups: Any, *, even: np.ndarray | None, weight: np.ndarray
) -> Resamples:
    """The folds that an estimator asks for, with the weights (n,) of the fit."""
    return replace(_folds(options, rows, y, groups, even), weight=weight)


def _folds(options: Any, rows: TrainingRows, y: np.ndarray, groups: Any, even: np.ndarray | None) -> Resamples:
    """Folds of distinct rows, of whole groups, or the user's own."""
    seed, repeats = check_count("seed", options.seed, least=0), check_count("repeats", options.repeats)
    folds = options.folds
    if groups is not None:
        groups = column_or_1d(groups)
        if len(groups) != len(y):
            raise OptionError(f"groups has {len(groups)} values for {len(y)} rows; give one for each row")
    if folds is None or isinstance(folds, int | np.integer):
        number = None if folds is None else check_count("folds", folds, least=2)
        if groups is None:
            return deal_distinct(rows.X, y, rows.weight, folds=number, repeats=repeats, seed=seed, even=even)
        different = len(set(groups[rows.weight > 0].tolist()))
        return make_folds(
            len(y),
            folds=number or max(2, min(10, different)),
            repeats=repeats,
            seed=seed,
            weight=rows.weight,
            stratify=even,
            group=groups,
        )
    label = y if even is None else even
    pairs: Sequence[Any] = list(check_cv(folds, label, classifier=even is not None).split(rows.X, label, groups))
    return as_resamples([(np.asarray(a), np.asarray(b)) for a, b in pairs], rows.weight)
