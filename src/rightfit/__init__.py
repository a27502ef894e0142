"""rightfit: find the regularization that generalizes, prove it on rows it has not seen, and show it.

    import rightfit

    saved = rightfit.fit("houses.csv", target="price")
    saved.predict(new_houses)

Names are imported when they are first used, so that ``import rightfit`` and ``rightfit --help`` stay light.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_LAZY: dict[str, str] = {
    "BoostingClassifier": "rightfit.estimators.boosting_classifier",
    "BoostingRegressor": "rightfit.estimators.boosting_regressor",
    "CoxRegressor": "rightfit.estimators.cox",
    "ElasticNet": "rightfit.estimators.elastic_net",
    "ElasticNetCV": "rightfit.estimators.elastic_net_cv",
    "Lasso": "rightfit.estimators.lasso",
    "LassoCV": "rightfit.estimators.lasso_cv",
    "LogisticRegression": "rightfit.estimators.logistic",
    "LogisticRegressionCV": "rightfit.estimators.logistic_cv",
    "MultiTaskElasticNet": "rightfit.estimators.multi_task_elastic_net",
    "MultiTaskElasticNetCV": "rightfit.estimators.multi_task_elastic_net_cv",
    "MultiTaskLasso": "rightfit.estimators.multi_task_lasso",
    "MultiTaskLassoCV": "rightfit.estimators.multi_task_lasso_cv",
    "NetworkClassifier": "rightfit.estimators.network_classifier",
    "NetworkRegressor": "rightfit.estimators.network_regressor",
    "PenalizedClassifier": "rightfit.estimators.penalized_classifier",
    "PenalizedRegressor": "rightfit.estimators.penalized_regressor",
    "PoissonRegressor": "rightfit.estimators.poisson",
    "PrunedTreeClassifier": "rightfit.estimators.pruned_tree_classifier",
    "PrunedTreeRegressor": "rightfit.estimators.pruned_tree_regressor",
    "Ridge": "rightfit.estimators.ridge",
    "RidgeCV": "rightfit.estimators.ridge_cv",
    "RightFitClassifier": "rightfit.estimators.rightfit_classifier",
    "RightFitRegressor": "rightfit.estimators.rightfit_regressor",
    "ShrunkForestClassifier": "rightfit.estimators.shrunk_forest_classifier",
    "ShrunkForestRegressor": "rightfit.estimators.shrunk_forest_regressor",
    "fit": "rightfit.door",
    "load": "rightfit.door",
}
"""Public name -> the module that holds it."""

__all__ = sorted(_LAZY)


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'rightfit' has no attribute {name!r}")
    value = getattr(importlib.import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
