"""Rows moved against a net: the worst corner of a linear one, the order of attacks, and what is said of them."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")
from rightfit.contracts import Attack
from rightfit.errors import OptionError
from rightfit.evidence.crossfit import predict_held_out
from rightfit.evidence.robustness import measure_robustness
from rightfit.learners._network.inputs import bend
from rightfit.learners.network import Network
from tests.rooms.evidence.stand_in import StandIn
from tests.rooms.learners.network_problems import N, P, folds, make_problem

QUICK = Network(hidden=(16,), strengths=(0.0,), learning_rate=0.02, batch=32, seeds=2, epochs=15)
EVERY = np.ones(P, bool)


@pytest.mark.parametrize("name", ["logistic", "multinomial", "squared"])
def test_slopes_in_the_inputs_are_differences(name: str) -> None:
    problem = make_problem(name)
    model = QUICK.fit_paths(problem, folds())[0].model(1)
    inputs = model.inputs.read(problem.design)[:20]
    slope = np.random.default_rng(0).normal(size=(20, problem.loss.outputs))
    found = model.body.pull(model.nets, inputs, slope)
    for column in range(inputs.shape[1]):
        step = 1e-6 * np.eye(inputs.shape[1])[column]
        change = model.body.say(model.nets, inputs + step) - model.body.say(model.nets, inputs - step)
        np.testing.assert_allclose(found[:, column], (slope * change).sum(axis=1) / 2e-6, rtol=1e-5, atol=1e-7)


def test_a_linear_net_is_moved_to_its_worst_corner() -> None:
    """Monotone in every column: of all corners of the box, one step finds the one that loses most."""
    problem = make_problem("logistic")
    path = replace(QUICK, hidden=()).fit_paths(problem, folds())[0]
    model, rows, columns = path.model(1), np.arange(N), np.array([True, True, True, False, True])
    z = model.inputs.standardize(problem.design)
    corners = [
        problem.lose(rows, model.constant + model.body.say(model.nets, bend(z + 0.3 * np.insert(signs, 3, 0))))
        for signs in map(np.array, itertools.product((-1.0, 1.0), repeat=4))
    ]
    for kind in ("FGSM", "PGD"):
        moved = problem.lose(rows, model.attacked(problem, rows, Attack(kind, 0.3, columns)))
        np.testing.assert_allclose(moved, np.max(corners, axis=0), rtol=1e-9)


def test_missing_values_are_not_moved() -> None:
    problem = make_problem("logistic")
    model = QUICK.fit_paths(problem, folds())[0].model(1)
    rows = np.flatnonzero(np.isnan(problem.design.collect(np.arange(P), np.full(P, np.nan))[:, 3]))
    only = np.arange(P) == 3
    moved = model.attacked(problem, rows, Attack("PGD", 5.0, only))
    np.testing.assert_allclose(moved, model.predict(problem.design.take(rows)))


@pytest.mark.parametrize("name", ["multinomial", "squared"])
def test_many_steps_take_more_than_one_and_chance_takes_least(name: str) -> None:
    problem, resamples = make_problem(name), folds()
    paths = QUICK.fit_paths(problem, resamples)
    found = measure_robustness(paths, problem, resamples, 1, 0.3, EVERY)
    plain, random, one, many = found.loss
    assert plain < random + 0.05 * plain < one <= many and found.rows == N and found.columns == P
    held_out = predict_held_out(paths, problem, resamples, 1)
    assert plain == pytest.approx(problem.lose(np.arange(N), held_out).mean())
    if name == "multinomial":
        right = held_out.argmax(axis=1) == problem.y
        assert found.accuracy[0] == pytest.approx(right.mean())
        alone = np.zeros((2, N, 3))
        for k, path in enumerate(paths[1:], start=1):
            rows = np.flatnonzero(resamples.scored[k])
            for draw, one in enumerate(path.model(1).draws):
                alone[draw, rows] = one.predict(problem.design.take(rows))
        luck = (alone.argmax(axis=2) == problem.y).mean(axis=1).var(ddof=1) / 2
        assert found.accuracy_error[0] == pytest.approx(np.hypot(right.std(ddof=1) / N**0.5, luck**0.5))
        assert found.accuracy[3] <= found.accuracy[2] < found.accuracy[0]
        assert "of unseen rows that are right falls from" in found.sentence
    else:
        assert not len(found.accuracy) and f"the {problem.loss.measure} of unseen rows rises by" in found.sentence
    single = replace(QUICK, seeds=1).fit_paths(problem, resamples)
    rows_alone = measure_robustness(single, problem, resamples, 1, 0.3, EVERY)
    lost = problem.lose(np.arange(N), predict_held_out(single, problem, resamples, 1))
    assert rows_alone.loss_error[0] == pytest.approx(lost.std(ddof=1) / N**0.5)  # of one seed nothing more is known
    none = measure_robustness(paths, problem, resamples, 0, 0.3, EVERY)
    np.testing.assert_allclose(none.loss, none.loss[0])  # nothing moves the constant model


def test_without_slopes_or_numbers_nothing_is_moved() -> None:
    problem, resamples = make_problem("squared"), folds()
    with pytest.raises(OptionError, match="no column of the table is one"):
        measure_robustness([], problem, resamples, 0, 0.1, ~EVERY)
    whole = _complete(problem)
    paths = StandIn(strengths=(1.0,)).fit_paths(whole, resamples)
    with pytest.raises(OptionError, match="follows the slopes of a model, which networks have"):
        measure_robustness(paths, whole, resamples, 0, 0.1, EVERY)


def _complete(problem):
    from rightfit.data.design import make_design

    cells = problem.design.collect(np.arange(P), np.zeros(P))
    return replace(problem, design=make_design(np.nan_to_num(cells)))
