"""Second moments that all folds share against those of each fold's own rows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from rightfit import catalog
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples
from rightfit.solvers.curvature import OwnCurvature, SharedCurvature, left_out_by
from rightfit.solvers.rows import Rows
from rightfit.solvers.setting import Setting, prepare


def _setting(loss: str, form: str, intercept: bool) -> Setting:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 9)) + np.linspace(-2, 2, 9)
    design = make_design(sparse.csc_array(np.where(np.abs(X) > 1, X, 0)) if form == "sparse" else X)
    multiple = loss == "multinomial"
    made = catalog.find("losses", loss)(3) if multiple else catalog.find("losses", loss)()
    y = rng.integers(0, 3 if multiple else 2, 60).astype(float)
    scored = np.arange(60) % 4 == np.arange(-1, 4)[:, None]
    weight = rng.uniform(0.5, 2, 60)
    resamples = Resamples(weight, (~scored).astype(np.uint8), scored)
    return prepare(
        Problem(design, y, made, np.zeros(60)), resamples, ElasticNet(), standardize=True, intercept=intercept
    )


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("form", ["dense", "sparse"])
@pytest.mark.parametrize("loss", ["logistic", "poisson", "multinomial"])
def test_shared_second_moments_are_each_folds_own(loss: str, form: str, intercept: bool) -> None:
    setting = _setting(loss, form, intercept)
    part = left_out_by(setting)
    assert part is not None
    rows = Rows(setting.loss, setting.y, setting.weight, setting.frozen)
    eta = np.random.default_rng(1).normal(size=(setting.outputs, 60))
    shared = SharedCurvature(setting, part, rows.curvatures(0, eta))
    for columns in (np.array([2, 5]), np.array([5, 2, 7, 0])):  # grows at its end
        shared.hold(columns)
        for t in range(setting.tasks):
            own = OwnCurvature(setting, t, rows.curvatures(t, eta), eta)
            own.hold(columns)
            theirs, ours = shared.model(t), own.model(t)
            np.testing.assert_allclose(theirs.matrix(columns), ours.matrix(columns), rtol=1e-10, atol=1e-12)
            step, total = np.ones((len(columns), setting.outputs)), np.arange(setting.outputs) - 0.5
            np.testing.assert_allclose(
                theirs.intercept_step(columns, step, total), ours.intercept_step(columns, step, total), rtol=1e-9
            )


def test_resamples_that_differ_in_more_share_nothing() -> None:
    rng = np.random.default_rng(0)
    y, X = rng.normal(size=30), rng.normal(size=(30, 3))
    task = Problem(make_design(X), y, catalog.find("losses", "squared")(), np.zeros(30))
    counts = np.vstack([np.ones(30, int), rng.multinomial(30, np.ones(30) / 30, size=4)]).astype(np.uint8)
    resamples = Resamples(np.ones(30), counts, counts == 0)
    assert left_out_by(prepare(task, resamples, ElasticNet(), standardize=True, intercept=True)) is None
    twice = np.ones((5, 30), np.uint8)
    twice[1:, :5] = 0  # the same rows are left out again
    resamples = Resamples(np.ones(30), twice, twice == 0)
    assert left_out_by(prepare(task, resamples, ElasticNet(), standardize=True, intercept=True)) is None
