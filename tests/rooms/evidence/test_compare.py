"""The comparison's figures against plain formulas, and its sentence in every case."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rightfit.evidence.compare import compare, compare_holdout
from rightfit.losses.squared import Squared
from rightfit.records import Resamples
from tests.rooms.evidence.evidences import make_evidence, make_valley
from tests.rooms.evidence.stand_in import StandIn, StandInModel, StandInPath, make_problem


def test_figures():
    evidence = make_valley()
    found = compare(evidence, 2)
    rows = np.column_stack([evidence.null, evidence.loss[:, -1], evidence.loss[:, 2]]).astype(float)
    np.testing.assert_allclose(found.loss, rows.mean(axis=0))
    gain = rows - rows[:, [2]]
    np.testing.assert_allclose(found.gain, gain.mean(axis=0))
    np.testing.assert_allclose(found.gain_error, gain.std(axis=0, ddof=1) / np.sqrt(200))
    assert found.labels == ("constant model", "weakest penalty", "chosen")
    assert compare(replace(evidence, strengths=np.array([4, 3, 2, 1, 0.0])), 2).labels[1] == "unpenalized"
    assert found.where == "10 folds, held-out rows" and found.rows == 200


@pytest.mark.parametrize(
    ("depth", "strengths", "step", "words"),
    [
        ((1, 0, 0.6), (2, 1, 0), 1, "Yes, regularization helped: on unseen rows the chosen model loses"),
        ((1, 0, 0.6), (2, 1, 0.1), 1, "than the weakest penalty (strength 0.1)"),
        ((1, 0, 0.0), (2, 1, 0), 1, "cannot be told"),
        ((1, 0.6, 0), (2, 1, 0), 1, "No, regularization cost accuracy"),
        ((1, 0.6, 0), (2, 1, 0), 2, "Regularization did not help: the unpenalized model itself was chosen."),
        ((1, 0.6, 0), (2, 1, 0.1), 2, "A stronger penalty did not help"),
    ],
)
def test_sentences(depth, strengths, step, words):
    evidence = replace(make_valley(depth=depth), strengths=np.array(strengths, float))
    assert words in compare(evidence, step).sentence


def test_sentences_at_the_edges():
    loss = np.ones((50, 3))
    assert "changed nothing" in compare(make_evidence(loss), 0).sentence
    loss[3, 2] = np.inf
    assert "no finite loss" in compare(make_evidence(loss, strengths=(1, 0.5, 0)), 0).sentence
    alone = make_evidence(np.random.default_rng(0).random((50, 3)), unit=np.zeros(50, int))
    assert "fewer than two independent units" in compare(alone, 0).sentence
    for sentence in (compare(make_evidence(loss), 0).sentence, compare(alone, 0).sentence):
        assert "nan" not in sentence and "inf" not in sentence


def test_holdout_by_hand():
    g = np.random.default_rng(0)
    X, b = g.normal(size=(90, 3)), np.array([1.0, -1, 0])
    y = X @ b + g.normal(size=90)
    weight = np.r_[0.0, g.uniform(0.5, 2, 29)]
    train, test = make_problem(X[:60], y[:60], Squared()), make_problem(X[60:], y[60:], Squared())
    (path,) = StandIn().fit_paths(train, Resamples.full(np.ones(60)))
    found = compare_holdout(path, 3, test, constant=train.constant(np.ones(60)), weight=weight)
    chosen = 0.5 * (y[60:] - path.coef[3, 0] - X[60:] @ path.coef[3, 1:]) ** 2
    constant = 0.5 * (y[60:] - y[:60].mean()) ** 2
    assert found.loss[2] == pytest.approx(np.average(chosen, weights=weight))
    assert found.gain[0] == pytest.approx(np.average(constant - chosen, weights=weight))
    assert found.rows == 29 and found.labels[1] == "unpenalized" and found.where == "holdout set aside first"


def test_a_holdout_tells_what_seeds_bring():
    """A model that is the mean of three draws: the variance of what each loses on these rows is part of the errors."""
    g = np.random.default_rng(4)
    X = g.normal(size=(90, 3))
    y = X[:, 0] + g.normal(size=90)
    train, test = make_problem(X[:60], y[:60], Squared()), make_problem(X[60:], y[60:], Squared())
    (path,) = StandIn().fit_paths(train, Resamples.full(np.ones(60)))

    class Drawn(StandInModel):
        @property
        def draws(self):
            return [StandInModel(self.coef + more) for more in (0.0, 0.1, 0.3)]

    class Lucky(StandInPath):
        def model(self, step):
            return Drawn(self.coef[step])

    lucky = Lucky(path.strengths, path.coef, path.complexity)
    constant = train.constant(np.ones(60))
    plain, found = (compare_holdout(one, 2, test, constant=constant) for one in (path, lucky))
    np.testing.assert_array_equal(found.loss, plain.loss)

    def losses(step):
        one = [path.coef[step] + more for more in (0.0, 0.1, 0.3)]
        return np.array([0.5 * np.mean((y[60:] - c[0] - X[60:] @ c[1:]) ** 2) for c in one])

    chosen, last = losses(2), losses(len(path.strengths) - 1)
    variance = [0, last.var(ddof=1) / 3, chosen.var(ddof=1) / 3]
    np.testing.assert_allclose(found.error**2, plain.error**2 + variance)
    more = [chosen.var(ddof=1) / 3, (last - chosen).var(ddof=1) / 3, 0]
    np.testing.assert_allclose(found.gain_error**2, plain.gain_error**2 + more)
