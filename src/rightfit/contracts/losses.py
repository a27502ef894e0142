"""What a prediction costs a row."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np

Predicts = Literal["number", "amount", "count", "probability", "class", "risk"]
"""What `Loss.response` is: any number, a positive amount, an expected count, the probability of an event, one
probability a class, or a risk relative to that of others."""


class Loss(ABC):
    """What a linear predictor eta costs a row with target y; a fit minimizes the weighted *mean* over rows.

    Arrays are (n,) and, for losses of several outputs, eta and its derivatives have a trailing axis C.
    """

    name: ClassVar[str]
    measure: ClassVar[str]
    """What the mean loss is, in words."""
    predicts: ClassVar[Predicts]
    """What a response is. A ``"number"`` is in the unit of the target, and so is eta."""
    mean: ClassVar[bool] = True
    """The response is the mean of the target; otherwise another centre, or a quantile."""
    quadratic: ClassVar[bool] = False
    """True where the curvature is one everywhere: a fit is then a single quadratic."""
    coupled: ClassVar[bool] = False
    """True where a row's loss depends on other rows (the risk sets of survival times): weights then belong to the loss,
    see `bind`, and every resample has a loss of its own."""
    level_free: ClassVar[bool] = False
    """True where a constant added to eta changes nothing: the intercept is then set so that the mean predictor of the
    fit's rows is 0."""
    relative: ClassVar[bool] = False
    """True where a constant added to all outputs of a row changes nothing (classes): intercepts are then reported with
    mean 0."""
    steady: ClassVar[bool] = False
    """True where young(scale) <= (1 - scale)^2 / (2 scale) * slope' (curvature)^-1 slope for 0 < scale <= 1, which
    spares its evaluation: the conjugate's second derivative from scale * slope to slope is at most 1 / (scale *
    curvature)."""
    dispersion: ClassVar[float] = 0.0
    """e where the size of the noise is not in the loss and must be estimated: minus twice the log likelihood is then
    e n log(mean loss) up to a constant, with e = 1 for squares and deviances, 2 for absolute errors. 0 where the loss
    is minus the log likelihood itself."""
    always_optimal: ClassVar[bool] = False
    """True where a finite optimum exists for all data, with or without a penalty."""

    @property
    def outputs(self) -> int:
        """C: number of linear predictors of a row."""
        return 1

    @property
    def alone(self) -> Loss | None:
        """The loss of each output by itself, with its column of the target, where that is all there is to the loss:
        outputs then meet in the penalty, if at all."""
        return None

    @abstractmethod
    def check(self, y: np.ndarray) -> np.ndarray:
        """The target as float64 ready for the other methods; RowError names the first impossible value."""

    @abstractmethod
    def value(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """(n,) loss per row, zero for a perfect prediction where one exists."""

    @abstractmethod
    def slope(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """First derivative in eta: (n,) or (n, C)."""

    @abstractmethod
    def curvature(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Curvature of the quadratics that stand for the loss, >= 0: (n,) or (n, C, C). It is the second derivative,
        or more than that where a Newton step would otherwise be unsound (the loss is flat there, or a line)."""

    def between(self, eta: np.ndarray) -> np.ndarray | None:
        """For a loss that a constant added to all outputs does not change, what `curvature` has between two of them,
        without its sign: (C (C - 1) / 2, n), in the order of ``np.tril_indices(C, -1)``. Else None."""
        return None

    def second_derivative(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Second derivative in eta, >= 0: (n,) or (n, C, C); what statistics take."""
        return self.curvature(y, eta)

    def derivatives(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`slope` and `curvature` together, for losses of which they share the costly part."""
        return self.slope(y, eta), self.curvature(y, eta)

    def lever(self, y: np.ndarray, slope: np.ndarray) -> np.ndarray:
        """(n,) slope' (curvature)^-1 slope of a steady loss of several outputs, from the slope (n, C) alone."""
        raise NotImplementedError(f"{self.name} has one output")

    @abstractmethod
    def young(self, y: np.ndarray, eta: np.ndarray, scale: np.ndarray) -> np.ndarray:
        """(n,) Fenchel-Young excess value(eta) + conjugate(u) - eta u >= 0 at the dual point u = scale *
        slope(eta), 0 <= scale <= 1, without cancellation: zero where scale is 1. ``scale`` is a number or
        broadcasts against the rows. The duality gap is a weighted mean of these plus the penalty's share."""

    @abstractmethod
    def null(self, y: np.ndarray, weight: np.ndarray, offset: np.ndarray) -> np.ndarray:
        """(C,) the best constant: argmin over b of sum weight * value(y, offset + b); weight sums to one.
        May be infinite (one class only, all counts zero): the caller says so."""

    @abstractmethod
    def response(self, eta: np.ndarray) -> np.ndarray:
        """Mean of y given eta (or what `mean` says): identity, probability, exp: shape of eta."""

    @classmethod
    def suggest(cls, y: np.ndarray, weight: np.ndarray) -> dict[str, float]:
        """Every parameter that a user may tell, with what suits a checked target where nothing is told."""
        return {}

    def bind(self, weight: np.ndarray) -> Loss:
        """The loss with these row weights (n,) inside; itself where rows are independent. The weighted total of `value`
        is then the objective, that of `slope` its gradient (each divided by the row's weight), `second_derivative` the
        diagonal of its second derivative (likewise), and the weighted total of `young` at least its excess."""
        return self

    def shared(self, y: np.ndarray, eta: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """(k, q) what couples the rows along columns X (n, q): M such that X' diag(weight * curvature) X - M'M is the
        objective's second derivative, whatever multiple of the ones is added to a column. No rows (0, q) where the rows
        are independent."""
        return np.zeros((0, columns.shape[1]))

    def judge(self, y: np.ndarray, eta: np.ndarray, teaching: np.ndarray, judging: np.ndarray) -> np.ndarray:
        """(..., n) what each judged row adds to the loss of the teaching rows, per unit of its weight; 0 for others.
        ``teaching`` and ``judging`` are (n,) weights, no row has both."""
        return np.where(judging > 0, self.value(y, eta), 0.0)

    def measures(self, y: np.ndarray, eta: np.ndarray, weight: np.ndarray, part: np.ndarray) -> dict[str, float]:
        """Metrics of its own that are no mean over rows, by name; ``part`` (n,) numbers the model that predicted a
        row, where predictions of different models cannot be compared."""
        return {}

    def baseline(self, y: np.ndarray, eta: np.ndarray, weight: np.ndarray) -> dict[str, np.ndarray]:
        """What predictions over time need besides a row's predictor, estimated from rows with predictors eta (n,):
        arrays by name, for `survive`. Nothing where the target is no time."""
        return {}

    def survive(
        self, baseline: dict[str, np.ndarray], eta: np.ndarray, stratum: np.ndarray, times: np.ndarray
    ) -> np.ndarray:
        """(n, k) probabilities that nothing has happened by each of ``times`` (k,); NaN beyond what was watched."""
        raise NotImplementedError(f"{self.name} knows no times")

    @classmethod
    @abstractmethod
    def specimens(cls) -> Iterator[tuple[Loss, np.ndarray]]:
        """Instances with targets that the laws try."""
