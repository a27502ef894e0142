"""Cox's partial likelihood for times until an event, some of them cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar, final

import numpy as np
from scipy.special import xlogy

from rightfit.contracts import Loss, Predicts
from rightfit.errors import DataError, OptionError, RowError
from rightfit.losses._concordance import concordance
from rightfit.losses._risk_sets import RiskSets, log_sums

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
        both, taught = _Risk(y, teaching + judging, self.ties), _Risk(y, teaching, self.ties)
        return _each(eta, lambda one: both.added(taught, judging, one))

    def measures(self, y: np.ndarray, eta: np.ndarray, weight: np.ndarray, part: np.ndarray) -> dict[str, float]:
        """Harrell's concordance, see `rightfit.losses._concordance`."""
        return {"concordance": concordance(y, eta, weight, part)}

    @classmethod
    def specimens(cls) -> Iterator[tuple[Loss, np.ndarray]]:
        time = np.array([5.0, 2.0, 2.0, 9.0, 4.0, 2.0, 7.0, 5.0])
        event = np.array([1.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0])
        never = np.full(8, -np.inf)
        yield cls(ties="breslow"), np.column_stack([time, event, never, np.zeros(8)])
        yield cls(ties="efron"), np.column_stack([time, event, never, np.zeros(8)])
        entry = np.array([0.0, 1.0, 0.0, 4.0, 2.5, 0.5, 4.0, 1.0])
        yield cls(ties="efron"), np.column_stack([time, event, entry, [0.0, 0, 0, 1, 1, 0, 1, 1]])

    def _risk(self, y: np.ndarray) -> _Risk:
        """The risk sets of y under the bound weights, kept for the y that was seen last."""
        if self._seen.get("y") is not y:
            weight = np.ones(len(y)) if self.weight is None else self.weight
            if len(weight) != len(y):
                raise DataError(f"the loss is bound to {len(weight)} rows, the target has {len(y)}")
            self._seen["risk"] = _Risk(y, weight, self.ties)
            self._seen["y"] = y
        risk = self._seen["risk"]
        assert isinstance(risk, _Risk)
        return risk


@dataclass(frozen=True)
class _Terms:
    """The sums of a partial likelihood at one eta (n,), as logarithms."""

    risk: np.ndarray
    """(n,) log w + eta"""
    tied: np.ndarray
    """(m,) log D"""
    term: np.ndarray
    """(terms,) log(S - l/d D)"""


class _Risk:
    """Risk sets with weights and ties; a group has d terms, l = 0 .. d-1 (Efron), or the first alone (Breslow)."""

    def __init__(self, y: np.ndarray, weight: np.ndarray, ties: str):
        self._last: tuple[np.ndarray, _Terms] | None = None
        self.sets = sets = RiskSets(y, weight)
        self.weight = weight
        with np.errstate(divide="ignore"):
            self.log_weight = np.log(weight)
        terms = sets.count if ties == "efron" else np.ones_like(sets.count)
        self.group = np.repeat(np.arange(sets.groups), terms)
        self.starts = (np.cumsum(terms) - terms).astype(np.int64)
        self.share = 1.0 / terms[self.group]
        self.part = (np.arange(len(self.group)) - self.starts[self.group]) * self.share
        """(terms,) l/d"""
        self.price = np.log(sets.weight[self.group] * self.share)
        """(terms,) log of the weight of a term"""
        self.perfect = np.log(sets.weight) + self.average(np.log1p(-self.part))
        """(m,) what the terms of a group are at least, above mean eta"""

    def terms(self, eta: np.ndarray) -> _Terms:
        """The sums at eta; those of the eta that was asked for last are kept."""
        if self._last is None or not np.array_equal(self._last[0], eta):
            self._last = eta.copy(), self._sum(eta)
        return self._last[1]

    def _sum(self, eta: np.ndarray) -> _Terms:
        risk = self.log_weight + eta
        total, tied = self.sets.gather(risk), self.sets.tied(risk)
        inside = np.exp(np.minimum(tied - total, 0.0))
        return _Terms(risk, tied, total[self.group] + np.log1p(-self.part * inside[self.group]))

    def average(self, values: np.ndarray) -> np.ndarray:
        """(m,) mean over the terms of each group."""
        return np.asarray(np.add.reduceat(values * self.share, self.starts)) if len(self.starts) else np.zeros(0)

    def loss(self, at: _Terms, eta: np.ndarray) -> np.ndarray:
        """(n,) loss of each row."""
        sets = self.sets
        group = self.average(at.term) - self.perfect - sets.mean(eta, self.weight)
        out = np.zeros(len(eta))
        out[sets.events] = np.maximum(group, 0.0)[sets.group]
        return out

    def expected(self, at: _Terms, eta: np.ndarray) -> np.ndarray:
        """(n,) events expected of each row: exp(eta) times the hazard that it has been exposed to."""
        return self._exposed(eta, self.price - at.term, np.log(np.maximum(self.part, 1e-300)), self.part > 0)

    def means(self, at: _Terms, columns: np.ndarray) -> np.ndarray:
        """(terms, q) means of the columns under the shares of risk, times the root of the term's weight. A risk set
        whose risks are all below 1e-300 of the largest has none: that makes Newton's model wider, not wrong."""
        sets = self.sets
        top = at.risk.max(initial=-np.inf)
        risk = np.exp(at.risk - top)
        weighted = risk[:, None] * columns
        sums = sets.sums(weighted)[self.group]
        if sets.groups:
            sums -= self.part[:, None] * np.add.reduceat(weighted[sets.events], sets.starts)[self.group]
        size = np.exp(0.5 * self.price - (at.term - top))
        return np.asarray(np.where(np.isfinite(size), size, 0.0)[:, None] * sums)

    def second_derivative(self, at: _Terms, eta: np.ndarray) -> np.ndarray:
        """(n,) for each term p (1 - p) of the row's share p, summed."""
        less = 1 - (1 - self.part) ** 2
        own = self._exposed(at.risk + eta, self.price - 2 * at.term, np.log(np.maximum(less, 1e-300)), less > 0)
        return np.asarray(np.maximum(self.expected(at, eta) - own, 0.0))

    def _exposed(self, level: np.ndarray, term: np.ndarray, less: np.ndarray, tied: np.ndarray) -> np.ndarray:
        """(n,) exp(level) times the sum of exp(term) over the terms that a row is at risk at; for events of a tied
        group, exp(less) of its terms are taken off."""
        sets = self.sets
        out = np.exp(level + sets.spread(log_sums(term, self.starts)))
        off = log_sums(np.where(tied, term + less, -np.inf), self.starts)
        out[sets.events] -= np.exp(level[sets.events] + off[sets.group])
        return np.asarray(np.maximum(out, 0.0))

    def excess(self, at: _Terms, eta: np.ndarray, scale: float) -> np.ndarray:
        """(n,) `Cox.young`: divergences between events and others, plus inside the events."""
        sets = self.sets
        with np.errstate(divide="ignore"):
            stay, leave = np.log(scale), np.log1p(-scale)
        mass = np.minimum(np.log1p(-self.part) + at.tied[self.group] - at.term, 0.0)  # log of the events' share P
        events = scale * np.exp(mass) + (1 - scale)
        between = xlogy(-scale * np.expm1(mass), scale) + events * np.logaddexp(stay, leave - mass)
        away = (1 - scale) / events  # how much of the events' distribution is e rather than p
        last = np.concatenate([self.starts[1:], [len(away)]]).astype(np.int64) - 1
        most = away[last]
        p = at.risk[sets.events] - at.tied[sets.group]
        e = self.log_weight[sets.events] - np.log(sets.weight)[sets.group]
        far = most[sets.group]
        with np.errstate(divide="ignore"):
            ratio = np.logaddexp(np.log1p(-far), np.log(far) + e - p)
        mixed = (1 - far) * np.exp(p) + far * np.exp(e)
        inside = np.add.reduceat(xlogy_log(mixed, ratio), sets.starts) if sets.groups else np.zeros(0)
        chord = np.divide(away, most[self.group], out=np.zeros_like(away), where=most[self.group] > 0)
        group = self.average(between + events * chord * np.maximum(inside, 0.0)[self.group])
        out = np.zeros(len(eta))
        out[sets.events] = np.maximum(group, 0.0)[sets.group]
        return out

    def added(self, taught: _Risk, judging: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """(n,) `Cox.judge`: per unit of a judged row's weight, 0 for others."""
        sets = self.sets
        place = np.searchsorted(sets.keys, taught.sets.keys)  # both number the same rows
        level, perfect, weight = self.average(self.terms(eta).term), self.perfect, np.zeros(sets.groups)
        weight[place] = taught.sets.weight
        before, perfect_before = level.copy(), perfect.copy()
        before[place], perfect_before[place] = taught.average(taught.terms(eta).term), taught.perfect
        judged = sets.weight - weight
        gain = weight * (perfect_before - perfect)
        own = level - perfect - sets.mean(eta, judging)
        own += np.divide(gain, judged, out=np.zeros_like(gain), where=judged > 1e-12 * sets.weight)
        out = np.zeros(len(eta))
        out[sets.events] = own[sets.group]
        with np.errstate(divide="ignore"):
            exposed = sets.gather(np.log(judging) + eta)
            change = weight * (level - before)
            for sign in (1.0, -1.0):
                size = np.where((sign * change > 0) & np.isfinite(exposed), np.log(np.abs(change)) - exposed, -np.inf)
                out += sign * np.exp(eta + sets.spread(size))
        return np.where(judging > 0, out, 0.0)


def xlogy_log(x: np.ndarray, log: np.ndarray) -> np.ndarray:
    """x * log, 0 where x is."""
    return np.where(x > 0, x * np.where(x > 0, log, 0.0), 0.0)


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
