"""Folds of scikit-learn's splitters as resamples, and what they score."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.metrics import get_scorer
from sklearn.model_selection import check_cv
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing

from rightfit.errors import DataError, OptionError
from rightfit.records import Resamples

Split = tuple[np.ndarray, np.ndarray]


def split_rows(
    estimator: Any, X: Any, y: np.ndarray, sample_weight: Any, params: dict[str, Any], *, classes: bool = False
) -> list[Split]:
    """(train, test) row numbers of ``estimator.cv``; ``params`` (groups, say) are routed to the splitter."""
    wanted: dict[str, Any] = {}
    if get_config()["enable_metadata_routing"]:
        if sample_weight is not None:
            params = {**params, "sample_weight": sample_weight}
        wanted = process_routing(estimator, "fit", **params).splitter.split if params else {}
    elif params:
        raise OptionError(
            f"fit takes {', '.join(params)} with metadata routing only: "
            "call sklearn.set_config(enable_metadata_routing=True), or give cv as a list of (train, test) rows"
        )
    splitter = check_cv(_count_folds(estimator.cv, y) if classes else estimator.cv, y, classifier=classes)
    folds = [(_numbers(train, len(y)), _numbers(test, len(y))) for train, test in splitter.split(X, y, **wanted)]
    if not folds:
        raise OptionError("cv gives no folds")
    return folds


def route_to_splitter(estimator: Any, *, classes: bool = False) -> MetadataRouter:
    """sample_weight goes to fit itself, everything else to the splitter's split."""
    mapping = MethodMapping().add(caller="fit", callee="split")
    router = MetadataRouter(owner=estimator).add_self_request(estimator)
    return router.add(splitter=check_cv(estimator.cv, classifier=classes), method_mapping=mapping)


def as_resamples(folds: list[Split], weight: np.ndarray) -> Resamples:
    """The full fit, then one resample for each fold's training rows. A row that is named twice counts twice."""
    n = len(weight)
    counts = np.array([np.ones(n), *(np.bincount(train, minlength=n) for train, _ in folds)])
    scored = np.zeros(counts.shape, bool)
    for k, (_, test) in enumerate(folds, start=1):
        scored[k, test] = True
    for k in range(1, len(counts)):
        if not (counts[k] * weight).any():
            raise DataError(f"fold {k} of cv has no training row of positive weight")
    return Resamples(weight, counts, scored & (counts == 0))


def make_scorer(scoring: Any, labels: np.ndarray | None = None) -> Callable[..., float]:
    """``score(estimator, X, y, weight)``: a row of weight 2 counts as the row twice, whatever the scoring.

    ``scoring`` is a name, a callable (estimator, X, y), or None for the estimator's own score. OptionError where
    weights are given and the scoring cannot take them.
    """
    scorer: Any = None if scoring is None else get_scorer(scoring)
    function = getattr(scorer, "_score_func", scorer)
    takes = scorer is None or "sample_weight" in inspect.signature(function).parameters
    extra: dict[str, Any] = {}
    if labels is not None and scorer is not None and hasattr(scorer, "_score_func"):
        known = inspect.signature(scorer._score_func).parameters
        # a fold may lack a class, so metrics that can are told which ones there are
        extra = {"labels": labels} if "labels" in known else {}
        if len(labels) == 2 and "pos_label" in known and "labels" in known:
            extra["pos_label"] = labels[-1]
    if extra:
        scorer = _with(scorer, extra)

    def score(estimator: Any, X: Any, y: np.ndarray, weight: np.ndarray) -> float:
        if not weight.any():
            raise OptionError("cv has a fold without a test row of positive weight")
        if scorer is None:
            return float(estimator.score(X, y, sample_weight=weight))
        if np.all(weight == weight[0]):
            return float(scorer(estimator, X, y))
        if not takes:
            raise OptionError(f"scoring {scoring!r} cannot take sample_weight: choose one that can")
        return float(scorer(estimator, X, y, sample_weight=weight))

    return score


def _with(scorer: Any, extra: dict[str, Any]) -> Any:
    """The same scorer with further arguments of its metric."""
    from sklearn.metrics import make_scorer as compose

    options = {**getattr(scorer, "_kwargs", {}), **extra}
    better = scorer._sign == 1
    return compose(scorer._score_func, greater_is_better=better, response_method=scorer._response_method, **options)


def _count_folds(cv: Any, y: np.ndarray) -> Any:
    """5 stratified folds where nothing else is asked for, fewer where no class has 5 rows."""
    if cv is not None:
        return cv
    return int(max(2, min(5, np.unique(y, return_counts=True)[1].max())))


def _numbers(rows: Any, n: int) -> np.ndarray:
    rows = np.asarray(rows)
    return np.flatnonzero(rows) if rows.dtype == bool and len(rows) == n else rows.astype(np.int64)
