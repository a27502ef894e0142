"""The step with the smallest information criterion: fit on the own rows plus a price for every degree of freedom."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal, final

import numpy as np

from rightfit.contracts import Rule
from rightfit.errors import FitError, OptionError
from rightfit.records import Choice, Evidence
from rightfit.rules._averages import count_rows
from rightfit.rules._words import find_end, show_step

_NAMES = {"aic": "AIC", "bic": "BIC", "ebic": "EBIC", "gcv": "GCV"}


@final
@dataclass(frozen=True)
class Information(Rule):
    """argmin over k of D_k + price of df_k, with training loss L_k (mean over n rows) and effective df_k.

        D_k = e n log(2 L_k)   the size of the noise is estimated: e = 1 for half the squared error, n log(RSS_k / n),
                               for gamma and Tweedie deviances (Nelder & Pregibon 1987, Biometrika 74) and Huber's
                               loss, 2 for a quantile's (Lee, Noh & Park 2014, JASA 109); see `Loss.dispersion`
        D_k = 2 n L_k          likelihood losses: the deviance up to a constant

        AIC   D + 2 df                                   Akaike 1974, IEEE Trans. Automatic Control 19
        BIC   D + log(n) df                              Schwarz 1978, Annals of Statistics 6
        EBIC  D + log(n) df + 2 gamma log binom(p, df)   Chen & Chen 2008, Biometrika 95, eq. 3; gamma in [0, 1]
        GCV   2 L_k / (1 - (1 + df) / n)^2               Golub, Heath & Wahba 1979, Technometrics 21, eq. 1.4; for
                                                         likelihood losses O'Sullivan, Yandell & Raynor 1986, JASA 81

    df is the path's complexity: for the lasso the number of non-zero coefficients (Zou, Hastie & Tibshirani 2007,
    Annals of Statistics 35), for ridge the trace of the hat matrix; for other df than whole numbers the binomial is
    continued by the gamma function. The intercept is in every step: it costs nothing in AIC, BIC and EBIC, where it
    would change no choice, and is the 1 in GCV.

    n is the number of rows of positive weight, or the sum of the weights where all are whole numbers: such weights are
    repetitions. Steps with df + 1 >= n, or that leave no residual, are passed over, since the variance cannot be
    estimated there. No held-out rows are needed. Raises OptionError for an unknown criterion or gamma, FitError where
    no step can be judged.
    """

    criterion: Literal["aic", "bic", "ebic", "gcv"] = "bic"
    gamma: float = 1.0

    name: ClassVar[str] = "information"

    def __post_init__(self) -> None:
        if self.criterion not in _NAMES:
            raise OptionError(f"criterion must be one of aic, bic, ebic, gcv, not {self.criterion!r}")
        if not 0 <= self.gamma <= 1:
            raise OptionError(f"gamma must lie between 0 and 1, not {self.gamma!r}")

    def choose(self, evidence: Evidence) -> Choice:
        value, n = self.measure(evidence)
        usable = np.flatnonzero(np.isfinite(value))
        if not len(usable):
            raise FitError(
                f"{_NAMES[self.criterion]} cannot judge any step: every step has as many degrees of freedom as rows"
            )
        least = value[usable].min()
        step = int(usable[value[usable] <= least + 1e-10 * abs(least)][0])
        at_end, words = find_end(evidence, step)
        passed = len(value) - len(usable)
        reason = (
            f"{show_step(evidence, step)} has the smallest {_NAMES[self.criterion]}, {value[step]:.6g}: "
            f"training loss {evidence.training[step]:.4g} {evidence.measure} with {evidence.complexity[step]:.4g} "
            f"degrees of freedom, n = {n:.6g}"
            + (f"; {passed} steps with as many degrees of freedom as rows were passed over" if passed else "")
            + f".{words}"
        )
        others = usable[usable != step]
        if not len(others):
            return Choice(self.name, step, float(evidence.strengths[step]), reason, -1, "", at_end)
        second = int(others[np.argmin(value[others])])
        why = (
            f"{show_step(evidence, second)} comes next: its {_NAMES[self.criterion]} is larger by "
            f"{value[second] - value[step]:.4g}, with {evidence.complexity[second]:.4g} degrees of freedom."
        )
        return Choice(self.name, step, float(evidence.strengths[step]), reason, second, why, at_end)

    def measure(self, evidence: Evidence) -> tuple[np.ndarray, float]:
        """(K,) the criterion, infinite for steps that are passed over, and n."""
        n = count_rows(evidence)
        df = np.asarray(evidence.complexity, np.float64)
        if self.criterion == "ebic" and evidence.features < 1:
            raise OptionError(
                "criterion: ebic needs the number of features, which this evidence does not hold; use bic"
            )
        with np.errstate(divide="ignore", invalid="ignore"):
            gcv = 2 * evidence.training / (1 - (1 + df) / n) ** 2
            noise = evidence.dispersion or float(evidence.quadratic)
            fit = noise * n * np.log(2 * evidence.training) if noise else 2 * n * evidence.training
        price = 2.0 if self.criterion == "aic" else math.log(n)
        value = fit + price * df
        if self.criterion == "ebic":
            value = value + 2 * self.gamma * np.array([_log_binomial(evidence.features, d) for d in df])
        if self.criterion == "gcv":
            return np.where((df + 1 >= n) | ~np.isfinite(gcv), np.inf, gcv), n
        saturated = (df + 1 >= n) if noise else np.zeros(len(df), bool)
        return np.where(saturated | ~np.isfinite(value), np.inf, value), n

    @classmethod
    def specimens(cls) -> Iterator[Rule]:
        yield cls("aic")
        yield cls("bic")
        yield cls("ebic", gamma=0.5)
        yield cls("gcv")


def _log_binomial(p: int, d: float) -> float:
    """log of p over d for 0 <= d <= p, d not necessarily whole."""
    d = min(max(d, 0.0), float(p))
    return math.lgamma(p + 1) - math.lgamma(d + 1) - math.lgamma(p - d + 1)
