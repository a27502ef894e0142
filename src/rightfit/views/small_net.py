"""The net that a view looks into: the run's own where it fits, else one that is trained on the run's rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from rightfit.catalog import find
from rightfit.errors import MissingExtraError, OptionError
from rightfit.views.ground import Ground

RATE = 0.5
_RATE_OF_LEARNING = 0.02


def require_net(ground: Ground, *, usable: bool) -> None:
    """OptionError where a run has no net to look into and none shall be trained for a view (not ``usable``), or nets
    cannot learn its loss; MissingExtraError where torch is not installed."""
    loss = ground.problem.loss
    if not usable:
        lack = "has no dropout" if is_network(ground) else "is no network"
        raise OptionError(
            f"the run's model, {ground.run.penalty}, {lack}; ask for the view by its name to see a small net that is "
            "trained on the run's rows"
        )
    if loss.coupled or loss.predicts == "risk" or ground.problem.y.ndim > 1:
        raise OptionError(f"nets learn losses of one target whose rows stand alone, not {loss.name}")
    lacks = find("learners", "network").lacks()
    if lacks:
        raise MissingExtraError(lacks)


def is_network(ground: Ground) -> bool:
    """The run's model is a net."""
    return ground.run.fitted.learner == "network"


def small_net(ground: Ground, units: int, seed: int, **settings: Any) -> Any:
    """A net of one hidden layer that suits the number of the run's rows."""
    rows = int((ground.weight > 0).sum())
    batch = int(2 ** np.clip(round(np.log2(max(1, rows / 30))), 5, 9))
    kind: Any = find("learners", "network")
    shape: dict[str, Any] = {"hidden": (units,), "batch": batch, "learning_rate": _RATE_OF_LEARNING, "seeds": 1}
    return kind(**shape | {"walks": "dropout", "strengths": (RATE,), "seed": seed} | settings)


def own_net(ground: Ground) -> tuple[Any, float] | None:
    """The run's learner at the rung that it chose, and its share of dropout; None where it is no net with dropout, or
    chose the constant model."""
    if not is_network(ground):
        return None
    learner: Any = ground.learner
    step = ground.run.choice.step
    value = float(ground.run.evidence.axis.positions[step])
    rate = value if learner.walks == "dropout" else learner.dropout
    if step == 0 or not rate or not learner.hidden or learner.module is not None:
        return None
    return replace(learner, strengths=(value,)), float(rate)
