"""Rows as nets see them while they learn: with noise, or mixed with another row, in the units of the columns."""

from __future__ import annotations

import numpy as np

from rightfit.learners._network.inputs import BEND, Inputs
from rightfit.learners._network.rungs import Rung
from rightfit.records import Examples

COLUMNS = 8
"""Columns that are shown at most."""
SEED = 47


def show_examples(rung: Rung, inputs: Inputs, rows: np.ndarray, importance: np.ndarray, seed: int) -> Examples | None:
    """Two rows of inputs (r, p), as they are and as a rung would change them, by their most important columns; None
    where nothing is changed."""
    if not (rung.noise or rung.mixup) or len(rows) < 2:
        return None
    chance = np.random.default_rng([seed, SEED])
    first, second = rows[chance.choice(len(rows), 2, replace=False)]
    shown = [("a row", first), ("another row", second)]
    words = []
    changed = first
    if rung.mixup:
        drawn = chance.beta(rung.mixup, rung.mixup, 1000)
        share = float(drawn[np.argmax(np.minimum(drawn, 1 - drawn) > 0.1)])  # one that can be seen, where there is one
        changed = share * first + (1 - share) * second
        shown.append((f"{100 * share:.0f} % + {100 * (1 - share):.0f} %", changed))
        words.append(f"mixes two rows, and their losses alike, by a share from Beta({rung.mixup:g}, {rung.mixup:g})")
    if rung.noise:
        shown.append(("with noise", changed + rung.noise * chance.standard_normal(len(changed))))
        words.append(f"adds normal noise of {rung.noise:g} deviations to the standardized columns")
    live = np.flatnonzero(inputs.scale > 0)
    columns = live[np.argsort(-importance[live], kind="stable")[:COLUMNS]]
    values = np.array([_undo(one, inputs)[columns] for _, one in shown])
    sentence = (
        f"Each step of the training {' and '.join(words)}: such rows might have been. Evidence sees none of them."
    )
    return Examples(columns, tuple(label for label, _ in shown), values, sentence)


def _undo(row: np.ndarray, inputs: Inputs) -> np.ndarray:
    """(p,) what a row of inputs would be in the units of its columns; far out, where inputs cannot be."""
    part = np.clip(row / BEND, -0.999, 0.999)
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = np.where(inputs.scale > 0, 1.0 / inputs.scale, 0.0)
    found = inputs.mean + deviation * BEND * part / np.sqrt(1 - part**2)
    return np.where(np.abs(found) < 1e-9 * deviation, 0.0, found)
