"""How much the winner's figure flatters it: the smallest of many noisy means is too small.

Two estimates that need no further fit, since the evidence already says which fold judged each row:

    nested      choose by the rule on all folds but one, score on that one; mean over all rows, minus the mean at the
                step that was chosen on all rows. Estimates what choosing costs.
    Tibshirani  mean over folds of e_k(chosen) - min over steps of e_k, e_k the mean loss in fold k (Tibshirani &
                Tibshirani 2009, "A bias correction for the minimum error rate in cross-validation", Annals of Applied
                Statistics 3, eq. 2.3). For the rule ``best``; an upper figure, most so with small folds.

The other folds' models have learned from the fold that is set aside, so the nested figure is itself an approximation of
full nested cross-validation. Leave-one-out and other many-fold evidence is cut into 10 blocks of whole units first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rightfit.contracts import Rule
from rightfit.errors import FitError
from rightfit.evidence.compare import show_percent
from rightfit.records import Evidence
from rightfit.rules._averages import Units

_MANY = 20
"""More folds than this are put together into blocks."""


@dataclass(frozen=True)
class Optimism:
    """What choosing costs."""

    amount: float
    """Nested estimate, in units of the loss; NaN where there are fewer than two folds."""
    error: float
    """Its paired standard error, with what seeds bring into it."""
    tibshirani: float
    """The estimate of Tibshirani & Tibshirani."""
    steps: np.ndarray
    """(F,) what the rule chose without each fold."""
    sentence: str


def estimate_optimism(evidence: Evidence, rule: Rule, step: int, *, seed: int = 0) -> Optimism:
    """The optimism of ``step``, which ``rule`` chose from this evidence. DataError where no row was scored."""
    units = Units.of(evidence)
    block = _find_blocks(evidence, units, seed)
    numbers = np.unique(block)
    if len(numbers) < 2:
        return Optimism(
            np.nan, np.nan, np.nan, np.empty(0, np.int64), "With one fold, the optimism of the choice cannot be told."
        )
    steps, nested, bias = [], np.empty(len(units.rows)), 0.0
    luck = np.zeros(len(evidence.luck))
    for number in numbers:
        inside = block == number
        rows = units.rows[inside]
        null = evidence.null.copy()
        null[rows] = np.nan
        try:
            taken = rule.choose(replace(evidence, null=null)).step
        except FitError:  # without this fold no step is finite: nothing can be chosen differently
            taken = step
        steps.append(taken)
        nested[inside] = evidence.loss[rows, taken]
        share = units.share[inside]
        luck += share.sum() * (evidence.luck[:, taken] - evidence.luck[:, step]) if len(luck) else 0.0
        means = share @ evidence.loss[rows].astype(np.float64)
        bias += float(means[step] - means.min())
    chosen = evidence.loss[units.rows, step].astype(np.float64)
    with np.errstate(invalid="ignore"):
        amount, error = units.mean(nested - chosen)
        error = float(np.hypot(error, np.sqrt(luck.var(ddof=1) / len(luck)))) if len(luck) > 1 else error
    return Optimism(
        amount, error, bias, np.array(steps), _say(amount, error, units.mean(chosen)[0], np.array(steps), step)
    )


def _find_blocks(evidence: Evidence, units: Units, seed: int) -> np.ndarray:
    """(r,) fold of each scored row, or one of 10 random blocks of whole units where there are many folds."""
    fold = evidence.fold[units.rows]
    if len(np.unique(fold)) <= _MANY:
        return np.asarray(fold)
    blocks = min(10, units.count)
    deal = np.random.default_rng(seed).permutation(units.count) % blocks
    return np.asarray(deal[units.code])


def _say(amount: float, error: float, loss: float, steps: np.ndarray, step: int) -> str:
    if not np.isfinite(amount):
        return "Choosing without one fold leads to a step that fails on it: the choice is not stable."
    if (steps == step).all():
        return "Every fold left out, the rule chooses the same step: its figure is not flattered by the choice."
    spread = f"the rule, each fold left out in turn, chooses steps {steps.min()} to {steps.max()} (here {step})"
    share = abs(amount) / loss if loss > 0 else 0.0
    noise = f", {abs(amount) / error:.1f} standard errors" if error > 0 else ""
    if amount <= 0:
        return f"The choice flatters nothing: {spread} and loses no more on the fold left out."
    return (
        f"The choice flatters the figure by {show_percent(share)}{noise}: {spread} and is scored on the fold left out."
    )
