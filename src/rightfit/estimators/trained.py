"""Nets behind scikit-learn's door: what their regressor and classifier share."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from rightfit.contracts import Loss, Problem, Wishes
from rightfit.data.design import make_design
from rightfit.errors import OptionError
from rightfit.estimators.boosted import read_offset
from rightfit.estimators.inputs import TrainingRows, read_rows
from rightfit.estimators.parameters import check_choice
from rightfit.estimators.penalized import read_folds, read_rule
from rightfit.evidence.crossfit import crossfit, predict_held_out
from rightfit.evidence.curve import summarize
from rightfit.learners.network import Network, NetworkModel, NetworkPath
from rightfit.records import Choice, Curve, Evidence, Ladder, Resamples

PARAMETERS = (
    "walks",
    "decay",
    "l1",
    "dropout",
    "noise",
    "mixup",
    "smoothing",
    "norm",
    "batch",
    "learning_rate",
    "epochs",
    "most",
    "seeds",
    "module",
    "shift",
    "rotate",
    "flip",
    "cutout",
    "delete",
    "swap",
    "synonyms",
    "thesaurus",
    "device",
    "seed",
)
"""Those of `rightfit.learners.network.Network` that an estimator hands on as they are."""


class Trained(BaseEstimator):
    """Parameters and results of both; users see `NetworkRegressor` and `NetworkClassifier`."""

    path_: NetworkPath
    model_: NetworkModel
    evidence_: Evidence
    curve_: Curve
    choice_: Choice
    folds_: Resamples
    learner_: Network
    ladder_: Ladder | None

    def fit_nets(
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
        resamples = read_folds(options, rows, y, groups, even=even, weight=weight)
        several: dict[str, Any] = {
            name: _as_tuple(name, getattr(options, name)) for name in ("hidden", "strengths", "image")
        }
        several["text"] = _find_columns("text", options.text, rows.design.names)
        shown = {name: several[name] for name in ("image", "text")}
        problem = Problem(rows.design, y, loss, read_offset(offset, len(y)), **shown)
        if options.settings == "race":
            learner = Network.propose(problem, resamples, Wishes(seed=options.seed))[0]
        else:
            given: dict[str, Any] = {name: getattr(options, name) for name in PARAMETERS}
            learner = Network(**given, **several)
        paths, evidence = crossfit(problem, resamples, learner)
        choice = rule.choose(evidence)
        full = paths[0]
        assert isinstance(full, NetworkPath)
        self.learner_, self.folds_ = learner, resamples
        self.evidence_, self.curve_, self.choice_ = evidence, summarize(evidence), choice
        self.path_, self.model_ = full, full.model(choice.step)
        self.ladder_ = full.picture(choice.step).ladder
        options.strength_, options.epochs_ = float(choice.strength), int(full.stop[choice.step])
        options.n_iter_ = max(1, options.epochs_)
        options.feature_importances_ = full.importance(choice.step)
        options.loss_ = loss.name
        return predict_held_out(paths, problem, resamples, choice.step)

    def save(self, path: str | Path) -> None:
        """Write what predicts as a ``.safetensors`` file; `rightfit.load` reads it. A module of your own is not in it:
        give its function again."""
        from rightfit.estimators.saved_nets import save_nets

        check_is_fitted(self)
        save_nets(self, path)

    def predict_eta(self, X: Any, offset: Any = None) -> np.ndarray:
        """(n, C) predictors on the scale of the link."""
        check_is_fitted(self)
        design = make_design(read_rows(self, X, missing=True))
        return self.model_.predict(design, None if offset is None else read_offset(offset, design.n))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = True
        return tags


def _find_columns(name: str, wanted: Any, names: Sequence[str]) -> tuple[int, ...]:
    """Places of columns that are given by their places or names, in rising order."""
    if isinstance(wanted, str | bytes) or not isinstance(wanted, Iterable):
        raise OptionError(f"{name} must be a list of columns, by their names or places, not {wanted!r}")
    place = {column: number for number, column in enumerate(names)}
    found = set()
    for one in wanted:
        whole = isinstance(one, numbers.Integral) and not isinstance(one, bool | np.bool_)
        number = int(one) if whole else place.get(one, -1) if isinstance(one, str) else -1
        if not 0 <= number < len(names):
            raise OptionError(f"{name}: there is no column {one!r} among the {len(names):,} of X")
        found.add(number)
    return tuple(sorted(found))


def _as_tuple(name: str, values: Any) -> tuple[Any, ...]:
    """A list of numbers, or one number; None is none."""
    if values is None:
        return ()
    array = np.atleast_1d(np.asarray(values))
    if array.ndim != 1 or (array.dtype.kind not in "if" and len(array)):
        raise OptionError(f"{name} must be a number or a list of numbers, not {values!r}")
    return tuple(array.tolist())
