"""Whether a family fits, overfits or underfits, and the sentence that says why."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.evidence.standing import describe_gain, judge
from rightfit.records import Axis, Evidence
from tests.rooms.evidence.evidences import make_evidence

N = 400
AXIS = Axis("rounds", np.array([0.0, 10, 20, 30]), "{} rounds", weaker="a later stop", weakest="the last round")
HARD = np.random.default_rng(0).exponential(size=N)
"""What makes a row hard for every model."""


def path(unseen: list[float], own: list[float], noise: float = 0.05, last: float = 0.1) -> Evidence:
    """Mean losses of four steps, with noise of their own a row."""
    chance = np.random.default_rng(1)
    loss = HARD[:, None] - HARD.mean() + 3 + np.array(unseen) + noise * chance.normal(size=(N, 4))
    return make_evidence(loss, training=np.array(own) + 3, strengths=[9.0, 3.0, 1.0, last], axis=AXIS)


BEST = path([1.0, 0.2, 0.0, 0.1], [1.0, 0.1, -0.2, -0.4])


@pytest.mark.parametrize(
    ("other", "step", "fit", "words"),
    [
        (path([1.0, 0.4, 0.3, 0.6], [1.0, 0.0, -0.5, -0.9]), 2, "overfits", "learned what unseen rows do not share"),
        (
            path([1.0, 0.6, 0.5, 0.5], [1.0, 0.5, 0.4, 0.3]),
            2,
            "underfits",
            "out of its reach with these settings",
        ),
        (path([1.0, 0.5, 0.6, 0.9], [1.0, 0.4, 0.0, -0.5]), 1, "underfits", "but no less on unseen ones"),
        (path([1.0, 0.8, 0.5, 0.2], [1.0, 0.7, 0.4, 0.1]), 1, "underfits", "30 rounds of its own path would lose 0.6"),
    ],
)
def test_one_that_is_behind(other: Evidence, step: int, fit: str, words: str) -> None:
    word, sentence = judge(other, step, BEST, 2)
    assert word == fit and words in sentence and "standard errors less" in sentence


def test_one_that_is_not_behind() -> None:
    assert judge(BEST, 2, BEST, 2)[0] == "fits"
    assert "no step of its path does better" in judge(BEST, 2, BEST, 2)[1]
    near = path([1.0, 0.2, 0.0, 0.2], [1.0, 0.1, -0.1, -0.2], noise=0.3)
    word, sentence = judge(near, 2, BEST, 2)
    assert word == "fits" and "nor another family" in sentence
    word, sentence = judge(BEST, 1, BEST, 1)  # a rule that stops too early
    assert word == "underfits" and "20 rounds of its own path would lose 0.2" in sentence


def test_what_regularization_bought_is_told_from_noise() -> None:
    assert describe_gain(BEST, 3) == "Regularization bought nothing: the last round was chosen."
    assert describe_gain(BEST, 2).startswith("What regularization bought: the last round loses 0.1")
    vague = path([1.0, 0.2, 0.0, 0.01], [1.0, 0.1, -0.2, -0.4], noise=0.5)
    assert describe_gain(vague, 2).startswith("What regularization bought cannot be told from noise")


def test_a_short_curve_that_falls_to_its_end_underfits() -> None:
    falling = path([1.0, 0.6, 0.3, 0.0], [1.0, 0.6, 0.3, 0.0])
    word, sentence = judge(falling, 3, falling, 3)
    assert word == "underfits" and sentence.startswith("Its curve still falls at the last round")


def test_one_that_was_cut_short_did_not_overfit() -> None:
    short = path([1.0, 0.9, 0.6, 0.3], [1.0, 0.7, 0.2, -0.3])
    word, sentence = judge(short, 3, BEST, 2)
    assert word == "underfits" and "still falls at the last round" in sentence and "standard errors less" in sentence
