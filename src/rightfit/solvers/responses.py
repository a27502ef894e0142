"""Several responses that nothing ties to each other: each by itself, on the same columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from rightfit.contracts import Loss
from rightfit.solvers.setting import Setting, null_losses
from rightfit.solvers.steps import Steps
from rightfit.solvers.watch import share


def apart(setting: Setting) -> bool:
    """Whether the outputs meet neither in the loss nor in the penalty."""
    penalty = setting.penalty
    return setting.loss.alone is not None and penalty.separable and penalty.convex and not setting.grouped


def response_paths(setting: Setting, solve: Callable[[Setting], list[Steps]]) -> list[Steps]:
    """One path a task from those of the responses, each of which goes as far as its own null loss asks."""
    loss = setting.loss.alone
    assert loss is not None
    own = [_only(setting, loss, c) for c in range(setting.outputs)]
    with share(1 / setting.outputs):
        paths = [solve(one) for one in own]
    unit = np.array([one.null_loss for one in own])
    return [Steps.join([path[t] for path in paths], unit[:, t]) for t in range(setting.tasks)]


def _only(setting: Setting, loss: Loss, c: int) -> Setting:
    """The problem of response c."""
    y, intercept = np.ascontiguousarray(setting.y[:, c]), setting.null_intercept[:, [c]]
    return replace(
        setting,
        y=y,
        loss=loss,
        null_intercept=intercept,
        frozen=setting.frozen[:, [c]],
        null_loss=null_losses(loss, y, setting.offset, setting.weight, intercept),
    )
