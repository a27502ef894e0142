"""A first fit that teaches each resample its own penalty, from its own rows alone.

The pilot is the penalty as it is before it has learned, a lasso, walked down ``PILOT_STEPS`` strengths that start
where the resample's own coefficients leave zero. Of the steps with a penalized coefficient that is not zero, the one
with the smallest generalized cross-validation score teaches,

    GCV = loss / (1 - (df + 1)/n)^2,

with the mean loss on the resample's n rows and df non-zero coefficients (Golub, Heath and Wahba 1979; the 1 is the
intercept's). No row that the resample leaves out has a part in it: neither in its strengths nor in its choice.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rightfit.contracts import Penalty
from rightfit.solvers.choose import solve_paths
from rightfit.solvers.grid import log_grid
from rightfit.solvers.groups import GroupWalk
from rightfit.solvers.newton import NewtonWalk
from rightfit.solvers.proximal import proximal_steepest
from rightfit.solvers.setting import Setting
from rightfit.solvers.steps import Steps

PILOT_STEPS = 50


def adapt(setting: Setting, *, tolerance: float, threads: int) -> Setting:
    """The setting whose penalties have seen their pilots; the same one where the penalty wants none."""
    if not setting.penalty.pilot:
        return setting
    paths = [_pilot(setting.only(t), tolerance, threads) for t in range(setting.tasks)]
    penalties, excluded = [], setting.excluded.copy()
    for t, path in enumerate(paths):
        penalty = setting.penalties[t]
        assert isinstance(penalty, Penalty)
        own = penalty.adapt(_taught(setting, t, path) * setting.divisor[:, t, None])
        penalties.append(own)
        excluded[:, t] |= np.isinf(own.tangent(np.zeros((setting.design.p, setting.outputs)), 1.0).l1)
    return replace(setting, penalties=tuple(penalties), excluded=excluded)


def steepest(setting: Setting, threads: int) -> float:
    """The smallest strength at which the first task's penalized coefficients are zero."""
    if not setting.penalty.separable:
        return proximal_steepest(setting)
    walk: GroupWalk | NewtonWalk
    if setting.grouped:
        walk = GroupWalk(setting.only(0), 1e-9, threads)
        walk.settle()
    else:
        walk = NewtonWalk(setting.only(0), 1e-9, threads)
        walk.solve(np.inf)
    still = setting.excluded[:, 0]
    gradient = -walk.pull[0] / np.where(still, 1.0, setting.divisor[:, 0])[:, None]
    return setting.penalty.steepest(gradient, still)


def _pilot(setting: Setting, tolerance: float, threads: int) -> Steps:
    """One task's path on its own strengths."""
    live = int((~setting.excluded[:, 0]).sum())
    n = int(setting.rows[0])
    strengths = log_grid(steepest(setting, threads), count=PILOT_STEPS, ratio=None, n=n, p=live)
    return solve_paths(setting, strengths, tolerance=tolerance, threads=threads)[0]


def _taught(setting: Setting, t: int, path: Steps) -> np.ndarray:
    """(p, C) coefficients of the step that teaches; zeros where no step has any."""
    out = np.zeros((setting.design.p, setting.outputs))
    df = np.array([len(values) for values in path.values], dtype=float)
    left = 1 - (df + setting.intercept) / setting.rows[t]
    with np.errstate(divide="ignore"):
        score = np.where((left > 0) & (df > df[0]), (1 - np.array(path.explained)) / left**2, np.inf)
    if np.isfinite(score).any():
        best = int(np.argmin(score))
        out.ravel()[path.indices[best]] = path.values[best]
    return out
