"""What estimators of several targets say of themselves to scikit-learn."""

from __future__ import annotations

from typing import Any

from rightfit.estimators.base import LinearRegressor


class SeveralTargets(LinearRegressor):
    """coef_ (t, p) and intercept_ (t,) give predictions (n, t)."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = False
        return tags
