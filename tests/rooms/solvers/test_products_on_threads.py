"""Products with many rows are worked on by several threads, and come to the same bytes."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit import catalog
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.learners.linear import Linear
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples


@pytest.mark.parametrize(
    ("family", "n", "p"),
    [("logistic", 9000, 40), ("poisson", 9000, 40), ("squared", 150, 1200), ("multinomial", 5000, 5)],
)
@pytest.mark.parametrize("order", ["F", "C"])
def test_threads_change_no_bit_of_a_path(family: str, n: int, p: int, order: str) -> None:
    """Rows enough for several threads."""
    rng = np.random.default_rng(0)
    X = np.asarray(rng.normal(size=(n, p)), order="F" if order == "F" else "C")
    eta = X[:, :5].sum(axis=1) / 3
    y = {
        "logistic": (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(float),
        "poisson": rng.poisson(np.exp(eta)).astype(float),
        "squared": eta + rng.normal(size=n),
        "multinomial": np.digitize(eta, [-0.5, 0.5]).astype(float),
    }[family]
    loss = catalog.find("losses", family)(*([3] if family == "multinomial" else []))
    teach = np.array([np.ones(n, bool), *(np.arange(n) % 3 != k for k in range(3))])
    problem, resamples = Problem(make_design(X), y, loss, np.zeros(n)), Resamples(np.ones(n), teach, ~teach)
    found = []
    for count in (1, 2, 4):
        paths = Linear(ElasticNet(0.9), count=6, threads=count).fit_paths(problem, resamples)
        found.append(b"".join(path.trace().coef(k).tobytes() for path in paths for k in range(6)))
    assert found[0] == found[1] == found[2]
