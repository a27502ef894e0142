"""The prior that a strength stands for.

A fit minimizes, over n rows (a row of weight w counts as w rows, n is their sum),

    (1/n) sum_i w_i loss_i(b)  +  sum_j l1_j s_j |b_j| + l2_j/2 s_j^2 b_j^2,

with s_j the standard deviation of column j where columns are standardized, else 1. For squared loss with noise variance
v, and for a likelihood loss with dispersion v (1 for classes and counts), sum_i w_i loss_i / v is minus the log
likelihood. Multiplying the whole by n / v therefore gives minus a log posterior, whose prior is

    p(b_j)  proportional to  exp( - a_j |b_j| - c_j b_j^2 / 2 ),     a_j = n l1_j s_j / v,     c_j = n l2_j s_j^2 / v.

It is Gaussian with deviation 1 / sqrt(c_j) for ridge, Laplace with scale 1 / a_j for the lasso, and their product for
the elastic net, whose integral is sqrt(2 pi / c) erfcx(a / sqrt(2 c)) (Li and Lin 2010, "The Bayesian elastic net",
Bayesian Analysis 5, equation 2). A column without a penalty has a flat prior, and so has the intercept. The penalized
fit is the mode of the posterior (MAP).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import erfcx

from rightfit.contracts import Penalty, ProxPenalty
from rightfit.errors import OptionError

_FAR = 100.0
"""a / sqrt(2 c) from which the Gaussian part of an elastic net's prior is a small correction of the Laplace prior."""


@dataclass(frozen=True)
class Priors:
    """One prior a column, in the units of the columns (target's unit per unit of the column; of the linear predictor
    for losses with a link)."""

    rate: np.ndarray
    """(p,) a_j; 0 without an absolute part, infinite where the column is excluded."""
    precision: np.ndarray
    """(p,) c_j; 0 without a square part."""

    @property
    def family(self) -> str:
        """In a word or two, of the columns that are penalized."""
        absolute = bool((np.isfinite(self.rate) & (self.rate > 0)).any())
        if (self.precision > 0).any():
            return "elastic net" if absolute else "Gaussian"
        return "Laplace" if absolute else "flat"

    @property
    def flat(self) -> np.ndarray:
        """(p,) bool: nothing is known beforehand."""
        return np.asarray((self.rate == 0) & (self.precision == 0))

    def log_density(self, coef: np.ndarray) -> np.ndarray:
        """(..., p) logarithm of each column's density at ``coef``; 0 where the prior is flat."""
        with np.errstate(invalid="ignore"):
            penalty = np.where(coef == 0, 0.0, self.rate * np.abs(coef)) + self.precision * coef**2 / 2
        return np.asarray(np.where(self.flat, 0.0, -penalty - self._log_integral()))

    def deviation(self) -> np.ndarray:
        """(p,) standard deviation of each prior: infinite where it is flat, 0 where the column is excluded.

        With z = a / sqrt(2 c): E b^2 = (1 + 2 z^2 - 2 z / (sqrt(pi) erfcx(z))) / c, from the derivative of the
        integral in c; by its series in c / a^2 where that would cancel.
        """
        a, c = self.rate, self.precision
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            z = a / np.sqrt(2 * c)
            near = (1 + 2 * z**2 - 2 * z / (np.sqrt(np.pi) * erfcx(z))) / c
            e = c / a**2
            far = (2 - 12 * e + 90 * e**2) / (1 - e + 3 * e**2) / a**2
        square = np.where(self.flat, np.inf, np.where(z > _FAR, far, near))
        return np.asarray(np.sqrt(np.where(np.isinf(a), 0.0, square)))

    def _log_integral(self) -> np.ndarray:
        a, c = self.rate, self.precision
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            both = 0.5 * np.log(2 * np.pi / c) + np.log(erfcx(a / np.sqrt(2 * c)))
            return np.where(c > 0, both, np.log(2 / a))


def read_priors(
    penalty: Penalty | ProxPenalty, strength: float, scale: np.ndarray, *, rows: float, noise: float
) -> Priors:
    """The priors of p columns at one strength.

    scale : (p,) s_j; ones where columns are not standardized
    rows : n, the sum of the row weights
    noise : v, the noise variance of squared loss or the dispersion

    OptionError says in a sentence why a penalty is the prior of no coefficient.
    """
    reason = lacks_prior(penalty, len(scale))
    if reason:
        raise OptionError(reason)
    assert isinstance(penalty, Penalty)
    tangent = penalty.tangent(np.zeros(len(scale)), strength)
    with np.errstate(invalid="ignore"):
        rate = np.where(np.isinf(tangent.l1), np.inf, rows * tangent.l1 * scale / noise)
    return Priors(rate, rows * tangent.l2 * scale**2 / noise)


def lacks_prior(penalty: Penalty | ProxPenalty, p: int) -> str:
    """Why there is no prior for each coefficient; empty where there is one."""
    if not isinstance(penalty, Penalty):
        return (
            f"the penalty {penalty.name} ties coefficients to each other: it may be read as a prior of all of them "
            "together, but as none of each; the Bayesian view knows ridge, the lasso and the elastic net"
        )
    if not penalty.convex:
        return (
            f"the penalty {penalty.name} stops growing for large coefficients, so that exp(-penalty) has no finite "
            "integral: it is no prior; the Bayesian view knows ridge, the lasso and the elastic net"
        )
    if penalty.name == "adaptive":
        return (
            "the adaptive lasso learns its weights from the target of the same rows, and a prior may not; the Bayesian "
            "view knows ridge, the lasso and the elastic net"
        )
    tangent = penalty.tangent(np.zeros(p), 1.0)
    if tangent.groups is not None:
        return (
            f"the penalty {penalty.name} is a prior of whole groups of coefficients (a multivariate Laplace "
            "distribution each), which is not computed here; the Bayesian view knows ridge, the lasso and the elastic "
            "net"
        )
    penalized = (tangent.l1 > 0) | (tangent.l2 > 0)
    if (np.isfinite(tangent.lower) | np.isfinite(tangent.upper))[~np.isinf(tangent.l1) & penalized].any() or (
        np.isfinite(tangent.lower) | np.isfinite(tangent.upper)
    )[~penalized].any():
        return "bounds on coefficients cut the prior off, and such posteriors are not computed here: fit without bounds"
    return ""
