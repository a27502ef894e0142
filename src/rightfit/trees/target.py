"""What a tree is grown for, and how its means become linear predictors, for each loss that a tree can learn.

| loss | criterion | a node's mean | linear predictor |
|---|---|---|---|
| squared | squared error of y - offset | mean | the mean |
| poisson | Poisson deviance of y / exp(offset), weighted by exp(offset) | rate | log |
| logistic, multinomial | Gini impurity (or entropy) | shares of the classes | log odds, log |

A leaf of one class would be sure of it, and a leaf without events of a rate of 0: a single row that thinks otherwise
would cost infinitely much. So shares and rates are mixed with those of the root, as if every leaf had seen
``smoothing`` rows more, dealt as in the whole sample (the m-estimate of Cestnik 1990; one row is the unit information
of Kass & Wasserman 1995). The root is not changed by that, so that the strongest step is the constant model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rightfit.contracts import Problem
from rightfit.errors import OptionError

CERTAIN = 700.0
"""Stands for an infinite linear predictor (a class that no row of the fit has): exp of it is still finite."""
CRITERIA = {
    "squared": ("squared_error",),
    "poisson": ("poisson", "squared_error"),
    "logistic": ("gini", "entropy"),
    "multinomial": ("gini", "entropy"),
}
"""What can grow a tree for a loss, the usual one first."""


@dataclass(frozen=True)
class Target:
    """What scikit-learn's trees are given."""

    y: np.ndarray
    """(n,) amounts, rates, or class numbers"""
    exposure: np.ndarray
    """(n,) factor of the row weights, of mean one"""
    classes: int
    """C for classes, 0 for amounts and rates"""
    criterion: str

    def means(self) -> np.ndarray:
        """(n, C) what a node takes the mean of: the target itself, or 1 in the column of the class."""
        return self.y[:, None] == np.arange(self.classes) if self.classes else self.y[:, None]

    def take(self, rows: np.ndarray) -> Target:
        """The target of these rows alone."""
        return Target(self.y[rows], self.exposure[rows], self.classes, self.criterion)


def make_target(problem: Problem, weight: np.ndarray, criterion: str | None, family: str) -> Target:
    """The problem as a tree sees it; OptionError in one sentence where a tree cannot learn it. ``weight`` (n,) are the
    user's."""
    check_problem(problem, family)
    y, n = problem.y, len(problem.y)
    kind = problem.loss.name
    criterion = CRITERIA[kind][0] if criterion is None else criterion
    if criterion not in CRITERIA[kind]:
        raise OptionError(f"criterion must be one of {', '.join(CRITERIA[kind])} for loss {kind}, not {criterion!r}")
    if kind == "squared":
        return Target(y - problem.offset, np.ones(n), 0, criterion)
    if kind == "poisson":
        exposure = np.exp(problem.offset)
        mean = np.average(exposure, weights=weight)
        return Target(y / exposure, exposure / mean, 0, criterion)
    return Target(y, np.ones(n), max(2, problem.loss.outputs), criterion)


def check_problem(problem: Problem, family: str) -> None:
    """OptionError where trees cannot learn the problem."""
    kind = problem.loss.name
    if kind not in CRITERIA:
        raise OptionError(f"a {family} learns the losses {', '.join(CRITERIA)}; for loss {kind} choose another learner")
    if kind in ("logistic", "multinomial") and problem.offset.any():
        raise OptionError(f"a {family} of classes takes no offset; choose another learner or leave the offset out")
    if kind == "logistic" and not ((problem.y == 0) | (problem.y == 1)).all():
        raise OptionError(f"a {family} learns classes, not shares between them; choose another learner")


def link(loss: str, value: np.ndarray) -> np.ndarray:
    """(..., outputs) linear predictors of means (..., C): the mean itself, log rates, log odds of the second class, or
    logarithms of shares."""
    if loss == "squared":
        return value
    with np.errstate(divide="ignore"):
        log = np.log(np.maximum(value, 0.0))
    log = np.maximum(log, -CERTAIN)
    return log[..., 1:] - log[..., :1] if loss == "logistic" else log
