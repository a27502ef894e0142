"""Boosters that grow round by round, one for each resample, and what they lose on the rows that they leave out.

A booster runs in one thread, so that its sums are added in one order; resamples run side by side. XGBoost seeds every
round by its number, so that neither blocks nor neighbours change a booster.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event
from typing import Any, final

import numpy as np

from rightfit.errors import FitError
from rightfit.learners._boosting.ground import Ground, sum_rounds
from rightfit.learners._boosting.library import kinds
from rightfit.learners._boosting.memory import Memory
from rightfit.learners._boosting.objective import own_objective
from rightfit.solvers.watch import tell

Lost = list[np.ndarray]
"""(r,) losses of the rows that a resample judges, at some steps."""
_NOTICE = 0.1
"""Seconds between two looks at the clock while others work."""


@final
class Grower:
    """One booster on one resample. One that ``remembers`` keeps at every step what it says of the rows that it judges,
    and of its ``own``, which teach it."""

    def __init__(
        self, ground: Ground, k: int, parameters: dict[str, Any], *, remembers: bool = False, own: bool = False
    ):
        self.ground, self.k, self.rounds = ground, k, 0
        self.plot = plot = ground.plot(k)
        self.drops = parameters.get("booster") == "dart"
        self.tree_weights: dict[int, list[float]] = {}
        """Rounds -> the weights that the trees had then; with dropout alone, where later rounds change them."""
        problem, objective = ground.problem, ground.objective
        self.booster = kinds()[0](
            objective.parameters | _base(ground, plot.constant) | {"max_bin": ground.bins} | parameters, [plot.matrix]
        )
        start = problem.offset[plot.rows] + plot.constant[0]
        self._own = None if objective.native else own_objective(plot.loss, problem.y[plot.rows], start, plot.weight)
        self._margin = np.zeros((len(plot.watched), problem.loss.outputs), np.float32)
        self._seen = 0
        self._taught = np.flatnonzero(~np.isin(plot.rows, plot.watched)) if own else np.zeros(0, np.int64)
        known = np.concatenate([plot.watched, plot.rows[self._taught]])
        lasting = remembers and not self.drops and not plot.surprising
        self.memory = Memory(problem, known, plot.constant) if lasting else None

    def grow(self, steps: Sequence[int], tick: Callable[[float], None], judged: Container[int] = ()) -> Lost:
        """(r,) losses of the rows that this resample judges, after each number of rounds that is ``judged``."""
        lost = []
        for rounds in steps:
            self._grow_to(rounds, tick)
            if self.memory is not None and rounds:
                self.memory.add(np.concatenate([self._look(rounds), self._recite()]))
            if rounds in judged:
                lost.append(self._lose(rounds))
        return lost

    def _grow_to(self, rounds: int, tick: Callable[[float], None]) -> None:
        while self.rounds < rounds:
            if self._own is None:
                self.booster.update(self.plot.matrix, self.rounds)
            else:
                self.booster.update(self.plot.matrix, self.rounds, fobj=self._own)
            self.rounds += 1
            tick(0.0)
        if self.drops:
            self.tree_weights[rounds] = read_tree_weights(bytes(self.booster.save_raw("json")))
        tick(1.0)

    def _look(self, rounds: int) -> np.ndarray:
        """(w, C) margins of the watched rows."""
        if self._seen != rounds and len(self.plot.watched):
            outputs = self.ground.problem.loss.outputs
            self._margin = sum_rounds(self.booster, self.plot.watched_matrix, rounds, outputs)
        self._seen = rounds
        return self._margin

    def _recite(self) -> np.ndarray:
        """(t, C) margins of the own rows that are kept: XGBoost has them from growing."""
        if not len(self._taught):
            return self._margin[:0]
        grown = self.booster.predict(self.plot.matrix, output_margin=True, validate_features=False)
        return np.asarray(grown.reshape(self.plot.start.shape) - self.plot.start, np.float32)[self._taught]

    def _lose(self, rounds: int) -> np.ndarray:
        problem, plot = self.ground.problem, self.plot
        eta = self._look(rounds).astype(np.float64) + plot.constant + problem.offset[plot.watched, None]
        with np.errstate(over="ignore", invalid="ignore"):
            if problem.loss.coupled:
                every = np.zeros(len(problem.y))
                every[plot.watched] = eta[:, 0]
                resamples = self.ground.resamples
                judging = np.where(resamples.scored[self.k], resamples.weight, 0.0)
                return problem.loss.judge(problem.y, every, resamples.weights(self.k), judging)[plot.judged]
            return problem.loss.value(problem.y[plot.judged], eta if eta.shape[1] > 1 else eta[:, 0])


def grow_all(
    growers: Sequence[Sequence[Grower]],
    steps: Sequence[Sequence[Sequence[int]]],
    judged: Sequence[Container[int]],
    threads: int,
) -> list[list[Lost]]:
    """`Grower.grow` of lists of growers, lists side by side; the growers of one list, which may share matrices, one
    after the other. ``steps`` are in the same shape, ``judged`` is the same for all lists."""
    stop = Event()

    def work(place: int, tick: Callable[[float], None]) -> list[Lost]:
        return [g.grow(s, tick, j) for g, s, j in zip(growers[place], steps[place], judged, strict=True)]

    def heed(_: float) -> None:
        if stop.is_set():
            raise FitError("growing was stopped")

    if threads < 2 or len(growers) < 2:
        return [work(place, tell) for place in range(len(growers))]
    with ThreadPoolExecutor(threads) as pool:
        tasks = [pool.submit(work, place, heed) for place in range(len(growers))]
        try:
            open_tasks = set(tasks)
            while open_tasks:
                done, open_tasks = wait(open_tasks, timeout=_NOTICE)
                tell(float(sum(len(s) for t in done for s in steps[tasks.index(t)])))
        except BaseException:
            stop.set()
            for task in tasks:
                task.cancel()
            raise
        return [task.result() for task in tasks]


def read_tree_weights(raw: bytes) -> list[float]:
    """The weight of each tree in a booster with dropout, as JSON."""
    import json

    weights: list[float] = json.loads(raw)["learner"]["gradient_booster"]["weight_drop"]
    return weights


def _base(ground: Ground, constant: np.ndarray) -> dict[str, Any]:
    """XGBoost's base score, which margins override here: so the stored booster alone predicts from the constant too."""
    problem = ground.problem
    if problem.loss.outputs > 1:
        return {"base_score": 0.5}
    start = float(problem.loss.response(constant)[0]) if ground.objective.native else float(constant[0])
    low, high = (1e-6, 1 - 1e-6) if problem.loss.predicts == "probability" else (-1e30, 1e30)
    if problem.loss.predicts in ("count", "amount"):
        low = 1e-30
    return {"base_score": float(np.clip(start, low, high))}
