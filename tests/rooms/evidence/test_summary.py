"""The printed table: what is listed, in which order, and that every figure is explained."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.errors import OptionError
from rightfit.evidence.debiased import debias
from rightfit.evidence.describe import describe
from rightfit.evidence.false_discovery import find_false_discoveries
from rightfit.learners.linear import Linear
from rightfit.losses.multinomial import Multinomial
from rightfit.losses.squared import Squared
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples
from tests.rooms.evidence.stand_in import make_problem

G = np.random.default_rng(0)
X = G.normal(size=(80, 25)) * np.exp(G.normal(size=25))
Y = X[:, 3] / X[:, 3].std() * 2 + X[:, 7] / X[:, 7].std() + G.normal(size=80)
LASSO = Linear(ElasticNet(1.0), count=10, ratio=0.1)


def make(intervals: str, step: int = 6, **options):
    problem = make_problem(X, Y, Squared())
    trace = LASSO.fit_paths(problem, Resamples.full(np.ones(80)))[0].trace()
    options = {"selection": np.linspace(0, 1, 25), "selection_label": "share"} | options
    return (
        problem,
        trace,
        describe(problem, np.ones(80), LASSO, trace, step, heading=("Title",), intervals=intervals, **options),
    )


def test_figures_are_those_of_their_sources():
    problem, trace, found = make("debiased")
    own = debias(problem, np.ones(80), LASSO, trace, 6)
    np.testing.assert_array_equal(found.lower[:, 0], own.lower)
    np.testing.assert_array_equal(found.p_value[:, 0], own.p_value)
    rates = find_false_discoveries(problem, np.ones(80), LASSO, trace, 6)
    np.testing.assert_array_equal(found.false_discovery, rates.local)
    np.testing.assert_allclose(found.scaled, found.coef * X.std(axis=0)[:, None])


def test_the_table_lists_what_counts_and_explains_every_column():
    _, trace, found = make("debiased")
    lines = str(found).splitlines()
    assert lines[0] == "Title"
    table = lines[4 : lines.index(next(line for line in lines if line.startswith("intercept")))]
    listed = [int(line.split()[0][1:]) for line in table]
    assert listed[:2] == [3, 7]
    apart = np.flatnonzero((found.lower[:, 0] > 0) | (found.upper[:, 0] < 0))
    assert set(listed) == set(np.flatnonzero(trace.coef(6)[:, 0])) | set(apart)
    rest = "\n".join(lines)
    for word in ("coefficient:", "debiased, interval:", "selected:", "mfdr:", "p:", "no correction", "not corrected"):
        assert f"* {word}" in rest or word in rest
    assert f"{25 - len(listed)} other features have no coefficient" in rest
    everything = found.text(everything=True)
    assert all(f"x{j} " in everything for j in range(25))
    plain = found.plain()
    assert plain["coefficients"][3]["p"] < 0.001 and len(plain["labels"]) == len(found.labels)


def test_bootstrap_percentiles_say_that_they_are_no_confidence_intervals():
    _, _, found = make("bootstrap", count=20, level=0.9)
    assert "90 % bootstrap" in str(found) and "no confidence interval" in " ".join(str(found).split())
    assert (found.lower <= found.upper).all() and found.selection[3] == 1 and not found.p_value.size


def test_classes_have_a_line_each_and_what_cannot_be_inferred_is_said():
    problem = make_problem(X, np.digitize(Y, [-1, 1]).astype(float), Multinomial(3))
    trace = LASSO.fit_paths(problem, Resamples.full(np.ones(80)))[0].trace()
    found = describe(problem, np.ones(80), LASSO, trace, 6, heading=(), outputs=("low", "mid", "high"))
    text = str(found)
    assert "x3 [low]" in text and "x3 [high]" in text and "no intervals: " in text and "multinomial" in text
    wide = describe(
        problem, np.ones(80), LASSO, trace, 6, heading=(), outputs=("a", "b", "c"), intervals="bootstrap", count=40
    )
    assert wide.lower.shape == (25, 3)


def test_refusals():
    with pytest.raises(OptionError, match="intervals"):
        make("profile")
    with pytest.raises(OptionError, match="level"):
        make("debiased", level=95)


def test_a_name_cannot_steer_the_terminal():
    problem = make_problem(X, Y, Squared())
    trace = LASSO.fit_paths(problem, Resamples.full(np.ones(80)))[0].trace()
    object.__setattr__(problem.design, "names", ("a\x1b[31m", *problem.design.names[1:]))
    found = describe(problem, np.ones(80), LASSO, trace, 6, heading=(), intervals="none")
    assert "\x1b" not in found.text(everything=True)
