"""Laplace's approximation: at the mode, with the right curvature, near the truth, and exact for squared loss."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rightfit.learners.linear import Linear
from rightfit.views.evidence_beyond import follow_evidence
from rightfit.views.posteriors import approximate, find_approximate, find_exact
from rightfit.views.ridge_posterior import find_posterior
from rightfit.views.slices import predict
from tests.rooms.views.rows import fit


@pytest.mark.parametrize("loss", ["logistic", "poisson", "gamma"])
def test_its_mean_is_the_penalized_fit(loss: str):
    here = fit(loss, strengths=(0.1,), n=80)
    known = find_approximate(here, 0.9)
    scale = here.trace.scale
    np.testing.assert_allclose(known.summary.mean * scale, here.trace.coef(0)[:, 0] * scale, atol=1e-6)


@pytest.mark.parametrize(("loss", "family"), [("logistic", "Binomial"), ("poisson", "Poisson")])
def test_without_a_penalty_it_is_the_usual_covariance(loss: str, family: str):
    sm = pytest.importorskip("statsmodels.api")
    here = fit(loss, strengths=(0.0,), n=90, p=3, seed=5)
    known = find_approximate(here, 0.95)
    X = here.problem.design.collect(np.arange(3), here.trace.fill) + here.problem.design.shift(np.arange(3))
    reference = sm.GLM(here.problem.y, sm.add_constant(X), family=getattr(sm.families, family)()).fit()
    np.testing.assert_allclose(known.summary.mean, reference.params[1:], rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(known.summary.deviation, reference.bse[1:], rtol=1e-4)


def test_near_the_posterior_by_quadrature():
    """One column and an intercept: mean, deviation and the change of the evidence along the path."""
    here = fit("logistic", strengths=(0.3, 0.03, 0.003), n=150, p=1, seed=1)
    scale, X = here.trace.scale[0], here.problem.design.collect(np.array([0]), here.trace.fill)[:, 0]
    z = (X - X.mean()) / scale
    y = here.problem.y
    theta, alpha = np.linspace(-3, 4, 301), np.linspace(-4, 4, 201)
    T, A = np.meshgrid(theta, alpha)
    log_likelihood = np.zeros_like(T)
    for zi, yi in zip(z, y, strict=True):
        eta = A + T * zi
        log_likelihood += yi * eta - np.logaddexp(0, eta)
    evidence, approximated = [], []
    for k, strength in enumerate(here.trace.strengths):
        g = 150 * strength
        log_joint = log_likelihood - g * T**2 / 2 + 0.5 * np.log(g)
        mass = np.exp(log_joint - log_joint.max())
        mean = (mass * T).sum() / mass.sum()
        deviation = np.sqrt((mass * (T - mean) ** 2).sum() / mass.sum())
        evidence.append(np.log(mass.sum()) + log_joint.max())
        step = replace(here, step=k, eta=predict(here.problem, here.trace, k))
        known = find_approximate(step, 0.95)
        approximated.append(approximate(step).evidence)
        assert known.summary.mean[0] * scale == pytest.approx(mean, abs=0.15 * deviation)
        assert known.summary.deviation[0] * scale == pytest.approx(deviation, rel=0.05)
    np.testing.assert_allclose(np.diff(approximated), np.diff(evidence), atol=0.03)
    assert max(abs(np.diff(evidence))) > 1


@pytest.mark.parametrize("start", [1.0, 1e-3])
def test_the_most_probable_strength_lies_where_a_grid_of_fits_has_its_maximum(start: float):
    here = fit("logistic", strengths=tuple(np.geomspace(3, 1e-3, 30)), n=120, p=8, seed=2)
    evidence = [
        approximate(replace(here, step=k, eta=predict(here.problem, here.trace, k))).evidence
        for k in range(len(here.trace))
    ]
    best = int(np.argmax(evidence))
    assert 0 < best < 29
    found = follow_evidence(here, Linear(here.penalty, tolerance=1e-12), start)
    assert found.value > max(evidence) - 0.1
    assert abs(np.log(found.strength / here.trace.strengths[best])) < 0.8
    assert abs(found.rest) < 1e-3


def test_classes_that_no_column_tells_want_an_infinite_strength():
    g = np.random.default_rng(1)
    here = fit("logistic", strengths=(0.1,), n=120, p=3)
    y = g.permutation(np.repeat([0.0, 1.0], 60))
    blind = replace(here, problem=replace(here.problem, y=y))
    assert np.isinf(follow_evidence(blind, Linear(here.penalty), 0.1).strength)


def test_for_squared_loss_it_is_exact():
    here = fit(strengths=(2.0, 0.2), noise=1.7)
    exact = find_exact(here, 0.9)
    almost = find_approximate(here, 0.9)
    np.testing.assert_allclose(almost.summary.deviation, exact.summary.deviation, rtol=1e-8)
    values = []
    for k in range(2):
        step = replace(here, step=k, eta=predict(here.problem, here.trace, k))
        values.append(approximate(step).evidence)
    assert exact.normal is not None
    mine = exact.normal.log_marginal(here.rows * here.trace.strengths)
    assert np.diff(values)[0] == pytest.approx(np.diff(mine)[0], abs=1e-6)


def test_rows_without_curvature_say_nothing():
    """A count of which nothing is expected and nothing seen."""
    here = fit("poisson", strengths=(0.1,), n=60)
    eta = here.eta.copy()
    eta[0] = -80.0
    posterior = approximate(replace(here, eta=eta)).posterior
    assert len(posterior.rows.target) == 59
    assert np.isfinite(posterior.mean(here.g)).all()


def test_unpenalized_columns_have_flat_priors():
    here = fit("logistic", strengths=(0.1,), n=80, factors=np.array([0.0, 1.0, 1.0, 2.0, np.inf]))
    known = find_approximate(here, 0.9)
    assert here.flat.tolist() == [True, False, False, False, False]
    assert known.summary.deviation[4] == known.summary.mean[4] == 0
    scale = here.trace.scale
    np.testing.assert_allclose(known.summary.mean * scale, here.trace.coef(0)[:, 0] * scale, atol=1e-6)
    assert find_posterior(here.centred(), here.l2[[1, 2, 3]]).price[2] == np.sqrt(2)
