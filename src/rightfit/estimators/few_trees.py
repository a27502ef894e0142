"""A forest put through the lasso at scikit-learn's door: few trees, and what they cost beside the whole forest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from rightfit.contracts import Loss
from rightfit.data.design import make_design
from rightfit.estimators.categories import Categories
from rightfit.estimators.grown import state
from rightfit.estimators.inputs import TrainingRows
from rightfit.estimators.penalized import read_folds, read_rule
from rightfit.evidence.crossfit import score_paths
from rightfit.records import Choice, Evidence
from rightfit.rules._averages import Units
from rightfit.trees.lassoed import LassoedModel, LassoedPath, lasso, listen_to


@dataclass(frozen=True)
class FewTrees:
    """Few trees of a forest, and the forest on the same unseen rows."""

    model: LassoedModel
    path: LassoedPath
    evidence: Evidence
    choice: Choice
    mix: float
    """Share of the forest that is kept as offset."""
    trees: int
    """Trees that a prediction needs."""
    leaves: int
    of: int
    """Trees of the forest."""
    loss: float
    """Mean held-out loss."""
    forest_loss: float
    difference: float
    """What few trees lose more."""
    difference_error: float
    """Its paired standard error."""
    sentence: str
    row_loss: Loss
    categories: Categories = field(default_factory=Categories)

    def predict(self, X: Any) -> np.ndarray:
        """(n,) expected amounts or counts, or probabilities of the second class, for rows with the fit's columns."""
        rows = np.asarray(self.categories.code(X), np.float64)
        design = self.categories.expand(rows, make_design(rows))
        return np.asarray(self.row_loss.response(self.model.predict(design)[:, 0]))


def thin(
    estimator: Any,
    rows: TrainingRows,
    y: np.ndarray,
    weight: np.ndarray,
    loss: Loss,
    groups: Any,
    *,
    even: np.ndarray | None,
    mixes: Sequence[float],
    rule: Any,
) -> FewTrees:
    """Walk the lasso over the forest of every fold, for each share of the forest as offset; of several shares the one
    that loses least at its own choice, of equal ones the first."""
    problem = state(estimator, rows, y, loss)
    resamples = read_folds(estimator, rows, y, groups, even=even, weight=weight)
    learner = replace(estimator.learner_, strengths=np.array([estimator.strength_]))
    forests = learner.grow_paths(problem, resamples)
    whole = score_paths(forests, problem, resamples)
    unseen = learner.left_out(problem, resamples)
    units = Units.of(whole)
    forest_loss, _ = units.mean(whole.loss[units.rows, 0])
    heard = listen_to(forests, unseen, 0)
    found: FewTrees | None = None
    for mix in mixes:
        paths = lasso(problem, resamples, heard, unseen, 0, mix=float(mix))
        evidence = score_paths(paths, problem, resamples)
        choice = read_rule(rule).choose(evidence)
        lost = evidence.loss[units.rows, choice.step].astype(np.float64)
        mean, _ = units.mean(lost)
        behind, error = units.mean(lost - whole.loss[units.rows, 0])
        if found is not None and mean >= found.loss:
            continue
        model = paths[0].model(choice.step)
        assert isinstance(model, LassoedModel)
        trees, leaves = model.count()
        found = FewTrees(
            model,
            paths[0],
            evidence,
            choice,
            float(mix),
            trees,
            leaves,
            learner.n_estimators,
            mean,
            forest_loss,
            behind,
            error,
            _say(trees, leaves, learner.n_estimators, behind, error, forest_loss),
            loss,
            estimator.categories_,
        )
    assert found is not None
    return found


def _say(trees: int, leaves: int, of: int, behind: float, error: float, base: float) -> str:
    word = "more" if behind > 0 else "less"
    noise = abs(behind) <= 2 * error
    verdict = "which is no more than noise" if noise else f"which is {abs(behind) / error:.1f} standard errors"
    return (
        f"{trees} of {of} trees with {leaves:,} leaves lose {abs(behind):.3g} ± {error:.2g} {word} than the forest on "
        f"unseen rows ({base:.4g}), {verdict}."
    )
