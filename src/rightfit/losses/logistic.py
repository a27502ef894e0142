"""Logistic loss for two classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from scipy.special import kl_div, xlogy

from rightfit.contracts import Loss, Predicts
from rightfit.elementary import exp, sigmoid, softplus
from rightfit.losses._target import best_constant, check_target


@final
@dataclass(frozen=True)
class Logistic(Loss):
    """value = log(1 + exp(eta)) - y eta, plus the entropy of y where y is a share between 0 and 1; the
    probability of the event is 1 / (1 + exp(-eta))."""

    name: ClassVar[str] = "logistic"
    measure: ClassVar[str] = "log loss"
    steady: ClassVar[bool] = True
    predicts: ClassVar[Predicts] = "probability"

    def check(self, y: np.ndarray) -> np.ndarray:
        return check_target(y, lower=0.0, upper=1.0, wants="0, 1, or a share between them")

    def value(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        loss = softplus(eta) - y * eta
        return loss if _classes(y) else loss + xlogy(y, y) + xlogy(1 - y, 1 - y)

    def slope(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        return sigmoid(eta) - y

    def curvature(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        return sigmoid(eta) * sigmoid(-eta)

    def derivatives(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        share = sigmoid(eta)
        return share - y, share * (1 - share)

    def young(self, y: np.ndarray, eta: np.ndarray, scale: np.ndarray) -> np.ndarray:
        if not _classes(y):
            share = y + scale * self.slope(y, eta)  # the probability that the dual point stands for
            return kl_div(share, sigmoid(eta)) + kl_div(1 - share, sigmoid(-eta))
        # the divergence of a wrong answer's probability, scaled, from itself: one logarithm a row
        margin = (1 - 2 * y) * eta
        wrong = sigmoid(margin)
        with np.errstate(divide="ignore", invalid="ignore"):
            log_scale = np.where(scale > 0, np.log(scale), 0.0)
        rest = np.log1p((1 - scale) * exp(np.minimum(margin, 700.0)))
        return scale * wrong * log_scale + (1 - scale * wrong) * rest

    def null(self, y: np.ndarray, weight: np.ndarray, offset: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore"):
            start = np.log(np.dot(weight, y)) - np.log(np.dot(weight, 1 - y))  # exactly infinite for one class
        return best_constant(self, y, weight, offset, start)

    def response(self, eta: np.ndarray) -> np.ndarray:
        return sigmoid(eta)

    @classmethod
    def specimens(cls) -> Iterator[tuple[Loss, np.ndarray]]:
        yield cls(), np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0])
        yield cls(), np.array([0.2, 1.0, 0.7, 0.0, 1.0, 0.5])


def _classes(y: np.ndarray) -> bool:
    """Every target is 0 or 1, so that its entropy is zero."""
    return bool(((y == 0) | (y == 1)).all())
