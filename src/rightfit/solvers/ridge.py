"""Ridge in closed form: one decomposition, then the whole path and exact leave-one-out for any strengths.

With weights u that sum to one, columns Xc and targets yc centred in the fit's own rows (an unpenalized intercept),

    minimize over b   sum_i u_i (yc_i - xc_i b)^2 / 2 + a/2 ||b||^2 .

The eigenvalues d and vectors of the smaller of Xc' U Xc (p, p) and U^(1/2) Xc Xc' U^(1/2) (n, n) give every b(a) for
the price of a product. Leaving a row out (centring included) without refitting: the prediction is linear in y with
leverage h_i = u_i (1 + xc_i (Xc' U Xc + a)^-1 xc_i'), so the left-out residual is r_i / (1 - h_i) (Allen 1974; Golub,
Heath and Wahba 1979, section 2). There ``a`` stays as it is while the row's weight goes: in the terms of a *mean* loss
over the rows that remain, strength s means a = s (1 - u_i), which may differ from row to row.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg.blas import dsyrk

from rightfit.contracts import Design
from rightfit.data.blocks_of_rows import row_blocks
from rightfit.errors import DataError

SQUARED = 1e-8
"""Below this ratio of the smallest to the largest eigenvalue, second moments have lost too many digits."""
MOST = 2e11
"""Rows times columns squared up to which these digits are won back by a decomposition of the columns themselves."""


@dataclass(frozen=True)
class ColumnSide:
    """Eigenvectors over the columns."""

    basis: np.ndarray
    """(p, k) orthonormal directions in the space of coefficients."""

    def combine(self, mix: np.ndarray) -> np.ndarray:
        """basis @ mix (k, m)"""
        return np.asarray(self.basis @ mix)


@dataclass(frozen=True)
class RowSide:
    """Eigenvectors over the rows of positive weight, which are fewer than the columns."""

    design: Design
    fill: np.ndarray
    center: np.ndarray
    vectors: np.ndarray
    """(r, k) orthonormal."""
    rest: np.ndarray
    """(r, r') orthonormal: what no column reaches, the intercept's direction left out."""
    heavy: np.ndarray
    """(r, k) the vectors, times roots of weights over roots of eigenvalues: basis = Xc' heavy"""

    @cached_property
    def basis(self) -> np.ndarray:
        """(p, k) as `ColumnSide` has it: a costly product that only new rows, or very many strengths, need."""
        return self._correlate(self.heavy)

    def combine(self, mix: np.ndarray) -> np.ndarray:
        """basis @ mix (k, m)"""
        return self._correlate(self.heavy @ mix) if mix.shape[1] < mix.shape[0] else np.asarray(self.basis @ mix)

    def _correlate(self, over_rows: np.ndarray) -> np.ndarray:
        """Xc' (r, m)"""
        return self.design.correlate(over_rows, self.fill) - np.outer(self.center, over_rows.sum(axis=0))


@dataclass(frozen=True)
class RidgeDecomposition:
    """Everything about the columns and targets that does not depend on the strength."""

    values: np.ndarray
    """(k,) positive eigenvalues."""
    side: ColumnSide | RowSide
    """Their vectors."""
    pull: np.ndarray
    """(k, t) basis' Xc' U yc"""
    center: np.ndarray
    """(p,) means that were taken off the columns; zeros without an intercept."""
    y_center: np.ndarray
    """(t,)"""
    share: np.ndarray
    """(n,) u: weights that sum to one."""
    intercept: bool

    def coef(self, strengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients (K, p, t) and intercepts (K, t). Strength 0 gives the shortest least-squares solution."""
        share = self.pull[:, None] / (self.values[:, None] + np.asarray(strengths, float))[:, :, None]
        k, steps, targets = share.shape
        coef = self.side.combine(share.reshape(k, steps * targets))
        coef = coef.reshape(len(self.center), steps, targets).transpose(1, 0, 2)
        return coef, self.y_center - np.einsum("p,spt->st", self.center, coef)

    def complexity(self, strengths: np.ndarray) -> np.ndarray:
        """(K,) effective degrees of freedom, sum d / (d + a); the intercept is not counted."""
        return np.asarray((self.values / (self.values + np.asarray(strengths, float)[:, None])).sum(axis=1))

    def leave_one_out(self, design: Design, y: np.ndarray, amounts: np.ndarray) -> np.ndarray:
        """(n, K, t) residuals y_i - prediction by the fit without row i.

        design, y : the same rows, y (n, t)
        amounts : (K,) or (n, K), the ``a`` of the fit without the row, on the scale of weights that sum to one
            over *all* rows. Rows of weight zero are in no fit: theirs are ordinary residuals.
        """
        amounts = np.asarray(amounts, float)
        common = amounts.ndim == 1  # the same for all rows: sums over directions are then matrix products
        steps = amounts.shape[-1]
        centred = y - self.y_center
        out = np.empty((design.n, steps, y.shape[1]))
        live = self.share > 0
        width = steps * y.shape[1] if common else len(self.values) * steps
        for rows in row_blocks(design.n, max(design.p, width)):
            seen = np.arange(design.n)[rows]
            if isinstance(self.side, RowSide):
                seen = seen[~live[seen]]
            if len(seen):
                mine = amounts if common else amounts[seen]
                out[seen] = self._primal(self.scores(design.take(seen)), centred[seen], mine, self.share[seen])
        if isinstance(self.side, RowSide):
            out[live] = self._through_rows(centred[live], amounts if common else amounts[live])
        return out

    def scores(self, design: Design) -> np.ndarray:
        """(n, k) rows along the basis."""
        columns = np.arange(design.p)
        block = design.collect(columns, self.center) - (self.center - design.shift(columns))
        return np.asarray(block @ self.side.basis)

    def _primal(self, scores: np.ndarray, centred: np.ndarray, amounts: np.ndarray, share: np.ndarray) -> np.ndarray:
        inverse = 1.0 / (self.values + amounts[..., None])  # (K, k) or (n, K, k)
        residual = centred[:, None, :] - _sum_directions(scores, inverse, self.pull)
        leverage = share[:, None] * (float(self.intercept) + _sum_squares(scores, inverse))
        return np.asarray(residual / (1.0 - leverage)[:, :, None])

    def _through_rows(self, centred: np.ndarray, amounts: np.ndarray) -> np.ndarray:
        """The same where residuals and 1 - leverage are both tiny: neither is a difference here."""
        assert isinstance(self.side, RowSide)
        vectors, rest = self.side.vectors, self.side.rest
        root = np.sqrt(self.share[self.share > 0])
        heavy = root[:, None] * centred
        shrink = amounts[..., None] / (self.values + amounts[..., None])
        residual = _sum_directions(vectors, shrink, vectors.T @ heavy)
        residual += (rest @ (rest.T @ heavy))[:, None, :]
        slack = _sum_squares(vectors, shrink) + (rest**2).sum(axis=1)[:, None]
        return np.asarray(residual / (root[:, None] * slack)[:, :, None])


def _sum_directions(scores: np.ndarray, factor: np.ndarray, pull: np.ndarray) -> np.ndarray:
    """(n, K, t) sums over directions k of scores (n, k) * factor (K, k) or (n, K, k) * pull (k, t)."""
    if factor.ndim == 3:
        return np.asarray(np.einsum("nk,nsk,kt->nst", scores, factor, pull, optimize=True))
    steps, k = factor.shape
    both = (factor[:, :, None] * pull).transpose(1, 0, 2).reshape(k, -1)
    return np.asarray(scores @ both).reshape(len(scores), steps, -1)


def _sum_squares(scores: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """(n, K) sums over directions of squared scores times their factor."""
    if factor.ndim == 3:
        return np.asarray(np.einsum("nk,nsk->ns", scores**2, factor))
    return np.asarray(scores**2 @ factor.T)


def decompose(design: Design, y: np.ndarray, weight: np.ndarray, *, intercept: bool) -> RidgeDecomposition:
    """Decompose (n, p) columns with targets (n, t) under row weights (n,) >= 0; DataError where all are zero."""
    total = float(weight.sum())
    if not total > 0:
        raise DataError("all row weights are zero")
    share = weight / total
    means = design.moments(share[:, None])[0][:, 0]
    center = means if intercept else np.zeros(design.p)
    y_center = share @ y if intercept else np.zeros(y.shape[1])
    live = np.flatnonzero(share > 0)
    if design.p <= len(live):
        return _by_columns(design, y - y_center, share, means, center, y_center, intercept)
    return _by_rows(design, y - y_center, share, live, means, center, y_center, intercept)


def gcv(decomposition: RidgeDecomposition, design: Design, y: np.ndarray, strengths: np.ndarray) -> np.ndarray:
    """(K, t) generalized cross-validation: mean of squared residuals / (1 - (1 + df)/n)^2, n the number of rows of
    positive weight (Golub, Heath and Wahba 1979, equation 1.4); the 1 is the intercept's."""
    coef, intercept = decomposition.coef(strengths)
    flat = coef.transpose(1, 0, 2).reshape(design.p, -1)
    eta = design.dot(flat, decomposition.center).reshape(design.n, len(strengths), -1) + intercept
    mean = np.einsum("n,nst->st", decomposition.share, (y[:, None, :] - eta) ** 2)
    n = int((decomposition.share > 0).sum())
    freedom = 1.0 - (float(decomposition.intercept) + decomposition.complexity(strengths)) / n
    return np.asarray(mean / (freedom**2)[:, None])


def _by_columns(
    design: Design,
    centred: np.ndarray,
    share: np.ndarray,
    means: np.ndarray,
    center: np.ndarray,
    y_center: np.ndarray,
    intercept: bool,
) -> RidgeDecomposition:
    columns = np.arange(design.p)
    gram = design.gram(columns, share, means)
    # from moments about the shift to moments about the center
    away = center - design.shift(columns)
    cross = np.outer(away, gram.first)
    second = gram.second - cross - cross.T + gram.total * np.outer(away, away)
    values, basis = np.linalg.eigh(second)
    if values[0] < SQUARED * values[-1] and design.n * design.p**2 <= MOST:
        values, basis, pull = _rotate(design, centred, share, center)
        return RidgeDecomposition(values, ColumnSide(basis), pull, center, y_center, share, intercept)
    keep = values > _cutoff(values, design.p)
    heavy = share[:, None] * centred
    pull = design.correlate(heavy, means) - np.outer(center, heavy.sum(axis=0))
    basis = basis[:, keep]
    return RidgeDecomposition(values[keep], ColumnSide(basis), basis.T @ pull, center, y_center, share, intercept)


def _rotate(
    design: Design, centred: np.ndarray, share: np.ndarray, center: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, basis and pull without squaring: a QR decomposition of columns and targets, some rows at a time, then
    singular values of the triangle (Golub and Van Loan 2013, section 5.5)."""
    p = design.p
    away = center - design.shift(np.arange(p))
    root = np.sqrt(share)[:, None]
    triangle = np.zeros((0, p + centred.shape[1]))
    for start in range(0, design.n, max(4 * p, 1_000)):
        rows = np.arange(start, min(start + max(4 * p, 1_000), design.n))
        block = design.take(rows).collect(np.arange(p), center) - away
        part = root[rows] * np.hstack([block, centred[rows]])
        triangle = np.asarray(np.linalg.qr(np.vstack([triangle, part]), mode="r"))
    left, size, right = np.linalg.svd(triangle[:p, :p], full_matrices=False)
    keep = size > np.finfo(float).eps * max(design.n, p) * size.max(initial=np.finfo(float).tiny)
    reach = left[:, keep].T @ triangle[:p, p:]
    return size[keep] ** 2, right[keep].T, size[keep][:, None] * reach


def _by_rows(
    design: Design,
    centred: np.ndarray,
    share: np.ndarray,
    live: np.ndarray,
    means: np.ndarray,
    center: np.ndarray,
    y_center: np.ndarray,
    intercept: bool,
) -> RidgeDecomposition:
    some = design.take(live) if len(live) < design.n else design
    root = np.sqrt(share[live])
    away = center - some.shift(np.arange(design.p))
    kernel = np.zeros((some.n, some.n), order="F")
    for part in row_blocks(design.p, some.n):
        block = some.collect(np.arange(design.p)[part], means)
        block -= away[part]
        block *= root[:, None]
        kernel = dsyrk(1.0, block, beta=1.0, c=kernel, lower=True, overwrite_c=True)
    values, vectors = np.linalg.eigh(kernel, UPLO="L")
    keep = values > _cutoff(values, some.n)
    rest = vectors[:, ~keep]
    if intercept:
        rest = rest - np.outer(root, root @ rest)  # root has length one
        left, size, _ = np.linalg.svd(rest, full_matrices=False)
        rest = left[:, size > 0.5]
    values, vectors = values[keep], vectors[:, keep]
    pull = np.sqrt(values)[:, None] * (vectors.T @ (root[:, None] * centred[live]))
    side = RowSide(some, means, center, vectors, rest, heavy=root[:, None] * vectors / np.sqrt(values))
    return RidgeDecomposition(values, side, pull, center, y_center, share, intercept)


def _cutoff(values: np.ndarray, size: int) -> float:
    """Below this an eigenvalue is zero within rounding."""
    return float(np.finfo(float).eps * size * max(values.max(initial=0.0), np.finfo(float).tiny))
