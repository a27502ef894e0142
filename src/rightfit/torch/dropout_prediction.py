"""Predictions of many thinned nets: dropout stays on, and their spread says how sure the net is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase

from rightfit.errors import OptionError
from rightfit.torch.checks import check_count
from rightfit.torch.input_noise import InputNoise
from rightfit.torch.modes import buffers_kept, devices_of, modes_kept, seeded
from rightfit.torch.stochastic_depth import StochasticDepth

_STILL = (_NormBase, InputNoise, nn.RReLU)


@dataclass(frozen=True)
class DropoutPrediction:
    """What the thinned nets say of each row."""

    mean: torch.Tensor
    """(n, ...) average over draws."""
    spread: torch.Tensor
    """(n, ...) standard deviation over draws."""
    draws: int

    @property
    def error(self) -> torch.Tensor:
        """(n, ...) standard error of the mean: what more draws would still move."""
        return self.spread / self.draws**0.5


@torch.no_grad()
def predict_with_dropout(
    module: nn.Module,
    x: torch.Tensor,
    draws: int = 50,
    *,
    generator: torch.Generator,
    transform: Callable[[torch.Tensor], torch.Tensor] | None = None,
) -> DropoutPrediction:
    """Mean and spread of ``draws`` passes with dropout on (Gal and Ghahramani 2016, "Dropout as a Bayesian
    approximation", equations 6 and 7 without the noise of the target).

    Everything is in training mode but batch and instance normalization and input noise, so that dropout inside of
    attention, recurrent layers and ``F.dropout(..., training=self.training)`` is on too. (With only its ``Dropout``
    modules in training mode, a ``TransformerEncoderLayer`` takes its fast path and drops nothing.) Modes, running
    statistics and the global random state are as before afterwards.

    Parameters
    ----------
    draws
        2 or more.
    transform
        What is averaged is ``transform(module(x))``: ``lambda z: z.softmax(-1)`` averages shares, not logits.

    Raises
    ------
    OptionError
        Too few draws, or a net in which nothing is random.
    """
    check_count("draws", draws, 2)
    mean = squares = torch.zeros(())
    places = devices_of(module, x)
    with modes_kept(module), buffers_kept(module), _lent(module, generator), seeded(generator, *places):
        module.train()
        for still in module.modules():
            if isinstance(still, _STILL):
                still.eval()
        for k in range(draws):
            out = module(x)
            out = out if transform is None else transform(out)
            if k == 0:
                mean, squares = out.clone(), torch.zeros_like(out)
                continue
            away = out - mean
            mean = mean + away / (k + 1)
            squares = squares + away * (out - mean)
    spread = (squares / (draws - 1)).clamp(min=0).sqrt()
    if not bool((spread > 0).any()):
        raise OptionError("all draws are alike: the net has no dropout, or dropout of rate 0")
    return DropoutPrediction(mean, spread, draws)


@contextmanager
def _lent(module: nn.Module, generator: torch.Generator) -> Iterator[None]:
    """Stochastic depth draws from ``generator`` inside; its own goes on in training as if nothing had been asked."""
    own = [(m, m.generator) for m in module.modules() if isinstance(m, StochasticDepth)]
    for m, _ in own:
        m.generator = generator
    try:
        yield
    finally:
        for m, kept in own:
            m.generator = kept
