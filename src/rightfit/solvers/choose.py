"""Who solves what: one table from the shape of a problem to its solver.

loss        penalty               shape                   solver
squared     any in a box          p columns fit a Gram    moments: second moments once, then the kernel's whole path
any         any in a box          otherwise               newton: quadratics on a working set
"""

from __future__ import annotations

import numpy as np

from rightfit.solvers.moments import moment_paths
from rightfit.solvers.newton import newton_paths
from rightfit.solvers.setting import Setting
from rightfit.solvers.steps import Steps

LARGEST_GRAM = 2_000
"""Columns whose second moments are kept for a whole path."""


def solve_paths(setting: Setting, strengths: np.ndarray, *, tolerance: float, threads: int) -> list[Steps]:
    """One path a task at these strengths (decreasing; 0 is allowed at the end)."""
    n, p = setting.design.n, setting.design.p
    if setting.loss.quadratic and p <= LARGEST_GRAM and p <= max(2 * n, 200):
        return moment_paths(setting, strengths, tolerance=tolerance, threads=threads)
    return newton_paths(setting, strengths, tolerance=tolerance, threads=threads)
