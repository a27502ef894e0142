"""Prediction intervals: their definition row by row, and coverage of new rows by simulation."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from rightfit.data.design import make_design
from rightfit.data.resample import make_folds
from rightfit.errors import DataError, OptionError
from rightfit.evidence.conformal import make_conformal
from rightfit.evidence.crossfit import crossfit
from rightfit.learners.linear import Linear
from rightfit.losses.logistic import Logistic
from rightfit.losses.poisson import Poisson
from rightfit.losses.squared import Squared
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples
from tests.rooms.evidence.stand_in import make_problem

LASSO = Linear(ElasticNet(1.0), count=8, ratio=0.05, tolerance=1e-5)
STEP = 5


def draw(seed: int, n: int, p: int = 8):
    """Noise that is skewed and grows with the first column: no Gaussian interval would fit."""
    g = np.random.default_rng(seed)
    X = g.normal(size=(n, p))
    return X, X[:, 0] - X[:, 1] + (g.exponential(1, n) - 1) * (0.5 + np.abs(X[:, 0]))


def split(n: int) -> Resamples:
    """One resample that learns from the first half and scores the second."""
    folds = make_folds(n, column=np.arange(n) >= n // 2)
    return replace(folds, multiplicity=folds.multiplicity[[0, 2]], scored=folds.scored[[0, 2]])


FOLDS = {"CV+": lambda n: make_folds(n, folds=5), "jackknife+": lambda n: make_folds(n, folds=n), "split": split}


@pytest.mark.parametrize("way", FOLDS)
def test_against_its_definition(way: str):
    X, y = draw(0, 30)
    weight_problem, resamples = make_problem(X, y, Squared()), FOLDS[way](30)
    paths, _ = crossfit(weight_problem, resamples, LASSO)
    new = make_design(draw(1, 4)[0])
    ends = make_conformal(paths, weight_problem, resamples, STEP).interval(new, level=0.8)
    low, high = [[] for _ in range(4)], [[] for _ in range(4)]
    for k in range(1, len(resamples)):
        model = paths[k].model(STEP)
        own, others = model.predict(make_design(X))[:, 0], model.predict(new)[:, 0]
        for i in np.flatnonzero(resamples.scored[k]):
            for m in range(4):
                low[m].append(others[m] - abs(y[i] - own[i]))
                high[m].append(others[m] + abs(y[i] - own[i]))
    n = len(low[0])
    for m in range(4):
        assert ends[m, 0] == pytest.approx(sorted(low[m])[math.floor(0.2 * (n + 1) + 1e-9) - 1])
        assert ends[m, 1] == pytest.approx(sorted(high[m])[math.ceil(0.8 * (n + 1) - 1e-9) - 1])


@pytest.mark.parametrize(("way", "times"), [("CV+", 60), ("jackknife+", 15), ("split", 60)])
def test_coverage_of_new_rows(way: str, times: int):
    inside = []
    for seed in range(times):
        X, y = draw(seed, 60)
        problem, resamples = make_problem(X, y, Squared()), FOLDS[way](60)
        paths, _ = crossfit(problem, resamples, LASSO)
        new_X, new_y = draw(seed + 10_000, 300)
        ends = make_conformal(paths, problem, resamples, STEP).interval(make_design(new_X), level=0.8)
        inside.append(((ends[:, 0] <= new_y) & (new_y <= ends[:, 1])).mean())
    coverage, error = np.mean(inside), np.std(inside, ddof=1) / np.sqrt(times)
    print(f"{way}: coverage {coverage:.3f} ± {error:.3f} at 0.8")
    # CV+ learns from four fifths of the rows and is a little too wide
    assert abs(coverage - 0.8) <= 2 * error + (0.02 if way == "CV+" else 1 / 60)


def test_too_few_rows_for_the_level_give_no_end_and_counts_are_not_negative():
    X, y = draw(0, 12)
    problem, resamples = make_problem(X, np.round(np.exp(y / 3)), Poisson()), make_folds(12, folds=3)
    paths, _ = crossfit(problem, resamples, LASSO)
    found = make_conformal(paths, problem, resamples, STEP)
    assert np.isinf(found.interval(make_design(X), level=0.99)[:, 1]).all()
    assert (found.interval(make_design(X), level=0.9) >= 0).all()


def test_refusals():
    X, y = draw(0, 40)
    problem, resamples = make_problem(X, (y > 0).astype(float), Logistic()), make_folds(40, folds=3)
    paths, _ = crossfit(problem, resamples, LASSO)
    with pytest.raises(OptionError, match="for numbers"):
        make_conformal(paths, problem, resamples, STEP)
    numbers = make_problem(X, y, Squared())
    paths = LASSO.fit_paths(numbers, Resamples.full(np.ones(40)))
    with pytest.raises(DataError, match="use folds"):
        make_conformal(paths, numbers, Resamples.full(np.ones(40)), STEP)
    with pytest.raises(OptionError, match="step"):
        make_conformal(paths, numbers, resamples, 8)
