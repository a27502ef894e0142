"""The verdict says the right thing in each case, the most important first, and never a number that is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rightfit.data.resample import make_folds
from rightfit.evidence.compare import compare
from rightfit.evidence.crossfit import crossfit
from rightfit.evidence.curve import summarize
from rightfit.evidence.optimism import estimate_optimism
from rightfit.evidence.verdict import describe_size, describe_status, judge_path, verdict
from rightfit.losses.squared import Squared
from rightfit.records import Feature, Status
from rightfit.rules.best import Best
from tests.rooms.evidence.evidences import make_evidence, make_valley
from tests.rooms.evidence.stand_in import StandIn, make_problem


def test_the_whole_verdict_of_a_real_fit():
    g = np.random.default_rng(0)
    X = g.normal(size=(50, 30))
    y = X[:, 0] - X[:, 1] + g.normal(size=50)
    problem = make_problem(X, y, Squared())
    paths, evidence = crossfit(problem, make_folds(50, folds=10), StandIn())
    choice, curve = Best().choose(evidence), summarize(evidence)
    comparison = compare(evidence, choice.step)
    sentences = verdict(
        evidence=evidence, curve=curve, choice=choice, comparison=comparison, holdout=comparison,
        trace=paths[0].trace(),
        optimism=estimate_optimism(evidence, Best(), choice.step),
    )  # fmt: skip
    assert "than the constant model" in sentences[0] and "R2" in sentences[0]
    assert "Yes, regularization helped" in sentences[1]
    assert any(s.startswith("No penalty overfits: a stronger step is better by") for s in sentences)
    assert any(s.startswith("The chosen model uses 30 of 30 columns, with") for s in sentences)
    for sentence in sentences:
        assert sentence[0].isupper() and sentence.endswith(".") and "nan" not in sentence


@pytest.mark.parametrize(
    ("depth", "strengths", "words"),
    [
        ((1, 0, 0.8), (2, 1, 0.1), "The weakest penalty overfits: a stronger step is better by"),
        ((1, 0, 0.8), (2, 1, 0), "No penalty overfits"),
        ((1, 0.5, 0), (2, 1, 0.1), "The weakest penalty still underfits: the curve falls up to the weakest end"),
        ((1, 0.5, 0), (2, 1, 0), "No overfitting is seen"),
        ((1, 0.0, 0.01), (2, 1, 0.1), "No overfitting can be shown"),
        ((1, 0, 0.8), (2, 1, 0.1), "The strongest penalty underfits"),
        ((0.01, 0, 0.8), (2, 1, 0.1), "Even the strongest penalty is within noise"),
    ],
)
def test_over_and_underfitting(depth, strengths, words):
    curve = summarize(replace(make_valley(depth=depth, n=400, seed=2), strengths=np.array(strengths, float)))
    assert any(words in s for s in judge_path(curve)), judge_path(curve)


def test_the_constant_model():
    evidence = make_evidence(np.full((40, 1), 2.0) + np.array([0, 0.1, 0.2]))
    choice = Best().choose(evidence)
    sentences = verdict(
        evidence=evidence, curve=summarize(evidence), choice=choice, comparison=compare(evidence, choice.step)
    )
    assert sentences[0].startswith("The chosen model is the constant model: no column helps")
    assert "no column helps" in choice.reason


def test_one_unit_says_no_more_than_it_knows():
    evidence = replace(make_valley(), unit=np.zeros(200, int))
    choice = Best().choose(evidence)
    sentences = verdict(
        evidence=evidence, curve=summarize(evidence), choice=choice, comparison=compare(evidence, choice.step)
    )
    assert not any("nan" in s or "overfits" in s for s in sentences)


def test_size_and_statuses():
    problem = make_problem(np.eye(6)[:, :3], np.arange(6.0), Squared())
    trace = StandIn().fit_paths(problem, make_folds(6, folds=2))[0].trace()
    features = [Feature(f"a {i}", "a" if i < 2 else "b", "level", 0) for i in range(3)]
    assert "2 of 2 columns (3 of 3 coefficients)" in describe_size(trace, 3, features)
    empty = replace(trace, values=np.zeros_like(trace.values))
    assert describe_size(empty, 3) == "The chosen model uses no column: it is the constant model."
    status = np.full(8, Status.CONVERGED, np.int8)
    assert describe_status(replace(trace, status=status), 3) == []
    status[3], status[6], status[7] = Status.STOPPED, Status.NO_OPTIMUM, Status.NO_OPTIMUM
    own, others = describe_status(replace(trace, status=status), 3)
    assert own.startswith("The chosen step stopped at the iteration limit") and others.startswith("2 other steps")
