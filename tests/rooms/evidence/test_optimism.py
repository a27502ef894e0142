"""The optimism of the winner: none where the choice is plain, about right where it is all noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rightfit.evidence.optimism import estimate_optimism
from rightfit.rules.best import Best
from tests.rooms.evidence.evidences import make_evidence, make_valley


def test_a_plain_choice_has_no_optimism():
    found = estimate_optimism(make_valley(depth=(3, 1, 0, 1, 3)), Best(), 2)
    assert found.amount == 0 and (found.steps == 2).all()
    assert "same step" in found.sentence


def test_tibshirani_by_hand():
    evidence = make_valley(noise=2.0, depth=(0.1, 0, 0.1))
    step = Best().choose(evidence).step
    loss = evidence.loss.astype(float)
    by_hand = [
        loss[evidence.fold == k][:, step].mean() - loss[evidence.fold == k].mean(axis=0).min() for k in range(1, 11)
    ]
    assert estimate_optimism(evidence, Best(), step).tibshirani == pytest.approx(np.mean(by_hand))


def test_nested_by_hand():
    evidence = make_valley(noise=2.0, depth=(0.02, 0, 0.02))
    loss, total = evidence.loss.astype(float), 0.0
    for k in range(1, 11):
        inside = evidence.fold == k
        total += loss[inside, np.argmin(loss[~inside].mean(axis=0))].sum()
    step = Best().choose(evidence).step
    found = estimate_optimism(evidence, Best(), step)
    assert found.amount == pytest.approx(total / 200 - loss[:, step].mean(), abs=1e-9)


def test_pure_noise_shows_the_winners_optimism_on_average():
    truth, claimed = [], []
    for seed in range(40):
        evidence = make_evidence(1 + np.random.default_rng(seed).normal(size=(100, 20)))
        step = Best().choose(evidence).step
        claimed.append(estimate_optimism(evidence, Best(), step).amount)
        truth.append(1 - evidence.loss[:, step].mean())
    assert np.mean(truth) > 0.1
    assert 0.6 * np.mean(truth) < np.mean(claimed) < 1.6 * np.mean(truth)


def test_leave_one_out_is_cut_into_blocks_of_whole_units():
    evidence = replace(make_valley(), fold=np.arange(200) + 1, unit=np.arange(200) // 4)
    found = estimate_optimism(evidence, Best(), 2)
    assert len(found.steps) == 10
    assert len(estimate_optimism(replace(evidence, fold=np.ones(200, int)), Best(), 2).steps) == 0


def test_what_seeds_bring_is_part_of_the_error():
    """By hand: the variance, from seed to seed, of what each fold's own step loses more than the chosen one."""
    evidence = make_valley(noise=2.0, depth=(0.02, 0, 0.02))
    step = Best().choose(evidence).step
    luck = np.random.default_rng(0).normal(1, 0.3, (4, 3))
    plain, found = (estimate_optimism(one, Best(), step) for one in (evidence, replace(evidence, luck=luck)))
    assert found.amount == plain.amount and len(set(found.steps)) > 1
    own = np.mean([luck[:, k] - luck[:, step] for k in found.steps], axis=0)
    assert found.error == pytest.approx(np.sqrt(plain.error**2 + own.var(ddof=1) / 4))
