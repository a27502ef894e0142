"""Marginal false discovery rates of the features that a lasso selects, one for each feature.

With columns in units of their standard deviations, shares u of the weight, slopes l' and curvatures l'' at the fit and
v_j = sum_i u_i l_i'' x_ij^2 (x about its mean under u l''), the statistic of column j is

    z_j = sqrt(n / V) (v_j b_j - sum_i u_i x_ij l_i') / sqrt(v_j),    V = sigma^2 for squared loss, else 1

is what a single regression on the partial residuals would test: about standard normal for a column that is marginally
independent of the target. The lasso selects those with |sqrt(v_j) z_j| > strength sqrt(n / V). Hence

    expected false selections   sum_j 2 Phi(-l1_j sqrt(n / (V v_j))),    rate = that / number selected
    local rate of column j      f0(z_j) / f(z_j)

with f0 the standard normal density and f a Gaussian kernel estimate from all p statistics (mirrored, since the sign of
a column means nothing). Columns that are only correlated with ones that matter count as true here ("marginal"), which
is what makes the rates cheap and less strict than knockoffs. With few columns the kernel estimate is rough.

Breheny 2019, "Marginal false discovery rates for penalized regression models", Biostatistics 20; Miller and Breheny
2019, Statistics in Medicine 38 (other losses); local rates: Miller and Breheny 2023, "Feature-specific inference for
penalized regression using local false discovery rates", Statistics in Medicine 42.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from rightfit.contracts import Problem
from rightfit.errors import FitError, OptionError
from rightfit.records import Trace

if TYPE_CHECKING:
    from rightfit.learners.linear import Linear


@dataclass(frozen=True)
class FalseDiscovery:
    """Rates at one step of a path."""

    names: tuple[str, ...]
    statistic: np.ndarray
    """(p,) z; NaN for columns that do not vary."""
    local: np.ndarray
    """(p,) local false discovery rate of each feature, 0 to 1."""
    selected: np.ndarray
    """(p,) bool: not zero at this step."""
    expected: float
    """Features that are expected to be selected by chance at this step, at most the number selected."""
    rate: float
    """The same as a share of those selected; 0 where none is."""
    label: str
    """What the rates mean, in a sentence."""


def find_false_discoveries(
    problem: Problem, weight: np.ndarray, learner: Linear, trace: Trace, step: int
) -> FalseDiscovery:
    """Rates at one step of the full fit's path.

    Raises OptionError for a penalty that selects nothing and for other losses than these, FitError where the step
    uses as many columns as there are rows.
    """
    penalty: Any = learner.penalty
    if not 0 <= step < len(trace):
        raise OptionError(f"step must lie between 0 and {len(trace) - 1}, not {step}")
    if problem.loss.name not in ("squared", "logistic", "poisson"):
        raise OptionError(f"false discovery rates know squared, logistic and poisson loss, not {problem.loss.name}")
    design, coef, p = problem.design, trace.coef(step)[:, 0], trace.features
    divisor = trace.scale if learner.standardize else np.ones(p)
    if not penalty.separable or penalty.pilot:
        raise OptionError(f"false discovery rates know the lasso, elastic net, MCP and SCAD, not {penalty.sentence()}")
    tangent = penalty.tangent(np.zeros((p, 1)), float(trace.strengths[step]))
    if tangent.groups is not None:
        raise OptionError(f"false discovery rates know the lasso, elastic net, MCP and SCAD, not {penalty.sentence()}")
    l1 = tangent.l1 * divisor  # what holds a column at zero
    free = np.isfinite(l1) & (trace.scale > 0)
    if not (l1[free] > 0).any():
        raise OptionError("false discovery rates need a penalty that selects: the lasso or the elastic net, not ridge")
    share = weight / weight.sum()
    count = 1.0 / float(share @ share)
    used = np.flatnonzero(coef)
    eta = problem.offset + trace.intercept[step, 0] + design.dot_columns(used, coef[used, None], trace.fill)[:, 0]
    slope, curvature = problem.loss.slope(problem.y, eta), problem.loss.curvature(problem.y, eta)
    variance = 1.0
    if problem.loss.quadratic:
        freedom = count - learner.intercept - float(trace.complexity[step])
        if freedom < 1:
            raise FitError("the step uses as many columns as there are rows, so nothing is left to tell the noise by")
        variance = float(share @ slope**2 * count / freedom)
    pull = share * curvature
    mean, scale = (m[:, 0] for m in design.moments(pull[:, None] / pull.sum()))
    spread = pull.sum() * (scale**2 if learner.intercept else scale**2 + mean**2)  # v_j, original units
    toward = -(design.correlate((share * slope)[:, None], trace.fill)[:, 0] - mean * (share @ slope))
    told = free & (spread > 0)
    statistic = np.full(p, np.nan)
    root = np.sqrt(spread[told])
    statistic[told] = np.sqrt(count / variance) * (root * coef[told] + toward[told] / root)
    chance = 2 * stats.norm.sf(l1[told] * np.sqrt(count / variance) / root)
    selected = coef != 0
    number = int((selected & told & (l1 > 0)).sum())
    expected = min(float(chance[l1[told] > 0].sum()), float(number))
    local = np.ones(p)
    local[told] = find_local_rates(statistic[told])
    local[told & (l1 == 0)] = np.nan
    label = (
        "marginal false discovery rate: the probability that the feature is independent of the target, among features "
        "with such a coefficient; selection is accounted for, correlation with features that matter is not"
    )
    return FalseDiscovery(
        design.names, statistic, local, selected, expected, expected / number if number else 0.0, label
    )


def find_local_rates(statistic: np.ndarray) -> np.ndarray:
    """(q,) f0(z) / f(z), at most 1, never larger for a larger |z|; f by a mirrored Gaussian kernel estimate."""
    size = np.abs(statistic)
    both = np.r_[size, -size]
    spread = min(float(both.std()), float(np.subtract(*np.quantile(both, [0.75, 0.25])) / 1.34) or np.inf)
    width = 0.9 * (spread or 1.0) * len(size) ** -0.2  # Silverman's rule
    order = np.argsort(size)
    density = np.array([stats.norm.pdf(z, both, width).mean() for z in size[order]])
    rate = np.minimum(stats.norm.pdf(size[order]) / density, 1.0)
    out = np.empty(len(size))
    out[order] = np.minimum.accumulate(rate)
    return out
