"""Whose second moments a task's next quadratic has: its own rows', those that all folds share, or older ones.

own       squared error, once; few columns, always; progress that stayed poor with new shared ones
shared    resamples that leave out disjoint rows (`SharedCurvature`), made anew when progress is poor and, while columns
          are few, at every strength; other resamples borrow the full fit's own
kept      otherwise: a model may outlive its point
"""

from __future__ import annotations

import numpy as np

from rightfit.solvers.curvature import Curvature, OwnCurvature, SharedCurvature, left_out_by
from rightfit.solvers.model import QuadraticModel
from rightfit.solvers.rows import Rows
from rightfit.solvers.setting import Setting

CHEAP = 2e6
"""Multiplications below which second moments of one's own cost no more than talking about it."""
WHOLE = 1000
"""Coefficients of a model that holds every column once an eighth of them is wanted,"""
MOST = 5e6
"""and numbers in all such models together."""


class Sources:
    """Of every task."""

    def __init__(self, setting: Setting, rows: Rows):
        self.setting, self.rows = setting, rows
        self.part = left_out_by(setting)
        self._of: list[Curvature | None] = [None] * setting.tasks
        self._shared: SharedCurvature | None = None
        self._renewed = -1.0
        """strength at which the shared one was made"""
        numbers = setting.design.p * setting.outputs
        self._learnable = not setting.loss.quadratic and numbers <= WHOLE and setting.tasks * numbers**2 <= MOST
        self.whole = False
        """models hold every column by now, so that they can learn from steps"""
        self._spent: list[float] = []
        """steps at the strengths since models were last made"""

    def choose(self, wanted: dict[int, np.ndarray], stale: np.ndarray, strength: float, eta: np.ndarray) -> None:
        """Settle where the quadratics of some tasks come from, given the columns that each wants and which tasks (T,)
        made poor progress with what they had; ``eta`` (T, C, n) is where new ones are taken."""
        p, most = self.setting.design.p, max(map(len, wanted.values()), default=0)
        if self._learnable and not self.whole and 8 * most >= p and not self._cheap(most):
            self.whole, stale = True, np.ones_like(stale)
        wanted = {t: self._held(columns) for t, columns in wanted.items()}
        together = {t for t, columns in wanted.items() if self.part is not None and len(columns) == p}
        renew = any(stale[t] for t in together)
        for t, columns in wanted.items():
            self._of[t] = self._choose(t, len(columns), renew if t in together else bool(stale[t]), strength, eta)
        self._release()
        those = [columns for t, columns in wanted.items() if self._of[t] is self._shared is not None]
        if those and self._shared is not None:
            self._shared.hold(np.unique(np.concatenate(those)))

    def _release(self) -> None:
        """Only the newest shared ones can still be borrowed: older ones keep the models of those that have them."""
        for source in self._of:
            if isinstance(source, SharedCurvature) and source is not self._shared:
                source.keep({t for t, other in enumerate(self._of) if other is source})

    def _held(self, columns: np.ndarray) -> np.ndarray:
        """What a model holds that is asked for these columns."""
        return np.arange(self.setting.design.p) if self.whole and not self._cheap(len(columns)) else columns

    def _cheap(self, columns: int) -> bool:
        return self.setting.design.n * (columns * self.setting.outputs) ** 2 <= CHEAP

    def account(self, steps: float) -> None:
        """So many steps were taken at a strength."""
        self._spent.append(steps)

    def worn(self, price: float) -> bool:
        """Models that learn take more steps by now than they did on average, their making included: new ones pay."""
        spent = self._spent
        return self.whole and len(spent) > 2 and sum(spent[-2:]) / 2 > (price + sum(spent)) / len(spent)

    def price(self, columns: int, tasks: int, *, whole: bool) -> float:
        """What new second moments of some columns cost, in steps of so many tasks. Of a row: passes over the columns
        read them once and then multiply for every task and output, which takes other time besides; a model is solved
        in a time that does not depend on the rows; second moments take a pass and the products of all pairs
        (nanoseconds of a present core; only their ratios count)."""
        C = self.setting.outputs
        held = self.setting.design.p if self.whole else columns
        read = columns + (self.setting.design.p if whole else columns)
        step = read * (0.35 + 0.07 * tasks * C) + (10 if C == 1 else 25 * C) * tasks
        step += 4 * tasks * (held * C) ** 2 / self.setting.design.n
        return 1.2 * max(C * (C - 1) / 2, 1) * held * (0.03 * held + 0.7) / step

    def model(self, t: int, columns: np.ndarray) -> QuadraticModel:
        """Task t's, which holds these columns."""
        source = self._of[t]
        assert source is not None
        source.hold(self._held(columns))
        return source.model(t)

    def _choose(self, t: int, columns: int, stale: bool, strength: float, eta: np.ndarray) -> Curvature:
        setting, source = self.setting, self._of[t]
        if setting.loss.quadratic:
            return source or self._own(t, eta)
        if self._cheap(columns):
            return self._own(t, eta)
        if self.part is None:
            full = self._of[0]
            if t > 0 and full is not None and full is not source and (source is None or stale):
                if not setting.frozen[t].any():
                    return full
            return self._own(t, eta) if source is None or stale else source
        eager = not self.whole and self.price(columns, setting.tasks, whole=False) < 0.5
        if source is not None and not eager and not stale and (not self.whole or isinstance(source, SharedCurvature)):
            return source
        shared, new = self._shared, self._renewed == strength
        if stale and new and shared is not None and source is shared:
            return shared if self.whole else self._own(t, eta)
        if shared is None or not new:
            self._shared = shared = SharedCurvature(setting, self.part, self.rows.curvatures(0, eta[0]))
            self._renewed = strength
            self._spent.clear()
        return shared

    def _own(self, t: int, eta: np.ndarray) -> OwnCurvature:
        self._spent.clear()
        return OwnCurvature(self.setting, t, self.rows.curvatures(t, eta[t]), eta[t])
