"""The columns of a setting as the kernel reads them, and what is known of groups of them: second moments, pulls."""

from __future__ import annotations

import numpy as np

from rightfit.solvers.block_quadratic import BlockPenalty, Spectra, column_products
from rightfit.solvers.grouping import Groups
from rightfit.solvers.left_out import few_left_out
from rightfit.solvers.setting import Setting

MOST_SPECTRA = 4e7
"""Numbers of all groups' spectra that are kept."""
FAR = 1e3
"""Columns whose mean is this many deviations from zero are copied, so that it can be taken off."""


class GroupColumns:
    """Columns without missing values, read where they lie or from a growing copy of those that were wanted."""

    def __init__(self, setting: Setting, groups: Groups, threads: int):
        self.setting, self.threads = setting, threads
        self.in_place = self._in_place()
        self.rows = np.empty((0, setting.design.n))
        """copied columns, minus their shift where an intercept takes it up"""
        self.place = np.full(setting.design.p, -1)
        self.copied = 0
        self.spectra = Spectra(np.diff(groups.starts), 0)
        self.known = np.zeros(len(groups.norm), bool)
        self.left_out = few_left_out(setting.weight)
        size = np.diff(groups.starts).astype(float)
        self.keep = setting.loss.quadratic and setting.tasks * (size**2 + size).sum() <= MOST_SPECTRA

    def _in_place(self) -> np.ndarray | None:
        setting = self.setting
        columns = setting.design.in_place()
        near = np.abs(setting.fill) <= FAR * setting.scale
        return columns if columns is not None and (not setting.intercept or near.all()) else None

    def hold(self, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Columns as rows of an array (rows, n), and which rows they are."""
        if self.in_place is not None:
            return self.in_place, columns
        fresh = columns[self.place[columns] < 0]
        if len(fresh):
            setting = self.setting
            new = setting.design.collect(fresh, setting.fill[:, 0])
            if not setting.intercept:
                new += setting.design.shift(fresh)
            end = self.copied + len(fresh)
            if end > len(self.rows):
                larger = np.empty((min(max(2 * len(self.rows), end), setting.design.p), setting.design.n))
                larger[: self.copied] = self.rows[: self.copied]
                self.rows = larger
            self.rows[self.copied : end] = new.T
            self.place[fresh] = np.arange(self.copied, end)
            self.copied = end
        return self.rows, self.place[columns]

    def means(self, columns: np.ndarray, tasks: np.ndarray, curvature: np.ndarray, total: np.ndarray) -> np.ndarray:
        """(T', q) curvature-weighted means of the columns as they are held; zeros without an intercept."""
        setting = self.setting
        if not setting.intercept:
            return np.zeros((len(tasks), len(columns)))
        if setting.loss.quadratic:
            shift = 0.0 if self.in_place is not None else setting.design.shift(columns)
            return np.asarray(setting.fill[columns][:, tasks].T - shift)
        held, places = self.hold(columns)
        return column_products(held, places, curvature, threads=self.threads) / np.maximum(total, 1e-300)[:, None]

    def products(self, columns: np.ndarray, dual: np.ndarray) -> np.ndarray:
        """X[:, columns]' dual, (T, q) for duals (T, n), from columns in place."""
        assert self.in_place is not None
        return column_products(self.in_place, columns, dual, threads=self.threads)

    def known_spectra(self, groups: Groups, some: np.ndarray, tasks: np.ndarray) -> Spectra:
        """Spectra of some groups for some tasks under a squared error, computed once where they can be kept."""
        fresh = some[~self.known[some]] if self.keep else some
        everyone = np.arange(self.setting.tasks) if self.keep else tasks
        if not self.keep or not len(self.spectra.data):
            self.spectra = Spectra(np.diff(groups.starts), len(everyone))
        if len(fresh):
            columns = groups.columns(fresh)
            held, places = self.hold(columns)
            total = np.full(len(everyone), float(self.setting.intercept))
            mean = self.means(columns, everyone, np.empty(0), total)
            penalty = groups.block_penalty(everyone, fresh, 1)
            self._decompose(self.spectra, fresh, held, places, penalty, self.setting.weight[everyone], mean, total)
            self.known[fresh] = True
        if len(tasks) == len(everyone):
            return self.spectra
        return self.spectra.of(tasks)

    def decompose(
        self,
        spectra: Spectra,
        which: np.ndarray,
        columns: np.ndarray,
        penalty: BlockPenalty,
        weight: np.ndarray,
        mean: np.ndarray,
        total: np.ndarray,
    ) -> None:
        """Fill in blocks ``which`` from their columns as rows (q, n), under weights (T, n)."""
        self._decompose(spectra, which, columns, np.arange(len(columns)), penalty, weight, mean, total)

    def _decompose(
        self,
        spectra: Spectra,
        which: np.ndarray,
        held: np.ndarray,
        places: np.ndarray,
        penalty: BlockPenalty,
        weight: np.ndarray,
        mean: np.ndarray,
        total: np.ndarray,
    ) -> None:
        starts = penalty.starts
        sizes = np.diff(starts)
        for d in np.unique(sizes):
            some = np.flatnonzero(sizes == d)
            few = max(1, int(1e6 // (d * max(held.shape[1], d * len(weight)))))
            for first in range(0, len(some), few):
                part = some[first : first + few]
                place = starts[part][:, None] + np.arange(d)
                moments = self._moments(held[places[place]], weight)
                centre = mean[:, place]
                moments -= total[:, None, None, None] * centre[:, :, :, None] * centre[:, :, None, :]
                inverse = penalty.inverse[:, place]
                spectra.fill(which[part], inverse[:, :, :, None] * moments * inverse[:, :, None, :])

    def _moments(self, block: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """(T, k, d, d) second moments of k blocks (k, d, n): the total minus what a task leaves out, where that is
        all in which tasks differ and nothing cancels."""
        # only under a squared error are the tasks' curvatures their weights
        if self.left_out is None or not self.setting.loss.quadratic or len(weight) != len(self.left_out):
            return np.stack([(block * w) @ block.transpose(0, 2, 1) for w in weight])
        whole = (block * weight[0]) @ block.transpose(0, 2, 1)
        out = np.empty((len(weight), *whole.shape))
        diagonal = np.diagonal(whole, axis1=1, axis2=2)
        for t, rows in enumerate(self.left_out):
            gone = block[:, :, rows]
            part = (gone * weight[0][rows]) @ gone.transpose(0, 2, 1)
            if (np.diagonal(part, axis1=1, axis2=2) > 0.9 * diagonal).any():
                out[t] = (block * weight[t]) @ block.transpose(0, 2, 1)
            else:
                out[t] = (whole - part) / (1 - weight[0][rows].sum())
        return out
