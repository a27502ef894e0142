"""Losses as objectives of XGBoost.

| loss        | objective          | gradient  | curvature                                            |
|-------------|--------------------|-----------|------------------------------------------------------|
| squared     | `reg:squarederror` | the slope | 1                                                    |
| logistic    | `binary:logistic`  | the slope | p (1 - p)                                            |
| multinomial | `multi:softprob`   | the slope | 2 p (1 - p), which lies above the second derivative  |
| poisson     | `count:poisson`    | the slope | m exp(0.7), leaves within ±0.7, as XGBoost's default |
| gamma       | `reg:gamma`        | the slope | y / m                                                |
| tweedie     | `reg:tweedie`      | the slope | the second derivative                                |
| all others  | written here       | the slope | see `_own_curvature`                                 |

Every gradient is the loss's own slope: nothing stands for it. huber is not replaced by a pseudo-Huber loss, quantile
keeps its width, and cox its ties, strata, late entries and weights, which `survival:cox` does not have.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np

from rightfit.contracts import Loss
from rightfit.errors import OptionError

STEP = 0.7
"""Largest leaf of a Poisson round before the learning rate: XGBoost's default, which keeps exp from running away."""
_NATIVE = {
    "squared": "reg:squarederror",
    "logistic": "binary:logistic",
    "multinomial": "multi:softprob",
    "poisson": "count:poisson",
    "gamma": "reg:gamma",
    "tweedie": "reg:tweedie",
}


@final
@dataclass(frozen=True)
class Objective:
    """What a booster is asked to lower."""

    parameters: dict[str, Any] = field(default_factory=dict)
    """XGBoost's."""
    native: bool = True
    """XGBoost computes the gradients itself."""
    centred: bool = False
    """The target may be given less the constant and the offset: only differences matter, and float32 keeps them."""
    step: float = 0.0
    """Largest leaf before the learning rate; 0: no limit."""


def objective_for(loss: Loss) -> Objective:
    """The objective of a loss; OptionError where there is none."""
    name = _NATIVE.get(loss.name)
    if name is None:
        if loss.outputs > 1:
            raise OptionError(f"boosting cannot learn the loss {loss.name}, which has {loss.outputs} outputs")
        return Objective({"objective": "reg:squarederror", "disable_default_eval_metric": True}, native=False)
    parameters: dict[str, Any] = {"objective": name, "disable_default_eval_metric": True}
    if loss.outputs > 1:
        parameters["num_class"] = loss.outputs
    if loss.name == "tweedie":
        parameters["tweedie_variance_power"] = loss.power  # type: ignore[attr-defined]
    if loss.name == "poisson":
        return Objective(parameters | {"max_delta_step": STEP}, step=STEP)
    return Objective(parameters, centred=loss.quadratic)


def derivatives(loss: Loss, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and curvature, (n, C) each, that a row of weight 1 brings into its leaf."""
    if loss.outputs > 1:
        share = loss.response(eta)
        return loss.slope(y, eta), 2 * share * (1 - share)
    eta = eta.reshape(len(eta))
    slope = loss.slope(y, eta)
    if loss.name == "poisson":
        return slope[:, None], loss.curvature(y, eta)[:, None] * np.exp(STEP)
    if loss.name in _NATIVE:
        return slope[:, None], loss.second_derivative(y, eta)[:, None]
    return slope[:, None], _own_curvature(loss, y, eta, slope)[:, None]


def own_objective(
    loss: Loss, y: np.ndarray, eta: np.ndarray, weight: np.ndarray
) -> Callable[[np.ndarray, Any], tuple[np.ndarray, np.ndarray]]:
    """XGBoost's callback for losses that it has not; ``eta`` (n,) is where the rounds start from. Losses whose rows
    depend on each other are bound already."""

    def differentiate(grown: np.ndarray, _: Any) -> tuple[np.ndarray, np.ndarray]:
        now = eta + grown.astype(np.float64).reshape(len(eta))
        slope = loss.slope(y, now)
        curvature = _own_curvature(loss, y, now, slope)
        return (weight * slope).astype(np.float32), (weight * curvature).astype(np.float32)

    return differentiate


def _own_curvature(loss: Loss, y: np.ndarray, eta: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """(n,) the curvature of a parabola that touches the loss at eta and lies above it.

    For a centre or a quantile that is the secant from the target, (slope(eta) - slope(y)) / (eta - y): delta /
    max(abs(r), delta) for huber (Holland and Welsch 1977), 1 / (2 max(abs(r), width)) for quantile (Hunter and Lange
    2000). A leaf is then a weighted mean of residuals, which never overshoots, where the second derivative is 0. For
    cox it is the events expected of a row.
    """
    curvature = loss.curvature(y, eta)
    if loss.predicts != "number":
        return curvature
    away = eta - y
    with np.errstate(divide="ignore", invalid="ignore"):
        secant = np.where(away == 0, 0.0, (slope - loss.slope(y, y)) / away)
    return np.asarray(np.maximum(curvature, secant))
