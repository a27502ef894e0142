"""Rows moved against a net: FGSM and PGD within a number of deviations of each column.

With z the standardized values of a row, f the mean of the nets and A the columns that may move,

    FGSM   z + size * sign(d loss / d z) on A                             (Goodfellow, Shlens and Szegedy 2015)
    PGD    many steps of a fraction of size along the sign, from FGSM's point and from a random one, each brought back
           into |z' - z| <= size; of all points the row keeps the one that loses most   (Madry and others 2018)

What a net bends is monotone in z, so that signs are those of the slopes in its inputs. Missing values stay missing.
"""

from __future__ import annotations

import numpy as np

from rightfit.contracts import Attack, Problem
from rightfit.learners._network.bodies import Body, Nets
from rightfit.learners._network.inputs import Inputs, bend

STRIDE = 2.5
"""All steps together can go so many times the size."""


class Moving:
    """Some rows of a problem before a net, which may be moved."""

    def __init__(
        self,
        body: Body,
        nets: Nets,
        inputs: Inputs,
        constant: np.ndarray,
        spread: np.ndarray,
        problem: Problem,
        rows: np.ndarray,
    ):
        self.body, self.nets, self.spread, self.problem, self.rows = body, nets, spread, problem, rows
        self.inputs, self.level = inputs, constant + problem.offset[rows, None]
        design = problem.design.take(rows)
        self.values = inputs.standardize(design)
        self.free = np.tile(inputs.scale > 0, (len(rows), 1))
        if not design.complete:
            holes = design.holes().tocoo()
            self.free[holes.row, holes.col] = False

    def say(self, values: np.ndarray) -> np.ndarray:
        """(r, C) predictors at standardized values."""
        return self.level + self.spread * self.body.say(self.nets, bend(values))

    def sign(self, values: np.ndarray) -> np.ndarray:
        """(r, p) which way each value must go for the row to lose more."""
        eta, y = self.say(values), self.problem.y[self.rows]
        slope = self.problem.loss.slope(y, eta if self.problem.loss.outputs > 1 else eta[:, 0]).reshape(eta.shape)
        return np.sign(self.body.pull(self.nets, bend(values), slope * self.spread))

    def attack(self, attack: Attack) -> np.ndarray:
        """(r, C) predictors of the rows where they were moved to."""
        size = attack.size * (self.free & attack.columns)
        if attack.kind == "random":
            chance = np.random.default_rng(attack.seed)
            return self.say(self.values + size * chance.choice([-1.0, 1.0], self.values.shape))
        first = self.values + size * self.sign(self.values)
        if attack.kind == "FGSM":
            return self.say(first)
        worst = self.say(self.values)
        most = self.problem.lose(self.rows, worst)
        chance = np.random.default_rng(attack.seed)
        for start in (first, self.values + size * chance.uniform(-1, 1, self.values.shape)):
            now = start
            for step in range(attack.steps + 1):
                eta = self.say(now)
                lost = self.problem.lose(self.rows, eta)
                better = lost > most
                worst[better], most[better] = eta[better], lost[better]
                if step < attack.steps:
                    moved = now - self.values + STRIDE / attack.steps * size * self.sign(now)
                    now = self.values + np.clip(moved, -size, size)
        return worst
