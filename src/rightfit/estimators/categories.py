"""Categories at scikit-learn's door: columns whose values are labels, which trees ask as a whole.

The labels are those of the rows of the fit. A table becomes one of numbers, in which a label is its place among them;
inside, a category is a group of columns of the design, one a label (`rightfit.contracts.Problem.levels`). A label that
the fit has not seen is a missing value.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from scipy import sparse

from rightfit.contracts import Design
from rightfit.data.design import make_design, stack_designs
from rightfit.errors import ColumnError, OptionError

FROM_DTYPE = "from_dtype"
_DTYPES = ("category", "categorical", "enum")


@final
@dataclass(frozen=True)
class Categories:
    """Columns of a table that are categories, and the labels of each in their order."""

    places: tuple[int, ...] = ()
    labels: tuple[tuple[Any, ...], ...] = ()

    def code(self, X: Any) -> Any:
        """The table with the labels' places instead of the labels, NaN for missing and unseen ones; the table itself
        where no column is a category."""
        if not self.places or getattr(X, "ndim", 2) != 2 or X.shape[1] <= max(self.places):
            return X  # the check of the table says what is wrong with its shape
        codes = {j: _place(_values(X, j), own) for j, own in zip(self.places, self.labels, strict=True)}
        if type(X).__module__.startswith("pandas"):
            out = X.copy(deep=False)
            for j, column in codes.items():
                out.isetitem(j, column)
            return out
        if type(X).__module__.startswith("polars"):
            import polars

            return X.with_columns(polars.Series(X.columns[j], column) for j, column in codes.items())
        return np.column_stack([codes[j] if j in codes else _numbers(X[:, j], j) for j in range(X.shape[1])])

    def expand(self, X: Any, design: Design) -> Design:
        """The design of coded and checked rows X (n, p): the other columns, then the labels of each category;
        ``design`` itself where there is none."""
        if not self.places:
            return design
        X, names = np.asarray(X), design.names
        others = [j for j in range(X.shape[1]) if j not in self.places]
        parts = [make_design(X[:, others], [names[j] for j in others])] if others else []
        for j, own in zip(self.places, self.labels, strict=True):
            known = np.flatnonzero(~np.isnan(X[:, j]))
            cells = (np.ones(len(known)), (known, X[known, j].astype(np.int64)))
            thin = sparse.csc_array(cells, shape=(len(X), len(own)))
            parts.append(make_design(thin, [f"{names[j]} = {label}" for label in own]))
        return stack_designs(parts)

    def levels(self, p: int) -> tuple[np.ndarray, ...]:
        """Columns of the design of each category of two labels or more; ``p`` are the columns of the table."""
        ends = np.cumsum([p - len(self.places), *(len(own) for own in self.labels)])
        return tuple(np.arange(a, b) for a, b in itertools.pairwise(ends) if b - a > 1)

    def fold(self, scores: np.ndarray) -> np.ndarray:
        """(p,) sums of what the design's columns score for the columns of the table."""
        if not self.places:
            return scores
        p = len(scores) - sum(map(len, self.labels)) + len(self.places)
        out = np.empty(p)
        others = [j for j in range(p) if j not in self.places]
        out[others] = scores[: len(others)]
        ends = np.cumsum([len(others), *(len(own) for own in self.labels)])
        out[list(self.places)] = [scores[a:b].sum() for a, b in itertools.pairwise(ends)]
        return out

    def signs(self, signs: tuple[int, ...]) -> tuple[int, ...]:
        """Signs of the table's columns as those of the design's; OptionError where a category has one."""
        if not self.places or not signs:
            return signs
        for j in self.places:
            if j < len(signs) and signs[j]:
                raise OptionError(f"monotone: column {j} is a category, whose labels have no order; give it 0")
        others = tuple(sign for j, sign in enumerate(signs) if j not in self.places)
        return (*others, *([0] * sum(map(len, self.labels))))


class Labelled:
    """What estimators share whose columns may be categories, as their parameter ``categorical_features`` says."""

    categories_: Categories

    def code(self, X: Any) -> Any:
        """The rows of a fit with labels as numbers; learns which columns are categories, and their labels."""
        options: Any = self
        self.categories_ = find_categories(X, options.categorical_features)
        return self.categories_.code(X)

    def expand(self, X: Any) -> Design:
        """The design of coded and checked rows."""
        return self.categories_.expand(X, make_design(X, getattr(self, "feature_names_in_", None)))


def find_categories(X: Any, asked: Any) -> Categories:
    """The categories of the rows of a fit; ``asked`` is ``"from_dtype"`` (pandas' category, polars' Categorical and
    Enum), None for none, or a list of places or names, or a truth value for each column. OptionError where a column is
    not there."""
    places = _asked(X, asked)
    if places and sparse.issparse(X):
        raise OptionError("categorical_features: a sparse matrix holds numbers; give a table or an array")
    return Categories(places, tuple(_order(_values(X, j)) for j in places))


def _asked(X: Any, asked: Any) -> tuple[int, ...]:
    if asked is None:
        return ()
    columns = list(getattr(X, "columns", ()))
    if isinstance(asked, str):
        if asked != FROM_DTYPE:
            raise OptionError(f"categorical_features must be {FROM_DTYPE!r}, None or a list, not {asked!r}")
        return tuple(j for j in range(len(columns)) if _is_category(X, j))
    values = list(asked) if isinstance(asked, Iterable) else [asked]
    width = X.shape[1] if len(getattr(X, "shape", ())) == 2 else 0
    if values and all(isinstance(v, bool | np.bool_) for v in values):
        if len(values) != width:
            raise OptionError(f"categorical_features has {len(values)} truth values for {width} columns")
        return tuple(np.flatnonzero(values).tolist())
    found = set()
    for value in values:
        if isinstance(value, str) and value in columns:
            found.add(columns.index(value))
        elif isinstance(value, int | np.integer) and not isinstance(value, bool) and -width <= value < width:
            found.add(int(value) % width)
        else:
            raise OptionError(f"categorical_features: there is no column {value!r}")
    return tuple(sorted(found))


def _is_category(X: Any, j: int) -> bool:
    kind = X.dtypes.iloc[j] if hasattr(X.dtypes, "iloc") else X.dtypes[j]
    return str(kind).partition("(")[0].lower() in _DTYPES


def _values(X: Any, j: int) -> list[Any]:
    """One column as Python's own values, None where one is missing."""
    if hasattr(X, "iloc"):
        column = X.iloc[:, j]
        return [None if lost else value for value, lost in zip(column.tolist(), column.isna(), strict=True)]
    column = X[X.columns[j]].to_list() if hasattr(X, "columns") else np.asarray(X)[:, j].tolist()
    return [None if value is None or value != value else value for value in column]


def _order(values: list[Any]) -> tuple[Any, ...]:
    """Different labels, numbers before words."""
    return tuple(sorted({v for v in values if v is not None}, key=lambda v: (isinstance(v, str), v)))


def _place(values: list[Any], labels: tuple[Any, ...]) -> np.ndarray:
    place = {label: float(k) for k, label in enumerate(labels)}
    return np.array([place.get(value, np.nan) for value in values])


def _numbers(column: np.ndarray, j: int) -> np.ndarray:
    try:
        return column.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ColumnError(f"column {j} does not hold numbers; name it in categorical_features, or encode it") from error
