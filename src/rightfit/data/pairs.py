"""Pairs of teaching sets without a common row: two models that know nothing of each other, and rows that neither saw.

Rows are dealt to folds as for cross-validation; those outside a fold are cut into two halves of equal size, each of
which teaches a model, and both models are scored on the fold. What the two do differently is variance and nothing else,
and what both get wrong is not: products and differences of their errors estimate bias and variance without a bias of
their own, see `rightfit.views.decompose`.
"""

from __future__ import annotations

import numpy as np

from rightfit.data.resample import check_count, make_folds, make_unit
from rightfit.errors import OptionError
from rightfit.records import Resamples

_FOLDS = 10


def make_pairs(
    n: int,
    *,
    count: int = 50,
    seed: int = 0,
    weight: np.ndarray | None = None,
    stratify: np.ndarray | None = None,
    group: np.ndarray | None = None,
) -> Resamples:
    """About ``count`` pairs, a whole number of deals to 10 folds (fewer of few rows): resamples 2 j - 1 and 2 j are
    pair j.

    stratify  (n,) classes that are spread evenly over folds and halves
    group     (n,) rows with the same value stay together

    Raises OptionError where there are fewer than six rows (or groups), or the count makes no sense.
    """
    check_count("count", count, 1)
    live = np.ones(n, bool) if weight is None else np.asarray(weight) > 0
    units = int(live.sum()) if group is None else len(np.unique(np.asarray(group)[live]))
    if units < 6:
        raise OptionError(f"pairs of models need at least 6 rows or groups of rows, not {units}")
    folds = min(_FOLDS, units // 3)
    rounds = max(1, round(count / folds))
    dealt = make_folds(n, folds=folds, repeats=rounds, seed=seed, weight=weight, stratify=stratify, group=group)
    multiplicity = np.zeros((2 * folds * rounds + 1, n), np.uint8)
    multiplicity[0] = 1
    scored = np.zeros(multiplicity.shape, bool)
    for k in range(1, len(dealt)):
        rows = np.flatnonzero(dealt.multiplicity[k] * dealt.weight > 0)
        halves = make_folds(
            len(rows),
            folds=2,
            seed=int(np.random.default_rng([seed, k, 2]).integers(2**31)),
            weight=dealt.weight[rows],
            stratify=None if stratify is None else stratify[rows],
            group=None if group is None else np.asarray(group)[rows],
        )
        for half in (1, 2):
            multiplicity[2 * k - 2 + half, rows] = halves.multiplicity[half]
            scored[2 * k - 2 + half] = dealt.scored[k]
    words = f"{folds * rounds} pairs of halves without a common row" + ("" if group is None else ", grouped")
    return Resamples(dealt.weight, multiplicity, scored, name=words, unit=make_unit(group, n))
