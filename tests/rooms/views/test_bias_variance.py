"""Bias and variance of runs: what is told apart, what is said, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import rightfit
from rightfit.catalog import find
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.data.pairs import make_pairs
from rightfit.errors import OptionError
from rightfit.views.decompose import split_votes
from rightfit.views.measured import measure_bias_variance
from rightfit.views.terms import are_pairs

N = 120


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    rng = np.random.default_rng(6)
    x = rng.normal(size=(N, 5))
    y = x @ np.array([2.0, 1.0, 0.5, 0.0, 0.0]) + rng.normal(size=N)
    return {f"x{j}": x[:, j] for j in range(5)} | {"y": y}


@pytest.fixture(scope="module")
def saved(table: dict[str, Any]) -> Any:
    return rightfit.fit(table, target="y", penalty="lasso", strengths=20)


def test_a_run_is_taken_apart_at_its_own_steps(saved: Any, table: dict[str, Any]) -> None:
    view = saved.bias_variance(table).run.views.bias_variance
    np.testing.assert_array_equal(view.strengths, saved.run.trace.strengths)
    assert view.step == saved.run.choice.step and view.models == 100 and view.rows == N
    assert view.teaching == pytest.approx(0.45 * N)
    part = view.parts[0]
    assert part.measure == "squared error" and len(view.parts) == 1 and not len(part.noise)
    np.testing.assert_allclose(part.bias + part.variance, part.total, rtol=1e-12)
    text = " ".join(view.sentences)
    assert f"{part.variance[view.step]:.3g}" in text and "cannot be told apart" in text and "54 of 120 rows" in text
    again = saved.bias_variance(table).run.views.bias_variance
    np.testing.assert_array_equal(again.parts[0].variance_error, part.variance_error)


def test_a_known_truth_tells_noise_from_bias(saved: Any, table: dict[str, Any]) -> None:
    truth = 2 * table["x0"] + table["x1"] + 0.5 * table["x2"]
    view = saved.bias_variance(table, truth=truth).run.views.bias_variance
    part = view.parts[0]
    np.testing.assert_allclose(part.bias + part.variance + part.noise, part.total, rtol=1e-12)
    assert abs(part.noise[-1] - 1) < 4 * part.noise_error[-1]
    assert part.bias[-1] < 0.1 < part.bias[0]
    assert not any("cannot be told apart" in sentence for sentence in view.sentences)


def test_rows_measured_twice_tell_noise_from_bias() -> None:
    rng = np.random.default_rng(3)
    x = np.repeat(rng.normal(size=(100, 3)), 2, axis=0)
    y = x[:, 0] ** 2 + x[:, 1] + 0.5 * rng.normal(size=200)  # a line cannot follow the square
    problem = Problem(make_design(x), y, find("losses", "squared")(), np.zeros(200))
    learner = find("learners", "linear")(strengths=np.array([1.0, 0.1, 0.01]))
    resamples = make_pairs(200, count=20, group=np.arange(200) // 2)
    part = measure_bias_variance(problem, resamples, learner, replicated=True).parts[0]
    np.testing.assert_allclose(part.noise, part.noise[0])
    assert abs(part.noise[0] - 0.25) < 3 * part.noise_error[0] < 0.15
    assert part.bias[-1] > 1.0  # about 2, the variance of the square
    np.testing.assert_allclose(part.bias + part.variance + part.noise, part.total, rtol=1e-12)
    alone = Problem(make_design(rng.normal(size=(200, 3))), y, problem.loss, problem.offset)
    with pytest.raises(OptionError, match="only 0 rows repeat"):
        measure_bias_variance(alone, resamples, learner, replicated=True)


def test_classes_are_taken_apart_twice() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(N, 3))
    y = np.where(x[:, 0] + 0.7 * rng.normal(size=N) > 0, "yes", "no")
    table = {"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "y": y}
    for learners in ("linear", "tree"):
        run = rightfit.fit(table, target="y", learners=learners, strengths=12)
        view = run.bias_variance(table, models=20).run.views.bias_variance
        assert [part.measure for part in view.parts] == ["log loss", "share of wrong classes"]
        for part in view.parts:
            np.testing.assert_allclose(part.bias + part.variance, part.total, rtol=1e-9, atol=1e-12)
        assert (view.parts[0].variance >= 0).all()
        wrong = view.parts[1].total[view.step]
        assert 0.05 < wrong < 0.4


def test_votes_are_split_as_domingos_does() -> None:
    votes = np.array([[[3, 1, 0], [1, 3, 0], [0, 3, 1], [2, 1, 1]]])  # four models, four rows
    y = np.array([0.0, 0.0, 1.0, 2.0])
    split = split_votes(votes, y)
    np.testing.assert_array_equal(split.central, [[0, 1, 0, 1]])
    # right centre: those that differ cost; wrong centre: those that hit gain
    np.testing.assert_allclose(split.variance, [[0.25, -0.25, 0.25, -0.25]])
    np.testing.assert_allclose(split.total, [[0.25, 0.75, 0.25, 0.75]])


@pytest.mark.parametrize("grouped", [False, True])
def test_pairs_share_no_row(grouped: bool) -> None:
    rng = np.random.default_rng(2)
    group = rng.integers(0, 25, N) if grouped else None
    weight = rng.integers(0, 3, N).astype(float)
    pairs = make_pairs(N, count=20, seed=1, weight=weight, group=group)
    assert are_pairs(pairs)
    live = weight > 0
    for k in range(1, len(pairs), 2):
        first, second, scored = pairs.multiplicity[k] > 0, pairs.multiplicity[k + 1] > 0, pairs.scored[k]
        assert ((first.astype(int) + second + scored)[live] == 1).all()
        if group is not None:
            for rows in (first & live, second & live, scored & live):
                assert not set(group[rows]) & set(group[live & ~rows])
    assert (pairs.scored[1::2].sum(axis=0)[live] == 2).all()  # every row in every deal
    with pytest.raises(OptionError, match="at least 6"):
        make_pairs(5)


def test_what_makes_no_sense_is_refused(saved: Any, table: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="resampling: choose pairs or bootstrap"):
        saved.bias_variance(table, resampling="jackknife")
    with pytest.raises(OptionError, match="models"):
        saved.bias_variance(table, models=2)
    with pytest.raises(OptionError, match="truth: give the mean"):
        saved.bias_variance(table, truth=np.zeros(3))
