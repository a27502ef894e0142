"""Rules by their words, as the command line takes them."""

from __future__ import annotations

import numpy as np
import pytest

import rightfit
from rightfit.errors import OptionError

G = np.random.default_rng(0)
DATA = {f"x{j}": G.normal(size=60) for j in range(6)}
DATA["y"] = DATA["x0"] + 0.3 * DATA["x1"] + G.normal(size=60)


@pytest.mark.parametrize("rule", ["within", "within:30", "gcv", "ebic"])
def test_a_rule_is_taken_and_repeats_itself_from_its_words(rule: str):
    saved = rightfit.fit(DATA, target="y", rule=rule, l1_ratio=(1.0,), strengths=15, folds=4)
    assert saved.run.choice.rule == ("within" if "within" in rule else "information")
    assert rule in saved.run.command
    if ":" in rule:
        assert "30 %" in saved.run.choice.reason


@pytest.mark.parametrize("rule", ["within:", "within:-1", "within:five", "best:2", "nearest"])
def test_words_that_are_no_rule(rule: str):
    with pytest.raises(OptionError, match="--rule"):
        rightfit.fit(DATA, target="y", rule=rule)
