"""The mixes of absolute and squared penalty that are tried: what is no path needs a search.

A share a of the absolute penalty means, in units in which the target has standard deviation one,

    strength' * (a |b'| + (1 - a)/2 b'^2).

For losses of numbers in the target's unit the absolute penalty then grows with that unit and the squared one with its
square, like a squared error; so that the same share means the same whatever the unit (glmnet does likewise), with s the
standard deviation of the target and b = s b', in the target's own unit,

    l1_ratio = s a / (s a + 1 - a),    strength = strength' * (s a + 1 - a).

The path starts where glmnet's would (Friedman, Hastie and Tibshirani 2010, section 2.5), with all coefficients zero at
strength' = max_j |<x_j, y'>| / (n a), for ridge where a = 0.001 would: the learner's own grid. Other losses have no
unit: nothing is converted.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from rightfit import catalog
from rightfit.contracts import Learner, Problem
from rightfit.records import Resamples
from rightfit.search.options import FitOptions

RIDGE_LIMIT = 500
"""Ridge is tried of itself where rows or columns are at most so many: it keeps every column, so its steps cost most."""
UNPENALIZED_LIMIT = 500
"""Most columns of a fit without penalty: its cost grows with their square."""


@dataclass(frozen=True)
class Mix:
    """A share of the absolute penalty or another family, and the learner that walks with it."""

    share: float | str
    """A number, or the name of a penalty beyond the elastic net."""
    l1_ratio: float
    """The share in the target's own unit; 1 for other families."""
    words: str
    learner: Learner

    @property
    def settings(self) -> dict[str, float]:
        """What is no strength, in numbers."""
        return {} if isinstance(self.share, str) else {"l1_ratio": self.share}

    @property
    def option(self) -> str:
        """What asks for it on the command line."""
        return f"--penalty {self.share}" if isinstance(self.share, str) else f"--l1-ratio {self.share:g}"


def shares_to_try(asked: tuple[float, ...] | None, rows: int, features: int) -> tuple[float, ...]:
    """Shares of the absolute penalty (l1_ratio), sparsest first: those asked for, or lasso, elastic net and, where it
    is affordable, ridge."""
    if asked is not None:
        return tuple(sorted(set(asked), reverse=True))
    return (1.0, 0.5, 0.0) if min(rows, features) <= RIDGE_LIMIT else (1.0, 0.5)


def candidates(options: FitOptions, rows: int, features: int) -> tuple[float | str, ...]:
    """What is tried: shares of the absolute penalty, then the other families that were named."""
    if options.families and options.l1_ratio is None:
        return options.families
    return (*shares_to_try(options.l1_ratio, rows, features), *options.families)


def name_of(share: float | str) -> str:
    """``lasso``, ``ridge`` or ``elastic net, l1_ratio 0.5``; another family's name in words."""
    if isinstance(share, str):
        lassos = ("adaptive", "fused", "group", "sparse_group")
        return f"{share.replace('_', ' ')} lasso" if share in lassos else share.upper()
    return {1.0: "lasso", 0.0: "ridge"}.get(share, f"elastic net, l1_ratio {share:g}")


def mix(
    problem: Problem,
    resamples: Resamples,
    share: float | str,
    options: FitOptions,
    *,
    strengths: np.ndarray | None = None,
) -> Mix:
    """The linear learner for one share, or for a family by name, on strengths that start where all coefficients are
    zero and end without a penalty where that has an answer; ``strengths`` are those to walk instead."""
    unpenalized = can_go_without_penalty(problem, resamples)
    if isinstance(share, str):
        kind: Any = catalog.find("penalties", share)
        # what is made of one column of the file is a group
        penalty: Any = kind(groups=problem.groups) if "groups" in kind.__dataclass_fields__ else kind()
        # what has no tangent cannot be walked to strength 0
        learner = _learner(penalty, options, strengths, unpenalized=unpenalized and penalty.separable)
        return Mix(share, 1.0, penalty.sentence(), learner)
    ratio = share
    if problem.loss.predicts == "number":
        unit = _unit(problem, resamples.weight)
        size = unit * share + (1 - share)  # exactly the unit for a lasso
        ratio = unit * share / size
    words = {1.0: "lasso (L1)", 0.0: "ridge (L2)"}.get(share, f"elastic net (l1_ratio {share:g})")
    penalty = catalog.find("penalties", "elastic_net")(l1_ratio=ratio)
    return Mix(share, ratio, words, _learner(penalty, options, strengths, unpenalized=unpenalized))


def can_go_without_penalty(problem: Problem, resamples: Resamples) -> bool:
    """Whether every resample has more rows than columns, so that no penalty is needed for a unique answer, and the
    columns are few enough to solve for all of them at once."""
    if problem.design.p > UNPENALIZED_LIMIT:
        return False
    teaching = resamples.weight > 0
    if problem.loss.coupled:  # of survival times, only events are told apart
        teaching = teaching & (problem.loss.value(problem.y, np.zeros(len(problem.y))) > 0)
    rows = ((resamples.multiplicity > 0) & teaching).sum(axis=1).min()
    return int(rows) > problem.design.p + 1


def _unit(problem: Problem, weight: np.ndarray) -> float:
    """Weighted standard deviation of the target less its offset; 1 where it does not vary."""
    y = problem.y - problem.offset
    mean = np.average(y, weights=weight)
    return float(np.sqrt(np.average((y - mean) ** 2, weights=weight))) or 1.0


def _learner(penalty: Any, options: FitOptions, strengths: np.ndarray | None, *, unpenalized: bool) -> Learner:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    learner = catalog.find("learners", "linear")(
        penalty=penalty,
        strengths=strengths,
        count=options.strengths,
        standardize=options.standardize,
        threads=options.threads or cores,
        unpenalized=unpenalized,
    )
    assert isinstance(learner, Learner)
    return learner
