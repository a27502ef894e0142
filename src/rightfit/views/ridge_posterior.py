"""The exact posterior of ridge, at all strengths from one decomposition.

With theta | v ~ N(0, v/g I), g = n L2 the strength on the scale of sums, y | theta, v ~ N(Z theta, v I) on the centred
rows (see `rightfit.views.centred_rows`), N = n less the flat directions, Z = U D V' and c = U'y:

    theta | y, v  ~  N( V D c / (D^2 + g),  v (Z'Z + g I)^-1 )
    S(g) = |y|^2 - sum c^2 D^2 / (D^2 + g) = |y - Z theta|^2 + g |theta|^2

The noise is integrated out under p(v) = 1/v, so that theta has Student's distribution with N degrees of freedom and
scale v = S(g) / N (Zellner 1971, An Introduction to Bayesian Inference in Econometrics, chapter 3; Gelman et al. 2013,
Bayesian Data Analysis, section 14.8). A noise variance that is told leaves the normal distribution. The logarithm of
the marginal likelihood p(y | g) is, with the noise integrated out and up to a constant,

    l(g) = - 1/2 sum log(1 + D^2 / g) - N/2 log S(g)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg, stats

from rightfit.views.centred_rows import CentredRows


@dataclass(frozen=True)
class RidgePosterior:
    """All strengths at once; ``g`` below is n times the square part of the penalty, (K,) or a number, above 0."""

    rows: CentredRows
    left: np.ndarray
    """(m, r) U"""
    turn: np.ndarray
    """(q, r) V, columns in units of the penalty, see ``price``."""
    size: np.ndarray
    """(r,) D"""
    cross: np.ndarray
    """(r,) c"""
    rest: float
    """|y|^2 - |c|^2, what no column tells."""
    price: np.ndarray
    """(q,) square root of each column's penalty factor: theta_j times it has the prior of all."""
    noise: float | None
    """v where it was told."""

    @property
    def freedom(self) -> float:
        """N: degrees of freedom of Student's distribution; infinite where the noise was told."""
        return np.inf if self.noise is not None else self.rows.freedom

    def squares(self, g: Any) -> np.ndarray:
        """(K,) S(g)"""
        g = np.asarray(g, float)[..., None]
        return np.asarray(self.rest + (self.cross**2 / (1 + self.size**2 / g)).sum(axis=-1))

    def variance(self, g: Any) -> np.ndarray:
        """(K,) v: told, or S(g) / N."""
        found = self.squares(g) / self.rows.freedom
        return found if self.noise is None else np.full_like(found, self.noise)

    def mean(self, g: Any) -> np.ndarray:
        """(K, q) posterior means of theta."""
        g = np.asarray(g, float)[..., None]
        return np.asarray((self.size * self.cross / (self.size**2 + g)) @ self.turn.T / self.price)

    def deviation(self, g: Any) -> np.ndarray:
        """(K, q) posterior standard deviations of theta given v; the scale of Student's distribution."""
        g = np.asarray(g, float)[..., None]
        outside = np.maximum(1 - (self.turn**2).sum(axis=1), 0.0)
        if len(self.turn) == len(self.size):
            outside = np.zeros(len(self.turn))
        told = (1 / (self.size**2 + g)) @ (self.turn**2).T + outside / g
        return np.asarray(np.sqrt(told * self.variance(g[..., 0])[..., None]) / self.price)

    def covariance(self, g: float) -> np.ndarray:
        """(q, q) of theta given v."""
        full = -(self.turn * (self.size**2 / (g * (self.size**2 + g)))) @ self.turn.T
        full[np.diag_indices_from(full)] += 1 / g
        return np.asarray(full * float(self.variance(g)) / np.outer(self.price, self.price))

    def coefficients(self, g: float, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """(p,) posterior mean, scale, and ends of the central credible intervals of all coefficients, flat ones
        included, in the units of the columns. Excluded ones are 0."""
        rows = self.rows
        mean, _ = rows.complete(self.mean(g))
        scale = np.zeros(len(rows.scale))
        scale[rows.penalized] = self.deviation(g) / rows.scale[rows.penalized]
        if len(rows.flat):
            part = rows.taken[:-1]
            own = np.diag(rows.spread)[:-1] + self._doubt(part, g)
            scale[rows.flat] = np.sqrt(own * float(self.variance(g)))
        width = self.quantile(level) * scale
        return mean, scale, mean - width, mean + width

    def quantile(self, level: float) -> float:
        """Half the width of a central interval in scales."""
        return float(stats.t(self.freedom).ppf(0.5 + level / 2))

    def above(self, mean: np.ndarray, scale: np.ndarray, point: Any = 0.0) -> np.ndarray:
        """Posterior probability that a coefficient with this mean and scale lies above ``point``."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(stats.t(self.freedom).sf((point - mean) / scale))

    def predict(self, columns: np.ndarray, g: float, level: float) -> np.ndarray:
        """(m, 3) mean and ends of the predictive interval of new rows (m, p) in the units of the columns: the noise of
        one new value and the uncertainty of all coefficients together."""
        rows = self.rows
        coef, intercept = rows.complete(self.mean(g))
        mean = columns @ coef + intercept
        z = columns[:, rows.penalized] / rows.scale[rows.penalized]
        base = np.column_stack([columns[:, rows.flat], np.ones(len(columns))])
        z = z - base @ rows.taken
        spread = 1 + ((base @ rows.spread) * base).sum(axis=1)
        width = self.quantile(level) * np.sqrt(float(self.variance(g)) * (spread + self._doubt(z, g)))
        return np.column_stack([mean, mean - width, mean + width])

    def leverages(self, g: float) -> np.ndarray:
        """(m,) h: how much of each row's prediction is its own target, the flat part included; as
        `rightfit.views.centred_rows` orders the rows."""
        inside = (self.left**2 @ (self.size**2 / (self.size**2 + g))) if len(self.size) else 0.0
        return np.asarray(self.rows.flat_leverage + inside)

    def _doubt(self, z: np.ndarray, g: float) -> np.ndarray:
        """(m,) variances z' (Z'Z + g I)^-1 z, in units of v, of combinations z (m, q) of theta."""
        z = z / self.price
        away = z @ self.turn
        inside = (away**2 / (self.size**2 + g)).sum(axis=1)
        if len(self.turn) == len(self.size):
            return np.asarray(inside)
        return np.asarray(inside + np.maximum((z**2).sum(axis=1) - (away**2).sum(axis=1), 0.0) / g)

    def log_marginal(self, g: Any) -> np.ndarray:
        """(K,) log p(y | g): of the noise that was told, else integrated out, up to a constant that does not depend on
        g. Infinite g is the model without penalized columns."""
        g = np.asarray(g, float)
        spread = -0.5 * np.log1p(self.size**2 / g[..., None]).sum(axis=-1)
        if self.noise is None:
            return np.asarray(spread - self.rows.freedom / 2 * np.log(self.squares(g)))
        n = self.rows.freedom
        return np.asarray(spread - n / 2 * np.log(2 * np.pi * self.noise) - self.squares(g) / (2 * self.noise))

    def log_marginal_slope(self, g: float) -> float:
        """Its derivative in log g: (gamma - g |theta|^2 / v) / 2 with gamma = sum D^2 / (D^2 + g), the parameters that
        the data determine, not the prior (MacKay 1992, "Bayesian interpolation", Neural Computation 4, equation
        4.9)."""
        return 0.5 * (self.determined(g) - self.pull(g) / float(self.variance(g)))

    def determined(self, g: float) -> float:
        """gamma"""
        return float((self.size**2 / (self.size**2 + g)).sum())

    def pull(self, g: float) -> float:
        """g |theta|^2"""
        return float((self.cross**2 * self.size**2 * g / (self.size**2 + g) ** 2).sum())


def find_posterior(rows: CentredRows, factor: np.ndarray, *, noise: float | None = None) -> RidgePosterior:
    """The posterior for squared loss and a square penalty with ``factor`` (q,) > 0 on each penalized column."""
    price = np.sqrt(factor)
    if not len(price):
        nothing = np.zeros(0)
        return RidgePosterior(
            rows,
            np.zeros((len(rows.target), 0)),
            np.zeros((0, 0)),
            nothing,
            nothing,
            float(rows.target @ rows.target),
            price,
            noise,
        )
    left, size, right = linalg.svd(rows.columns / price, full_matrices=False, lapack_driver="gesdd")
    kept = size > (size[0] if len(size) else 0.0) * max(rows.columns.shape) * np.finfo(float).eps
    left, size, turn = left[:, kept], size[kept], right[kept].T
    cross = left.T @ rows.target
    rest = rows.target - left @ cross
    return RidgePosterior(rows, left, turn, size, cross, float(rest @ rest), price, noise)
