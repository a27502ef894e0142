"""What the nets of a ladder are made of: a promise, and perceptrons, which keep it without PyTorch but for training."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import numpy as np

from rightfit.learners._network.forward import Layers, count_weights, forward, pull, slopes
from rightfit.learners._network.inputs import Inputs

if TYPE_CHECKING:
    from rightfit.learners._network.ground import Ground
    from rightfit.learners._network.moulds import Mould

NORMS = {"batch": "batch normalization", "layer": "layer normalization"}
"""Their names."""
Nets = Any
"""Trained nets of all seeds, as their body keeps them."""


class Body(ABC):
    """A kind of net. ``nets`` are those of all seeds at one place of the ladder; what they say is averaged."""

    @abstractmethod
    def mould(self, ground: Ground, size: int, seeds: int, seed: int) -> Mould:
        """What casts blocks of such nets, for batches of ``size`` rows."""

    @abstractmethod
    def say(self, nets: Nets, inputs: np.ndarray) -> np.ndarray:
        """(n, C) float64, the mean output of the nets at inputs (n, p)."""

    @abstractmethod
    def slopes(self, nets: Nets, inputs: np.ndarray) -> np.ndarray:
        """(p,) mean absolute slope of the outputs in each input, over rows, outputs and nets."""

    @abstractmethod
    def pull(self, nets: Nets, inputs: np.ndarray, slope: np.ndarray) -> np.ndarray:
        """(n, p) slopes in the inputs of what has the slopes (n, C) in the mean output."""

    @abstractmethod
    def count(self, nets: Nets) -> tuple[int, float]:
        """How many nets there are, and the weights of one that are not zero."""

    @abstractmethod
    def alone(self, nets: Nets) -> list[Nets]:
        """The net of each seed by itself."""

    @abstractmethod
    def work(self, p: int, outputs: int) -> float:
        """Multiplications that one row takes on its way through one net."""

    @abstractmethod
    def arrays(self, nets: Nets) -> dict[str, np.ndarray]:
        """The nets as data; `read` is the inverse."""

    @abstractmethod
    def read(self, arrays: Mapping[str, np.ndarray], p: int, outputs: int) -> Nets:
        """The nets in ``arrays``, for p inputs; KeyError or ValueError for what no nets can have been."""

    @abstractmethod
    def facts(self, nets: Nets | None) -> dict[str, float]:
        """What tells the body from others beside the arrays; None is the constant model."""

    @abstractmethod
    def drops(self, p: int, outputs: int) -> bool:
        """Whether dropout falls on anything in such nets."""

    def measure(self, inputs: list[Inputs]) -> list[Inputs]:
        """How columns are brought to size, of what each resample's own rows say of every column by itself."""
        return inputs

    @property
    @abstractmethod
    def words(self) -> str:
        """``"64 x 64 units"``"""

    @property
    @abstractmethod
    def settings(self) -> dict[str, float]:
        """In numbers."""


@final
@dataclass(frozen=True)
class Dense(Body):
    """Perceptrons with ``hidden`` units of each hidden layer; with the norm "batch" these are normalized over the rows
    of a batch, with the norm "layer" over the units of a row, see `rightfit.learners._network.norms`. What predicts
    knows of the latter alone."""

    hidden: tuple[int, ...]
    norm: str = "none"

    def mould(self, ground: Ground, size: int, seeds: int, seed: int) -> Mould:
        from rightfit.learners._network.moulds import DenseMould

        return DenseMould(self.hidden, self.norm, ground, size, seeds, seed)

    def say(self, nets: Layers, inputs: np.ndarray) -> np.ndarray:
        return forward(nets, inputs, normalized=self.normalized)

    def slopes(self, nets: Layers, inputs: np.ndarray) -> np.ndarray:
        return slopes(nets, inputs, normalized=self.normalized)

    def pull(self, nets: Layers, inputs: np.ndarray, slope: np.ndarray) -> np.ndarray:
        return pull(nets, inputs, slope, normalized=self.normalized)

    def count(self, nets: Layers) -> tuple[int, float]:
        return len(nets[0][0]), count_weights(nets)

    def alone(self, nets: Layers) -> list[Layers]:
        return [tuple((w[s : s + 1], b[s : s + 1]) for w, b in nets) for s in range(len(nets[0][0]))]

    def work(self, p: int, outputs: int) -> float:
        return float(sum(a * b for a, b in itertools.pairwise([p, *self.hidden, outputs])))

    def arrays(self, nets: Layers) -> dict[str, np.ndarray]:
        found: dict[str, np.ndarray] = {}
        for number, (weight, bias) in enumerate(nets):
            found |= {f"weight_{number}": weight, f"bias_{number}": bias}
        return found

    def read(self, arrays: Mapping[str, np.ndarray], p: int, outputs: int) -> Layers:
        count = len(self.hidden) + 1
        layers = tuple((arrays[f"weight_{k}"], arrays[f"bias_{k}"]) for k in range(count))
        widths = [p, *self.hidden, outputs]
        nets = len(layers[0][0])
        for k, (weight, bias) in enumerate(layers):
            if not nets or weight.shape != (nets, widths[k], widths[k + 1]) or bias.shape != (nets, widths[k + 1]):
                raise ValueError(f"layer {k} of a network does not fit to the one before")
        return layers

    def drops(self, p: int, outputs: int) -> bool:
        return bool(self.hidden)

    def facts(self, nets: Layers | None) -> dict[str, float]:
        return {"layers": float(len(nets or ()))} | ({NORMS["layer"]: 1.0} if self.normalized else {})

    @property
    def normalized(self) -> bool:
        """Whether nets normalize when they predict."""
        return self.norm == "layer"

    @property
    def words(self) -> str:
        shape = " x ".join(map(str, self.hidden)) + " units" if self.hidden else "no hidden layer"
        return f"{shape}, {NORMS[self.norm]}" if self.norm in NORMS else shape

    @property
    def settings(self) -> dict[str, float]:
        units = {f"units {layer}": float(width) for layer, width in enumerate(self.hidden, start=1)}
        return units | ({NORMS[self.norm]: 1.0} if self.norm in NORMS else {})
