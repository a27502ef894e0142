"""Bootstrap percentiles against resampling by hand."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.data.bootstrap import make_bootstrap
from rightfit.errors import OptionError
from rightfit.evidence import bootstrap_paths as module
from rightfit.evidence.bootstrap_paths import bootstrap_paths
from rightfit.learners.linear import Linear
from rightfit.losses.multinomial import Multinomial
from rightfit.losses.squared import Squared
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples
from tests.rooms.evidence.stand_in import make_problem


def draw(n: int = 50, p: int = 6):
    g = np.random.default_rng(0)
    X = g.normal(size=(n, p))
    return X, X[:, 0] - 0.5 * X[:, 1] + g.normal(size=n)


def test_percentiles_are_those_of_fits_to_the_drawn_rows(monkeypatch: pytest.MonkeyPatch):
    X, y = draw()
    learner = Linear(ElasticNet(1.0), strengths=np.array([0.5, 0.1, 0.01]), tolerance=1e-10)
    monkeypatch.setattr(module, "_BLOCK", 45)
    found = bootstrap_paths(make_problem(X, y, Squared()), np.ones(50), learner, count=20, level=0.9, seed=3)
    values = []
    for times in make_bootstrap(50, count=20, seed=3).multiplicity[1:]:
        rows = np.repeat(np.arange(50), times)
        own = learner.fit_paths(make_problem(X[rows], y[rows], Squared()), Resamples.full(np.ones(50)))[0].trace()
        values.append([own.coef(k) for k in range(3)])
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95], axis=0)
    np.testing.assert_allclose(found.lower, low, atol=1e-5)
    np.testing.assert_allclose(found.median, middle, atol=1e-5)
    np.testing.assert_allclose(found.upper, high, atol=1e-5)
    np.testing.assert_allclose(found.frequency, (np.abs(values) > 1e-9).any(axis=3).mean(axis=0))
    assert "no confidence interval" in found.label


def test_classes_and_refusals():
    X, y = draw()
    three = make_problem(X, np.digitize(y, [-0.5, 0.5]).astype(float), Multinomial(3))
    found = bootstrap_paths(three, np.ones(50), Linear(count=4, ratio=0.1), count=20, level=0.9)
    assert found.lower.shape == (4, 6, 3) and found.frequency.shape == (4, 6)
    with pytest.raises(OptionError, match="count"):
        bootstrap_paths(three, np.ones(50), Linear(count=4, ratio=0.1), count=20, level=0.95)
    with pytest.raises(OptionError, match="level"):
        bootstrap_paths(three, np.ones(50), Linear(count=4), level=95)
