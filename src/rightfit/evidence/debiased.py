"""Confidence intervals for every coefficient of a lasso or elastic net: the debiased estimate.

A penalty draws coefficients to zero; one Newton step in the direction of each column, cleaned of the others, takes the
bias away. With shares u of the weight, slopes l' and curvatures l'' at the fit, v = u l'', and z_j the residuals of
column j regressed on all other columns by a lasso with row weights v,

    d_j  = b_j - sum_i u_i z_ij l_i' / c_j,     c_j = sum_i v_i z_ij x_ij
    e_j^2 = sum_i u_i^2 z_ij^2 V_i / c_j^2,     V = sigma^2 for squared loss, l'' for likelihood losses

    sigma^2 = sum_i u_i l_i'^2 * n / (n - 1 - df)

and d_j +- q e_j is the interval, q the quantile of the normal distribution, or of Student's with n - 1 - df degrees of
freedom for squared loss. Every column has an interval, whether it was selected or not, so that selection needs no
correction; but there is one for each of p columns: of 100 columns without influence, 5 intervals of level 95 % miss 0.

Zhang and Zhang 2014, "Confidence intervals for low dimensional parameters in high dimensional linear models", JRSS B
76, section 2; van de Geer, Bühlmann, Ritov and Dezeure 2014, Annals of Statistics 42, equations 5 and 8 and section 3
(generalized linear models); Javanmard and Montanari 2014, JMLR 15; sigma as in Reid, Tibshirani and Friedman 2016.
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

_CLEAN = 0.25
"""Strength of the regressions of columns on columns, in units of sqrt(log(p) / n): weak, since what is left of the
other columns in z is bias, and a little more variance is the smaller evil."""
_REST = 1e-4
"""Change of a coefficient at which the regressions are at rest."""
_SWEEPS = 100
_WORK = 1e10
"""Sweeps times columns cubed from which ten sweeps must do."""
_NEAR = 0.1
_ROWS = 64
_MOST = 3_000
"""Columns whose second moments are kept."""


@dataclass(frozen=True)
class Debiased:
    """Intervals of all coefficients, on the original scale of the columns."""

    names: tuple[str, ...]
    coef: np.ndarray
    """(p,) the penalized fit's."""
    estimate: np.ndarray
    """(p,) debiased; NaN for columns that do not vary or that the others make up."""
    error: np.ndarray
    """(p,) standard errors."""
    lower: np.ndarray
    upper: np.ndarray
    """(p,) ends of the intervals."""
    p_value: np.ndarray
    """(p,) of the hypothesis that the coefficient is 0, two-sided, not corrected for the number of columns."""
    level: float
    sigma: float
    """Noise of the target; 1 for likelihood losses, whose noise follows from the mean."""
    label: str
    """What the intervals mean, in a sentence."""


def debias(
    problem: Problem, weight: np.ndarray, learner: Linear, trace: Trace, step: int, *, level: float = 0.95
) -> Debiased:
    """Intervals from one step of the full fit's path; the best step of cross-validation is a good one.

    weight : (n,) row weights >= 0; a row of weight 2 is one witness that counts twice
    learner : what fitted the path; its ``intercept`` is followed
    trace, step : the full fit's path on these rows and weights, and a step of it

    Cost: p lassos of p columns from one Gram matrix; n p + 2 p^2 numbers of memory. Supposes that few columns matter
    (fewer than sqrt(n) / log p) and that the loss is the right one. Raises OptionError for a level that is no share and
    for losses of several outputs or without a variance, FitError where the step uses as many columns as there are rows.
    """
    _check(problem, trace, step, level)
    if trace.features > _MOST:
        raise OptionError(
            f"debiased intervals need the second moments of all columns, which are kept for at most {_MOST:,}, not "
            f"{trace.features:,}; use bootstrap paths"
        )
    share = weight / weight.sum()
    live = np.flatnonzero(share > 0)
    coef, p = trace.coef(step)[:, 0], trace.features
    design = problem.design
    used = np.flatnonzero(coef)
    eta = problem.offset + trace.intercept[step, 0] + design.dot_columns(used, coef[used, None], trace.fill)[:, 0]
    slope, curvature = problem.loss.slope(problem.y, eta), problem.loss.curvature(problem.y, eta)
    count = 1.0 / float(share @ share)
    """Rows, or what as many rows of equal weight would be worth."""
    freedom = count - learner.intercept - float(trace.complexity[step])
    if problem.loss.quadratic and freedom < 1:
        raise FitError("the step uses as many columns as there are rows, so nothing is left to tell the noise by")
    sigma = float(np.sqrt(share @ slope**2 * count / freedom)) if problem.loss.quadratic else 1.0
    noise = np.full(len(share), sigma**2) if problem.loss.quadratic else curvature
    pull = share * curvature
    estimate, error = np.full(p, np.nan), np.full(p, np.nan)
    columns, scale = _standardize(problem, pull, intercept=learner.intercept)
    moving = np.flatnonzero(scale > 0)
    strength = _CLEAN * float(np.sqrt(np.log(max(p, 2)) / count))
    if not _selects(learner, trace, step):
        if len(moving) + 1 >= count:
            raise OptionError(
                "ridge keeps every column, so that with as many columns as rows no debiased intervals exist; use the "
                "lasso or the elastic net, or bootstrap paths"
            )
        strength = 0.0
    left = clean_columns(columns[:, moving], pull, strength)
    size = ((pull @ (left * columns[:, moving])) * scale[moving]).clip(min=0)
    told = size > 1e-10 * scale[moving] * pull.sum()
    good, size, left = moving[told], size[told], left[:, told]
    estimate[good] = coef[good] - (share * slope) @ left / size
    error[good] = np.sqrt((share**2 * noise) @ left**2) / size
    reference = stats.t(freedom) if problem.loss.quadratic else stats.norm()
    width = float(reference.ppf(0.5 + level / 2)) * error
    with np.errstate(invalid="ignore"):
        p_value = 2 * reference.sf(np.abs(estimate) / error)
    return Debiased(
        design.names, coef, estimate, error, estimate - width, estimate + width, p_value, level, sigma,
        _say(level, len(live), equal=problem.loss.quadratic),
    )  # fmt: skip


def _standardize(problem: Problem, pull: np.ndarray, *, intercept: bool) -> tuple[np.ndarray, np.ndarray]:
    """(n, p) columns in units of their standard deviations under weights ``pull``, about their means where there is an
    intercept, and the deviations (p,), 0 where a column does not vary."""
    design = problem.design
    mean, scale = (m[:, 0] for m in design.moments(pull[:, None] / pull.sum()))
    center = mean if intercept else np.zeros(design.p)
    every = np.arange(design.p)
    columns = design.collect(every, mean) - (center - design.shift(every))
    return columns / np.where(scale > 0, scale, 1.0), scale


def clean_columns(columns: np.ndarray, pull: np.ndarray, strength: float) -> np.ndarray:
    """(n, q) what the other columns do not tell of each standardized column, by q lassos that share one Gram matrix.

    With strength 0 they are exact. Otherwise coordinate descent on all of them at once. It need not go to the end:
    every z that is nearly orthogonal to the other columns gives valid intervals, and how near is what the strength
    says.
    """
    gram = (columns * (pull / pull.sum())[:, None]).T @ columns
    q = len(gram)
    if strength == 0:
        inverse = np.linalg.pinv(gram, hermitian=True)
        return np.asarray(columns @ inverse / np.maximum(np.diag(inverse), np.finfo(float).tiny))
    inverse = np.linalg.inv(gram + _NEAR * np.eye(q))
    coef = -inverse / np.diag(inverse)  # ridge regressions: a start that is near
    np.fill_diagonal(coef, 0.0)
    size = np.diag(gram).copy()
    for _ in range(int(np.clip(_WORK / q**3, 10, _SWEEPS))):
        most = 0.0
        for start in range(0, q, _ROWS):  # a few rows at a time, so that most of the work is a product of matrices
            part = slice(start, start + _ROWS)
            old = coef[part].copy()
            reach = gram[part] - gram[part] @ coef
            for i, k in enumerate(range(start, start + len(old))):
                here = reach[i] - gram[k, start:k] @ (coef[start:k] - old[:i]) + size[k] * old[i]
                coef[k] = np.sign(here) * np.maximum(np.abs(here) - strength, 0.0) / size[k]
                coef[k, k] = 0.0
            most = max(most, float(np.abs(coef[part] - old).max()))
        if most < _REST:
            break
    return np.asarray(columns - columns @ coef)


def _selects(learner: Linear, trace: Trace, step: int) -> bool:
    """Whether the penalty has an absolute part. Without one the estimate is no start that few columns make up, and
    columns must be cleaned fully, which is least squares."""
    penalty: Any = learner.penalty
    if not penalty.separable:
        return True
    tangent = penalty.tangent(trace.coef(step) * trace.scale[:, None], 1.0)
    return bool((tangent.l1[np.isfinite(tangent.l1)] > 0).any() or (tangent.norm is not None and tangent.norm.any()))


def _check(problem: Problem, trace: Trace, step: int, level: float) -> None:
    if not 0 < level < 1:
        raise OptionError(f"level must be a share above 0 and below 1, such as 0.95, not {level!r}")
    if not 0 <= step < len(trace):
        raise OptionError(f"step must lie between 0 and {len(trace) - 1}, not {step}")
    if problem.loss.outputs > 1 or problem.loss.name not in ("squared", "logistic", "poisson"):
        raise OptionError(
            f"debiased intervals know squared, logistic and poisson loss, not {problem.loss.name}; use bootstrap paths"
        )


def _say(level: float, rows: int, *, equal: bool) -> str:
    noise = " with noise of the same size in all rows" if equal else ""
    return (
        f"{100 * level:g} % confidence interval of the debiased coefficient ({rows:,} rows): each column's own, for "
        "selected and other columns alike, so that selection needs no correction; not corrected for their number. "
        f"It supposes a linear predictor{noise} and that few columns matter"
    )
