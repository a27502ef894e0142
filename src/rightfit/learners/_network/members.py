"""The promise of a block of nets, whatever they are made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from rightfit.learners._network.perceptron import Falling


class Members(ABC):
    """The nets of some rungs on some resamples, (rungs, resamples, seeds) in this order: M in all."""

    @abstractmethod
    def step(
        self,
        inputs: torch.Tensor,
        weight: torch.Tensor,
        slope: Callable[[torch.Tensor], torch.Tensor],
        falling: Falling,
    ) -> None:
        """One step of all nets on their batches, inputs (resamples * seeds, b, p), or (M, b, p) where rungs see
        different ones, and ``weight`` (resamples * seeds, b) of the rows; ``slope`` (M, b, C) -> (M, b, C) is the
        gradient of the mean loss in the outputs."""

    @abstractmethod
    def settle(self, inputs: torch.Tensor, weight: torch.Tensor) -> None:
        """Nets that normalize find out what the layers of the averaged nets are like on rows that taught, inputs
        (resamples * seeds, r, p) with weights (resamples * seeds, r)."""

    @abstractmethod
    def outputs(self, inputs: torch.Tensor) -> torch.Tensor:
        """(M, b, C) of the averaged nets, for inputs as in `step`."""

    @abstractmethod
    def layers(self, nets: slice) -> Any:
        """Some of the averaged nets, as their body keeps them."""
