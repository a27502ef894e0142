"""scikit-learn's own checks: none may fail, none may be expected to."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from typing import Any

import pytest
from sklearn.utils.estimator_checks import check_estimator

import rightfit

SMALL: dict[str, Any] = {"folds": 2, "strengths": 3, "l1_ratio": 1.0}
ESTIMATORS = [
    rightfit.Ridge(),
    rightfit.RidgeCV(),
    rightfit.Lasso(),
    rightfit.LassoCV(alphas=30),
    rightfit.ElasticNet(),
    rightfit.ElasticNetCV(alphas=20, l1_ratio=[0.5, 1.0]),
    rightfit.MultiTaskLasso(),
    rightfit.MultiTaskLassoCV(alphas=10),
    rightfit.MultiTaskElasticNet(),
    rightfit.MultiTaskElasticNetCV(alphas=8, l1_ratio=[0.5, 1.0]),
    rightfit.LogisticRegression(),
    rightfit.LogisticRegressionCV(Cs=2, cv=2),
    rightfit.PoissonRegressor(),
    rightfit.PenalizedRegressor(count=20, folds=3),
    rightfit.PenalizedRegressor(loss="poisson", count=4, folds=2),
    rightfit.PenalizedClassifier(count=3, folds=2),
    rightfit.PrunedTreeRegressor(count=20, folds=3),
    rightfit.PrunedTreeClassifier(count=20, folds=3),
    rightfit.ShrunkForestRegressor(n_estimators=4, count=4),
    rightfit.ShrunkForestClassifier(n_estimators=4, count=4),
    rightfit.RightFitRegressor(**SMALL),
    rightfit.RightFitClassifier(**SMALL),
]


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: str(e).partition("(")[0])
def test_check_estimator(estimator: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(estimator, on_skip=None, on_fail=None)
    bad = [(r["check_name"], r["exception"]) for r in results if r["status"] not in ("passed", "skipped")]
    assert bad == []
    skipped = {r["check_name"] for r in results if r["status"] == "skipped"}
    assert skipped <= {"check_array_api_input"}  # wants an environment variable
    assert len(results) > 40


def test_the_package_loads_scikit_learn_for_estimators_only() -> None:
    program = (
        "import sys, rightfit; assert 'sklearn' not in sys.modules; rightfit.Lasso; assert 'sklearn' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env=dict(os.environ))
