"""Who solves what: one table from the shape of a problem to its solver.

loss      penalty            shape                      solver
several   ties no outputs    any                        responses: each by itself, as below
squared   none (strength 0)  a copy of the columns fits least_squares: singular values, exact
squared   any in a box       second moments fit         moments: computed once, then the kernel's whole path
squared   no tangent (SLOPE) second moments fit         proximal: accelerated steps on the moments
any       no tangent         otherwise                  proximal: accelerated steps on the rows
squared   concave            second moments fit         tangent: the same again and again, from moments
any       concave            otherwise                  tangent: newton again and again
any       ridge              more columns than rows     rotate: newton in as many coordinates as rows
any       norms of groups    any                        groups: newton, block by block
any       any in a box       otherwise                  newton: quadratics on a working set
"""

from __future__ import annotations

from functools import cache, partial

import numpy as np
from threadpoolctl import ThreadpoolController

from rightfit.data import products
from rightfit.solvers import rotate
from rightfit.solvers.groups import group_paths
from rightfit.solvers.least_squares import applies, least_squares
from rightfit.solvers.moments import moment_paths
from rightfit.solvers.newton import newton_paths
from rightfit.solvers.proximal import proximal_paths
from rightfit.solvers.responses import apart, response_paths
from rightfit.solvers.setting import Setting
from rightfit.solvers.steps import Steps
from rightfit.solvers.tangent import tangent_paths

LARGEST_GRAM = 2_000
"""Columns whose second moments are kept for a whole path."""


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()


def solve_paths(setting: Setting, strengths: np.ndarray, *, tolerance: float, threads: int) -> list[Steps]:
    """One path a task at these strengths (decreasing; 0 is allowed at the end).

    Libraries of linear algebra run on one thread, so that results are the same bytes on any number of cores;
    ``threads`` are tasks solved side by side, each from start to end by one of them, and of products with columns.
    """
    with _blas().limit(limits=1, user_api="blas"), products.threads(threads):
        if not setting.loss.coupled:
            return _solve_paths(setting, strengths, tolerance=tolerance, threads=threads)
        # each task has a loss of its own, in which its weights are bound
        alone = [setting.only(t) for t in range(setting.tasks)]
        paths = [_solve_paths(one, strengths, tolerance=tolerance, threads=threads)[0] for one in alone]
        for one, path in zip(alone, paths, strict=True):
            if setting.loss.level_free:
                path.centre(one.fill[:, 0])
        return paths


def _solve_paths(setting: Setting, strengths: np.ndarray, *, tolerance: float, threads: int) -> list[Steps]:
    p = setting.design.p
    if apart(setting):
        return response_paths(setting, partial(_solve_paths, strengths=strengths, tolerance=tolerance, threads=threads))
    if not setting.penalty.separable:
        return proximal_paths(
            setting, strengths, tolerance=tolerance, threads=threads, second_moments=_moments_fit(setting)
        )
    plain = strengths[-1] == 0 and applies(setting)
    penalized = strengths[:-1] if plain else strengths
    if len(penalized):
        solve = newton_paths
        if setting.grouped:
            solve = group_paths
        elif not setting.penalty.convex:
            solve = partial(tangent_paths, second_moments=_moments_fit(setting))
        elif _moments_fit(setting):
            solve = moment_paths
        elif penalized[-1] > 0 and rotate.applies(setting):
            solve = rotate.rotated_paths
        paths = solve(setting, penalized, tolerance=tolerance, threads=threads)
    else:
        paths = [Steps(p, setting.outputs) for _ in range(setting.tasks)]
    if plain:
        for t, path in enumerate(paths):
            columns, coef, intercept, loss, status = least_squares(setting, t)
            share = 1 - loss / setting.null_loss[t]
            rank = min(len(columns), int((setting.weight[t] > 0).sum()) - setting.intercept)
            path.add(0.0, columns, coef, intercept, gap=0.0, status=status, complexity=rank, explained=share)
    return paths


def _moments_fit(setting: Setting) -> bool:
    """Whether the second moments of all columns are worth forming, once for a whole path."""
    n, p = setting.design.n, setting.design.p
    return setting.loss.quadratic and setting.outputs == 1 and p <= LARGEST_GRAM and p <= max(2 * n, 200)
