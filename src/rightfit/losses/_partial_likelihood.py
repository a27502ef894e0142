"""The partial likelihood of survival times at some predictors: its loss, derivatives, duality and parts, by row.

Formulas are in `rightfit.losses.cox`; sums over risk sets in `rightfit.losses._risk_sets`. Arrays of groups are (m,),
those of terms (terms,): a group of d tied events has d terms, or one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from rightfit.losses._risk_sets import RiskSets, log_sums


@dataclass(frozen=True)
class Terms:
    """The sums of a partial likelihood at one eta (n,), as logarithms."""

    risk: np.ndarray
    """(n,) log w + eta"""
    tied: np.ndarray
    """(m,) log D"""
    term: np.ndarray
    """(terms,) log(S - l/d D)"""


class PartialLikelihood:
    """Risk sets with weights and ties; a group has d terms, l = 0 .. d-1 (Efron), or the first alone (Breslow)."""

    def __init__(self, y: np.ndarray, weight: np.ndarray, ties: str):
        self._last: tuple[np.ndarray, Terms] | None = None
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

    def terms(self, eta: np.ndarray) -> Terms:
        """The sums at eta; those of the eta that was asked for last are kept."""
        if self._last is None or not np.array_equal(self._last[0], eta):
            self._last = eta.copy(), self._sum(eta)
        return self._last[1]

    def _sum(self, eta: np.ndarray) -> Terms:
        risk = self.log_weight + eta
        total, tied = self.sets.gather(risk), self.sets.tied(risk)
        inside = np.exp(np.minimum(tied - total, 0.0))
        return Terms(risk, tied, total[self.group] + np.log1p(-self.part * inside[self.group]))

    def average(self, values: np.ndarray) -> np.ndarray:
        """(m,) mean over the terms of each group."""
        return np.asarray(np.add.reduceat(values * self.share, self.starts)) if len(self.starts) else np.zeros(0)

    def loss(self, at: Terms, eta: np.ndarray) -> np.ndarray:
        """(n,) loss of each row."""
        sets = self.sets
        group = self.average(at.term) - self.perfect - sets.mean(eta, self.weight)
        out = np.zeros(len(eta))
        out[sets.events] = np.maximum(group, 0.0)[sets.group]
        return out

    def expected(self, at: Terms, eta: np.ndarray) -> np.ndarray:
        """(n,) events expected of each row: exp(eta) times the hazard that it has been exposed to."""
        return self._exposed(eta, self.price - at.term, np.log(np.maximum(self.part, 1e-300)), self.part > 0)

    def means(self, at: Terms, columns: np.ndarray) -> np.ndarray:
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

    def second_derivative(self, at: Terms, eta: np.ndarray) -> np.ndarray:
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

    def excess(self, at: Terms, eta: np.ndarray, scale: float) -> np.ndarray:
        """(n,) `rightfit.losses.cox.Cox.young`: divergences between events and others, plus inside the events."""
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

    def added(self, taught: PartialLikelihood, judging: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """(n,) `rightfit.losses.cox.Cox.judge`: per unit of a judged row's weight, 0 for others."""
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
