"""Mutual information through a layer of noisy units, for inputs that are some rows, each as likely as the others.

Given a row with activities mu, the units are independent,

    t_j = m_j mu_j / (1 - rate) + e_j,    m_j = 1 with probability 1 - rate, else 0,    e_j ~ N(0, noise^2),

so that p(t | row) is a product, and p(t) = 1/n sum_i p(t | row i) a mixture that is known exactly. Then

    I(X; T) = mean over rows and t of  log p(t | row) - log p(t)      by Monte Carlo, free of bias, with a standard
    error
            >= -1/n sum_i log 1/n sum_j exp(-B(i, j))                 B the Bhattacharyya distance of p(. | i), p(. | j)
            <= -1/n sum_i log 1/n sum_j exp(-KL(i || j))              (Kolchinsky and Tracey 2017, Entropy 19, eqs 10,
            13)

and none exceeds log n. All are about these n rows: more rows of the same kind can be told from each other as well, so
that on average they stay below what all possible rows would give, and come near it as long as they stay well below log
n (Goldfeld and others 2019, "Estimating information flow in deep neural networks", section 4).

I(T; Y) is bounded from below by what a decoder q(y | t) tells, H(Y) + mean log q(y | t) (Barber and Agakov 2003).
Decoders see the other half of the rows, or all other rows: a multinomial logistic regression on t, as the next layer
of a net is one; and a vote of the rows, weighted by p(t | row)^power. Which of them, the power, and the share that
falls back to how common a class is, are chosen on one half of the rows for the other half, so that the bound is not
flattered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rightfit.errors import OptionError

DRAWS = 4
"""Noisy readings of every row."""
_POWERS = (1.0, 0.5, 0.25, 0.1, 0.03)
_BACK = (0.02, 0.1, 0.3, 1.0)
_PENALTIES = (1.0, 100.0)
_FINE = 4
"""Points within one deviation of the noise at which densities of a unit are added up."""
_MOST_POINTS = 4_000
_REACH = 6.0
"""Deviations of the noise beyond which no density is left."""

Told = tuple[float, float]
"""An estimate and its standard error, in nats."""


@dataclass(frozen=True)
class Channel:
    """A layer's activities of n rows, and what falls on them.

    Raises OptionError where nothing random falls on the units, or dropout alone.
    """

    activity: np.ndarray
    """(n, h)"""
    noise: float
    rate: float = 0.0

    def __post_init__(self) -> None:
        if not self.noise > 0:
            raise OptionError(
                "a layer without noise is a function of its inputs: what it tells of continuous ones is infinite, or a "
                "constant, and no estimate means anything; give a noise above 0 (dropout alone leaves the kept units "
                "exact)"
            )
        if not 0 <= self.rate < 1:
            raise OptionError(f"rate: the share of units that are dropped lies in [0, 1), {self.rate} was given")

    @property
    def centre(self) -> np.ndarray:
        """(n, h) where the units lie when they are kept."""
        return self.activity / (1 - self.rate)

    def read(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """(r, h) one noisy reading of each of some rows."""
        kept = rng.random((len(rows), self.activity.shape[1])) >= self.rate
        return np.asarray(self.centre[rows] * kept + self.noise * rng.normal(size=kept.shape))

    def density(self, readings: np.ndarray) -> np.ndarray:
        """(r, n) log p(t | row) of readings (r, h), without the constant that all have in common."""
        found = np.zeros((len(readings), len(self.activity)))
        for t, mu in zip(readings.T, self.centre.T, strict=True):
            found += self._log_unit(t[:, None], mu[None, :])
        return found

    def _log_unit(self, t: np.ndarray, mu: np.ndarray) -> np.ndarray:
        near = -(((t - mu) / self.noise) ** 2) / 2
        if not self.rate:
            return near
        return np.asarray(np.logaddexp(near + np.log(1 - self.rate), -((t / self.noise) ** 2) / 2 + np.log(self.rate)))

    def bounds(self) -> tuple[float, float]:
        """Lower and upper bound of I(X; T), in nats."""
        n = len(self.activity)
        affinity, divergence = np.zeros((n, n)), np.zeros((n, n))
        for density, width in self._unit_densities():
            root = np.sqrt(density)
            affinity += np.log(np.maximum(root @ root.T * width, 1e-300))
            log = np.log(np.maximum(density, 1e-300))
            divergence += ((density * log).sum(axis=1)[:, None] - density @ log.T) * width
        low, high = np.minimum(affinity, 0.0), -np.maximum(divergence, 0.0)
        return -float(np.mean(_log_mean(low))), -float(np.mean(_log_mean(high)))

    def _unit_densities(self) -> Iterator[tuple[np.ndarray, float]]:
        """(n, q) densities of each unit given each row at points that lie so far apart."""
        for mu in self.centre.T:
            low, high = min(float(mu.min()), 0.0), max(float(mu.max()), 0.0)
            span = high - low + 2 * _REACH * self.noise
            points = min(_MOST_POINTS, int(np.ceil(span / self.noise * _FINE)) + 1)
            t = np.linspace(low - _REACH * self.noise, high + _REACH * self.noise, points)
            log = self._log_unit(t[None, :], mu[:, None]) - np.log(self.noise * np.sqrt(2 * np.pi))
            yield np.exp(log), float(t[1] - t[0])

    def inputs(self, rng: np.random.Generator) -> Told:
        """I(X; T)."""
        rows = np.arange(len(self.activity))
        gained = np.zeros(len(rows))
        for _ in range(DRAWS):
            log = self.density(self.read(rows, rng))
            gained += (log[rows, rows] - _log_mean(log)) / DRAWS
        return _mean(gained)

    def target(self, label: np.ndarray, rng: np.random.Generator) -> Told:
        """The bound of I(T; Y) for classes (n,) that are numbered from 0; negative where no decoder knows anything."""
        n, count = len(label), int(label.max()) + 1
        share = np.bincount(label, minlength=count) / n
        half = rng.permutation(n) < n // 2
        readings = [self.read(np.arange(n), rng) for _ in range(DRAWS)]
        lost = np.concatenate([self._vote(readings, label, share), _regress(readings, label, share, half)])
        found = np.empty(n)
        for one in (half, ~half):
            found[one] = lost[np.argmin(lost[:, ~one].mean(axis=1)), one]
        return _mean(-np.log(share[label]) - found)

    def _vote(self, readings: list[np.ndarray], label: np.ndarray, share: np.ndarray) -> np.ndarray:
        """(decoders, n) mean losses of votes by all other rows."""
        rows = np.arange(len(label))
        member = label[:, None] == np.arange(len(share))
        lost = np.zeros((len(_POWERS), len(_BACK), len(label)))
        for t in readings:
            log = self.density(t)
            log[rows, rows] = -np.inf
            log -= log.max(axis=1, keepdims=True)
            for a, power in enumerate(_POWERS):
                vote = np.exp(power * log) @ member
                lost[a] += _fall_back(vote[rows, label] / vote.sum(axis=1), share[label]) / len(readings)
        return lost.reshape(-1, len(label))


def _regress(readings: list[np.ndarray], label: np.ndarray, share: np.ndarray, half: np.ndarray) -> np.ndarray:
    """(decoders, n) mean losses of logistic regressions that were taught by the other half of the rows."""
    from sklearn.linear_model import LogisticRegression

    lost = np.zeros((len(_PENALTIES), len(_BACK), len(label)))
    for teaching in (half, ~half):
        judged = np.flatnonzero(~teaching)
        if len(np.unique(label[teaching])) < 2:
            lost[:, :, judged] = np.inf
            continue
        t = np.concatenate([one[teaching] for one in readings])
        mean, size = t.mean(axis=0), np.maximum(t.std(axis=0), 1e-12)
        for a, penalty in enumerate(_PENALTIES):
            fit = LogisticRegression(C=1 / penalty, max_iter=300).fit(
                (t - mean) / size, np.tile(label[teaching], DRAWS)
            )
            known = np.zeros((len(share),), np.int64) - 1
            known[fit.classes_] = np.arange(len(fit.classes_))
            place = known[label[judged]]
            for one in readings:
                said = fit.predict_proba((one[judged] - mean) / size)
                own = np.where(place < 0, 0.0, said[np.arange(len(judged)), place])
                lost[a][:, judged] += _fall_back(own, share[label[judged]]) / len(readings)
    return lost.reshape(-1, len(label))


def _fall_back(own: np.ndarray, share: np.ndarray) -> np.ndarray:
    """(shares that fall back, n) losses of decoders that give a row's own class these probabilities (n,)."""
    back = np.array(_BACK)[:, None]
    return np.asarray(-np.log((1 - back) * own + back * share))


def _log_mean(log: np.ndarray) -> np.ndarray:
    """(r,) log of the mean of exp over columns."""
    top = log.max(axis=1)
    return np.asarray(top + np.log(np.exp(log - top[:, None]).mean(axis=1)))


def _mean(values: np.ndarray) -> Told:
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
