"""Means and standard errors against plain formulas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rightfit.errors import DataError, FitError
from rightfit.evidence.curve import summarize
from rightfit.rules._averages import Units
from tests.rooms.evidence.evidences import make_evidence, make_valley


def test_equal_weights_give_the_usual_standard_errors():
    evidence = make_valley()
    curve, loss = summarize(evidence), evidence.loss.astype(float)
    np.testing.assert_allclose(curve.mean, loss.mean(axis=0))
    np.testing.assert_allclose(curve.error, loss.std(axis=0, ddof=1) / np.sqrt(len(loss)))
    paired = loss - loss[:, [2]]
    np.testing.assert_allclose(curve.difference, paired.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(curve.difference_error, paired.std(axis=0, ddof=1) / np.sqrt(len(loss)), atol=1e-12)
    assert curve.difference[2] == curve.difference_error[2] == 0
    assert (curve.difference_error < curve.error * 0.9).all(), "pairing takes out what rows share"


def test_groups_are_the_units():
    evidence = make_valley()
    means = np.random.default_rng(1).normal(size=40)
    loss = np.repeat(means, 5)[:, None] + np.zeros((200, 3))
    grouped = make_evidence(loss, unit=np.repeat(np.arange(40), 5))
    np.testing.assert_allclose(summarize(grouped).error, means.std(ddof=1) / np.sqrt(40), rtol=1e-6)
    assert summarize(evidence).rows == 200


def test_the_error_covers_the_truth_about_as_often_as_it_says():
    g = np.random.default_rng(0)
    hits = 0
    for _ in range(400):
        sizes = g.integers(1, 6, 60)
        unit = np.repeat(np.arange(60), sizes)
        values = np.repeat(g.normal(size=60), sizes) + g.normal(size=len(unit))
        weight = g.uniform(0.5, 2, len(unit))
        mean, error = Units.make(np.arange(len(unit)), weight, unit).mean(values)
        hits += abs(mean) < 1.96 * error
    assert 0.91 <= hits / 400 <= 0.98


def test_one_unit_has_no_standard_error():
    curve = summarize(replace(make_valley(), unit=np.zeros(200, int)))
    assert np.isnan(curve.error).all()
    assert np.isfinite(curve.mean).all()


def test_infinite_steps_stay_out_and_nothing_finite_is_an_error():
    evidence = make_valley()
    loss = evidence.loss.copy()
    loss[5, 2] = np.inf
    curve = summarize(replace(evidence, loss=loss))
    assert np.isinf(curve.mean[2]) and np.isinf(curve.difference[2])
    assert curve.difference[3] == 0, "the next best step is the best"
    with pytest.raises(FitError, match="no step"):
        summarize(replace(evidence, loss=np.full_like(loss, np.inf)))
    with pytest.raises(DataError, match="no row was scored"):
        summarize(replace(evidence, null=np.full(200, np.nan)))
