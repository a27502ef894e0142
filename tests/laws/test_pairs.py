"""Every loss of the house with every penalty: a fit that is certified, or a sentence that says why there is none."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from rightfit import catalog
from rightfit.contracts import Loss, Penalty, Problem, ProxPenalty
from rightfit.data.design import make_design
from rightfit.errors import OptionError
from rightfit.evidence.crossfit import crossfit
from rightfit.learners.linear import Linear
from rightfit.records import Resamples, Status
from tests.laws.test_weights import target

LOSSES = {name: next(kind.specimens())[0] for name, kind in catalog.everything("losses").items()}
PENALTIES = {name: next(kind.specimens(4)) for name, kind in catalog.everything("penalties").items()}
WAYS: dict[str, dict[str, Any]] = {
    "path": {"count": 4},
    "to zero": {"strengths": np.array([0.2, 0.05, 0.0])},
    "relaxed": {"count": 3, "relax": 0.5},
}
REFUSED = {
    "path": {("cox", "slope"), ("cox", "fused")},
    "to zero": {(loss, penalty) for loss in LOSSES for penalty in ("slope", "fused")},
    "relaxed": {
        (loss, penalty)
        for loss in LOSSES
        for penalty in PENALTIES
        if penalty in ("slope", "fused") or loss in ("cox", "multinomial", "multi_squared")
    },
}
"""What there is no fit for; anything else must give one."""

ROWS = np.random.default_rng(4).normal(size=(60, 4)) * [1.0, 3.0, 0.2, 1.0]
PARTS = np.arange(60) % 2 == np.arange(-1, 2)[:, None]
FOLDS = Resamples(np.linspace(0.5, 1.5, 60), (~PARTS).astype(np.uint8), PARTS)


def is_sentence(text: str) -> bool:
    """It names an option, has words enough to say why, and no word of Python's."""
    return len(text.split()) >= 8 and not re.search(r"\bNone\b|object at|Traceback|<class", text)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("loss", LOSSES)
def test_a_pair_is_certified_or_refused_in_a_sentence(loss: str, penalty: str, way: str) -> None:
    made: Loss = LOSSES[loss]
    price: Penalty | ProxPenalty = PENALTIES[penalty]
    if price.pilot and way != "path":
        price = price.adapt(np.array([[1.0], [0.0], [0.5], [2.0]]))
    y = target(made, ROWS[:, 0] - ROWS[:, 3], np.random.default_rng(2))
    problem = Problem(make_design(ROWS), y, made, 0.1 * np.cos(np.arange(60)))
    learner = Linear(price, tolerance=1e-7, **WAYS[way])
    if (loss, penalty) in REFUSED[way]:
        with pytest.raises(OptionError) as refusal:
            crossfit(problem, FOLDS, learner)
        assert is_sentence(str(refusal.value)), str(refusal.value)
        return
    paths, evidence = crossfit(problem, FOLDS, learner)
    for path in paths:
        trace: Any = path.trace()
        sure = Status.CONVERGED if price.convex else Status.STATIONARY
        for strength, status, gap in zip(trace.strengths, trace.status, trace.gap, strict=True):
            if strength > 0:
                assert (status, gap <= 1e-7) == (sure, True)
            else:  # without a penalty there may be no finite optimum, or several: then the status says so
                assert status in (sure, Status.CONVERGED, Status.NOT_UNIQUE, Status.NO_OPTIMUM)
                assert gap <= 1e-7 or status == Status.NO_OPTIMUM
    assert np.isfinite(evidence.loss[~np.isnan(evidence.loss)]).all()
    assert not np.isnan(evidence.loss).any()
