"""One module of a user's, as a function of its numbers: made from a seed, run with weights that are handed in."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, final

import torch
from torch import nn
from torch.func import functional_call

from rightfit.errors import OptionError
from rightfit.learners._network import streams
from rightfit.learners._network.dropping import Dropping

State = dict[str, torch.Tensor]
"""Parameters and buffers by name."""
Factory = Callable[[Any, int], nn.Module]
"""(inputs, outputs) -> module; inputs is a number of columns, or the shape of one row's tensor."""
TRIED = 2
"""Rows with which a new module is tried."""


@final
class OwnModule:
    """Modules of one factory, of one structure."""

    def __init__(
        self,
        factory: Factory,
        inputs: int | tuple[int, ...],
        columns: int,
        outputs: int,
        arrange: Callable[[torch.Tensor], torch.Tensor],
    ):
        """``inputs`` is what the factory is told, ``arrange`` makes what a module takes of rows (b, columns)."""
        self.factory, self.inputs, self.columns = factory, inputs, columns
        self.outputs, self.arrange = outputs, arrange
        self.mode = Dropping()
        self.template = self.make(0, 0)

    def make(self, seed: int, net: int) -> nn.Module:
        """A new module, as its own initialization draws it from the seed; OptionError where it is none, or does not say
        one number for each output."""
        with seeded(streams.start_number(seed, net)):
            try:
                made = self.factory(self.inputs, self.outputs)
            except TypeError as error:
                raise OptionError(f"module must be a function of inputs and outputs: {error}") from error
            if not isinstance(made, nn.Module):
                raise OptionError(f"module must return a torch.nn.Module, not {type(made).__name__}")
            rows = self.arrange(torch.zeros(TRIED, self.columns))
            try:
                with torch.no_grad():
                    said = made.eval()(rows)  # lazy layers draw their weights here
            except (RuntimeError, TypeError, ValueError, IndexError, NotImplementedError) as error:
                raise OptionError(f"the module cannot read rows of shape {tuple(rows.shape)}: {error}") from error
        if not isinstance(said, torch.Tensor) or said.shape != (TRIED, self.outputs):
            told = tuple(said.shape) if isinstance(said, torch.Tensor) else type(said).__name__
            raise OptionError(
                f"the module must say {self.outputs} number{'s' * (self.outputs > 1)} for each row, (rows, "
                f"{self.outputs}): for {TRIED} rows it said {told}"
            )
        return made

    def probe(self, rows: int, like: torch.Tensor) -> Dropping:
        """What happens to a batch of so many rows."""
        x = like.new_zeros(rows, self.columns)
        module = self.template.to(like).train()
        with torch.no_grad(), seeded(0), self.mode.note(rows):
            module(self.arrange(x))
        return self.mode

    def work(self) -> float:
        """Multiplications that one row takes on its way through the module."""
        from torch.utils.flop_counter import FlopCounterMode

        counter = FlopCounterMode(display=False)
        x = torch.zeros(TRIED, self.columns)
        with torch.no_grad(), seeded(0), counter:
            self.template.float().eval()(self.arrange(x))
        return float(counter.get_total_flops()) / (2 * TRIED)

    def run(
        self,
        state: Mapping[str, torch.Tensor],
        x: torch.Tensor,
        drawn: Sequence[torch.Tensor] | None,
        rate: torch.Tensor,
        share: torch.Tensor,
        *,
        settles: bool = False,
    ) -> torch.Tensor:
        """(b, C) what the module with this state says of rows (b, p) with shares (b,), in training or not as the
        template is; see `Dropping.begin`."""
        with self.mode.begin(drawn, rate, share, settles=settles):
            said: torch.Tensor = functional_call(self.template, dict(state), (self.arrange(x),))
        return said


def state_of(module: nn.Module) -> State:
    """Copies of all parameters and buffers; tied ones once."""
    named = [*module.named_parameters(), *module.named_buffers()]
    return {name: tensor.detach().clone() for name, tensor in named}


@contextlib.contextmanager
def seeded(number: int) -> Iterator[None]:
    """torch's own random numbers start from this number here, and go on as before afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(number)
        yield
