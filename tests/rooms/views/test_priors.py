"""The prior that a strength stands for: its formula in the user's units, its integral, and who has none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from rightfit.catalog import find
from rightfit.errors import OptionError
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.views.priors import Priors, lacks_prior, read_priors


def _read(ratio: float, strength: float, scale: list[float], **options: object) -> Priors:
    return read_priors(ElasticNet(ratio, **options), strength, np.array(scale), rows=50.0, noise=4.0)  # type: ignore[arg-type]


def test_ridge_is_gaussian_and_the_lasso_laplace_in_the_units_of_the_columns():
    ridge, lasso = _read(0.0, 0.2, [1.0, 10.0]), _read(1.0, 0.2, [1.0, 10.0])
    # v / (n strength) = 4 / (50 * 0.2) = 0.4 is the variance of s b, and the scale of |s b|
    np.testing.assert_allclose(ridge.deviation(), np.sqrt(0.4) / np.array([1.0, 10.0]))
    np.testing.assert_allclose(1 / lasso.rate, 0.4 / np.array([1.0, 10.0]))
    np.testing.assert_allclose(lasso.deviation(), np.sqrt(2) * 0.4 / np.array([1.0, 10.0]))
    assert (ridge.family, lasso.family, _read(0.3, 1.0, [1.0]).family) == ("Gaussian", "Laplace", "elastic net")


def test_factors_flat_and_excluded_columns():
    found = _read(0.5, 0.2, [1.0, 1.0, 1.0], factors=np.array([0.0, 2.0, np.inf]))
    np.testing.assert_allclose(found.deviation()[[0, 2]], [np.inf, 0.0])
    assert found.flat.tolist() == [True, False, False]
    np.testing.assert_allclose(found.rate[1], 2 * _read(0.5, 0.2, [1.0]).rate[0])
    assert found.log_density(np.array([3.0, 0.0, 0.0]))[0] == 0


@pytest.mark.parametrize(
    ("rate", "precision"), [(0.0, 2.0), (3.0, 0.0), (1.5, 2.5), (40.0, 0.01), (0.001, 9.0), (150.0, 1.0), (2e3, 1e-3)]
)
def test_densities_integrate_to_one_and_have_their_deviation(rate: float, precision: float):
    prior = Priors(np.array([rate]), np.array([precision]))

    def moment(power: int) -> float:
        end = 60 / rate if rate > 1 else 40.0
        return (
            2 * quad(lambda b: b**power * np.exp(prior.log_density(np.array([b]))[0]), 0, end, epsabs=0, limit=500)[0]
        )

    assert moment(0) == pytest.approx(1, rel=1e-8)
    assert np.sqrt(moment(2)) == pytest.approx(prior.deviation()[0], rel=1e-7)


@pytest.mark.parametrize(
    ("penalty", "word"),
    [
        (find("penalties", "mcp")(), "no prior"),
        (find("penalties", "scad")(), "no prior"),
        (find("penalties", "slope")(), "all of them together"),
        (find("penalties", "fused")(), "all of them together"),
        (find("penalties", "adaptive")(), "may not"),
        (find("penalties", "group")(groups=np.array([0, 0, 1])), "whole groups"),
        (ElasticNet(1.0, lower=np.zeros(3)), "bounds"),
        (ElasticNet(0.0, factors=np.array([0.0, 1.0, 1.0]), upper=np.array([0.1, np.inf, np.inf])), "bounds"),
    ],
)
def test_what_is_no_prior_says_why(penalty: object, word: str):
    with pytest.raises(OptionError, match=word):
        read_priors(penalty, 1.0, np.ones(3), rows=10.0, noise=1.0)  # type: ignore[arg-type]


def test_bounds_of_excluded_columns_do_not_matter():
    assert lacks_prior(ElasticNet(1.0, factors=np.array([np.inf, 1.0])), 2) == ""
