"""How strongly the nets of one rung of a ladder are regularized."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True)
class Rung:
    """The strengths of one rung; 0 everywhere is a plain net."""

    decay: float = 0.0
    """Decoupled weight decay (Loshchilov and Hutter 2019): weights shrink by learning rate * decay at each step."""
    l1: float = 0.0
    """Decoupled absolute penalty: weights move towards 0 by learning rate * l1 at each step, and stay there."""
    dropout: float = 0.0
    """Share of the hidden units that a step leaves out (Srivastava and others 2014)."""
    noise: float = 0.0
    """Standard deviation of the noise that is added to inputs."""
    mixup: float = 0.0
    """c of Beta(c, c), from which the weight of a row against its partner is drawn (Zhang and others 2018)."""
    smoothing: float = 0.0
    """Share of each label that is dealt out evenly to all classes."""
    batch: int = 128
    """Rows of a step: the fewer, the noisier it is."""
    learning_rate: float = 0.005
    """Of AdamW: how far a step goes, and how much of its noise stays."""
    epochs: int | None = None
    """So many, or None where held-out curves say."""
