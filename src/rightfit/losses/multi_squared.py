"""Squared error for several responses of a row at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from rightfit.catalog import find
from rightfit.contracts import Loss, Predicts
from rightfit.errors import DataError, OptionError


@final
@dataclass(frozen=True)
class MultiSquared(Loss):
    """value = sum over c of (y_c - eta_c)^2 / 2 for targets y (n, C): glmnet's ``mgaussian`` and scikit-learn's
    MultiTaskLasso have the same mean over rows.

    The responses meet in the penalty alone. One that asks for norms over all of them (`rightfit.penalties.group`, each
    column a group) keeps or drops a column for all responses together; under one that does not tie them (elastic net)
    each response is fitted by itself. Responses count by their variance: bring them to one unit first.
    """

    responses: int = 2
    name: ClassVar[str] = "multi_squared"
    measure: ClassVar[str] = "squared error / 2, summed over the responses"
    steady: ClassVar[bool] = True
    predicts: ClassVar[Predicts] = "number"
    dispersion: ClassVar[float] = 1.0
    quadratic: ClassVar[bool] = True
    always_optimal: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.responses < 2:
            raise OptionError(f"multi_squared needs at least 2 responses, responses={self.responses} was given")

    @property
    def outputs(self) -> int:
        return self.responses

    @property
    def alone(self) -> Loss:
        one: Loss = find("losses", "squared")()
        return one

    def check(self, y: np.ndarray) -> np.ndarray:
        array = np.asarray(y)
        if array.ndim != 2 or array.shape[1] != self.responses:
            raise DataError(
                f"the target must have two dimensions, rows and {self.responses} responses; it has shape {array.shape}"
            )
        return np.column_stack([self.alone.check(column) for column in array.T])

    def value(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        return np.asarray(0.5 * ((y - eta) ** 2).sum(axis=1))

    def slope(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        return eta - y

    def curvature(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        return np.broadcast_to(np.eye(self.responses), (len(y), self.responses, self.responses))

    def lever(self, y: np.ndarray, slope: np.ndarray) -> np.ndarray:
        return np.asarray((slope**2).sum(axis=1))

    def young(self, y: np.ndarray, eta: np.ndarray, scale: np.ndarray) -> np.ndarray:
        return np.asarray(0.5 * (((1 - scale) * (eta - y)) ** 2).sum(axis=1))

    def null(self, y: np.ndarray, weight: np.ndarray, offset: np.ndarray) -> np.ndarray:
        return np.asarray(weight @ (y - offset[:, None]))

    def response(self, eta: np.ndarray) -> np.ndarray:
        return eta

    @classmethod
    def specimens(cls) -> Iterator[tuple[Loss, np.ndarray]]:
        first = np.array([-3.0, 0.0, 0.5, 12.0, 1.0, 2.5])
        yield cls(), np.column_stack([first, 1 - 0.3 * first**2])
        yield cls(3), np.column_stack([first, np.cos(first), np.full(6, 4.0)])
