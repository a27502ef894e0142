"""Knockoffs: features that beat their own copies, with a target for the share of false ones.

Every column gets a *knockoff*, drawn without a look at the target, that is exchangeable with it: swapping a column and
its knockoff changes no first or second moment of the table. Column j's statistic is W_j = |b_j| - |c_j|, the difference
of the standardized coefficients of column and knockoff in one fit on both. A column that says nothing beyond the others
is as likely to lose to its knockoff as to win, so the losers tell how many winners won by chance: with

    T = min { t > 0 : (1 + #{W_j <= -t}) / max(1, #{W_j >= t}) <= target }

the columns with W_j >= T hold an expected share of false ones of at most the target (knockoff+; exactly so where the
columns are Gaussian with the covariance that is used here).

Barber and Candès 2015, Annals of Statistics 43, equation 1.9; Candès, Fan, Janson and Lv 2018, "Panning for gold:
model-X knockoffs", JRSS B 80, section 3.2 (second-order knockoffs) and 3.4.1 (constructions); the
covariance is shrunk as in Ledoit and Wolf 2004. How far a knockoff may stand from its column:
`rightfit.evidence.separation`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rightfit.contracts import Learner, Problem
from rightfit.data.design import make_design
from rightfit.data.resample import make_folds
from rightfit.errors import OptionError
from rightfit.evidence.crossfit import crossfit
from rightfit.evidence.separation import largest_separation
from rightfit.records import Resamples
from rightfit.rules._averages import average


@dataclass(frozen=True)
class Knockoffs:
    """Which features beat their copies."""

    names: tuple[str, ...]
    statistic: np.ndarray
    """(p,) W: above 0 where the column is stronger than its knockoff."""
    threshold: float
    """T; infinite where no threshold keeps the target."""
    selected: np.ndarray
    """(p,) bool"""
    level: np.ndarray
    """(p,) the smallest target at which the feature would be selected, 1 where none is."""
    target: float
    strength: float
    """Of the step that the statistic was read at."""
    separation: float
    """1 - correlation of a column with its knockoff, the mean over columns: near 0 there is little power."""
    sentence: str


def select_by_knockoffs(
    problem: Problem,
    weight: np.ndarray,
    learner: Learner,
    *,
    target: float = 0.1,
    resamples: Resamples | None = None,
    seed: int = 0,
) -> Knockoffs:
    """Features among which the expected share of false ones is at most ``target``.

    Parameters
    ----------
    learner
        One of linear paths; its strength is chosen by the smallest mean loss on unseen rows, on columns and knockoffs
        together.
    resamples
        The folds that choose it; five by default.
    seed
        Draws the knockoffs.

    Notes
    -----
    At least 1 / target features must win for any to be selected. Columns that do not vary are never selected; missing
    values count as the column's mean. Levels of one category and other columns that are far from Gaussian weaken the
    promise. Raises OptionError for a target that is no share.
    """
    if not 0 < target < 1:
        raise OptionError(f"target must be a share above 0 and below 1, such as 0.1, not {target!r}")
    design = problem.design
    share = weight / weight.sum()
    mean, scale = (m[:, 0] for m in design.moments(share[:, None]))
    live = np.flatnonzero(scale > 0)
    if not len(live):
        raise OptionError("knockoffs need a column that varies")
    columns = design.collect(live, mean) - (mean - design.shift(np.arange(design.p)))[live]
    columns /= scale[live]
    copies, apart = draw_knockoffs(columns, share, seed=seed)
    separation = float(apart.mean())
    both = replace(problem, design=make_design(np.asfortranarray(np.hstack([columns, copies]))))
    folds = resamples or make_folds(len(weight), folds=5, seed=seed, weight=weight)
    paths, evidence = crossfit(both, folds, learner)
    step = average(evidence).best
    trace = paths[0].trace()
    size = np.abs(trace.coef(step) * trace.scale[:, None]).sum(axis=1)
    statistic = np.zeros(design.p)
    statistic[live] = size[: len(live)] - size[len(live) :]
    threshold = find_threshold(statistic, target)
    selected = statistic >= threshold
    sentence = _say(int(selected.sum()), design.p, target, separation)
    return Knockoffs(
        design.names,
        statistic,
        threshold,
        selected,
        _find_levels(statistic),
        target,
        float(trace.strengths[step]),
        separation,
        sentence,
    )


def draw_knockoffs(columns: np.ndarray, share: np.ndarray, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(n, q) Gaussian knockoffs of standardized columns (n, q) under shares (n,) of the weight, and s (q,).

    With covariance S and D = diag(s), a row x has the knockoff x - x S^-1 D + e, e ~ N(0, 2 D - D S^-1 D).
    """
    covariance = shrink_covariance(columns, share)
    separation = largest_separation(covariance)
    drawn_to = np.linalg.solve(covariance, np.diag(separation))
    values, vectors = np.linalg.eigh(2 * np.diag(separation) - separation[:, None] * drawn_to)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    live = share > 0  # rows of weight zero draw nothing, so that they change nothing
    drawn = np.zeros(columns.shape)
    drawn[live] = np.random.default_rng([seed, 2018]).normal(size=(int(live.sum()), columns.shape[1]))
    return np.asarray(columns - columns @ drawn_to + drawn @ root), separation


def shrink_covariance(columns: np.ndarray, share: np.ndarray) -> np.ndarray:
    """(q, q) the covariance of standardized columns, drawn towards the identity by as much as its noise asks for
    (Ledoit and Wolf 2004, Journal of Multivariate Analysis 88, lemma 3.2 and section 3.3); the diagonal stays one."""
    heavy = columns * np.sqrt(share)[:, None]
    sample = heavy.T @ heavy
    q = len(sample)
    distance = float(((sample - np.eye(q)) ** 2).sum())
    length = (columns**2).sum(axis=1)
    # sum_i share_i^2 |x_i x_i' - S|^2
    inner = np.einsum("ij,jk,ik->i", columns, sample, columns, optimize=True)
    noise = float(share**2 @ (length**2 - 2 * inner + (sample**2).sum()))
    amount = 1.0 if distance <= 0 else min(1.0, noise / distance)
    amount = max(amount, 1e-6)
    out = (1 - amount) * sample + amount * np.eye(q)
    return np.asarray(out)


def find_threshold(statistic: np.ndarray, target: float) -> float:
    """T of knockoff+; infinite where there is none."""
    for t in np.unique(np.abs(statistic[statistic != 0])):
        if _estimate(statistic, t) <= target:
            return float(t)
    return float("inf")


def _find_levels(statistic: np.ndarray) -> np.ndarray:
    """The smallest estimate over all thresholds that select the feature."""
    level = np.ones(len(statistic))
    best = 1.0
    for t in np.unique(np.abs(statistic[statistic != 0])):
        best = min(best, _estimate(statistic, t))
        level[statistic == t] = best
    return level


def _estimate(statistic: np.ndarray, t: float) -> float:
    return (1 + int((statistic <= -t).sum())) / max(1, int((statistic >= t).sum()))


def _say(count: int, p: int, target: float, separation: float) -> str:
    weak = "" if separation > 0.1 else " Columns are so alike that their knockoffs hardly differ: expect little power."
    if not count:
        return (
            f"No feature is selected: with a target of {target:g}, at least {int(np.ceil(1 / target))} must beat their "
            f"knockoffs.{weak}"
        )
    return (
        f"{count:,} of {p:,} features are selected; the expected share of false ones among them is at most {target:g} "
        f"where the columns are Gaussian.{weak}"
    )
