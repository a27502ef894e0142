"""What can be asked of a fitted estimator once the rows of its fit are given again: it keeps none itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from rightfit.contracts import Problem
from rightfit.data.bootstrap import make_bootstrap
from rightfit.data.resample import make_folds
from rightfit.errors import OptionError
from rightfit.estimators.summary import summarize_estimator
from rightfit.evidence.summary import Summary
from rightfit.records import Evidence

if TYPE_CHECKING:
    from rightfit.evidence.bootstrap_paths import BootstrapPaths
    from rightfit.evidence.knockoffs import Knockoffs
    from rightfit.evidence.stability import Stability
    from rightfit.learners.linear import Linear


class Inference:
    """Methods of the general estimators. ``X``, ``y`` and ``sample_weight`` are always the rows of the fit."""

    learner_: Linear

    def read_training(self, X: Any, y: Any, sample_weight: Any) -> tuple[Problem, np.ndarray]:
        """The rows of the fit as a problem, with their weights."""
        raise OptionError(f"{type(self).__name__} knows no inference from rows yet: call summary() without rows")

    def summary(
        self,
        X: Any = None,
        y: Any = None,
        sample_weight: Any = None,
        *,
        intervals: str = "debiased",
        level: float = 0.95,
        count: int = 200,
        seed: int = 0,
    ) -> Summary:
        """The table of coefficients that a statistician would print; ``print`` shows it, `text` with options.

        Parameters
        ----------
        X, y, sample_weight
            The rows of the fit, for intervals; without them there are none.
        intervals : {"debiased", "bootstrap", "none"}
            Confidence intervals of the debiased coefficients (`rightfit.evidence.debiased`), or percentiles of
            ``count`` bootstrap resamples at the chosen strength (`rightfit.evidence.bootstrap_paths`).
        level : float
        count, seed : int
            Of the bootstrap.

        Returns
        -------
        `rightfit.evidence.summary.Summary`, with a sentence for what each figure means.
        """
        check_is_fitted(self)
        if X is None:
            return summarize_estimator(self, None)
        training = self.read_training(X, y, sample_weight)
        return summarize_estimator(self, training, intervals=intervals, level=level, count=count, seed=seed)

    def leave_one_out(self, X: Any, y: Any, sample_weight: Any = None) -> Evidence:
        """Leave-one-out from the full path alone: exact for ridge with squared loss, else approximate; see
        `rightfit.evidence.approximate_leave_one_out`. Every rule reads it, e.g. ``Best().choose(evidence)``."""
        from rightfit.evidence.approximate_leave_one_out import approximate_leave_one_out

        problem, weight = self._read(X, y, sample_weight)
        return approximate_leave_one_out(problem, weight, self.learner_)

    def bootstrap_632(
        self, X: Any, y: Any, sample_weight: Any = None, *, count: int = 100, plus: bool = True, seed: int = 0
    ) -> Evidence:
        """The .632+ (or .632) estimate of error along the path, see `rightfit.evidence.bootstrap_632`."""
        from rightfit.evidence.bootstrap_632 import bootstrap_632

        problem, weight = self._read(X, y, sample_weight)
        resamples = make_bootstrap(len(weight), count=count, seed=seed, weight=weight)
        return bootstrap_632(problem, resamples, self.learner_, plus=plus, seed=seed)[1]

    def bootstrap_paths(
        self, X: Any, y: Any, sample_weight: Any = None, *, count: int = 200, level: float = 0.95, seed: int = 0
    ) -> BootstrapPaths:
        """Percentiles of all coefficients at all steps, see `rightfit.evidence.bootstrap_paths`."""
        from rightfit.evidence.bootstrap_paths import bootstrap_paths

        problem, weight = self._read(X, y, sample_weight)
        return bootstrap_paths(problem, weight, self.learner_, count=count, level=level, seed=seed)

    def select_stable(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        errors: float = 1.0,
        threshold: float = 0.75,
        pairs: int = 50,
        assumption: str = "none",
        groups: Any = None,
        seed: int = 0,
    ) -> Stability:
        """Stability selection with at most ``errors`` false features expected, see `rightfit.evidence.stability`."""
        from rightfit.evidence.stability import select_stable

        problem, weight = self._read(X, y, sample_weight)
        return select_stable(
            problem,
            weight,
            self.learner_,
            errors=errors,
            threshold=threshold,
            pairs=pairs,
            assumption=assumption,
            group=None if groups is None else np.asarray(groups),
            seed=seed,
        )

    def select_by_knockoffs(
        self, X: Any, y: Any, sample_weight: Any = None, *, target: float = 0.1, folds: int = 5, seed: int = 0
    ) -> Knockoffs:
        """Features among which the expected share of false ones is at most ``target``, see
        `rightfit.evidence.knockoffs`."""
        from rightfit.evidence.knockoffs import select_by_knockoffs

        problem, weight = self._read(X, y, sample_weight)
        resamples = make_folds(len(weight), folds=folds, seed=seed, weight=weight)
        return select_by_knockoffs(problem, weight, self.learner_, target=target, resamples=resamples, seed=seed)

    def _read(self, X: Any, y: Any, sample_weight: Any) -> tuple[Problem, np.ndarray]:
        check_is_fitted(self)
        return self.read_training(X, y, sample_weight)
