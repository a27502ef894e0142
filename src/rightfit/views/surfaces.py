"""One model on the plane: predictions on a grid at some steps of its path, what is seen of them, and bytes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rightfit.contracts import Design, Loss, Path

STEPS = 20
"""Most steps that are kept."""


@dataclass(frozen=True)
class Surface:
    """Predictions on the grid of a plane, (S, m2, m1)."""

    steps: np.ndarray
    """(S,) steps of the path."""
    value: np.ndarray
    """What the model says; of three and more classes the probability of the likeliest."""
    label: np.ndarray
    """Number of the likeliest class; empty for numbers."""
    joint: np.ndarray
    """(S,) see `rightfit.records.Plane`."""

    @property
    def regions(self) -> np.ndarray:
        """(S,) connected parts with one label."""
        return (
            np.array([count_regions(one) for one in self.label], np.int64)
            if len(self.label)
            else np.zeros(len(self.steps), np.int64)
        )


def survey(path: Path, design: Design, loss: Loss, offset: float, shape: tuple[int, int], chosen: int) -> Surface:
    """A path's predictions for the rows of a grid, (m2 * m1) of them, at `STEPS` steps that hold the chosen one."""
    total = len(path.strengths)
    steps = np.unique(np.append(np.linspace(0, total - 1, min(total, STEPS)).round().astype(np.int64), chosen))
    eta = np.asarray(path.predict(design, np.full(design.n, offset)), np.float64)[steps]
    grid = eta.reshape(len(steps), *shape, loss.outputs)
    label = np.empty((0, *shape), np.uint8)
    if loss.outputs > 1:
        response = loss.response(eta.reshape(-1, loss.outputs)).reshape(grid.shape)
        value, label = response.max(axis=-1), response.argmax(axis=-1).astype(np.uint8)
    else:
        value = grid[..., 0] if loss.level_free else loss.response(grid[..., 0])
        if loss.predicts == "probability":
            label = (value > 0.5).astype(np.uint8)
    return Surface(steps, value, label, np.array([share_jointly(one) for one in grid]))


def share_jointly(grid: np.ndarray) -> float:
    """What part of the variation of predictors (m2, m1, C) is no sum of a curve of the one side and a curve of the
    other: the interaction's share in the analysis of variance of two ways. 0 for a linear model of two numbers; NaN
    where nothing varies."""
    away = grid - grid.mean(axis=(0, 1))
    whole = float((away**2).sum())
    rest = away - away.mean(axis=0, keepdims=True) - away.mean(axis=1, keepdims=True)
    return float((rest**2).sum()) / whole if whole > 1e-16 * max(1.0, float((grid**2).sum())) else np.nan


def count_regions(label: np.ndarray) -> int:
    """Connected parts (side by side, not over corners) of (m2, m1) in which the label is the same."""
    from scipy import ndimage

    return int(sum(ndimage.label(label == one)[1] for one in np.unique(label)))


def as_bytes(value: np.ndarray, low: float, high: float) -> np.ndarray:
    """uint8: 0 for ``low`` and less, 255 for ``high`` and more."""
    share = (value - low) / (high - low if high > low else 1.0)
    return np.asarray(np.rint(np.clip(np.nan_to_num(share, nan=0.0), 0, 1) * 255), np.uint8)
