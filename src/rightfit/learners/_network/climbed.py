"""What is left of a ladder, and how it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

import numpy as np

from rightfit.learners._network.bodies import Nets
from rightfit.records import Ladder


@final
@dataclass(frozen=True)
class Climbed:
    """What is left of a ladder."""

    nets: dict[tuple[int, int], Nets]
    """By rung and resample: the nets of all seeds where they stop."""
    stop: np.ndarray
    """(R, m) epochs; those of the full fit are in column 0."""
    epochs: np.ndarray
    """(E,) epochs after which nets were judged."""
    held_out: np.ndarray
    """(R, E) mean held-out losses, NaN where a rung was over."""
    taught: np.ndarray
    """(R, E) mean losses on rows that taught."""
    unfinished: bool = False
    """Some curve had neither risen nor levelled, and was least at the end, when time or epochs were over."""
    luck: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    """(S, 1 + R) mean held-out loss of the constant model, and of the nets of each seed alone; empty where no row was
    judged."""


def show_ladder(climbed: Climbed, strengths: np.ndarray, chosen: int, name: str, measure: str, seeds: int) -> Ladder:
    """The ladder as a record; ``chosen`` is the number of a rung, -1 for the constant model."""
    spread = np.full(len(strengths), np.nan)
    if len(climbed.luck) > 1:
        spread = climbed.luck[:, 1:].std(axis=0, ddof=1)
    stops = climbed.stop[:, 1:]
    told = _tell(climbed.stop[:, 0], stops, spread, chosen, strengths, name, seeds)
    return Ladder(
        strengths=strengths,
        epochs=climbed.epochs,
        held_out=climbed.held_out,
        training=climbed.taught,
        stop=climbed.stop[:, 0],
        stops=stops,
        spread=spread,
        chosen=chosen,
        measure=measure,
        name=name,
        seeds=seeds,
        sentence=" ".join(filter(None, (told, tell_end(climbed)))),
    )


def tell_end(climbed: Climbed) -> str:
    """That a curve was still falling, in a sentence; empty where all have settled."""
    if not climbed.unfinished:
        return ""
    end = int(climbed.epochs[-1])
    return f"A curve of the nets still fell when epochs ended at {end:,}: more of them might gain something."


def _tell(
    stop: np.ndarray,
    stops: np.ndarray,
    spread: np.ndarray,
    chosen: int,
    strengths: np.ndarray,
    name: str,
    seeds: int,
) -> str:
    nets = f"{stops.size * seeds:,} nets were trained side by side: {len(strengths)} values of {name} on "
    nets += f"{stops.shape[1]} resamples from {seeds} seeds." if seeds > 1 else f"{stops.shape[1]} resamples."
    if chosen < 0:
        return f"{nets} None was better than the constant model by more than the rule asks for."
    low, high = int(stops[chosen].min()), int(stops[chosen].max())
    between = f"after {low:,} epochs" if low == high else f"between {low:,} and {high:,} epochs"
    words = (
        f"{nets} At {name} {strengths[chosen]:.3g} each resample stopped {between}, told by rows that do not score it; "
        f"the model learned from all rows for {stop[chosen]:,}."
    )
    if np.isfinite(spread[chosen]):
        words += f" From seed to seed the mean loss of a single net varies by {spread[chosen]:.2g}."
    return words
