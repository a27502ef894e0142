"""What alpha and lambda did to the leaves of a booster: their weights before and after, from sums of gradients."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np

from rightfit.learners._boosting.ensemble import Ensemble
from rightfit.learners._boosting.ground import make_matrix, sum_rounds
from rightfit.learners._boosting.growing import Grower
from rightfit.learners._boosting.objective import derivatives
from rightfit.records import Leaves

MOST = 3000
"""Leaves that are shown; trees are taken evenly from the first to the last."""
_CELLS = 50_000_000
"""Rows times trees above which no leaves are shown."""


def soft(gradient: np.ndarray, alpha: float) -> np.ndarray:
    """sign(G) max(abs(G) - alpha, 0)."""
    return np.sign(gradient) * np.maximum(np.abs(gradient) - alpha, 0.0)


def leaf_weights(
    gradient: np.ndarray, curvature: np.ndarray, alpha: float, strength: float, step: float = 0.0
) -> np.ndarray:
    """-soft(G, alpha) / (H + lambda) (Chen and Guestrin 2016, equation 5, with alpha), within ± step where there is
    one."""
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where(curvature + strength > 0, -soft(gradient, alpha) / (curvature + strength), 0.0)
    return np.clip(weight, -step, step) if step else weight


def show_leaves(ensemble: Ensemble, grower: Grower, rounds: int, learner: Any) -> Leaves | None:
    """The leaves of a booster's first rounds, summed over the rows that taught it; None where there is nothing to show:
    no rounds, dropout (which changes trees after they were grown), too many rows."""
    plot, problem = grower.plot, grower.ground.problem
    outputs = problem.loss.outputs
    if rounds == 0 or ensemble.tree_weights or len(plot.rows) * rounds * outputs > _CELLS:
        return None
    matrix = make_matrix(plot.columns, plot.columns.thinned(grower.ground.values[plot.rows]), outputs)
    y, offset = problem.y[plot.rows], problem.offset[plot.rows]
    every = ceil(int(ensemble.leaves[rounds]) / MOST)
    places = ensemble.booster.predict(matrix, pred_leaf=True, iteration_range=(0, rounds))
    places = places.reshape(len(y), rounds, outputs)
    found: list[tuple[np.ndarray, ...]] = []
    for t in range(0, rounds, every):
        margin = sum_rounds(ensemble.booster, matrix, t, outputs)
        slope, curvature = derivatives(plot.loss, y, margin + plot.constant + offset[:, None])
        for c in range(outputs):
            code, leaf = np.unique(places[:, t, c], return_inverse=True)
            sums = [np.bincount(leaf, plot.weight * part[:, c], len(code)) for part in (slope, curvature)]
            found.append((np.full(len(code), t * outputs + c), code, *sums, np.bincount(leaf, plot.weight, len(code))))
    tree, _, gradient, curvature, rows = (np.concatenate(part) for part in zip(*found, strict=True))
    step = grower.ground.objective.step
    before = leaf_weights(gradient, curvature, 0.0, 0.0)
    after = leaf_weights(gradient, curvature, learner.reg_alpha, learner.reg_lambda, step)
    return Leaves(
        tree=tree.astype(np.int64),
        gradient=gradient,
        curvature=curvature,
        rows=rows,
        before=before,
        after=after,
        l1=float(learner.reg_alpha),
        l2=float(learner.reg_lambda),
        sentence=_tell(before, after, rows, learner, every),
    )


def _tell(before: np.ndarray, after: np.ndarray, rows: np.ndarray, learner: Any, every: int) -> str:
    share = rows / rows.sum()
    size, left = float(share @ np.abs(before)), float(share @ np.abs(after))
    zero = int(np.sum((after == 0) & (before != 0)))
    less = f"{1 - left / size:.1%}".replace("%", " %") if size > 0 else "0 %"
    words = (
        f"alpha {learner.reg_alpha:.3g} and lambda {learner.reg_lambda:.3g} took {less} off the mean size of the leaves"
        f"{f' and set {zero:,} of {len(after):,} to zero' if zero else ''}; the learning rate then takes "
        f"{learner.learning_rate:g} of what is left."
    )
    if every > 1:
        words += f" Every {every}th round is shown."
    if learner.subsample < 1:
        words += f" Sums are over all rows; each tree was grown on {learner.subsample:.0%} of them.".replace("%", " %")
    return words
