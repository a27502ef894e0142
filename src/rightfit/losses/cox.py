"""Cox's partial likelihood for times until an event, some of them cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar, final

import numpy as np

from rightfit.contracts import Loss, Predicts
from rightfit.errors import DataError, OptionError, RowError
from rightfit.losses._baseline import estimate_baseline, survive
from rightfit.losses._concordance import concordance
from rightfit.losses._partial_likelihood import PartialLikelihood

TIES = ("efron", "breslow")


@final
@dataclass(frozen=True)
class Cox(Loss):
    """Half the deviance of the partial likelihood (Cox 1972): for an event of row i among those at risk, R(i),

        value = log( sum_{j in R(i)} w_j exp(eta_j) ) - eta_i - log w_i,

    zero where row i is certain to be the one, and 0 for rows without an event. exp(eta) is a risk relative to others:
    a constant added to eta changes nothing, and there is no intercept.

    The target y is (n, 2) to (n, 4): time, event (1, or 0 where the row was only seen until then), entry (the time from
    which the row was watched; -inf where it always was) and stratum (a number; only rows of one stratum are compared).
    Row j is at risk at time t where entry_j < t <= time_j.

    Tied events share their loss. With W their weight, D the sum of w exp(eta) over them and S the one over their risk
    set, each of d tied events costs ``log S - log W - mean eta`` (``ties="breslow"``, Peto 1972), or with
    ``ties="efron"`` (1977) the mean over l = 0 .. d-1 of ``log(S - l/d D) - log(W (1 - l/d))``, less mean eta. Under
    Efron's a row of weight 2 is not the row twice, since d counts rows.

    The weights of the risk sets are those that `bind` gives; all 1 without.
    """

    ties: str = "efron"
    weight: np.ndarray | None = field(default=None, repr=False, compare=False)
    _seen: dict[str, object] = field(default_factory=dict, repr=False, compare=False)
    name: ClassVar[str] = "cox"
    measure: ClassVar[str] = "partial likelihood deviance / 2"
    predicts: ClassVar[Predicts] = "risk"
    mean: ClassVar[bool] = False
    coupled: ClassVar[bool] = True
    level_free: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.ties not in TIES:
            raise OptionError(f"ties must be one of {', '.join(map(repr, TIES))}, {self.ties!r} was given")

    def bind(self, weight: np.ndarray) -> Cox:
        return replace(self, weight=np.asarray(weight, dtype=np.float64), _seen={})

    def check(self, y: np.ndarray) -> np.ndarray:
        return check_times(y)

    def value(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        risk = self._risk(y)
        return _each(eta, lambda one: risk.loss(risk.terms(one), one))

    def slope(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        risk = self._risk(y)
        return _each(eta, lambda one: risk.expected(risk.terms(one), one) - y[:, 1])

    def curvature(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """The events expected of a row: alone, they lie above the second derivative as a matrix, see `shared`."""
        risk = self._risk(y)
        return _each(eta, lambda one: risk.expected(risk.terms(one), one))

    def second_derivative(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """The diagonal of the second derivative, divided by the row's weight (Simon et al. 2011, section 2.1)."""
        risk = self._risk(y)
        return _each(eta, lambda one: risk.second_derivative(risk.terms(one), one))

    def shared(self, y: np.ndarray, eta: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """One row a term: the mean of the columns over its risk set, times the root of its weight."""
        risk = self._risk(y)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return risk.means(risk.terms(eta), columns)

    def young(self, y: np.ndarray, eta: np.ndarray, scale: np.ndarray) -> np.ndarray:
        """An upper bound of the excess, 0 where scale is 1. The loss is a sum over events of log-sum-exps, whose
        conjugates are entropies on the simplex. At u = scale * slope, the one of a group of tied events stands
        at q = scale p + (1 - scale) e, p the shares of risk and e those of the events, and exceeds its tangent by
        the divergence of q from p. The conjugate of a sum is at most the sum of conjugates. With Efron's ties the
        part inside a tied group is bounded by a chord in l."""
        risk = self._risk(y)
        scales = np.broadcast_to(scale, eta.shape).reshape(-1, eta.shape[-1])[:, 0]
        rest = iter(scales)
        return _each(eta, lambda one: risk.excess(risk.terms(one), one, float(next(rest))))

    def null(self, y: np.ndarray, weight: np.ndarray, offset: np.ndarray) -> np.ndarray:
        """Any constant is as good as 0; -inf where no row of positive weight has an event."""
        return np.zeros(1) if ((y[:, 1] == 1) & (weight > 0)).any() else np.full(1, -np.inf)

    def response(self, eta: np.ndarray) -> np.ndarray:
        """The relative risk, exp(eta)."""
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(eta))

    def judge(self, y: np.ndarray, eta: np.ndarray, teaching: np.ndarray, judging: np.ndarray) -> np.ndarray:
        """What judged rows add to the loss of the teaching ones (Verweij and van Houwelingen 1993): the loss of both
        together less that of the teaching rows alone.

        A judged event costs what it costs among all rows at risk; a judged row that is at risk when a teaching row has
        its event makes that event less certain, and bears its part of that by exp(eta)."""
        both, taught = PartialLikelihood(y, teaching + judging, self.ties), PartialLikelihood(y, teaching, self.ties)
        return _each(eta, lambda one: both.added(taught, judging, one))

    def measures(self, y: np.ndarray, eta: np.ndarray, weight: np.ndarray, part: np.ndarray) -> dict[str, float]:
        """Harrell's concordance, see `rightfit.losses._concordance`."""
        return {"concordance": concordance(y, eta, weight, part)}

    def baseline(self, y: np.ndarray, eta: np.ndarray, weight: np.ndarray) -> dict[str, np.ndarray]:
        """The cumulative hazard of every stratum, see `rightfit.losses._baseline`."""
        return estimate_baseline(y, eta, weight, self.ties)

    def survive(
        self, baseline: dict[str, np.ndarray], eta: np.ndarray, stratum: np.ndarray, times: np.ndarray
    ) -> np.ndarray:
        """exp(-H exp(eta))"""
        return survive(baseline, eta, stratum, times)

    @classmethod
    def specimens(cls) -> Iterator[tuple[Loss, np.ndarray]]:
        time = np.array([5.0, 2.0, 2.0, 9.0, 4.0, 2.0, 7.0, 5.0])
        event = np.array([1.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0])
        never = np.full(8, -np.inf)
        yield cls(ties="breslow"), np.column_stack([time, event, never, np.zeros(8)])
        yield cls(ties="efron"), np.column_stack([time, event, never, np.zeros(8)])
        entry = np.array([0.0, 1.0, 0.0, 4.0, 2.5, 0.5, 4.0, 1.0])
        yield cls(ties="efron"), np.column_stack([time, event, entry, [0.0, 0, 0, 1, 1, 0, 1, 1]])

    def _risk(self, y: np.ndarray) -> PartialLikelihood:
        """The risk sets of y under the bound weights, kept for the y that was seen last."""
        if self._seen.get("y") is not y:
            weight = np.ones(len(y)) if self.weight is None else self.weight
            if len(weight) != len(y):
                raise DataError(f"the loss is bound to {len(weight)} rows, the target has {len(y)}")
            self._seen["risk"] = PartialLikelihood(y, weight, self.ties)
            self._seen["y"] = y
        risk = self._seen["risk"]
        assert isinstance(risk, PartialLikelihood)
        return risk


def check_times(y: np.ndarray) -> np.ndarray:
    """(n, 4) time, event, entry, stratum; RowError names the first impossible row."""
    array = np.asarray(y)
    if array.ndim != 2 or not 2 <= array.shape[1] <= 4:
        raise DataError(
            "the target must have two dimensions, (n, 2) to (n, 4): time, event, entry, stratum; its shape is "
            f"{array.shape}"
        )
    try:
        array = np.ascontiguousarray(array, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"the target must hold numbers: {error}") from None
    n, given = array.shape
    out = np.column_stack([array, np.full((n, 4 - given), [-np.inf, 0.0][given - 2 :])]) if given < 4 else array
    time, event, entry, stratum = out.T
    _refuse(~np.isfinite(time), time, "time", "a finite number")
    _refuse((event != 0) & (event != 1), event, "event", "1 for an event, 0 where there was none")
    _refuse(~((entry < time) & (entry < np.inf)), entry, "entry", "a time before the row's own time")
    _refuse(~np.isfinite(stratum), stratum, "stratum", "a number")
    return out


def _refuse(bad: np.ndarray, values: np.ndarray, what: str, wants: str) -> None:
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise RowError(f"{what} of the target in row {row} is {values[row]:g}: expected {wants}")


def _each(eta: np.ndarray, what: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """``what`` of every predictor along the last axis."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return np.stack([what(one) for one in eta.reshape(-1, eta.shape[-1])]).reshape(eta.shape)
