"""The surface of one tree, pruned and shrunken, at scikit-learn's door."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from rightfit.contracts import Loss
from rightfit.estimators.grown import as_numbers, settle, state
from rightfit.estimators.inputs import TrainingRows
from rightfit.estimators.parameters import check_count, check_finite, check_strengths
from rightfit.estimators.penalized import read_folds, read_rule
from rightfit.evidence.crossfit import score_paths
from rightfit.evidence.curve import summarize
from rightfit.learners.tree import Tree
from rightfit.trees.tree_path import TreePath


def fit_tree(
    estimator: Any,
    rows: TrainingRows,
    y: np.ndarray,
    weight: np.ndarray,
    loss: Loss,
    groups: Any,
    *,
    even: np.ndarray | None,
) -> None:
    """Grow once a fold, walk the pruning at every shrinkage that is asked for, and take the one whose choice loses
    least; of equal ones the first."""
    shares = as_numbers("shrinkage", estimator.shrinkage)
    rule = read_rule(estimator.rule)
    learner = make_tree(estimator, shares[0])
    resamples = read_folds(estimator, rows, y, groups, even=even, weight=weight)
    problem = state(estimator, rows, y, loss)
    paths = learner.fit_paths(problem, resamples)
    best: tuple[TreePath, Any, float] | None = None
    least = np.inf
    for share in shares:
        own = [path.along(replace(path.walk, shrinkage=share)) for path in paths]
        evidence = score_paths(own, problem, resamples)
        lost = float(summarize(evidence).mean[rule.choose(evidence).step])
        if best is None or lost < least:
            best, least = (own[0], evidence, share), lost
    assert best is not None
    path, evidence, share = best
    settle(estimator, path, evidence, resamples, loss)
    estimator.shrinkage_ = share
    estimator.learner_ = replace(learner, shrinkage=share)
    estimator.n_leaves_ = int(path.leaves[estimator.choice_.step])


def make_tree(estimator: Any, shrinkage: float) -> Tree:
    """The learner with the estimator's options."""
    given = None if estimator.strengths is None else check_strengths("strengths", estimator.strengths)
    return Tree(
        max_depth=estimator.max_depth,
        min_samples_split=estimator.min_samples_split,
        min_samples_leaf=estimator.min_samples_leaf,
        max_features=estimator.max_features,
        max_leaf_nodes=estimator.max_leaf_nodes,
        criterion=estimator.criterion,
        shrinkage=shrinkage,
        smoothing=check_finite("smoothing", getattr(estimator, "smoothing", 1.0)),
        strengths=None if given is None else np.unique(given)[::-1],
        count=check_count("count", estimator.count),
        seed=check_count("seed", estimator.seed, least=0),
    )
