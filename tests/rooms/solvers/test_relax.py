"""Relaxed fits: mixtures, weights, and steps that cannot be refitted."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.catalog import find
from rightfit.data.resample import make_folds
from rightfit.errors import OptionError
from rightfit.evidence.crossfit import crossfit
from rightfit.evidence.curve import summarize
from rightfit.learners.linear import Linear
from rightfit.losses.multinomial import Multinomial
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples, Status
from tests.rooms.evidence.stand_in import make_problem


def draw(loss_name: str, n: int = 80, p: int = 10, seed: int = 0):
    g = np.random.default_rng(seed)
    X = g.normal(size=(n, p)) * np.exp(g.normal(size=p)) + 3
    eta = ((X - 3) / X.std(axis=0))[:, :3].sum(axis=1)
    y = eta + g.normal(size=n) if loss_name == "squared" else (g.random(n) < 1 / (1 + np.exp(-eta))).astype(float)
    return make_problem(X, y, find("losses", loss_name)()), X, y


def walk(problem, relax: float, weight=None, **options):
    weight = np.ones(len(problem.y)) if weight is None else weight
    learner = Linear(ElasticNet(1.0), count=8, ratio=0.05, tolerance=1e-10, relax=relax, **options)
    return learner.fit_paths(problem, Resamples.full(weight))[0].trace()


@pytest.mark.parametrize("loss_name", ["squared", "logistic"])
@pytest.mark.parametrize("intercept", [True, False])
def test_a_share_mixes_both_ends(loss_name: str, intercept: bool):
    problem, X, _ = draw(loss_name)
    weight = np.random.default_rng(1).integers(0, 3, 80).astype(float)
    ends = [walk(problem, share, weight, intercept=intercept) for share in (0.0, 0.4, 1.0)]
    for k in range(8):
        penalized, mixed, refitted = (np.r_[t.intercept[k], t.coef(k)[:, 0]] for t in ends)
        np.testing.assert_allclose(mixed, 0.6 * penalized + 0.4 * refitted, atol=1e-9)
        np.testing.assert_array_equal(penalized[1:] != 0, refitted[1:] != 0)
        pull = weight * problem.loss.slope(problem.y, refitted[0] + X @ refitted[1:])
        np.testing.assert_allclose(X[:, refitted[1:] != 0].T @ pull / weight.sum(), 0, atol=1e-9)
        assert ends[2].complexity[k] == (refitted[1:] != 0).sum()
    assert (ends[2].explained >= ends[0].explained - 1e-12).all()
    value = np.average(problem.loss.value(problem.y, ends[2].intercept[4] + X @ ends[2].coef(4)[:, 0]), weights=weight)
    null = np.average(problem.loss.value(problem.y, np.zeros(80) + ends[2].intercept[0]), weights=weight)
    assert ends[2].explained[4] == pytest.approx(1 - value / null, abs=1e-9)


def test_separable_classes_and_full_rows_stay_penalized_and_say_so():
    problem, X, _ = draw("logistic", n=30)
    apart = make_problem(X, (X[:, 0] > 3).astype(float), problem.loss)
    trace, plain = walk(apart, 1.0), walk(apart, 0.0)
    assert Status.NO_OPTIMUM in trace.status and trace.status[0] == Status.CONVERGED
    k = int(np.flatnonzero(trace.status == Status.NO_OPTIMUM)[0])
    np.testing.assert_allclose(trace.coef(k), plain.coef(k), atol=1e-12)
    squared, _, _ = draw("squared", n=12, p=30)
    wide = Linear(ElasticNet(1.0), count=30, ratio=1e-5, relax=1.0).fit_paths(squared, Resamples.full(np.ones(12)))[0]
    assert wide.status[-1] == Status.NO_OPTIMUM


def test_folds_are_relaxed_on_their_own_rows_and_it_helps_a_sparse_truth():
    problem, _, _ = draw("squared", n=150, p=40)
    means = []
    for share in (0.0, 1.0):
        learner = Linear(ElasticNet(1.0), count=15, ratio=0.05, relax=share)
        means.append(summarize(crossfit(problem, make_folds(150, folds=5), learner)[1]).mean.min())
    assert means[1] < means[0]


def test_refusals():
    problem, X, y = draw("squared")
    with pytest.raises(OptionError, match="between 0"):
        walk(problem, 1.5)
    with pytest.raises(OptionError, match="bounds"):
        Linear(ElasticNet(1.0, lower=np.zeros(10)), count=3, relax=1.0).fit_paths(problem, Resamples.full(np.ones(80)))
    with pytest.raises(OptionError, match="multinomial"):
        walk(make_problem(X, np.digitize(y, [-1, 1]).astype(float), Multinomial(3)), 1.0)
