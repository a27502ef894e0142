"""What every rule obeys, tried on all that the room holds, all specimens, and random evidence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightfit import catalog
from rightfit.contracts import Rule
from rightfit.errors import OptionError
from rightfit.records import Evidence
from rightfit.rules.best import Best
from rightfit.rules.information import Information
from rightfit.rules.one_se import OneStandardError
from rightfit.rules.within import Within

RULES = [rule for kind in catalog.everything("rules").values() for rule in kind.specimens()]
HELD_OUT = [rule for rule in RULES if rule.name in ("best", "one_se", "within")]
SEEDS = st.integers(0, 10**6)


def make_evidence(seed: int, *, n: int | None = None, steps: int | None = None) -> Evidence:
    """Random losses along a path: a valley, noise of rows that all steps share, noise of their own, missing rows."""
    g = np.random.default_rng(seed)
    n = int(g.integers(4, 60)) if n is None else n
    steps = int(g.integers(1, 12)) if steps is None else steps
    valley = (np.arange(steps) - g.integers(0, steps)) ** 2 * g.uniform(0, 0.05)
    loss = (1 + valley + g.gamma(1, 1, (n, 1)) + g.normal(0, 0.3, (n, steps)) ** 2).astype(np.float32)
    null = 2 + g.gamma(1, 1, n)
    weight = g.uniform(0.5, 2, n) if seed % 2 else np.ones(n)
    unscored = g.random(n) < 0.1
    unscored[:2] = False
    loss[unscored], null[unscored] = np.nan, np.nan
    unit = g.integers(0, max(2, n // 3), n) if seed % 3 == 0 else np.arange(n)
    strengths = np.sort(g.lognormal(0, 2, steps))[::-1].copy()
    return Evidence(
        strengths, loss, null, weight, unit, np.where(unscored, 0, 1), np.linspace(0, min(3, n / 4), steps), "loss",
        np.sort(g.uniform(0.5, 1, steps))[::-1].copy(), "folds", features=5, quadratic=bool(seed % 2),
    )  # fmt: skip


def take(evidence: Evidence, rows: np.ndarray) -> Evidence:
    names = ("loss", "null", "weight", "unit", "fold")
    return replace(evidence, **{name: getattr(evidence, name)[rows] for name in names})


@pytest.mark.parametrize("rule", RULES, ids=repr)
@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_a_choice_is_a_step_with_a_reason(rule: Rule, seed: int):
    evidence = make_evidence(seed)
    choice = rule.choose(evidence)
    steps = len(evidence.strengths)
    assert 0 <= choice.step < steps
    assert choice.rule == rule.name
    assert choice.strength == evidence.strengths[choice.step]
    assert choice.reason.strip().endswith(".")
    assert "nan" not in choice.reason.split()
    assert -1 <= choice.runner_up < steps and choice.runner_up != choice.step
    assert bool(choice.runner_up_reason) == (choice.runner_up >= 0)
    ends = {0: "strongest", steps - 1: "weakest"} if steps > 1 else {}
    assert choice.at_end == ends.get(choice.step, "")


@pytest.mark.parametrize("rule", RULES, ids=repr)
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_the_order_of_rows_does_not_matter(rule: Rule, seed: int):
    evidence = make_evidence(seed)
    order = np.random.default_rng(seed).permutation(len(evidence.weight))
    assert rule.choose(take(evidence, order)).step == rule.choose(evidence).step


@pytest.mark.parametrize("rule", HELD_OUT, ids=repr)
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, power=st.integers(-20, 20))
def test_the_unit_of_the_loss_does_not_matter(rule: Rule, seed: int, power: int):
    evidence = make_evidence(seed)
    scaled = replace(evidence, loss=np.ldexp(evidence.loss, power), null=np.ldexp(evidence.null, power))
    assert rule.choose(scaled).step == rule.choose(evidence).step


@pytest.mark.parametrize("rule", HELD_OUT, ids=repr)
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, factor=st.floats(0.01, 100))
def test_the_unit_of_the_weights_does_not_matter(rule: Rule, seed: int, factor: float):
    evidence = make_evidence(seed)
    assert rule.choose(replace(evidence, weight=evidence.weight * factor)).step == rule.choose(evidence).step


@pytest.mark.parametrize("rule", HELD_OUT, ids=repr)
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_rows_that_were_not_scored_are_ignored(rule: Rule, seed: int):
    evidence = make_evidence(seed)
    assert rule.choose(take(evidence, evidence.rows)).step == rule.choose(evidence).step
    weightless = replace(evidence, weight=np.where(np.isnan(evidence.null), 0.0, evidence.weight))
    assert rule.choose(weightless).step == rule.choose(evidence).step


@pytest.mark.parametrize("rule", HELD_OUT, ids=repr)
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_a_row_of_weight_two_is_two_rows_of_one_unit(rule: Rule, seed: int):
    evidence = make_evidence(seed)
    n = len(evidence.weight)
    doubled = take(evidence, np.r_[np.arange(n), np.arange(0, n, 2)])
    heavier = replace(evidence, weight=evidence.weight * np.where(np.arange(n) % 2 == 0, 2, 1))
    assert rule.choose(doubled).step == rule.choose(heavier).step


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_duplicated_evidence_leaves_best_unchanged(seed: int):
    evidence = make_evidence(seed)
    n = len(evidence.weight)
    choice = Best().choose(evidence)
    assert Best().choose(take(evidence, np.tile(np.arange(n), 2))).step == choice.step
    assert Best().choose(replace(evidence, weight=2 * evidence.weight)).step == choice.step


@pytest.mark.parametrize("rule", RULES, ids=repr)
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_a_constant_curve_gives_the_strongest_step(rule: Rule, seed: int):
    evidence = make_evidence(seed)
    flat = replace(
        evidence,
        loss=np.repeat(evidence.loss[:, :1], len(evidence.strengths), axis=1),
        training=np.full(len(evidence.strengths), 0.7),
    )
    choice = rule.choose(flat)
    assert choice.step == 0
    if len(evidence.strengths) > 1:
        assert "no column helps" in choice.reason


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, width=st.floats(0, 4))
def test_one_se_is_never_weaker_than_best_and_wider_is_never_weaker(seed: int, width: float):
    evidence = make_evidence(seed)
    best, near, far = (
        Best().choose(evidence),
        OneStandardError(width).choose(evidence),
        OneStandardError(width + 1).choose(evidence),
    )
    assert far.step <= near.step <= best.step


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS)
def test_one_se_against_its_definition(seed: int):
    evidence = replace(make_evidence(seed), weight=np.ones(len(make_evidence(seed).weight)))
    evidence = replace(evidence, unit=np.arange(len(evidence.weight)))
    rows = evidence.loss[evidence.rows].astype(float)
    best = int(np.argmin(rows.mean(axis=0)))
    paired = rows - rows[:, [best]]
    error = paired.std(axis=0, ddof=1) / np.sqrt(len(rows))
    expected = next(k for k in range(best + 1) if k == best or paired[:, k].mean() <= error[k])
    assert OneStandardError().choose(evidence).step == expected


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, percent=st.floats(0, 50))
def test_within_against_its_definition(seed: int, percent: float):
    evidence = replace(make_evidence(seed), weight=np.ones(len(make_evidence(seed).weight)))
    evidence = replace(
        evidence, complexity=np.random.default_rng(seed).integers(0, 5, len(evidence.strengths)).astype(float)
    )
    mean = evidence.loss[evidence.rows].astype(float).mean(axis=0)
    best = int(np.argmin(mean))
    near = [k for k in range(best + 1) if mean[k] <= (1 + percent / 100) * mean[best]]
    assert Within(percent).choose(evidence).step == min(near, key=lambda k: (evidence.complexity[k], k))


def test_within_refuses_a_negative_share():
    with pytest.raises(OptionError, match="percent"):
        Within(-1.0)


@pytest.mark.parametrize("quadratic", [True, False])
def test_information_against_its_formulas(quadratic: bool):
    evidence = replace(make_evidence(2, n=50, steps=6), complexity=np.array([0.0, 1, 2, 2, 4, 5]), quadratic=quadratic)
    deviance = 50 * np.log(2 * evidence.training) if quadratic else 100 * evidence.training
    df = evidence.complexity
    binomials = np.log([1, 5, 10, 10, 5, 1])
    np.testing.assert_allclose(Information("aic").measure(evidence)[0], deviance + 2 * df)
    np.testing.assert_allclose(Information("bic").measure(evidence)[0], deviance + np.log(50) * df)
    np.testing.assert_allclose(Information("ebic", 0.5).measure(evidence)[0], deviance + np.log(50) * df + binomials)
    np.testing.assert_allclose(
        Information("gcv").measure(evidence)[0], 2 * evidence.training / (1 - (1 + df) / 50) ** 2
    )
    heavier = replace(evidence, weight=np.full(50, 2.0))
    assert Information("bic").measure(heavier)[1] == 100, "whole-number weights are repetitions"


def test_information_needs_no_scored_rows_and_passes_over_saturated_steps():
    evidence = make_evidence(3, n=6, steps=4)
    unscored = replace(
        evidence,
        loss=np.full((6, 4), np.nan, np.float32),
        null=np.full(6, np.nan),
        complexity=np.array([0.0, 1, 5, 6]),
        training=np.array([1, 0.9, 1e-9, 0]),
        quadratic=True,
    )
    assert Information("aic").choose(unscored).step in (0, 1)
