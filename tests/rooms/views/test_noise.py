"""The noise that a strength is read with."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.catalog import find
from rightfit.errors import FitError, OptionError
from rightfit.views.noise import check_loss, estimate_noise
from tests.rooms.evidence.stand_in import make_problem
from tests.rooms.views.rows import draw


def test_of_squared_loss_it_is_the_residual_squares_over_their_degrees_of_freedom():
    problem, _ = draw(n=30)
    eta = np.full(30, problem.y.mean())
    found, sentence = estimate_noise(problem, np.ones(30), eta, 4.0)
    assert found == pytest.approx(((problem.y - eta) ** 2).sum() / 25)
    assert "25 degrees" in sentence
    twice, _ = estimate_noise(problem, np.full(30, 2.0), eta, 4.0)
    assert twice == pytest.approx(2 * ((problem.y - eta) ** 2).sum() / 55)


@pytest.mark.parametrize("shape", [0.7, 4.0])
def test_of_gamma_loss_it_is_the_dispersion(shape: float):
    g = np.random.default_rng(0)
    eta = g.normal(size=20_000)
    problem = make_problem(eta[:, None], np.exp(eta) * g.gamma(shape, 1 / shape, 20_000), find("losses", "gamma")())
    assert estimate_noise(problem, np.ones(20_000), eta, 1.0)[0] == pytest.approx(1 / shape, rel=0.05)


def test_classes_and_counts_have_none_of_their_own():
    for loss in ("logistic", "poisson"):
        problem, _ = draw(loss)
        assert estimate_noise(problem, np.ones(60), np.zeros(60), 3.0)[0] == 1


def test_what_cannot_be_estimated_says_why():
    problem, _ = draw(n=10)
    with pytest.raises(FitError, match="as many columns"):
        estimate_noise(problem, np.ones(10), problem.y + 1, 9.0)
    with pytest.raises(FitError, match="exactly"):
        estimate_noise(problem, np.ones(10), problem.y, 2.0)


@pytest.mark.parametrize(("loss", "word"), [("huber", "robustness"), ("quantile", "robustness"), ("cox", "partial")])
def test_losses_that_are_no_likelihood_of_rows(loss: str, word: str):
    specimen, target = next(iter(find("losses", loss).specimens()))
    with pytest.raises(OptionError, match=word):
        check_loss(make_problem(np.ones((len(target), 1)), target, specimen))
