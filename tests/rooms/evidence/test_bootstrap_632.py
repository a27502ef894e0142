"""The bootstrap estimates against their formulas, and against the error that they estimate."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.data.bootstrap import make_bootstrap
from rightfit.data.design import make_design
from rightfit.data.resample import make_folds
from rightfit.errors import OptionError
from rightfit.evidence.bootstrap_632 import bootstrap_632
from rightfit.evidence.crossfit import crossfit
from rightfit.evidence.curve import summarize
from rightfit.learners.linear import Linear
from rightfit.losses.squared import Squared
from rightfit.penalties.elastic_net import ElasticNet
from tests.rooms.evidence.stand_in import make_problem

STRENGTHS = np.geomspace(1, 1e-4, 6)


def draw(seed: int, n: int = 60, p: int = 30):
    g = np.random.default_rng(seed)
    X = g.normal(size=(n, p))
    return X, X[:, :3].sum(axis=1) + g.normal(size=n) * 2


def test_against_its_formulas():
    X, y = draw(0)
    problem, resamples = make_problem(X, y, Squared()), make_bootstrap(60, count=40)
    learner = Linear(ElasticNet(0.5), strengths=STRENGTHS)
    paths, missed = crossfit(problem, resamples, learner)
    plain, plus = (summarize(bootstrap_632(problem, resamples, learner, plus=p)[1]).mean for p in (False, True))
    out = missed.loss.astype(float).mean(axis=0)
    eta = paths[0].predict(problem.design)[:, :, 0]
    own = ((y - eta) ** 2).mean(axis=1) / 2
    np.testing.assert_allclose(plain, 0.368 * own + 0.632 * out, rtol=1e-5)
    nothing = ((y[:, None, None] - eta.T[None, :, :]) ** 2 / 2).mean(axis=(0, 1))
    capped = np.minimum(out, nothing)
    overfit = np.clip((capped - own) / (nothing - own), 0, 1)
    w = 0.632 / (1 - 0.368 * overfit)
    np.testing.assert_allclose(plus, own + w * (capped - own), rtol=1e-5)
    assert (plus >= plain)[out <= nothing].all() and (out <= nothing).any() and (out > nothing).any()


def test_estimates_the_error_on_new_rows_better_than_the_own_rows_do():
    wrong = []
    for seed in range(10):
        X, y = draw(seed, 150, 15)
        new_X, new_y = draw(seed + 1000, 3000, 15)
        paths, evidence = bootstrap_632(
            make_problem(X, y, Squared()),
            make_bootstrap(150, count=30, seed=seed),
            Linear(ElasticNet(1.0), strengths=STRENGTHS),
        )
        true = ((new_y - paths[0].predict(make_design(new_X))[:, :, 0]) ** 2).mean(axis=1) / 2
        wrong.append(np.abs([summarize(evidence).mean / true - 1, evidence.training / true - 1]))
    ours, naive = np.mean(wrong, axis=0)
    assert (ours < 0.15).all() and ours[-1] < 0.7 * naive[-1]


def test_needs_a_bootstrap():
    X, y = draw(0)
    with pytest.raises(OptionError, match="make_bootstrap"):
        bootstrap_632(make_problem(X, y, Squared()), make_folds(60), Linear(strengths=STRENGTHS))
