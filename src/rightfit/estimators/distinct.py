"""Equal rows as one row seen several times, so that folds treat a weight of 2 like the row given twice.

Folds are dealt to *distinct* rows, in an order that follows from their content alone, with the summed weight of their
copies. So equal rows are never split between teaching and judging, and repeating a row, weighting it, or sorting the
table gives the same folds.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import Any

import numpy as np
from scipy import sparse

from rightfit.data.folds import deal_rows
from rightfit.data.resample import make_folds
from rightfit.errors import DataError, OptionError
from rightfit.records import Resamples

_MOST = 10
"""Folds where no number is given."""


def number_rows(X: Any, y: np.ndarray) -> np.ndarray:
    """(n,) number of each row's content, equal for equal rows of X and y, in an order that depends on content alone."""
    if sparse.issparse(X):
        X = sparse.csr_array(X, dtype=np.float64, copy=True)
        X.sum_duplicates()
        X.eliminate_zeros()
        places, values = X.indices.astype(np.int64), X.data
        pieces = [
            places[a:b].tobytes() + values[a:b].tobytes() for a, b in zip(X.indptr[:-1], X.indptr[1:], strict=True)
        ]
    else:
        table = np.ascontiguousarray(X, dtype=np.float64) + 0.0  # -0 and 0 are one value
        table[np.isnan(table)] = np.nan
        pieces = [row.tobytes() for row in table]
    target = np.ascontiguousarray(y, dtype=np.float64) + 0.0
    digests = [blake2b(a + b.tobytes(), digest_size=16).digest() for a, b in zip(pieces, target, strict=True)]
    words = np.frombuffer(b"".join(digests), dtype=[("high", ">u8"), ("low", ">u8")])
    return np.asarray(np.unique(words, return_inverse=True)[1])


def deal_distinct(
    X: Any, y: np.ndarray, weight: np.ndarray, *, folds: int | None, repeats: int, seed: int, even: np.ndarray | None
) -> Resamples:
    """Random folds of distinct rows; of each class as many in every fold where ``even`` (n,) numbers them."""
    live = np.flatnonzero(weight > 0)
    code = np.full(len(weight), -1)
    code[live] = np.unique(number_rows(X[live], y[live]), return_inverse=True)[1]
    count = int(code.max()) + 1
    if count < 2:
        raise DataError(
            f"folds need at least two different rows, one to learn from and one to score: n_samples = {count} of them"
        )
    if folds is not None and folds > count:
        raise OptionError(f"folds={folds} is more than the {count} different rows of positive weight")
    total = np.bincount(code[live], weight[live], count)
    strata = np.zeros(count, np.int64)
    if even is not None:
        strata[code[live]] = even[live].astype(np.int64)
    wanted = folds or min(_MOST, count)
    parts = []
    for r in range(repeats):
        label = deal_rows(strata, total, wanted, np.random.default_rng([seed, r]))
        parts.append(make_folds(len(weight), weight=weight, column=np.where(code >= 0, label[code], 1)))
    words = [
        f"{wanted} folds",
        *([f"{repeats} repeats"] if repeats > 1 else []),
        *(["stratified"] if even is not None else []),
    ]
    return replace(
        parts[0],
        multiplicity=np.vstack([parts[0].multiplicity, *(part.multiplicity[1:] for part in parts[1:])]),
        scored=np.vstack([parts[0].scored, *(part.scored[1:] for part in parts[1:])]),
        name=", ".join(words),
        unit=np.where(code >= 0, code, count + np.arange(len(code))),
    )
