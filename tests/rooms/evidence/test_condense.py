"""Evidence in blocks says what the whole matrix says: means to rounding, standard errors within their own noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rightfit.catalog import find
from rightfit.evidence.compare import compare
from rightfit.evidence.condense import condense
from rightfit.evidence.curve import summarize
from rightfit.evidence.optimism import estimate_optimism
from rightfit.records import Evidence

STEPS = 12


def whole(n: int = 3_000, *, groups: int = 0, weights: bool = False, seed: int = 4) -> Evidence:
    chance = np.random.default_rng(seed)
    bend = 1 + 0.02 * (np.arange(STEPS) - 7) ** 2
    hard = chance.gamma(1.0, 1.0, n)[:, None]
    loss = (hard * bend + 0.1 * chance.normal(size=(n, STEPS)) ** 2).astype(np.float32)
    unit = chance.integers(0, groups, n) if groups else np.arange(n)
    return Evidence(
        strengths=np.geomspace(1, 0.01, STEPS),
        loss=loss,
        null=2 * hard[:, 0],
        weight=chance.uniform(0.5, 2, n) if weights else np.ones(n),
        unit=unit,
        fold=unit % 5 + 1,
        complexity=np.arange(STEPS, dtype=float),
        measure="loss",
        training=0.9 * bend,
        name="5 folds",
        features=40,
    )


@pytest.mark.parametrize("options", [{}, {"weights": True}, {"groups": 700}, {"groups": 700, "weights": True}])
def test_means_stay_and_errors_stay_within_their_noise(options: dict[str, int]) -> None:
    evidence = whole(**options)  # type: ignore[arg-type]
    less = condense(evidence, largest=100, blocks=500)
    assert 450 <= len(less.weight) <= 550 and less.blocks == len(less.weight)
    assert less.loss.dtype == np.float32
    before, after = summarize(evidence), summarize(less)
    np.testing.assert_allclose(after.mean, before.mean, rtol=1e-6)
    assert after.null == pytest.approx(before.null, rel=1e-12)
    for name in ("error", "difference_error"):
        np.testing.assert_allclose(getattr(after, name), getattr(before, name), rtol=0.2)
    np.testing.assert_allclose(compare(less, 5).gain, compare(evidence, 5).gain, rtol=1e-5, atol=1e-7)
    nested, again = (estimate_optimism(e, find("rules", "best")(), 7) for e in (evidence, less))
    assert again.steps.tolist() == nested.steps.tolist()
    assert again.tibshirani == pytest.approx(nested.tibshirani, abs=1e-6)


def test_squared_errors_are_unbiased() -> None:
    evidence = whole()
    exact = summarize(evidence).error[3] ** 2
    found = [summarize(condense(evidence, largest=100, blocks=200, seed=s)).error[3] ** 2 for s in range(60)]
    assert np.mean(found) == pytest.approx(exact, rel=0.05)
    assert np.std(found) / exact == pytest.approx(np.sqrt(2 / 200), rel=0.5)


@pytest.mark.parametrize("rule", ["best", "one_se", "information"])
@pytest.mark.parametrize("weights", [False, True])
def test_rules_choose_the_same(rule: str, weights: bool) -> None:
    evidence = whole(weights=weights)
    chosen = find("rules", rule)().choose(evidence)
    again = find("rules", rule)().choose(condense(evidence, largest=100, blocks=1_000))
    assert again.step == chosen.step


def test_a_unit_is_never_cut_and_folds_stay() -> None:
    evidence = whole(groups=300)
    less = condense(evidence, largest=100, blocks=60)
    assert sorted(set(less.fold)) == [1, 2, 3, 4, 5]
    for fold in range(1, 6):
        mine, kept = evidence.fold == fold, less.fold == fold
        assert less.weight[kept].sum() == mine.sum()
        mean = (less.weight[kept] @ less.loss[kept].astype(float)) / less.weight[kept].sum()
        np.testing.assert_allclose(mean, evidence.loss[mine].astype(float).mean(axis=0), rtol=1e-6)


def test_units_in_several_folds_stay_one_unit() -> None:
    evidence = replace(whole(groups=400), fold=np.arange(3_000) % 5 + 1)
    less = condense(evidence, largest=100, blocks=200)
    assert len(set(less.unit)) <= 210 < len(less.unit)
    np.testing.assert_allclose(summarize(less).error, summarize(evidence).error, rtol=0.25)


def test_rows_that_were_never_judged_still_count_for_a_criterion() -> None:
    evidence = whole(weights=True)
    unseen = np.arange(3_000) < 500
    loss, null = evidence.loss.copy(), evidence.null.copy()
    loss[unseen], null[unseen] = np.nan, np.nan
    evidence = replace(evidence, loss=loss, null=null, fold=np.where(unseen, 0, evidence.fold))
    less = condense(evidence, largest=100, blocks=300)
    assert less.count == 3_000 and np.isnan(less.null).sum() == 1
    assert less.weight.sum() == pytest.approx(evidence.weight.sum())
    np.testing.assert_allclose(summarize(less).mean, summarize(evidence).mean, rtol=1e-6)


def test_few_rows_are_kept_whole_and_the_deal_is_reproducible() -> None:
    evidence = whole()
    assert condense(evidence) is evidence
    first, second = (condense(evidence, largest=100, blocks=70, seed=5) for _ in range(2))
    assert first.loss.tobytes() == second.loss.tobytes()
    assert first.loss.tobytes() != condense(evidence, largest=100, blocks=70, seed=6).loss.tobytes()


def test_an_infinite_loss_stays_infinite() -> None:
    evidence = whole()
    evidence.loss[17, 2] = np.inf
    less = condense(evidence, largest=100, blocks=50)
    assert np.isinf(less.loss[:, 2]).sum() == 1 and np.isfinite(less.loss[:, 3]).all()
