"""Multinomial loss for three or more classes (two are allowed)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from scipy.special import kl_div

from rightfit.contracts import Loss, Predicts
from rightfit.elementary import softmax
from rightfit.errors import OptionError, RowError
from rightfit.losses._target import check_target


@final
@dataclass(frozen=True)
class Multinomial(Loss):
    """value = log(sum exp(eta)) - eta[y]; y is the number of the class, eta has one column a class.

    Adding a constant to all columns of eta changes nothing; intercepts are reported with mean zero, and
    the penalty settles where the coefficients of a feature lie.
    """

    classes: int = 3
    name: ClassVar[str] = "multinomial"
    measure: ClassVar[str] = "log loss"
    relative: ClassVar[bool] = True
    steady: ClassVar[bool] = True
    predicts: ClassVar[Predicts] = "class"

    def __post_init__(self) -> None:
        if self.classes < 2:
            raise OptionError(f"multinomial needs at least 2 classes, classes={self.classes} was given")

    @property
    def outputs(self) -> int:
        return self.classes

    def check(self, y: np.ndarray) -> np.ndarray:
        y = check_target(y, lower=0, upper=self.classes - 1, wants=f"class numbers 0 to {self.classes - 1}")
        if np.any(y != np.floor(y)):
            row = int(np.flatnonzero(y != np.floor(y))[0])
            raise RowError(f"target in row {row} is {y[row]}: expected class numbers 0 to {self.classes - 1}")
        return y

    def value(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        _, log_sum = softmax(eta)
        return np.asarray(log_sum - _of_class(eta, y))

    def slope(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        out, _ = softmax(eta)
        out[np.arange(len(y)), y.astype(int)] -= 1
        return out

    def curvature(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        share, _ = softmax(eta)
        return share[:, :, None] * (np.eye(self.classes) - share[:, None, :])

    def between(self, eta: np.ndarray) -> np.ndarray:
        share = softmax(eta)[0].T
        out = np.empty((self.classes * (self.classes - 1) // 2, len(eta)))
        for c in range(1, self.classes):
            np.multiply(share[c], share[:c], out=out[c * (c - 1) // 2 :][:c])
        return out

    def lever(self, y: np.ndarray, slope: np.ndarray) -> np.ndarray:
        missing = -_of_class(slope, y)  # probability of the other classes
        with np.errstate(divide="ignore"):
            return np.asarray(missing / (1 - missing))

    def young(self, y: np.ndarray, eta: np.ndarray, scale: np.ndarray) -> np.ndarray:
        # Kullback and Leibler's divergence of scale * share + (1 - scale) * onehot from the shares; classes other than
        # the row's own have theirs multiplied by the scale, whatever they are
        own = _of_class(softmax(eta)[0], y)
        return np.maximum((1 - own) * kl_div(scale, 1.0) + kl_div(scale * own + (1 - scale), own), 0.0)

    def null(self, y: np.ndarray, weight: np.ndarray, offset: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore"):
            log_share = np.log(np.bincount(y.astype(int), weight, self.classes))
        seen = np.isfinite(log_share)
        return log_share - log_share[seen].mean()

    def response(self, eta: np.ndarray) -> np.ndarray:
        flat, _ = softmax(eta.reshape(-1, eta.shape[-1]))
        return flat.reshape(eta.shape)

    @classmethod
    def specimens(cls) -> Iterator[tuple[Loss, np.ndarray]]:
        yield cls(classes=3), np.array([0.0, 1.0, 2.0, 0.0, 1.0, 2.0, 2.0])
        yield cls(classes=2), np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0])


def _of_class(values: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(n,) each row's value for its class, of (n, C)."""
    return np.asarray(values[np.arange(len(y)), y.astype(int)])
