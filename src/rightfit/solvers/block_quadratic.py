"""The second door to the compiled kernel, for blocks of coefficients under group norms: arrays are checked and laid
out here, the kernel trusts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rightfit import _kernel

WALL = 1e300
"""A norm's price at which a block stays zero, unseen."""


@dataclass(frozen=True)
class BlockPenalty:
    """Penalties of T tasks on B consecutive blocks of q coefficients:

    sum_g norm_g ||s_g b_g|| + l2_g/2 ||s_g b_g||^2 + sum_j l1_j |s_j b_j|

    with ``inverse`` = 1 / s, 0 where a coefficient stays zero.
    """

    starts: np.ndarray
    """(B + 1,) where each block begins, and q"""
    norm: np.ndarray
    """(T, B)"""
    l2: np.ndarray
    """(T, B)"""
    l1: np.ndarray
    """(T, q)"""
    inverse: np.ndarray
    """(T, q)"""

    def check(self, tasks: int, q: int) -> None:
        """ValueError where the parts do not belong together."""
        blocks = len(self.starts) - 1
        if blocks < 0 or self.starts[0] != 0 or self.starts[-1] != q or np.any(np.diff(self.starts) <= 0):
            raise ValueError(f"blocks must begin at 0, rise and end at {q}")
        for name, array, shape in (
            ("norm", self.norm, (tasks, blocks)),
            ("l2", self.l2, (tasks, blocks)),
            ("l1", self.l1, (tasks, q)),
            ("inverse", self.inverse, (tasks, q)),
        ):
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape} instead of {shape}")
            if not (np.isfinite(array) & (array >= 0)).all():
                raise ValueError(f"{name} must be finite and 0 or more")


class Spectra:
    """Eigenvalues and eigenvectors of every block's second moments in the coordinates that are penalized, for T
    tasks; blocks may be filled in any order."""

    def __init__(self, sizes: np.ndarray, tasks: int):
        self.sizes = sizes
        self.corners = np.concatenate([[0], np.cumsum(sizes.astype(np.int64) ** 2 + sizes)])
        """(B + 1) where each block's (d, d) eigenvectors, one a column, begin, with its d eigenvalues behind them"""
        self.data = np.zeros((tasks, int(self.corners[-1])))

    def of(self, tasks: np.ndarray) -> Spectra:
        """Some tasks."""
        out = Spectra(self.sizes, 0)
        out.data = self.data[tasks]
        return out

    def fill(self, some: np.ndarray, moments: np.ndarray) -> np.ndarray:
        """Decompose (T, len(some), d, d) second moments of blocks ``some`` of one size d: (T, len(some)) largest
        eigenvalues."""
        values, vectors = np.linalg.eigh(moments)
        values = np.maximum(values, 0.0)
        d = moments.shape[-1]
        both = np.concatenate([vectors.reshape(*moments.shape[:2], d * d), values], axis=2)
        self.data[:, self.corners[some][:, None] + np.arange(d * d + d)] = both
        return np.asarray(values[:, :, -1])


def decompose(gram: np.ndarray, penalty: BlockPenalty) -> Spectra:
    """Spectra of the diagonal blocks of (T, q, q) second moments."""
    starts = penalty.starts
    sizes = np.diff(starts)
    out = Spectra(sizes, len(gram))
    for d in np.unique(sizes):
        some = np.flatnonzero(sizes == d)
        place = starts[some][:, None] + np.arange(d)
        inverse = penalty.inverse[:, place]
        blocks = gram[:, place[:, :, None], place[:, None, :]]
        out.fill(some, inverse[:, :, :, None] * blocks * inverse[:, :, None, :])
    return out


def block_gram_solutions(
    gram: np.ndarray,
    linear: np.ndarray,
    penalty: BlockPenalty,
    spectra: Spectra,
    *,
    start: np.ndarray,
    small: np.ndarray,
    which: np.ndarray | None = None,
    most_rounds: int = 10_000,
    threads: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Minimize b'Gb/2 - c'b + penalty(b) for T tasks: (T, q) coefficients, and (T,) the last round's size.

    Parameters
    ----------
    gram : (T, q, q) symmetric, positive semi-definite
    linear, start : (T, q) c, and the coefficients to start from
    small : (T,)
        Size of a round's steps, the sum of step' (G_g + l2) step, at which to stop.
    which : (B,), optional
        The number of each block in ``spectra``, where that holds more.
    """
    tasks, q = linear.shape
    if gram.shape != (tasks, q, q) or start.shape != (tasks, q):
        raise ValueError(f"gram {gram.shape}, linear {linear.shape} and start {start.shape} do not belong together")
    penalty.check(tasks, q)
    coef, size = np.array(start, dtype=np.float64, order="C"), np.array(np.broadcast_to(small, tasks), float)
    _kernel.block_gram_solutions(
        _doubles(gram),
        _doubles(linear),
        *_blocks(penalty, spectra, which, tasks),
        size,
        most_rounds,
        threads,
        coef,
        np.empty(tasks, dtype=np.int64),
    )
    return coef, size


def block_column_solutions(
    columns: np.ndarray,
    places: np.ndarray,
    curvature: np.ndarray,
    pull: np.ndarray,
    mean: np.ndarray,
    total: np.ndarray,
    penalty: BlockPenalty,
    spectra: Spectra,
    *,
    start: np.ndarray,
    small: np.ndarray,
    which: np.ndarray | None = None,
    most_rounds: int = 10_000,
    threads: int = 1,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Minimize sum_i [-pull_i m_i + curvature_i/2 m_i^2] + penalty(b) with m = X (b - start) + intercept.

    Parameters
    ----------
    columns : (p, n) C order, a column of X a row; places : (q,) which of them, block by block
    curvature, pull : (T, n)
    mean, total : (T, q) curvature-weighted means of the columns and (T,) sums of the curvature; zeros without an
        intercept
    start : (T, q)
    small, which : as in `block_gram_solutions`

    Returns
    -------
    coef (T, q), the rows' pull that is left (T, n), the intercept taken out, and (T,) the last round's size
    """
    (tasks, n), q = curvature.shape, len(places)
    if columns.shape[1] != n or pull.shape != (tasks, n) or start.shape != (tasks, q) or mean.shape != (tasks, q):
        raise ValueError("columns, curvature, pull, mean and start do not belong together")
    if columns.dtype != np.float64 or not columns.flags.c_contiguous:
        raise ValueError("columns must be float64 and contiguous")
    if q and not (0 <= places.min() and places.max() < len(columns)):
        raise ValueError(f"places must lie between 0 and {len(columns) - 1}")
    penalty.check(tasks, q)
    coef, size = np.array(start, dtype=np.float64, order="C"), np.array(np.broadcast_to(small, tasks), float)
    total = _doubles(np.broadcast_to(total, tasks))
    left = np.empty((tasks, n + 1))
    left[:, :n] = pull
    left[:, n] = np.where(total > 0, -pull.sum(axis=1) / np.where(total > 0, total, 1.0), 0.0)
    _kernel.block_column_solutions(
        columns,
        np.ascontiguousarray(places, dtype=np.int64),
        _doubles(curvature),
        left,
        _doubles(mean),
        total,
        *_blocks(penalty, spectra, which, tasks),
        size,
        most_rounds,
        threads,
        coef,
        np.empty(tasks, dtype=np.int64),
    )
    return coef, left[:, :n] + left[:, n:] * curvature, size


def column_products(columns: np.ndarray, places: np.ndarray, dual: np.ndarray, *, threads: int = 1) -> np.ndarray:
    """X[:, places]' dual: (T, q) for columns (p, n) in C order, a column of X a row, and dual (T, n)."""
    if columns.dtype != np.float64 or not columns.flags.c_contiguous or columns.shape[1] != dual.shape[1]:
        raise ValueError("columns must be float64, contiguous and as long as dual")
    if len(places) and not (0 <= places.min() and places.max() < len(columns)):
        raise ValueError(f"places must lie between 0 and {len(columns) - 1}")
    out = np.empty((len(places), len(dual)))
    _kernel.dots(columns, np.ascontiguousarray(places, dtype=np.int64), 0, _doubles(dual), threads, out)
    return np.ascontiguousarray(out.T)


def _blocks(penalty: BlockPenalty, spectra: Spectra, which: np.ndarray | None, tasks: int) -> tuple[np.ndarray, ...]:
    which = np.arange(len(penalty.starts) - 1) if which is None else which
    if len(spectra.data) != tasks or not np.array_equal(spectra.sizes[which], np.diff(penalty.starts)):
        raise ValueError("spectra do not belong to these blocks")
    whole = (np.ascontiguousarray(part, dtype=np.int64) for part in (penalty.starts, spectra.corners[which]))
    return (*whole, *(_doubles(part) for part in (spectra.data, penalty.l1, penalty.l2, penalty.norm, penalty.inverse)))


def _doubles(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array, dtype=np.float64)
