"""The one door to the compiled kernel: every array is checked and laid out here, the kernel trusts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.sparse import csc_array

from rightfit import _kernel

ActiveFactor: TypeAlias = _kernel.ActiveFactor
"""What `column_solutions` knows of one task's active columns from call to call; ``clear()`` forgets it."""


@dataclass(frozen=True)
class Box:
    """Weighted elastic nets in boxes for T tasks of q coefficients: sum l1 |b| + l2/2 b^2, lower <= b <= upper;
    (T, q) each, on the scale of the columns."""

    l1: np.ndarray
    l2: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    def of(self, tasks: np.ndarray | int) -> Box:
        """Some tasks, or one: (q,)."""
        return Box(self.l1[tasks], self.l2[tasks], self.lower[tasks], self.upper[tasks])

    @property
    def free(self) -> np.ndarray:
        """Coefficients that cost nothing."""
        return np.asarray((self.l1 == 0) & (self.l2 == 0))

    def cost(self, coef: np.ndarray) -> np.ndarray:
        """(T,) what coefficients (T, q, C) cost."""
        l1 = np.where(np.isinf(self.l1), 0.0, self.l1)
        with np.errstate(over="ignore"):  # a step that is tried may be far out of any range
            return np.asarray(np.einsum("tq,tqc->t", l1, np.abs(coef)) + 0.5 * np.einsum("tq,tqc->t", self.l2, coef**2))


def gram_paths(
    gram: np.ndarray,
    linear: np.ndarray,
    box: Box,
    strengths: np.ndarray,
    *,
    start: np.ndarray,
    tolerance: np.ndarray,
    constant: np.ndarray | None = None,
    most_sweeps: int = 10_000,
    threads: int = 1,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Minimize b'Gb/2 - c'b + constant + strength * penalty(b) at each strength, warm-started, for T tasks.

    Parameters
    ----------
    gram : (T, q, q) or (1, q, q)
        Symmetric, positive semi-definite; one matrix may serve all tasks.
    linear, start : (T, q)
        c, and the coefficients to start from.
    box : Box of (T, q)
        The penalty at strength 1.
    strengths : (K,)
    tolerance : (T,)
        Absolute duality gap to reach; without ``constant``, decrease per coordinate at which to stop.
    constant : (T,), optional
        Value of the quadratic at b = 0, so that it is half a residual sum of squares.

    Returns
    -------
    coef (T, K, q), gap (T, K) absolute (NaN without ``constant``), converged (T, K) bool
    """
    tasks, q = linear.shape
    steps = len(strengths)
    if gram.shape not in ((tasks, q, q), (1, q, q)):
        raise ValueError(f"gram has shape {gram.shape}, {tasks} tasks of {q} columns need ({tasks}, {q}, {q})")
    for name, array in (("l1", box.l1), ("l2", box.l2), ("lower", box.lower), ("upper", box.upper), ("start", start)):
        if array.shape != (tasks, q):
            raise ValueError(f"{name} has shape {array.shape} instead of {(tasks, q)}")
    coef = np.empty((tasks, steps, q))
    gap = np.empty((tasks, steps))
    sweeps = np.empty((tasks, steps), dtype=np.int64)
    converged = np.empty((tasks, steps), dtype=np.uint8)
    _kernel.gram_paths(
        _doubles(gram),
        _doubles(linear),
        _doubles(np.full(tasks, -1.0) if constant is None else constant),
        _doubles(box.l1),
        _doubles(box.l2),
        _doubles(box.lower),
        _doubles(box.upper),
        _doubles(strengths),
        _doubles(np.broadcast_to(tolerance, tasks)),
        most_sweeps,
        threads,
        _doubles(start),
        coef,
        gap,
        sweeps,
        converged,
    )
    return coef, gap, converged.astype(bool)


def gram_solution(
    gram: np.ndarray,
    pull: np.ndarray,
    box: Box,
    *,
    start: np.ndarray,
    small: float,
    most_sweeps: int = 10_000,
) -> np.ndarray:
    """Minimize d'Gd/2 - pull'd + penalty(start + d) over d.

    Parameters
    ----------
    gram : (r, r), r >= q, C order
        Its first q rows and columns are G; the rest is not read.
    pull, start : (q,)
    box : Box of (q,)
    small
        Decrease per coordinate at which to stop.

    Returns
    -------
    (q,) coefficients
    """
    q = len(pull)
    if gram.ndim != 2 or gram.shape[0] != gram.shape[1] or len(gram) < q or start.shape != (q,) or box.l1.shape != (q,):
        raise ValueError("gram, pull, start and box do not belong together")
    coef = np.empty(q)
    parts = [_doubles(part) for part in (pull, start, box.l1, box.l2, box.lower, box.upper)]
    _kernel.gram_solution(_doubles(gram), *parts, small, most_sweeps, coef)
    return coef


def column_solutions(
    dense: np.ndarray,
    index: np.ndarray,
    thin: csc_array,
    curvature: np.ndarray,
    pull: np.ndarray,
    box: Box,
    *,
    start: np.ndarray,
    intercept: bool,
    small: np.ndarray,
    names: np.ndarray,
    factors: Sequence[ActiveFactor],
    exact: bool,
    means: np.ndarray,
    curvatures: np.ndarray,
    most_sweeps: int = 10_000,
    threads: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Minimize sum_i [-pull_i m_i + curvature_i/2 m_i^2] + penalty(b) with m = X (b - start) + intercept.

    Parameters
    ----------
    dense : (n, any) Fortran order, of which ``index`` (q1,) names columns
    thin : (n, q2), the next columns
    curvature, pull : (T, n)
    box : Box of (T, q1 + q2)
    start : (T, q1 + q2)
    small : (T,)
        Decrease per coordinate at which to stop.
    names : (q1 + q2,)
        What the columns are called in ``factors``.
    factors : T of them, or none
        Of earlier calls. They are ``exact`` where the curvature and l2 are what they were.
    means, curvatures : (T, q1 + q2)
        Weighted means and second derivatives of the columns, NaN where they are not known: they then are at the end.

    Returns
    -------
    (T, q1 + q2) coefficients and (T,) intercepts
    """
    tasks, n = curvature.shape
    q = len(index) + thin.shape[1]
    if dense.shape[0] != n or pull.shape != (tasks, n) or start.shape != (tasks, q) or box.l1.shape != (tasks, q):
        raise ValueError("columns, curvature, pull, start and box do not belong together")
    coef, shift = np.array(start, dtype=np.float64, order="C"), np.empty(tasks)
    _kernel.column_solutions(
        _doubles(dense.T),
        np.ascontiguousarray(index, dtype=np.int64),
        np.ascontiguousarray(thin.indptr, dtype=np.int64),
        np.ascontiguousarray(thin.indices, dtype=np.int64),
        _doubles(thin.data),
        _doubles(curvature),
        _doubles(pull),
        intercept,
        _doubles(box.l1),
        _doubles(box.l2),
        _doubles(box.lower),
        _doubles(box.upper),
        _doubles(np.broadcast_to(small, tasks)),
        most_sweeps,
        threads,
        np.ascontiguousarray(names, dtype=np.int64),
        list(factors),
        exact,
        means,
        curvatures,
        coef,
        shift,
    )
    return coef, shift


def gather_rows(
    weight: np.ndarray,
    slope: np.ndarray,
    curvature: np.ndarray,
    tasks: np.ndarray,
    start: int,
    dual: np.ndarray,
    sums: np.ndarray,
) -> None:
    """What some rows of some tasks add up to.

    Parameters
    ----------
    weight : (all tasks, all rows)
    slope, curvature : (T, n)
        Of ``tasks`` (T,), in n rows from ``start`` on.
    dual : (all tasks, all rows)
        Receives - weight * slope in its place.
    sums : (T, 3)
        Gains the sums of the duals, of weight * curvature, and of weight * slope^2 / curvature.
    """
    if dual.shape != weight.shape or slope.shape != curvature.shape or sums.shape != (len(tasks), 3):
        raise ValueError("weight, slope, curvature, dual and sums do not belong together")
    if len(slope) != len(tasks) or start + slope.shape[1] > weight.shape[1]:
        raise ValueError("the rows are not among those of the weights")
    _kernel.gather(weight, _doubles(slope), _doubles(curvature), np.ascontiguousarray(tasks), start, dual, sums)


def _doubles(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array, dtype=np.float64)
